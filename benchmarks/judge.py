"""What the draws are worth, over every quantity that the gates look at, and whether two samplers agree."""

from typing import Any

import numpy as np
import pandas as pd
from arviz_stats import ess, rhat

from benchmarks.case import Case
from benchmarks.drawn import Drawn
from stackcast.inference.retries import reported
from stackcast.inference.sample import Sampled

Quantities = dict[str, np.ndarray]


def quantities(case: Case, drawn: Drawn) -> Quantities:
    """Return every quantity that varies or is not finite, by name and place, (chain, draw)."""
    sampled = Sampled(drawn.parameters, {"diverging": drawn.diverging}, None)
    return {
        f"{name}[{i}]": series
        for name, array in reported(case.design, case.observed, sampled).items()
        for i, series in enumerate(np.moveaxis(array.reshape(*array.shape[:2], -1), -1, 0))
        if np.ptp(series) > 0 or not np.isfinite(series).all()
    }


def judge(drawn: Drawn, found: Quantities, seconds: float, cpu_seconds: float) -> dict[str, Any]:
    """Return effective draws, and what each cost in seconds and gradients; a quantity that is not finite has none."""
    effective = pd.Series({label: float(ess(series)) for label, series in found.items()}).fillna(0.0)
    return {
        "gradients": drawn.gradients,
        "steps_a_draw": float(drawn.n_steps.mean()),
        "min_ess": effective.min(),
        "median_ess": effective.median(),
        "slowest": effective.idxmin(),
        "min_ess_per_s": effective.min() / seconds,
        "min_ess_per_cpu_s": effective.min() / cpu_seconds,
        "min_ess_per_1000_gradients": 1000 * effective.min() / drawn.gradients,
        "divergences": int(drawn.diverging.sum()),
        "r_hat": float(np.max([float(rhat(series)) for series in found.values()])),
    }


def moments(found: Quantities) -> pd.DataFrame:
    """Return the mean, sd and Monte Carlo error of the mean of every quantity."""
    rows = {
        label: (series.mean(), series.std(), series.std() / np.sqrt(float(ess(series, method="mean"))))
        for label, series in found.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd", "error"])


def agreement(mine: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, float]:
    """Return how far two samplers' moments lie apart.

    Parameters
    ----------
    mine, theirs
        As of :func:`moments`.

    Returns
    -------
    dict
        The greatest and the sd of z, the difference of means in its Monte Carlo errors; the least and greatest ratio
        of sds. Where both are right the sd of z is about one.
    """
    z: pd.Series = (mine["mean"] - theirs["mean"]) / np.hypot(mine["error"], theirs["error"])
    ratio = mine["sd"] / theirs["sd"]
    return {
        "max_z": float(z.abs().max()),
        "sd_z": float(z.std()),
        "least_sd_ratio": float(ratio.min()),
        "median_sd_ratio": float(ratio.median()),
        "greatest_sd_ratio": float(ratio.max()),
    }
