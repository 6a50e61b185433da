"""The plan of an update: rows to write, the reason for a fit, and what can be scored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from stackcast.evaluate.record import due_scores
from stackcast.observations.debt import with_unlabelled
from stackcast.observations.incoming import Incoming
from stackcast.observations.store import as_frame
from stackcast.project import Project
from stackcast.runs.contents import PAGE
from stackcast.runs.folder import Run, list_runs
from stackcast.runs.track_record import read_record
from stackcast.update.gather import Gathered

NOT_FITTED = ("observations/labels/", "observations/events.csv", "observations/markets.csv")
"""Inputs that no fit reads: labels count when a source is pulled."""


@dataclass(frozen=True)
class Plan:
    """The steps of an update.

    Attributes
    ----------
    fresh
        Rows to write.
    why_fit
        Why there is something to fit; empty where there is not.
    scores
        How many published probabilities can be scored.
    lists
        Sources whose names without a label differ from the stored list.
    last
        The last published run, or None.
    unpublished
        Whether that run lacks its page and is not followed by another: an interrupt came in between.
    """

    fresh: tuple[Incoming, ...]
    why_fit: str
    scores: int
    lists: tuple[str, ...]
    last: Run | None
    unpublished: bool

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.fresh or self.why_fit or self.scores or self.lists or self.unpublished)


def make_plan(
    project: Project, gathered: tuple[Gathered, ...], runs: Path, today: date, clock: date, *, may_fit: bool
) -> Plan:
    """Return the plan of an update.

    Parameters
    ----------
    project
        The project before the update.
    gathered
        The results of the sources.
    runs
        Folder of the runs.
    today, clock
        The UTC day that counts as today, and the day that it is.
    may_fit
        False where no fit is wanted.
    """
    fresh = tuple(i for one in gathered if one.pulled for i in one.pulled.fresh)
    last = last_published(runs, today)
    scores = len(due_scores(read_record(runs), with_rows(project, fresh), today))
    lists = tuple(one.name for one in gathered if _relists(project, one, clock))
    why_fit = _why_fit(project, fresh, last) if may_fit else ""
    unpublished = last is not None and not why_fit and not (last.path / PAGE).is_file()
    return Plan(fresh, why_fit, scores, lists, last, unpublished)


def last_published(runs: Path, today: date) -> Run | None:
    """Return the latest run, as of today at the latest, that passed its gates with everything as declared, or None."""
    published = [run for run in list_runs(runs) if run.as_of <= today and run.declared and run.passed]
    return max(published, key=lambda run: (run.as_of, run.manifest["finished"]), default=None)


def with_rows(project: Project, fresh: tuple[Incoming, ...]) -> Project:
    """Return the project as it would be with more rows."""
    if not fresh:
        return project
    added = as_frame([{"signal": i.signal, **i.row.model_dump()} for i in fresh])
    rows = pd.concat([project.observations.rows, added], ignore_index=True)
    return replace(project, observations=replace(project.observations, rows=rows))


def _relists(project: Project, one: Gathered, clock: date) -> bool:
    pulled = one.pulled
    if pulled is None or pulled.reading.seen is None:
        return False
    folder = project.root / "observations"
    return bool(with_unlabelled(folder, one.name, pulled.debt, min(pulled.reading.seen, clock), today=clock))


def _why_fit(project: Project, fresh: tuple[Incoming, ...], last: Run | None) -> str:
    if fresh:
        return "there are new figures"
    if last is None:
        return "there is no published run yet"
    changed = _fitted(project.files).items() ^ _fitted(last.manifest["inputs"]["files"]).items()
    names = sorted({name for name, _ in changed})
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more} changed since the run as of {last.manifest['as_of']}" if names else ""


def _fitted(hashes: Mapping[str, str]) -> dict[str, str]:
    return {name: hashed for name, hashed in hashes.items() if not name.startswith(NOT_FITTED)}
