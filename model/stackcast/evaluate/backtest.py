"""Rolling-origin evaluation: fit on what was published by each origin, score on what was first published later.

Each origin is a fit of its own, as of that date; the graph's structure (which signals have a scale of their own) comes
from the dates of all rows, their values never do. A fit that fails its gates is counted and shown, never scored.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from stackcast.evaluate.baselines import BASELINES
from stackcast.evaluate.score import score_run
from stackcast.observations.revisions import QUARTER_DAYS
from stackcast.priors.debate import NEUTRAL
from stackcast.priors.load import Priors
from stackcast.progress import Progress, no_progress
from stackcast.project import Project
from stackcast.quarters import Quarter
from stackcast.runs.folder import Run
from stackcast.settings import FitSettings

if TYPE_CHECKING:
    from distributed import Client

    from stackcast.pipeline import Session

FULL, WITHOUT_CLAIMS = "full", "without claims"
LEAST_FACETS = 5
"""Facets with a figure from which an origin has enough data; all of them where there are fewer."""


@dataclass(frozen=True)
class Backtest:
    """What a backtest found.

    Attributes
    ----------
    figures
        One row a scored figure, origin and variant: the columns of a score card with every baseline, and ``origin``,
        ``variant``, ``run``; ``horizon`` is quarters from the origin to the end of the period.
    fits
        One row an origin and variant: its run, and whether it passed.
    revisions
        As ``figures``, for the last value of every figure that was revised after its first publication.
    """

    figures: pd.DataFrame
    fits: pd.DataFrame
    revisions: pd.DataFrame


class Origin(NamedTuple):
    """A task: fit and score as of one date, with the folder of the runs (the same path on every worker)."""

    day: date
    variants: tuple[str, ...]
    out: Path


class Scored(NamedTuple):
    """One fit's scores: against first values, and against the last of those that were revised."""

    fit: dict[str, Any]
    figures: pd.DataFrame
    revisions: pd.DataFrame


def variants_of(priors: Priors) -> dict[str, dict[str, Any]]:
    """Return the variants of a model by name, each a switch of data on one graph: what it changes of the settings."""
    argued = [name for name in priors.prior_scenarios if name != NEUTRAL]
    return {
        FULL: {"prior_scenario": NEUTRAL},
        WITHOUT_CLAIMS: {"prior_scenario": NEUTRAL, "effects_on": False},
        **{f"{name} prior scenario": {"prior_scenario": name} for name in argued},
    }


def choose_origins(project: Project, today: date) -> tuple[date, ...]:
    """Return the ends of quarters, from the first with enough data to the last that is a quarter old."""
    rows, signals = project.observations.rows, project.observations.signals
    facets = rows["signal"].map(lambda slug: signals[slug].measures.facet)
    first = rows["published"].groupby(facets).min().sort_values()
    quarter = Quarter.of(first.iloc[min(LEAST_FACETS, len(first)) - 1].date())
    return tuple((quarter + i).end for i in range(Quarter.of(today) - quarter - 1))


def backtest(
    project: Project,
    origins: Sequence[date],
    variants: Sequence[str],
    out: Path,
    *,
    client: "Client",
    progress: Progress = no_progress,
) -> Backtest:
    """Fit and score every origin and variant; fits that exist already are found, so a second call goes on.

    Parameters
    ----------
    project
        With every vintage.
    origins
        As-of dates.
    variants
        Names among :func:`variants_of`.
    out
        Folder of the runs.
    client
        Of a cluster: an origin is one task, so that its variants share one compiled graph.
    progress
        Called with the share done and a word on it.
    """
    from stackcast.evaluate.cluster import outcomes, time_left
    from stackcast.pipeline import Session

    started = time.monotonic()
    tasks = {day.isoformat(): Origin(day, tuple(variants), out.resolve()) for day in origins}
    progress(0.0, "starting the workers")
    scored: list[Scored] = []
    for count, (_, found) in enumerate(outcomes(client, judge_origin, tasks, partial(Session, project, cores=1)), 1):
        scored += found
        progress(count / len(tasks), "origins " + time_left(count, len(tasks), started))
    scored.sort(key=lambda s: (variants.index(s.fit["variant"]), s.fit["origin"]))
    fits = pd.DataFrame([s.fit for s in scored])
    return Backtest(_joined([s.figures for s in scored]), fits, _joined([s.revisions for s in scored]))


def judge_origin(session: "Session", task: Origin) -> list[Scored]:
    """Fit every variant as of one date, and score those that passed their gates."""
    from stackcast.pipeline import fit

    found, changes = [], variants_of(session.project.priors)
    for variant in task.variants:
        settings = replace(FitSettings(task.day), **changes[variant])
        run = fit(session.project, settings, session=session, out=task.out, command="stackcast backtest")
        made = {"variant": variant, "run": run.name}
        both = [pd.DataFrame(), pd.DataFrame()]
        if run.passed:
            both = [score_origin(run, session.project, task.day, revised=r).assign(**made) for r in (False, True)]
        found.append(Scored(made | {"origin": task.day.isoformat(), "passed": run.passed}, *both))
    return found


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def score_origin(run: Run, project: Project, origin: date, *, revised: bool = False) -> pd.DataFrame:
    """Return a run's scored figures beside every baseline, with horizons from the origin.

    ``revised`` scores the last values of figures that were revised, in the place of first values.
    """
    figures = score_run(run, project, rivals=tuple(BASELINES), revised=revised).figures
    if figures.empty:
        return figures
    ends = project.observations.rows.set_index("id")["period_end"]
    ahead = (figures["id"].map(ends) - pd.Timestamp(origin)).dt.days / QUARTER_DAYS
    return figures.assign(origin=origin.isoformat(), horizon=ahead)
