"""Figures that a world of the prior would have published, in the design of the real ones.

Periods, sample sizes, errors, ages and masks stay; only the figures are new, and each is drawn from the very
distribution that the likelihood gives it:

- a point is drawn and taken as it is, since the likelihood reads the printed decimals as exact;
- where the source gave a bound, the bound stays as a fixed threshold of censoring: a figure beyond it is known only to
  be beyond it, any other as the point that it is;
- a figure that no double can hold (a share of exactly 0 or 1, a ratio of 0) is moved to the nearest that has a finite
  latent image, and counted.
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
    """What the graph is told of a simulated world.

    Attributes
    ----------
    known
        As the real one, with other figures in ``data``; ``rows`` still say which slot is which row, and nothing else.
    clipped
        Figures that had to be moved to a finite one.
    censored
        Figures that are known only by a bound.
    """

    observed: ObservedData
    clipped: int
    censored: int


def simulate(design: Design, observed: ObservedData, truth: Params, seed: int) -> Simulated:
    """Observe one world as the real one was.

    Parameters
    ----------
    design, known
        The graph's layout, and the real observation design.
    truth
        One draw of every parameter, (1, own dims).
    seed
        Of the figures' errors.
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
    """Return natural figures as the likelihood reads them, and how many had to be moved to a finite one."""
    if family.name == "counts":
        return np.rint(drawn * trials), 0
    with np.errstate(divide="ignore"):
        y = family.to_latent(drawn)
    least, most = (float(family.to_latent(x)) for x in _edges(family))
    moved = ~np.isfinite(y)
    return np.where(moved, np.where(y > 0, most, least), y), int(moved.sum())


def censor(y: np.ndarray, bound: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return figures and sides as the sources would print them: beyond a bound, only the bound is known."""
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
