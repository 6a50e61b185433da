"""Stacks of which only a ceiling is known: the open share was no higher than what the named closed products leave."""

import pandas as pd

from stackcast.history.outcomes import PREFERENCE, YEARS, outcomes
from stackcast.history.records import History


def ceilings(history: History) -> "pd.Series[float]":
    """Read the ceiling of every stack with a criterion whose rows print upper bounds and no share.

    Leaving them out would leave out closed wins: where open products are few, tables name the closed ones alone. Of the
    rows of the stack's criterion, those of the most preferred measure are read, from the last ``YEARS`` years; the
    ceiling is the median of their bounds.

    Returns
    -------
    Series
        Ceilings, as shares, by ``slug``, in the order of the stacks.
    """
    rows = history.shares.merge(
        history.stacks[["criterion"]], left_on="stack", right_index=True, suffixes=("", "_read")
    )
    rows = rows[rows["criterion"] == rows["criterion_read"]]
    printed = set(rows.loc[rows["share"].notna(), "stack"]) | set(outcomes(history).index)
    rows = rows[~rows["stack"].isin(printed)].dropna(subset=["upper"])
    rank = rows["measure"].map(PREFERENCE.index)
    rows = rows[rank == rank.groupby(rows["stack"]).transform("min")]
    rows = rows[rows["date"] > rows.groupby("stack")["date"].transform("max") - YEARS]
    found = rows.groupby("stack")["upper"].median()
    return found.reindex([slug for slug in history.stacks.index if slug in found.index]).rename_axis("slug")
