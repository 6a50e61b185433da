"""One update of a project: plan, write, fit, compare, score, publish."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import pandas as pd

from stackcast.errors import GateRefused, InputError
from stackcast.evaluate.record import due_scores, score_record
from stackcast.observations.as_of import ever_known
from stackcast.observations.write import add_rows
from stackcast.progress import Progress
from stackcast.project import Project
from stackcast.runs.folder import Run
from stackcast.runs.track_record import read_record
from stackcast.settings import FitSettings
from stackcast.sources.base import Source
from stackcast.sources.unlabelled import keep_unlabelled
from stackcast.update.attention import attention, standing_debt
from stackcast.update.gather import Gathered
from stackcast.update.moves import moved
from stackcast.update.outcome import Outcome, Scored
from stackcast.update.plan import Plan, make_plan, with_rows
from stackcast.update.watch import next_figures, next_question

Publish = Callable[[Run, Project], None]


class Fit(Protocol):
    """How a run is made, as :func:`stackcast.pipeline.fit` does."""

    def __call__(
        self, project: Project, settings: FitSettings, *, out: Path, progress: Progress, today: date, command: str
    ) -> Run:
        """Fit, and return the run whether or not its gates hold."""
        ...


@dataclass(frozen=True)
class Week:
    """One update before anything is done.

    Attributes
    ----------
    project, runs
        The project as it stands, and the folder of its runs.
    sources
        Every adapter.
    gathered, plan
        The results of the sources, and the plan.
    known
        (source, name) pairs that are known to lack a label.
    today, clock
        The UTC day that counts as today, and the day that it is.
    may_fit
        False where no fit is wanted.
    """

    project: Project
    runs: Path
    sources: tuple[Source, ...]
    gathered: tuple[Gathered, ...]
    plan: Plan
    known: frozenset[tuple[str, str]]
    today: date
    clock: date
    may_fit: bool


def load_known(root: Path, today: date, clock: date) -> Project:
    """Load a project on a day that counts as today.

    Parameters
    ----------
    root
        The project.
    today
        The UTC day that counts as today.
    clock
        The day that it is.

    Raises
    ------
    InputError
        When the project is not valid, or holds rows that were published later.
    """
    project = Project.load(root, today=clock)
    rows = ever_known(project.observations.rows)
    later = rows[(rows["published"] > pd.Timestamp(today)) | (rows["retracted"] > pd.Timestamp(today))]
    if len(later):
        latest = later[["published", "retracted"]].max().max().date()
        raise InputError(
            f"--as-of {today}: observations/ holds {len(later)} rows that were published or taken back later, the last "
            f"on {latest}; rehearse on a copy without them (docs/update.md)"
        )
    return project


def begin(
    project: Project,
    runs: Path,
    sources: Iterable[Source],
    gathered: tuple[Gathered, ...],
    today: date,
    clock: date,
    *,
    may_fit: bool = True,
) -> Week:
    """Gather the sources and make the plan; nothing is written."""
    plan = make_plan(project, gathered, runs, today, clock, may_fit=may_fit)
    known = standing_debt(project.root, clock)
    return Week(project, runs, tuple(sources), gathered, plan, known, today, clock, may_fit)


def preview(week: Week) -> Outcome:
    """Return the outcome without writing, fitting or scoring anything."""
    project = with_rows(week.project, week.plan.fresh)
    due = due_scores(read_record(week.runs), project, week.today) if week.plan.scores else None
    return _outcome(week, project, scored=_scored(due))


def write(week: Week) -> Project:
    """Write the rows of all sources as one change, then the lists of unlabelled names; return the project.

    Raises
    ------
    InputError
        When a row breaks a rule; then no file has changed.
    """
    root, signals = week.project.root, week.project.observations.signals
    folder = root / "observations"
    if week.plan.fresh:
        add_rows(folder, signals, [(i.signal, i.row) for i in week.plan.fresh], today=week.today)
    for pulled in (one.pulled for one in week.gathered if one.pulled):
        if pulled.reading.seen:
            keep_unlabelled(folder, pulled.source.name, pulled.debt, pulled.reading.seen, today=week.clock)
    return Project.load(root, today=week.clock) if week.plan.fresh else week.project


def finish(week: Week, project: Project, fit: Fit, publish: Publish, progress: Progress, command: str) -> Outcome:
    """Fit, compare with the last published run, score what has resolved, and publish.

    A run that a gate refuses ends it: it is compared with nothing, scores nothing and is not published.

    Parameters
    ----------
    week, project
        The plan, and the project with its new rows.
    fit
        Makes a run.
    publish
        Writes the page of a run that passed.
    progress
        Called with the share of the work done and a word on it.
    command
        How the run was asked for, for its manifest.
    """
    run, last = None, week.plan.last
    if week.plan.why_fit:
        settings = FitSettings(week.today)
        run = fit(project, settings, today=week.today, out=week.runs, progress=progress, command=command)
        try:
            run.require_passed()
        except GateRefused as why:
            return _outcome(week, project, written=True, refused=str(why))
    due, _ = score_record(week.runs, project, week.today)
    shown = run or last
    if shown is not None and (run is not None or len(due) or week.plan.unpublished):
        publish(shown, project)
    return _outcome(week, project, written=True, run=run, scored=_scored(due))


def _outcome(
    week: Week,
    project: Project,
    *,
    written: bool = False,
    run: Run | None = None,
    scored: tuple[Scored, ...] = (),
    refused: str = "",
) -> Outcome:
    last, today = week.plan.last, week.today
    compared = run is not None and last is not None and run.name != last.name
    return Outcome(
        today=today,
        gathered=week.gathered,
        fresh=week.plan.fresh,
        written=written,
        may_fit=week.may_fit,
        why_fit=week.plan.why_fit,
        run=run,
        last=last,
        moved=moved(last, run, project) if run is not None and last is not None and compared else None,
        scored=scored,
        question=next_question(project, run or last, today),
        figures=next_figures(project, week.sources, today),
        attention=attention(project, week.gathered, week.known, today, run or last, last, refused),
    )


def _scored(due: pd.DataFrame | None) -> tuple[Scored, ...]:
    return tuple(
        Scored(str(r["name"]), str(r["run"]), float(r["probability"]), bool(r["outcome"]), float(r["score"]))
        for r in ([] if due is None else due.to_dict("records"))
    )
