"""What one more figure says to a finished run: where the run expected it, and how its headline would move.

The kept draws are weighted by the likelihood of the new figure, over that of any figure that it replaces. A period's
structure (how long a signal wanders) stays the run's own, so a refit may differ a little where weights say nothing is
wrong, and is the only answer where they do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import expit

from model.forecast.kept import KeptFigure, kept_figure, open_draws
from model.forecast.openness import layer_values
from model.graph.design import choose_signals
from model.observations.as_of import as_of
from model.observations.schema import Signal
from model.posterior.reweight import Weights, importance_weights
from model.posterior.summary import OPEN, QUANTILES
from model.project import Project
from model.quarters import Quarter
from model.runs.folder import DRAWS, Run

ERRORS = 2.0
"""Standard errors from which a move is clear."""


@dataclass(frozen=True)
class Move:
    """One probability of the headline, before and after the figure.

    Attributes
    ----------
    kind
        ``layer`` (P(openness > 0.5)), ``claim`` (P(it operates)) or ``question``.
    name, date
        Which, and the day it is about.
    before, after
        The probabilities.
    error
        Monte Carlo standard error of their difference.
    """

    kind: str
    name: str
    date: str
    before: float
    after: float
    error: float

    @property
    def size(self) -> float:
        """How far it moves."""
        return abs(self.after - self.before)

    @property
    def clear(self) -> bool:
        """Whether it moves further than so many draws would make it seem by chance."""
        return self.size > ERRORS * self.error


@dataclass(frozen=True)
class News:
    """A figure beside what a run expected, and what it would change.

    Attributes
    ----------
    expected
        Quantiles of the run's predictive distribution for the figure, by name, in its own unit; empty where it
        replaces a figure that the draws cannot do without.
    pit
        Probability that the run gave to a smaller figure; ties count half.
    replaces
        Ids of figures that it takes the place of.
    k_hat, limit, trusted
        Pareto k-hat of the weights, the limit for so many draws, and whether it keeps below.
    moves
        Every probability of the headline, the furthest mover first; empty when the weights cannot be trusted.
    """

    expected: dict[str, float]
    pit: float
    replaces: tuple[str, ...]
    k_hat: float
    limit: float
    trusted: bool
    moves: tuple[Move, ...]


def news_of(run: Run, project: Project, row: pd.Series) -> News | None:
    """Return what a new row would say to a run, or None where the run does not reach it.

    Parameters
    ----------
    run
        A run that passed its gates.
    project
        The project without the row.
    row
        The row, with the columns of ``Observations.rows``.
    """
    order = run.manifest["inputs"]["order"]
    signals = choose_signals(project.observations.signals, order["criterion"])
    draws = open_draws(run.path / DRAWS)
    if str(row["signal"]) not in signals:
        return None
    figure = kept_figure(draws, row, signals, project.priors)
    if figure is None:
        return None
    rows = project.observations.rows
    known = rows[(rows["signal"] == row["signal"]) & rows["id"].isin(run.table("fitted")["id"])]
    gone, enters = _replaced(known, row, signals)
    old = [kept_figure(draws, known.loc[i], signals, project.priors) for i in gone]
    without = -_log_likelihood([f for f in old if f is not None], len(figure.mu))
    before, after = importance_weights(without), importance_weights(without + enters * figure.log_likelihood())
    figures = figure.replicates(int(order["seed"]), "news")
    levels = before.quantiles(figures, list(QUANTILES.values()))
    below = (figures < row["value"]) + 0.5 * (figures == row["value"])
    return News(
        expected=dict(zip(QUANTILES, map(float, levels), strict=True)) if before.trusted else {},
        pit=float(before.mean(below)),
        replaces=tuple(str(known.loc[i, "id"]) for i in gone),
        k_hat=after.k_hat,
        limit=after.limit,
        trusted=after.trusted,
        moves=_moves(run, project, draws, after) if after.trusted else (),
    )


def _replaced(known: pd.DataFrame, row: pd.Series, signals: Mapping[str, Signal]) -> tuple[list[int], bool]:
    """Return the known rows (index) that the row takes the place of, and whether it counts at all."""
    indexed = known.assign(place=known.index)
    both = pd.concat([indexed, pd.DataFrame([{**row.to_dict(), "place": -1}])], ignore_index=True)
    day = both["published"].max().date()
    before = set(as_of(indexed, day, signals)["place"]) if len(known) else set()
    later = set(as_of(both, day, signals)["place"])
    return sorted(before - later), -1 in later


def _log_likelihood(figures: list[KeptFigure], draws: int) -> np.ndarray:
    return np.asarray(sum((f.log_likelihood() for f in figures), start=np.zeros(draws)))


def _moves(run: Run, project: Project, draws: xr.Dataset, weights: Weights) -> tuple[Move, ...]:
    priors, horizons = project.priors, run.manifest["horizons"]
    labels = [str(q) for q in draws["quarter"].values]
    at = {day: labels.index(str(Quarter.of(date.fromisoformat(day)))) for day in horizons.values()}
    found: list[Move] = []

    def add(kind: str, name: str, day: str, holds: np.ndarray) -> None:
        after = float(weights.mean(holds))
        found.append(Move(kind, name, day, float(holds.mean()), after, weights.shift_error(holds)))

    facets = {str(f): draws["facet_state"].sel(facet=f).values.astype(float) for f in draws["facet"].values}
    shares = {f: expit(x) for f, x in facets.items() if priors.facets[f].kind == "share"}
    for name, path in layer_values(shares, run.manifest["weights"]).items():
        for day, t in at.items():
            add("layer", name, day, path[:, t] > OPEN)
    now = horizons["now"]
    for name, claim in priors.claims.items():
        strength = draws["claim_state"].sel(strand=list(claim.strands(name))).values[:, at[now]].sum(axis=-1)
        add("claim", name, now, strength > 0)
    ends = run.table("questions").set_index("id")["period_end"]
    for question in draws["question"].values:
        add("question", str(question), str(ends[question]), draws["question_holds"].sel(question=question).values > 0)
    return tuple(sorted(found, key=lambda move: -move.size))
