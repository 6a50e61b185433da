"""Convergence of two prior scenarios: posterior distance over prior distance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stackcast.priors.debate import NEUTRAL
from stackcast.runs.folder import Run

LEAST_DISTANCE = 1e-3
"""Prior distance below which the ratio is not defined."""


def opposed(names: Sequence[str]) -> tuple[str, str] | None:
    """Return the two prior scenarios that are compared: the first two besides the neutral one."""
    argued = [name for name in names if name != NEUTRAL]
    return (argued[0], argued[1]) if len(argued) > 1 else None


def convergence(first: Run, second: Run) -> pd.DataFrame:
    """Return, by headline, the distance between two prior scenarios' posteriors over that between their priors.

    Parameters
    ----------
    first, second
        Runs of the same as-of date, each of one prior scenario.

    Returns
    -------
    DataFrame
        ``name, date, first, second, prior_first, prior_second, ratio``: means, and |first - second| after over before.
    """
    days = list(first.horizons.values())
    parts = []
    for table, dates in (("facets", days), ("layers", days), ("claims", days[:1])):
        left, right = (run.table(table) for run in (first, second))
        both = left.merge(right, on=["name", "date"], suffixes=("_first", "_second"), sort=False)
        both = both[both["date"].isin(dates)]
        parts.append(
            pd.DataFrame(
                {
                    "name": both["name"], "date": both["date"],
                    "first": both["mean_first"], "second": both["mean_second"],
                    "prior_first": both["prior_mean_first"], "prior_second": both["prior_mean_second"],
                }
            )
        )  # fmt: skip
    joined = pd.concat(parts, ignore_index=True)
    before = (joined["prior_first"] - joined["prior_second"]).abs().to_numpy()
    after = (joined["first"] - joined["second"]).abs().to_numpy()
    joined["ratio"] = np.where(before > LEAST_DISTANCE, after / np.maximum(before, LEAST_DISTANCE), np.nan)
    return joined
