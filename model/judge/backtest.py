"""Rolling-origin evaluation: fit on what was published by each origin, score on what was first published later.

Each origin is a fit of its own, as of that date; the graph's structure (which signals have a scale of their own) comes
from the dates of all rows, their values never do. A fit that fails its gates is counted and shown, never scored.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from model.judge.baselines import BASELINES
from model.judge.score import score_run
from model.observations.revisions import QUARTER_DAYS
from model.priors.load import NEUTRAL
from model.project import Project
from model.quarters import Quarter
from model.runs.folder import Run

if TYPE_CHECKING:
    from model.pipeline import Session

FULL, WITHOUT_CLAIMS = "full", "without claims"
VARIANTS: dict[str, dict[str, Any]] = {
    FULL: {"camp": NEUTRAL},
    WITHOUT_CLAIMS: {"camp": NEUTRAL, "effects_on": False},
    "open camp": {"camp": "open"},
    "closed camp": {"camp": "closed"},
}
"""Each by a switch of data on one graph."""
LEAST_FACETS = 5
"""Facets with a figure from which an origin has enough data."""


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
    """

    figures: pd.DataFrame
    fits: pd.DataFrame


def choose_origins(project: Project, today: date) -> tuple[date, ...]:
    """Return the ends of quarters, from the first with enough data to the last that is a quarter old."""
    rows, signals = project.observations.rows, project.observations.signals
    facets = rows["signal"].map(lambda slug: signals[slug].measures.facet)
    first = rows["published"].groupby(facets).min().sort_values()
    quarter = Quarter.of(first.iloc[LEAST_FACETS - 1].date())
    return tuple((quarter + i).end for i in range(Quarter.of(today) - quarter - 1))


def backtest(
    project: Project,
    origins: Sequence[date],
    variants: Sequence[str],
    out: Path,
    *,
    session: "Session | None" = None,
    say: Callable[[float, str], None] = lambda share, word: None,
) -> Backtest:
    """Fit and score every origin and variant; fits that exist already are found, so a second call goes on.

    Parameters
    ----------
    project
        With every vintage.
    origins
        As-of dates.
    variants
        Names among :data:`VARIANTS`.
    out
        Folder of the runs.
    session
        Shares one compiled graph.
    say
        Called with the share done and a word on it.
    """
    from model.pipeline import Session, fit

    session = session or Session(project)
    jobs = [(variant, origin) for variant in variants for origin in origins]
    scored, fits = [], []
    for i, (variant, origin) in enumerate(jobs):
        say(i / len(jobs), f"{variant}, as of {origin} ({i + 1} of {len(jobs)})")
        run = fit(project, as_of=origin, session=session, out=out, command="stackcast backtest", **VARIANTS[variant])
        fits.append({"variant": variant, "origin": origin.isoformat(), "run": run.name, "passed": run.passed})
        if run.passed:
            scored.append(score_origin(run, project, origin).assign(variant=variant, run=run.name))
    figures = pd.concat(scored, ignore_index=True) if scored else pd.DataFrame()
    return Backtest(figures, pd.DataFrame(fits))


def score_origin(run: Run, project: Project, origin: date) -> pd.DataFrame:
    """Return a run's scored figures beside every baseline, with horizons from the origin."""
    figures = score_run(run, project, rivals=tuple(BASELINES)).figures
    ends = project.observations.rows.set_index("id")["period_end"]
    ahead = (figures["id"].map(ends) - pd.Timestamp(origin)).dt.days / QUARTER_DAYS
    return figures.assign(origin=origin.isoformat(), horizon=ahead)
