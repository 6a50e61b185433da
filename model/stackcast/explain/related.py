"""Runs related to a run: earlier ones with the same settings, and other prior scenarios of its date."""

from collections.abc import Iterator
from pathlib import Path

from stackcast.runs.folder import Run, list_runs
from stackcast.settings import FitSettings


def earlier_runs(run: Run, folder: Path) -> list[Run]:
    """Return passed runs with the same settings, the newest of each earlier as-of date; the last is this run."""
    mine = run.settings
    alike = (r for r in _passed(folder) if r.as_of < mine.as_of and r.settings.choices == mine.choices)
    found = {other.as_of: other for other in alike}
    return [*(found[day] for day in sorted(found)), run]


def newest_like(settings: FitSettings, folder: Path) -> Run | None:
    """Return the newest passed run of the as-of date and the choices of settings, or None."""
    wanted = settings.as_of, settings.choices
    alike = [run for run in _passed(folder) if (run.as_of, run.settings.choices) == wanted]
    return alike[-1] if alike else None


def _passed(folder: Path) -> Iterator[Run]:
    return (run for run in list_runs(folder) if run.passed)
