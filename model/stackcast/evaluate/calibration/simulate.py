"""Data sets simulated from one draw of the parameters, in the design of the real one.

Periods, sample sizes, errors, ages and masks stay. Only the values are new, each drawn from its likelihood:

- a point is drawn and taken as it is, since the likelihood reads the printed decimals as exact;
- where the source gave a bound, it is a fixed threshold of censoring: a value beyond it becomes that bound, any other
  stays a point;
- a value without a finite latent value (a share that rounds to 0 or 1, a ratio of 0) is moved to the nearest that has
  one, and counted.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stackcast.forecast.future import random_stream
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.evaluate import expected_rows
from stackcast.graph.paths import Params
from stackcast.likelihoods import FAMILIES, Family
from stackcast.likelihoods.base import CEILING, FLOOR, POINT


@dataclass(frozen=True)
class Simulated:
    """A simulated data set.

    Attributes
    ----------
    observed
        The real one with simulated values in ``data``; its ``rows`` are those of the real one.
    clipped
        Observations that had to be moved to a finite one.
    censored
        Observations that are known only by a bound.
    """

    observed: ObservedData
    clipped: int
    censored: int


def simulate(design: Design, observed: ObservedData, truth: Params, seed: int) -> Simulated:
    """Simulate a data set in the design of the real one.

    Parameters
    ----------
    design, observed
        The graph's layout, and the real observation design.
    truth
        One draw of every parameter, (1, own dims).
    seed
        Seed of the observation errors.
    """
    data, clipped, censored = dict(observed.data), 0, 0
    for name, (rows, mu, noise) in expected_rows(design, observed, truth).items():
        rng = np.random.default_rng(random_stream(seed, "simulate", name))
        drawn = FAMILIES[name].draw(rng, mu[0], noise[0], rows["trials"], rows["error"])
        y, moved = latent(FAMILIES[name], drawn, rows["trials"])
        y, side = censor(y, rows["y"], rows["side"])
        filled = observed.data[f"{name}_mask"] > 0
        for key, values in (("y", y), ("side", side)):
            data[f"{name}_{key}"] = data[f"{name}_{key}"].copy()
            data[f"{name}_{key}"][filled] = values
        clipped, censored = clipped + moved, censored + int((side != POINT).sum())
    return Simulated(replace(observed, data=data), clipped, censored)


def latent(family: Family, drawn: np.ndarray, trials: np.ndarray) -> tuple[np.ndarray, int]:
    """Return values on the latent scale (successes for counts), and how many were moved to a finite one."""
    if family.name == "counts":
        return np.rint(drawn * trials), 0
    with np.errstate(divide="ignore"):
        y = family.to_latent(drawn)
    least, most = (float(family.to_latent(x)) for x in _edges(family))
    moved = ~np.isfinite(y)
    return np.where(moved, np.where(y > 0, most, least), y), int(moved.sum())


def censor(y: np.ndarray, bound: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values and sides with values beyond their bound replaced by it."""
    beyond = ((side == FLOOR) & (y > bound)) | ((side == CEILING) & (y < bound))
    return np.where(beyond, bound, y), np.where(beyond, side, POINT)


def _edges(family: Family) -> tuple[Any, Any]:
    """Return the least and the greatest natural values with a finite latent image."""
    finest = np.finfo(float)
    return {
        "share": (finest.tiny, np.float64(1.0) - finest.epsneg),
        "ratio": (finest.tiny, finest.max),
        "gap": (-finest.max, finest.max),
    }[family.name]
