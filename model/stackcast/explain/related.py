"""The runs around a run: earlier ones made in the same way, and the other prior scenarios of its day."""

from collections.abc import Iterator
from pathlib import Path

from stackcast.runs.folder import Run, list_runs

ALIKE = ("prior_scenario", "effects_on", "criterion", "weights")


def earlier_runs(run: Run, folder: Path) -> list[Run]:
    """Return passed runs made as this one was, the newest of each earlier as-of date; the last is this run."""
    mine = run.manifest["inputs"]["order"]
    found: dict[str, Run] = {}
    for other in _passed(folder):
        order = other.manifest["inputs"]["order"]
        if order["as_of"] < mine["as_of"] and all(order[key] == mine[key] for key in ALIKE):
            found[order["as_of"]] = other
    return [*(found[day] for day in sorted(found)), run]


def newest_like(run: Run, folder: Path, **change: object) -> Run | None:
    """Return the newest passed run of the same as-of date that differs from a run in ``change`` alone, or None."""
    wanted = run.manifest["inputs"]["order"] | change
    keys = ("as_of", *ALIKE)
    alike = [r for r in _passed(folder) if all(r.manifest["inputs"]["order"][k] == wanted[k] for k in keys)]
    return alike[-1] if alike else None


def _passed(folder: Path) -> Iterator[Run]:
    return (run for run in (list_runs(folder) if folder.is_dir() else []) if run.passed)
