"""What came of each earlier stack: its open share at maturity, read from its rows by one rule."""

from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from stackcast.history.records import History

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
SUMMARIES = {"year": ("date", "mean"), "measure": ("measure", "first"), "rows": ("date", "size")}


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
    rows = _rows_read(history)
    bounds = rows[["lower", "upper"]].apply(lambda bound: bound.fillna(rows["share"]))
    bounded = pd.concat([rows[["stack", "population", "share"]], bounds], axis=1)
    populations = bounded.groupby(["stack", "population"]).median()
    found = populations.groupby("stack").median().join(rows.groupby("stack").agg(**SUMMARIES))
    variance = found["measure"].map(ERROR).astype(float) ** 2 + _between(populations["share"])
    error = Z90 * np.sqrt(variance)  # half-width, logit
    centre, lower, upper = (_logit(found[name]) for name in ("share", "lower", "upper"))
    found["low"] = expit(centre - np.hypot(centre - lower, error)).where(found["share"] >= EDGE, 0.0)
    found["high"] = expit(centre + np.hypot(upper - centre, error)).where(found["share"] <= 1 - EDGE, 1.0)
    order = [slug for slug in history.stacks.index if slug in found.index]
    read: pd.DataFrame = found.loc[order, list(COLUMNS)]
    return read.rename_axis("slug")


def _rows_read(history: History) -> pd.DataFrame:
    """Return the rows from which outcomes are read."""
    asked = history.stacks.dropna(subset=["outcome_from"])[["criterion", "outcome_from", "outcome_to"]]
    rows = history.shares.dropna(subset=["share"]).merge(
        asked, left_on="stack", right_index=True, suffixes=("", "_read")
    )
    rows = rows[
        (rows["criterion"] == rows["criterion_read"]) & rows["year"].between(rows["outcome_from"], rows["outcome_to"])
    ]
    rank = rows["measure"].map(PREFERENCE.index)
    rows = rows[rank == rank.groupby(rows["stack"]).transform("min")]
    return rows[rows["date"] > rows.groupby("stack")["date"].transform("max") - YEARS]


def _between(shares: "pd.Series[float]") -> "pd.Series[float]":
    """Return the variance of a stack's populations, in logit, over their number; zero where there is one."""
    by_stack = _logit(shares).groupby("stack")
    return (by_stack.var() / by_stack.size()).fillna(0.0)


def _logit(shares: "pd.Series[float]") -> "pd.Series[float]":
    clipped = shares.clip(EDGE, 1 - EDGE)
    return (clipped / (1 - clipped)).map(np.log)
