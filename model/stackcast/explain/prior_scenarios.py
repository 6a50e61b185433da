"""The prior scenarios beside each other: how far the evidence has brought them together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stackcast.runs.folder import Run

LEAST_DISTANCE = 1e-3
"""Priors closer than this do not disagree, and a ratio says nothing."""


def convergence(runs: Sequence[Run]) -> pd.DataFrame:
    """Return, by headline, the distance between the prior scenarios' posteriors over that between their priors.

    Parameters
    ----------
    runs
        Runs of the same as-of date that hold the prior scenarios ``open`` and ``closed``.

    Returns
    -------
    DataFrame
        ``name, date, open, closed, prior_open, prior_closed, ratio``: means, and |open - closed| after over before.
    """
    by_scenario = {run.manifest["prior_scenario"]: run for run in runs}
    a, b = by_scenario["open"], by_scenario["closed"]
    parts = []
    days, now = list(a.horizons.values()), [a.horizons["now"]]
    for left, right, dates in ((a.facets, b.facets, days), (a.layers, b.layers, days), (a.claims, b.claims, now)):
        both = left.merge(right, on=["name", "date"], suffixes=("_open", "_closed"), sort=False)
        both = both[both["date"].isin(dates)]
        parts.append(
            pd.DataFrame(
                {
                    "name": both["name"], "date": both["date"],
                    "open": both["mean_open"], "closed": both["mean_closed"],
                    "prior_open": both["prior_mean_open"], "prior_closed": both["prior_mean_closed"],
                }
            )
        )  # fmt: skip
    joined = pd.concat(parts, ignore_index=True)
    before = (joined["prior_open"] - joined["prior_closed"]).abs().to_numpy()
    after = (joined["open"] - joined["closed"]).abs().to_numpy()
    joined["ratio"] = np.where(before > LEAST_DISTANCE, after / np.maximum(before, LEAST_DISTANCE), np.nan)
    return joined
