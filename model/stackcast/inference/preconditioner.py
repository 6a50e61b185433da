r"""The preconditioner: a linear map under which the posterior has nearly unit covariance.

At fixed scales the model is close to linear and Gaussian, so its posterior precision is close to what the prior and the
expected (Fisher) information give,

.. math::  H = J_0^\top J_0 + J^\top J,

where :math:`J_0` is the prior's whitening and :math:`J = \partial(\mu / s, \sqrt 2\log s)/\partial y` that of each
observation's expected latent value :math:`\mu` and sd :math:`s`, in the coordinates :math:`y` of
:mod:`stackcast.inference.coordinates`. The sampler works on :math:`z` with :math:`y = y_0 + D H^{-1/2} z`; of :math:`H`
the directions whose eigenvalues are furthest from one are kept, which leaves a diagonal plus a low rank. After a pilot,
:math:`H` is averaged over its draws, and the spread along each kept direction is the one that the pilot shows.

The Jacobian of the map is constant: a poor map affects the sampler's efficiency, not the posterior. The Jacobians
:math:`J` are finite differences of the functions that the graph is built from, in one vectorised NumPy pass.

The idea is the position-dependent preconditioning of Girolami and Calderhead (2011, JRSS-B 73:123), held fixed after
a pilot.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from stackcast.graph.evaluate import observation_moments
from stackcast.inference.coordinates import Coordinates, in_blocks
from stackcast.likelihoods.base import NUMPY

RANK = 96
"""Rank of the map: directions whose scale differs from the prior's."""
DIFFERENCE = 1e-4
POINTS = 4
"""Draws of a pilot over which the information is averaged."""


@dataclass(frozen=True)
class Preconditioner:
    """The map ``y = shift + scale * (z + turn @ (gain * (turn.T @ z)))``.

    ``shift`` and ``scale`` have the vector's size, ``turn`` is (size, rank), ``gain`` (rank).
    """

    shift: np.ndarray
    scale: np.ndarray
    turn: np.ndarray
    gain: np.ndarray

    def data(self) -> dict[str, np.ndarray]:
        """Return the arrays as data of a graph."""
        return {f"metric_{name}": getattr(self, name) for name in ("shift", "scale", "turn", "gain")}

    def __call__(self, z: Any) -> Any:
        """Map sampler positions (..., size) to coordinates."""
        return self.shift + self.scale * (z + ((z @ self.turn) * self.gain) @ self.turn.T)


def expected_preconditioner(coordinates: Coordinates, pilot: np.ndarray | None = None) -> Preconditioner:
    """Return the preconditioner of the expected information.

    Parameters
    ----------
    coordinates
        The coordinates of a graph and its data.
    pilot
        Coordinates (draw, size) of a pilot's draws: the information is averaged over some of them, and the sd along
        each direction is theirs. By default both are taken at the prior's centre.
    """
    centre, sd = coordinates.prior_moments
    draws = centre[None] if pilot is None else pilot
    points = draws[np.linspace(0, len(draws) - 1, min(POINTS, len(draws))).astype(int)]
    information = np.mean([_information(coordinates, y) for y in points], axis=0)
    values, vectors = np.linalg.eigh(information)
    chosen = np.argsort(-np.abs(np.log(values)), kind="stable")[:RANK]
    turn, spread = vectors[:, chosen], values[chosen] ** -0.5
    if pilot is not None:
        spread = ((pilot - pilot.mean(axis=0)) / sd @ turn).std(axis=0)
    return Preconditioner(draws.mean(axis=0), sd, turn, spread - 1.0)


def _information(coordinates: Coordinates, at: np.ndarray) -> np.ndarray:
    y = np.vstack([at, at + DIFFERENCE * np.diag(coordinates.prior_moments[1])])
    moved = in_blocks(lambda block: _moments(coordinates, block), y)
    spread = moved["spread"]
    parts = (moved["prior"], moved["mu"] / spread[0], np.sqrt(2.0) * np.log(spread))
    jacobian = np.hstack([(part[1:] - part[0]) / DIFFERENCE for part in parts])
    return np.asarray(jacobian @ jacobian.T)


def _moments(coordinates: Coordinates, y: np.ndarray) -> dict[str, np.ndarray]:
    """Return the whitened parameters, and the expected value and sd of every row, (draw, ...)."""
    layout = coordinates.layout
    found = coordinates.natural(NUMPY, y, coordinates.observed.data | coordinates.given)
    mu, spread = observation_moments(coordinates.design, coordinates.observed, found.params, found.states)
    prior = layout.join(found.params) / layout.prior_moments()[1]
    for q in layout.table:
        if q.prior.name == "HalfNormal":
            prior[:, layout.slices[q.name]] = y[:, layout.slices[q.name]]
    return {"prior": prior, "mu": mu, "spread": spread}
