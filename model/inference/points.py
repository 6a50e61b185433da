"""The known rows one by one, each as a normal figure, or a bound, on the latent scale."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from model.families import FAMILIES
from model.graph.known import Known


class Point(NamedTuple):
    """One row.

    Attributes
    ----------
    signal
        Place of its signal.
    level
        The figure, or the bound, on the latent scale.
    variance
        That of its sampling error, on the same scale, the signal's noise left out; 0 for a bound.
    weight
        Share of each quarter in its period, (quarter).
    side
        0 for a figure; -1 for a floor, 1 for a ceiling.
    """

    signal: int
    level: float
    variance: float
    weight: np.ndarray
    side: float


def known_points(known: Known) -> Iterator[Point]:
    """Yield every known row."""
    for name, family in FAMILIES.items():
        filled = np.flatnonzero(known.data[f"{name}_mask"] > 0)
        for row in filled:
            y, trials, error, side, signal, weight = (
                known.data[f"{name}_{key}"][row] for key in ("y", "trials", "error", "side", "signal", "weight")
            )
            level = float(logit((y + 0.5) / (trials + 1.0)) if name == "counts" else y)
            sd = 0.0 if side != 0 else float(family.sd(np.array([level]), 0.0, trials, error)[0])
            yield Point(int(signal), level, sd**2, weight, float(side))
