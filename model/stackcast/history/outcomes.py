"""What came of each earlier stack: its open share at maturity, read from its rows by one rule."""

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from stackcast.history.records import History

Array = NDArray[np.float64]
PREFERENCE = ("use", "units", "money", "attention")
"""Measures in the order in which an outcome is read: the first that a stack has in its years."""
YEARS = 3.0
"""How far before the last row of those years a row is still read."""
ERROR = MappingProxyType({"use": 0.45, "units": 0.45, "money": 0.9, "attention": 0.9})
"""Standard deviation, in logit, of a reading that rests on one population, by measure.

Seventeen pairs of populations of one stack and criterion that were counted or asked within a year differ by 0.43 in the
median, so by 0.46 each. Attention and revenue stand for another quantity: three pairs of attention and use are apart by
0.1, 2.6 and 4.5, so twice as much, by judgement.
"""
EDGE = 0.005
"""Shares closer than this to 0 or 1 are read as this close where a logit is needed."""
Z90 = norm.ppf(0.95)
COLUMNS = ("share", "low", "high", "year", "measure", "rows")


def outcomes(history: History) -> pd.DataFrame:
    """Read the outcome of every stack that has one.

    Of the rows of the stack's criterion within ``outcome_from`` to ``outcome_to`` that print a share, those of the most
    preferred measure are read, from the last ``YEARS`` years. The outcome is the median within each population, then
    across populations, and so are its printed bounds (the share itself where none is printed). On the logit, the
    distance to an end of the interval is the root of the squared distance to the printed bound and the squared 90 %
    half-width of the error, whose variance is that of ``ERROR`` and, with several populations, the variance between
    them over their number.

    Returns
    -------
    DataFrame
        By ``slug``, in the order of the stacks: ``share``, ``low`` and ``high`` (90 %), ``year`` (the mean date of the
        rows), ``measure``, and ``rows``, their number. A stack with ceilings alone has none.
    """
    read = {slug: one for slug in history.stacks.index if (one := _outcome(_rows(history, slug))) is not None}
    return pd.DataFrame.from_dict(read, orient="index", columns=list(COLUMNS)).rename_axis("slug")


def _rows(history: History, slug: str) -> pd.DataFrame:
    """Return the rows from which a stack's outcome is read; none where it asks for no outcome."""
    stack, shares = history.stacks.loc[slug], history.shares
    if pd.isna(stack["outcome_from"]):
        return shares.iloc[:0]
    named = shares[(shares["stack"] == slug) & (shares["criterion"] == stack["criterion"]) & shares["share"].notna()]
    rows = named[named["year"].between(stack["outcome_from"], stack["outcome_to"])]
    measure = next((name for name in PREFERENCE if name in set(rows["measure"])), None)
    rows = rows[rows["measure"] == measure]
    return rows[rows["date"] > rows["date"].max() - YEARS]


def _outcome(rows: pd.DataFrame) -> tuple[float, float, float, float, str, int] | None:
    if rows.empty:
        return None
    measure = str(rows["measure"].iloc[0])
    bounded = rows.assign(lower=rows["lower"].fillna(rows["share"]), upper=rows["upper"].fillna(rows["share"]))
    populations = bounded.groupby("population")[["share", "lower", "upper"]].median()
    share, lower, upper = (float(value) for value in populations.median())
    places = _logit(populations["share"].to_numpy())
    between = float(places.var(ddof=1)) / len(places) if len(places) > 1 else 0.0
    error = Z90 * np.sqrt(ERROR[measure] ** 2 + between)  # 90 % half-width, logit
    low, centre, high = _logit(np.array([lower, share, upper]))
    low, high = expit([centre - np.hypot(centre - low, error), centre + np.hypot(high - centre, error)])
    low, high = (0.0 if share < EDGE else float(low)), (1.0 if share > 1 - EDGE else float(high))
    return share, low, high, float(rows["date"].mean()), measure, len(rows)


def _logit(share: Array) -> Array:
    placed: Array = logit(np.clip(share, EDGE, 1 - EDGE))
    return placed
