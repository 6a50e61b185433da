"""The observed rows one by one, each a normal measurement or a bound, on the latent scale."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.shifts import SHIFTS
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import level

MEANS = ("mean", "error", *SHIFTS)
"""Statistics that are averaged over rows."""


class Point(NamedTuple):
    """One row.

    Attributes
    ----------
    signal
        Place of its signal.
    level
        The value, or the bound, on the latent scale.
    variance
        That of its sampling error, on the same scale, the signal's noise left out; 0 for a bound.
    weight
        Share of each quarter in its period, (quarter).
    side
        0 for a value; -1 for a floor, 1 for a ceiling.
    shifts
        Coefficients of the shifts that it shares with its signal's other rows, by name.
    """

    signal: int
    level: float
    variance: float
    weight: np.ndarray
    side: float
    shifts: dict[str, float]

    @property
    def said(self) -> dict[str, float]:
        """What it adds to the sums of its signal: one row, its value, error variance and coefficients."""
        return {"rows": 1.0, "mean": self.level, "error": self.variance, **self.shifts}


def known_points(observed: ObservedData) -> Iterator[Point]:
    """Yield every observed row."""
    for name in observed.likelihoods:
        family = FAMILIES[name]
        filled = np.flatnonzero(observed.data[f"{name}_mask"] > 0)
        for row in filled:
            y, trials, error, side, signal, weight = (
                observed.data[f"{name}_{key}"][row] for key in ("y", "trials", "error", "side", "signal", "weight")
            )
            at = float(level(family, y, trials))
            sd = 0.0 if side != 0 else float(family.sd(np.array([at]), 0.0, trials, error)[0])
            shifts = {key: float(observed.data[f"{name}_{key}"][row]) for key in SHIFTS}
            yield Point(int(signal), at, sd**2, weight, float(side), shifts)


def nothing_said(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return sums over no rows: all zero."""
    return {key: np.zeros(shape) for key in ("rows", *MEANS)}


def averaged(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the number of rows, and the means of their statistics."""
    count = np.maximum(sums["rows"], 1.0)
    return {**sums, **{key: sums[key] / count for key in MEANS}}
