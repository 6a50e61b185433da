"""Rolling-origin evaluation: fit as of each origin, score on observations first published later.

Each origin is a fit of its own, as of that date; the graph's structure (which signals have a scale of their own) comes
from the dates of all rows, their values never do. A fit that fails its gates is counted and shown, never scored.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

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

FULL, WITHOUT_CLAIMS, WITHOUT_HISTORY = "full", "without claims", "without history"
LEAST_FACETS = 5
"""Facets that must have an observation at an origin; all of them where there are fewer."""


@dataclass(frozen=True)
class Backtest:
    """Results of a backtest.

    Attributes
    ----------
    figures
        One row a scored observation, origin and variant: the columns of a score card with every baseline, and
        ``origin``, ``variant``, ``run``; ``horizon`` is quarters from the origin to the end of the period.
    fits
        One row an origin and variant: its run, and whether it passed.
    revisions
        As ``figures``, for the last value of every observation that was revised after its first publication.
    """

    figures: pd.DataFrame
    fits: pd.DataFrame
    revisions: pd.DataFrame


class Variant(TypedDict, total=False):
    """Settings of a variant that are not as declared."""

    prior_scenario: str
    effects_on: bool
    history: bool


type Scored = tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]
"""A row of ``fits``, and its rows of ``figures`` and of ``revisions``."""


def variants_of(priors: Priors) -> dict[str, Variant]:
    """Return the settings that each variant changes, by its name; all but the one without history share a graph."""
    argued = [name for name in priors.prior_scenarios if name != NEUTRAL]
    return {
        FULL: {"prior_scenario": NEUTRAL},
        WITHOUT_CLAIMS: {"prior_scenario": NEUTRAL, "effects_on": False},
        **{f"{name} prior scenario": {"prior_scenario": name} for name in argued},
        **({WITHOUT_HISTORY: {"history": False}} if priors.history is not None else {}),
    }


def choose_origins(project: Project, today: date) -> tuple[date, ...]:
    """Return ends of quarters: from the first with enough data to the last that can be scored.

    Today's quarter and the one before are too young, and so are those of the last publication.
    """
    rows, signals = project.observations.rows, project.observations.signals
    facets = rows["signal"].map(lambda slug: signals[slug].measures.facet)
    first = rows["published"].groupby(facets).min().sort_values()
    last = min(today, rows["published"].max().date())
    quarter = Quarter.of(first.iloc[min(LEAST_FACETS, len(first)) - 1].date())
    return tuple((quarter + i).end for i in range(Quarter.of(last) - quarter - 1))


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
        Client of a Dask cluster; an origin is one task, so that its variants share one compiled graph.
    progress
        Called with the share done and a word on it.
    """
    from stackcast.evaluate.cluster import outcomes, time_left
    from stackcast.pipeline import Session

    started = time.monotonic()
    tasks = {day.isoformat(): day for day in origins}
    work = partial(score_variants, variants=tuple(variants), out=out.resolve())
    progress(0.0, "starting the workers")
    scored: list[Scored] = []
    for count, (_, found) in enumerate(outcomes(client, work, tasks, partial(Session, project, cores=1)), 1):
        scored += found
        progress(count / len(tasks), "origins " + time_left(count, len(tasks), started))
    scored.sort(key=lambda one: (variants.index(one[0]["variant"]), one[0]["origin"]))
    return Backtest(
        figures=_joined([figures for _, figures, _ in scored]),
        fits=pd.DataFrame([fit for fit, _, _ in scored]),
        revisions=_joined([revisions for _, _, revisions in scored]),
    )


def score_variants(session: "Session", day: date, *, variants: Sequence[str], out: Path) -> list[Scored]:
    """Fit every variant as of one date, and score those that passed their gates.

    ``out`` is the folder of the runs, the same path on every worker.
    """
    from stackcast.pipeline import fit

    found, changes = list[Scored](), variants_of(session.project.priors)
    for variant in variants:
        settings = FitSettings(day, **changes[variant])
        run = fit(session.project, settings, session=session, out=out, command="stackcast backtest")
        made = {"variant": variant, "run": run.name}
        figures, revisions = pd.DataFrame(), pd.DataFrame()
        if run.passed:
            figures, revisions = (
                score_origin(run, session.project, day, revised=late).assign(**made) for late in (False, True)
            )
        found.append((made | {"origin": day.isoformat(), "passed": run.passed}, figures, revisions))
    return found


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()


def score_origin(run: Run, project: Project, origin: date, *, revised: bool = False) -> pd.DataFrame:
    """Return a run's scored observations beside every baseline, with horizons from the origin.

    ``revised`` scores the last values of observations that were revised, in place of first values.
    """
    figures = score_run(run, project, baselines=tuple(BASELINES), filters=True, revised=revised).figures
    if figures.empty:
        return figures
    ends = project.observations.rows.set_index("id")["period_end"]
    ahead = (figures["id"].map(ends) - pd.Timestamp(origin)).dt.days / QUARTER_DAYS
    return figures.assign(origin=origin.isoformat(), horizon=ahead)
