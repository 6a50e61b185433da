"""News of one observation: where a finished run expected it, and how the headline would move.

The kept draws are weighted by the likelihood of the new observation over that of any observation it replaces. The
structure (which signals have a deviation) stays that of the run, so a refit may differ a little even where k-hat is
below its limit; above it, only a refit answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from stackcast.explain.figure_draws import KeptFigure, kept_figure
from stackcast.forecast.claims import operates
from stackcast.forecast.openness import is_high
from stackcast.graph.selection import choose_signals
from stackcast.observations.as_of import as_of, known_at
from stackcast.observations.schema import Signal
from stackcast.posterior.reweight import Weights, importance_weights
from stackcast.posterior.summary import QUANTILES
from stackcast.priors.load import Priors
from stackcast.project import Project
from stackcast.runs.draws import Draws
from stackcast.runs.folder import Run

ERRORS = 2.0
"""Number of standard errors from which a move is clear."""


@dataclass(frozen=True)
class Move:
    """One probability of the headline, before and after the observation.

    Attributes
    ----------
    kind
        ``layer`` (P(share > 0.5)), ``claim`` (P(it operates)) or ``question``.
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
        """Whether the move exceeds its Monte Carlo error."""
        return self.size > ERRORS * self.error


@dataclass(frozen=True)
class News:
    """An observation beside a run's forecast of it, and the moves of the headline.

    Attributes
    ----------
    expected
        Quantiles of the run's predictive distribution for the observation, by name, in its own unit; empty where
        weights cannot take out the observation that it replaces.
    pit
        Probability that the run gave to a smaller value; ties count half.
    replaces
        Ids of the observations it replaces.
    k_hat, limit, trusted
        Pareto k-hat of the weights, the limit for so many draws, and whether it keeps below.
    moves
        Every probability of the headline, the largest move first; empty when the weights cannot be trusted.
    """

    expected: dict[str, float]
    pit: float
    replaces: tuple[str, ...]
    k_hat: float
    limit: float
    trusted: bool
    moves: tuple[Move, ...]


def news_of(run: Run, project: Project, row: pd.Series) -> News | None:
    """Return the news of a new row for a run, or None where the run has not its signal or period.

    Parameters
    ----------
    run
        A run that passed its gates.
    project
        The project without the row.
    row
        The row, with the columns of ``Observations.rows``.
    """
    fitted = _Fitted.of(run, project, str(row["signal"]))
    figure = fitted.figure(row) if fitted is not None else None
    if fitted is None or figure is None:
        return None
    later = pd.concat([fitted.known, row.to_frame().T.astype(fitted.known.dtypes)], ignore_index=True)
    gone, enters = fitted.change(later)
    without = -fitted.log_likelihood(gone)
    before, after = importance_weights(without), importance_weights(without + fitted.log_likelihood(enters))
    figures = figure.replicates(fitted.seed, "news")
    levels = before.quantiles(figures, list(QUANTILES.values()))
    below = (figures < row["value"]) + 0.5 * (figures == row["value"])
    return News(
        expected=dict(zip(QUANTILES, map(float, levels), strict=True)) if before.trusted else {},
        pit=float(before.mean(below)),
        replaces=tuple(gone["id"]),
        k_hat=after.k_hat,
        limit=after.limit,
        trusted=after.trusted,
        moves=_moves(run, after) if after.trusted else (),
    )


def news_of_retraction(run: Run, project: Project, row_id: str) -> News | None:
    """Return the news of a retraction for a run, or None where the run never used the row.

    An earlier vintage of the same period, if there is one, counts again.
    """
    rows = project.observations.rows
    mine = rows[rows["id"] == row_id]
    fitted = _Fitted.of(run, project, str(mine["signal"].iloc[0])) if len(mine) else None
    if fitted is None:
        return None
    gone, enters = fitted.change(fitted.known[fitted.known["id"] != row_id])
    if row_id not in set(gone["id"]):
        return None
    after = importance_weights(fitted.log_likelihood(enters) - fitted.log_likelihood(gone))
    moves = _moves(run, after) if after.trusted else ()
    return News({}, float("nan"), tuple(gone["id"]), after.k_hat, after.limit, after.trusted, moves)


@dataclass(frozen=True)
class _Fitted:
    """A run's observations of one signal, and its kept draws."""

    draws: Draws
    known: pd.DataFrame
    signals: Mapping[str, Signal]
    priors: Priors
    seed: int
    day: date

    @classmethod
    def of(cls, run: Run, project: Project, slug: str) -> "_Fitted | None":
        settings = run.settings
        signals = choose_signals(project.observations.signals, settings.criterion)
        if slug not in signals:
            return None
        day, fitted = settings.as_of, set(run.table("fitted")["id"])
        known = known_at(project.observations.of(slug), day)
        while not (strange := _counts_unfitted(known, day, signals, fitted)).empty:
            known = known.drop(strange)
        return cls(run.draws, known, signals, project.priors, settings.seed, day)

    def figure(self, row: pd.Series) -> KeptFigure | None:
        return kept_figure(self.draws, row, self.signals, self.priors)

    def change(self, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows that no longer count when the rows are ``later``, and those that count anew."""
        day = later["published"].max().date() if len(later) else self.day
        before, after = as_of(self.known, self.day, self.signals), as_of(later, max(day, self.day), self.signals)
        return before[~before["id"].isin(after["id"])], after[~after["id"].isin(before["id"])]

    def log_likelihood(self, rows: pd.DataFrame) -> np.ndarray:
        figures = [self.figure(row) for _, row in rows.iterrows()]
        parts = (f.log_likelihood() for f in figures if f is not None)
        return np.asarray(sum(parts, start=np.zeros(len(self.draws.places))))


def _counts_unfitted(known: pd.DataFrame, day: date, signals: Mapping[str, Signal], fitted: set[str]) -> pd.Index:
    """Return the rows (index) known by the day that the run did not use: they were added since."""
    counts = as_of(known, day, signals)["id"]
    return known.index[known["id"].isin(counts) & ~known["id"].isin(fitted)]


def _moves(run: Run, weights: Weights) -> tuple[Move, ...]:
    """Return every probability of the headline, unweighted and weighted."""
    draws, now, found = run.draws, run.horizons["now"], list[Move]()

    def add(kind: str, name: str, day: str, holds: np.ndarray) -> None:
        after = float(weights.mean(holds))
        found.append(Move(kind, name, day, float(holds.mean()), after, weights.shift_error(holds)))

    for name, path in draws.layers.items():
        for day in dict.fromkeys(draws.horizons.values()):
            add("layer", name, day, is_high(path[:, draws.place(day)]))
    for name in draws.parts:
        add("claim", name, now, operates(draws.claims[name][:, draws.place(now)]))
    ends = run.questions.set_index("id")["period_end"]
    for name, holds in draws.questions.items():
        add("question", name, str(ends[name]), holds > 0)
    return tuple(sorted(found, key=lambda move: -move.size))
