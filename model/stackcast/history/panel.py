"""Which rows of earlier stacks make a series, and the series as arrays on one grid of quarters.

The rule: the rows of one stack, population and criterion are a series. Rows without a share (ceilings and floors) and
shares of money are left out, zeros before the first share above zero are dropped, and so are shares of 0 or 1 without a
number of cases, which have no logit. Of several dates in one quarter, counted from the first, the last is kept. What is
left needs at least :data:`LEAST_DATES` dates.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

KEY = ["stack", "population", "criterion"]
KINDS = ("attention", "census", "survey")
"""Kinds of source: noise differs between them."""
LEAST_DATES = 4
MOST_CASES = 5000
"""Sampling errors are those of so many cases at most: beyond them other errors matter."""
QUARTERS = 4
"""Quarters a year."""
ROOM = 8
NEVER = 1e-9
"""Years before a first figure, in which nothing can jump."""


class Figures(NamedTuple):
    """What the filter reads of a panel, (quarter, series): ``known``, ``y`` and ``error`` as there; ``log_years``."""

    known: Any
    y: Any
    error: Any
    log_years: Any


@dataclass(frozen=True, eq=False)
class Panel:
    """Series of earlier stacks, each from its own first quarter.

    Attributes
    ----------
    series : DataFrame
        One row a series: stack, population, criterion, source_kind, first (its first date, in years).
    known
        1 for a quarter with a figure, else 0, (quarter, series).
    y
        Logit of the open share, 0 where there is none, (quarter, series).
    error
        Sampling error (sd, logit) where the number of cases is known, else 0, (quarter, series).
    years
        Years since the figure before, 0 where there is none, (quarter, series).
    """

    series: pd.DataFrame
    known: np.ndarray
    y: np.ndarray
    error: np.ndarray
    years: np.ndarray

    @property
    def figures(self) -> Figures:
        """The figures alone."""
        return Figures(self.known, self.y, self.error, np.log(np.maximum(self.years, NEVER)))

    @property
    def kind(self) -> np.ndarray:
        """Place of each series' kind of source in :data:`KINDS`, (series)."""
        return np.array([KINDS.index(kind) for kind in self.series["source_kind"]], int)

    def roomy(self) -> "Panel":
        """Return the panel with empty quarters and series, so that its sides are multiples of :data:`ROOM`.

        A later figure or one more series then needs no new compile.
        """
        room = [(0, -size % ROOM) for size in self.known.shape]
        arrays = (np.pad(array, room) for array in (self.known, self.y, self.error, self.years))
        nobody = pd.DataFrame({"source_kind": [KINDS[0]] * room[1][1]}, columns=self.series.columns)
        return Panel(pd.concat([self.series, nobody], ignore_index=True), *arrays)

    def one(self, i: int) -> "Panel":
        """Return one series alone, up to its last figure."""
        end = int(np.flatnonzero(self.known[:, i])[-1]) + 1
        arrays = (array[:end, i : i + 1] for array in (self.known, self.y, self.error, self.years))
        return Panel(self.series.iloc[i : i + 1], *arrays)


def panel(shares: pd.DataFrame) -> Panel:
    """Return the series that the rule of this module takes from a table of shares.

    Parameters
    ----------
    shares
        ``History.shares``: stack, population, criterion, measure, source_kind, date (years), share, n.
    """
    rows = shares[shares["share"].notna() & (shares["measure"] != "money")].sort_values([*KEY, "date"])
    rows = _on_logit(rows[rows["share"].gt(0).groupby([rows[key] for key in KEY]).cummax()])
    first = rows.groupby(KEY)["date"].transform("min")
    rows = rows.assign(first=first, quarter=((rows["date"] - first) * QUARTERS).round().astype(int))
    rows = rows.drop_duplicates([*KEY, "quarter"], keep="last")
    return _arrays(rows[rows.groupby(KEY)["date"].transform("size") >= LEAST_DATES])


def _on_logit(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``y`` and ``error``; a share of known cases is smoothed by half a case, so that 0 and 1 are finite."""
    cases, share = rows["n"].to_numpy(float), rows["share"].to_numpy(float)
    counted = np.isfinite(cases)
    smooth = np.where(counted, (share * cases + 0.5) / (cases + 1.0), share)
    inside = (smooth > 0) & (smooth < 1)
    cases, counted, smooth = cases[inside], counted[inside], smooth[inside]
    error = np.where(counted, 1 / np.sqrt(np.minimum(cases, MOST_CASES) * smooth * (1 - smooth)), 0.0)
    return rows[inside].assign(y=logit(smooth), error=error)


def _arrays(rows: pd.DataFrame) -> Panel:
    columns = [*KEY, "source_kind", "first"]
    series = rows.drop_duplicates(KEY)[columns].reset_index(drop=True)
    place = rows[KEY].merge(series.reset_index(), on=KEY)["index"].to_numpy(int)
    quarter = rows["quarter"].to_numpy(int)
    known, y, error, years = np.zeros((4, quarter.max(initial=0) + 1, len(series)))
    known[quarter, place], y[quarter, place], error[quarter, place] = 1.0, rows["y"], rows["error"]
    years[quarter, place] = rows.groupby(KEY)["quarter"].diff().fillna(0) / QUARTERS
    return Panel(series, known, y, error, years)
