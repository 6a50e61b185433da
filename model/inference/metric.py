r"""The metric: a map that makes the posterior round before NUTS sees it.

At fixed scales the model is close to linear and Gaussian, so its posterior precision is close to what the prior and the
expected (Fisher) information give,

.. math::  H = J_0^\top J_0 + J^\top J,

where :math:`J_0` is the prior's whitening and :math:`J = \partial(\mu / s, \sqrt 2\log s)/\partial y` that of each
observation's expected latent value :math:`\mu` and sd :math:`s`, in coordinates that the prior makes standard. The
sampler works on :math:`z` with :math:`y = y_0 + D H^{-1/2} z`; of :math:`H` the directions whose eigenvalues are
furthest from one are kept, which leaves a diagonal plus a low rank. After a pilot, :math:`H` is averaged over its
draws, and the spread along each kept direction is the one that the pilot shows.

One shear comes on top. The intercept of an indicator and its loading times its claim are known by their sum, which
bends the posterior; so the sum at the mean date of the signal's own rows takes the intercept's place in :math:`y`. Both
maps leave volumes alone up to a constant, so the density that is sampled is exactly the model's; poor reference
points cost steps and never correctness. The Jacobians are finite differences of the very functions that the graph is
made of, in one vectorised NumPy pass.

The idea is the position-dependent preconditioning of Girolami and Calderhead (2011, JRSS-B 73:123), held fixed after
a pilot.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.families import FAMILIES
from model.graph.design import Design, Known
from model.inference.layout import Layout
from model.posterior.moments import observation_moments

RANK = 96
"""Directions that the metric turns; the others are as the prior has them."""
DIFFERENCE = 1e-4
POINTS = 16
"""Draws of a pilot over which the information is averaged."""


@dataclass(frozen=True)
class Shear:
    """What an indicator shows of its claim at the mean date of its rows: ``sign * loading * (mean @ claim_shock)``."""

    intercept: slice
    loading: np.ndarray
    claim_shock: slice
    mean: np.ndarray
    sign: np.ndarray

    @classmethod
    def of(cls, design: Design, known: Known, layout: Layout) -> "Shear":
        """Return the shear of the rows that are known."""
        rows = np.zeros((len(design.slugs), design.grid.size))
        for name in FAMILIES:
            np.add.at(rows, known.data[f"{name}_signal"], known.data[f"{name}_weight"])
        rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1.0)
        mean = np.zeros((len(design.indicators), design.grid.size, len(design.strands)))
        quarter = np.arange(design.grid.size)
        lag = quarter[:, None] - quarter[None, :]
        for i, slug in enumerate(design.indicators):
            strand = design.strands.index(design.signals[slug].measures.target)
            keep = design.wiring.strand_memory[strand]
            fresh = np.where(quarter == 0, 1.0, np.sqrt(1.0 - keep**2))
            response = np.where(lag >= 0, keep ** np.maximum(lag, 0), 0.0) * fresh
            mean[i, :, strand] = rows[design.slugs.index(slug)] @ response
        offset = layout.slices["loading"].start
        return cls(
            layout.slices["intercept"],
            offset + np.array([design.scaled.index(slug) for slug in design.indicators], dtype=int),
            layout.slices["claim_shock"],
            mean.reshape(len(design.indicators), -1).T,
            np.array([float(design.signals[slug].measures.sign) for slug in design.indicators]),
        )

    def shown(self, y: Any, exp: Any) -> Any:
        """Return what each indicator shows of its claim, for vectors (..., size) of either library."""
        return self.sign * exp(y[..., self.loading]) * (y[..., self.claim_shock] @ self.mean)


@dataclass(frozen=True)
class Metric:
    """The map ``y = shift + scale * (z + turn @ (gain * (turn.T @ z)))``, then the shear.

    ``shift`` and ``scale`` have the vector's size, ``turn`` is (size, rank), ``gain`` (rank).
    """

    shift: np.ndarray
    scale: np.ndarray
    turn: np.ndarray
    gain: np.ndarray

    def data(self) -> dict[str, np.ndarray]:
        """Return the arrays as data of a graph."""
        return {f"metric_{name}": getattr(self, name) for name in ("shift", "scale", "turn", "gain")}

    def sheared(self, z: Any) -> Any:
        """Map sampler positions (..., size) to sheared coordinates."""
        return self.shift + self.scale * (z + ((z @ self.turn) * self.gain) @ self.turn.T)

    def natural(self, z: np.ndarray, shear: Shear) -> np.ndarray:
        """Map sampler positions (..., size) to the unconstrained vector of the parameters."""
        return unshear(self.sheared(z), shear)


def unshear(y: np.ndarray, shear: Shear) -> np.ndarray:
    """Put the intercepts back in their place."""
    x = np.array(y, dtype=float)
    x[..., shear.intercept] -= shear.shown(y, np.exp)
    return x


def expected_metric(
    design: Design, known: Known, layout: Layout, shear: Shear, pilot: np.ndarray | None = None
) -> Metric:
    """Return the metric of the expected information.

    Parameters
    ----------
    design, known, layout, shear
        The graph, its data, the order of its parameters, and the shear.
    pilot
        Sheared draws (draw, size) of a pilot: the information is averaged over some of them, and the spread along each
        direction is theirs. By default both are the prior's centre's.
    """
    centre, sd = layout.prior_moments()
    draws = centre[None] if pilot is None else pilot
    points = draws[np.linspace(0, len(draws) - 1, min(POINTS, len(draws))).astype(int)]
    information = np.mean([_information(design, known, layout, shear, x, centre, sd) for x in points], axis=0)
    values, vectors = np.linalg.eigh(information)
    chosen = np.argsort(-np.abs(np.log(values)), kind="stable")[:RANK]
    turn, spread = vectors[:, chosen], values[chosen] ** -0.5
    if pilot is not None:
        spread = ((pilot - pilot.mean(axis=0)) / sd @ turn).std(axis=0)
    return Metric(draws.mean(axis=0), sd, turn, spread - 1.0)


def _information(
    design: Design,
    known: Known,
    layout: Layout,
    shear: Shear,
    at: np.ndarray,
    centre: np.ndarray,
    sd: np.ndarray,
) -> np.ndarray:
    natural = unshear(np.vstack([at, at + DIFFERENCE * np.diag(sd)]), shear)
    mu, spread = observation_moments(design, known, layout.split(natural))
    parts = ((natural - centre) / sd, mu / spread[0], np.sqrt(2.0) * np.log(spread))
    jacobian = np.hstack([(part[1:] - part[0]) / DIFFERENCE for part in parts])
    return np.asarray(jacobian @ jacobian.T)
