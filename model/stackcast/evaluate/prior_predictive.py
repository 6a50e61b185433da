"""Prior predictive check: where the real observations lie among data sets drawn from the prior.

The data sets have the design of the real record (periods, sample sizes, errors, ages). Compared are the mean of each
series, its change from first to last, and its greatest move (Gabry, Simpson, Vehtari, Betancourt and Gelman 2019,
"Visualization in Bayesian workflow", JRSS-A 182:389).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stackcast.evaluate.score import latent_figures
from stackcast.forecast.predict import replicate_rows
from stackcast.forecast.prior import prior_trajectories
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.evaluate import known_rows
from stackcast.likelihoods.base import POINT
from stackcast.observations.schema import Signal
from stackcast.project import Project
from stackcast.runs.context import observe
from stackcast.settings import FitSettings

WORLDS = 2000
Statistic = Callable[[np.ndarray], np.ndarray]
STATISTICS: dict[str, tuple[int, Statistic]] = {
    "level": (1, lambda y: y.mean(axis=-1)),
    "change": (2, lambda y: y[..., -1] - y[..., 0]),
    "greatest move": (3, lambda y: np.abs(np.diff(y)).max(axis=-1)),
}
"""Of a series (..., observation) on the latent scale: observations needed, and the statistic."""
FARTHEST = 1e3
"""Latent value of an observation that is not finite there, such as a share that rounds to one."""


@dataclass(frozen=True)
class PriorReplicates:
    """The real record, and data sets of its design drawn from the prior.

    Attributes
    ----------
    signals
        Definitions by slug.
    rows
        The observations that are points, ``signal, middle, value, trials``; of one signal in order of time.
    drawn
        (data set, row) observations in the unit of ``value``.
    """

    signals: dict[str, Signal]
    rows: pd.DataFrame
    drawn: np.ndarray


def prior_replicates(project: Project, settings: FitSettings, worlds: int = WORLDS) -> PriorReplicates:
    """Draw data sets from the prior, in the observation design of the as-of date."""
    design, observed = observe(project, settings)
    trajectories = prior_trajectories(design, observed, design.grid.last, worlds, settings.seed)
    points = _points(design, observed)
    return PriorReplicates(
        dict(design.signals), points, replicate_rows(trajectories, observed, settings.seed)[:, points.index]
    )


def prior_check(found: PriorReplicates) -> pd.DataFrame:
    """Return where each statistic of each series lies among those of the data sets.

    Returns
    -------
    DataFrame
        ``statistic, signal, figures, observed, low, median, high, below``: on the latent scale, with the
        data sets' central 90 %; ``below`` is the share of data sets whose statistic is smaller, ties counted half.
    """
    records = []
    for statistic, (least, measure) in STATISTICS.items():
        for slug, part in found.rows.reset_index(drop=True).groupby("signal"):
            if len(part) < least:
                continue
            both = np.vstack([part["value"], found.drawn[:, part.index]])
            y = latent_figures(both, found.signals[str(slug)], part["trials"].to_numpy())
            real, *drawn = measure(np.clip(y, -FARTHEST, FARTHEST))
            below = float(np.less(drawn, real).mean() + np.equal(drawn, real).mean() / 2)
            low, median, high = np.quantile(drawn, (0.05, 0.5, 0.95))
            records.append((statistic, slug, len(part), real, low, median, high, below))
    columns = ["statistic", "signal", "figures", "observed", "low", "median", "high", "below"]
    return pd.DataFrame(records, columns=columns)


def outside(checked: pd.DataFrame, mass: float) -> pd.Series:
    """Return which statistics lie outside the data sets' central interval of a mass."""
    tail = (1 - mass) / 2
    return ~checked["below"].between(tail, 1 - tail)


def _points(design: Design, observed: ObservedData) -> pd.DataFrame:
    """Return the rows that are points, under their place among all rows."""
    rows = observed.rows[["signal", "value", "denominator"]].copy()
    rows["middle"] = observed.rows["period_start"] + (observed.rows["period_end"] - observed.rows["period_start"]) / 2
    rows["trials"] = rows.pop("denominator").where(observed.rows["likelihood"] == "counts", 1.0).astype(float)
    side = np.empty(len(rows))
    for name in design.row_capacity:
        side[(observed.rows["likelihood"] == name).to_numpy()] = known_rows(observed, name)["side"]
    points: pd.DataFrame = rows.loc[side == POINT]
    return points.sort_values(["signal", "middle"], kind="stable")
