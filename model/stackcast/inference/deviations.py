r"""Reparameterisation of the deviations' innovations, conditional on the signal's own rows.

Given its facet or claim and its offset, a signal's rows determine its deviation the more closely, the less noise they
have. So an innovation is drawn as a normal one would be given the rows of its quarter, as
:mod:`stackcast.inference.facet_paths` draws a facet's given the rows ahead: with :math:`s` the innovation's sd,
:math:`q` the rows' precision and :math:`e` their residual from the decayed deviation,

.. math::  \nu_t = s q e\,r_t^2 + r_t z_t, \qquad r_t = (1 + s^2 q)^{-1/2}.

A signal with a deviation has rows in most quarters, so rows of later ones add little.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import State
from stackcast.graph.gather import places
from stackcast.graph.paths import Params, deviation_shocks, deviation_spread, noise, signal_paths
from stackcast.graph.shifts import shift_of, shifts
from stackcast.inference.points import averaged, known_points, nothing_said


@dataclass(frozen=True)
class Deviations:
    """The map of the signals' deviations."""

    design: Design

    @cached_property
    def place(self) -> np.ndarray:
        """(deviating) place of each among all signals."""
        return places(self.design.deviating, self.design.slugs)

    def given(self, observed: ObservedData) -> dict[str, np.ndarray]:
        """Return, (quarter, deviating), number, mean, error variance and shift coefficients of the rows."""
        if not self.design.deviating:
            return {}
        shape = (self.design.grid.size, len(self.place))
        found = nothing_said(shape)
        where = {int(place): i for i, place in enumerate(self.place)}
        for row in known_points(observed):
            if row.signal in where and row.side == 0:
                at = (int(np.rint(row.weight @ np.arange(shape[0]))), where[row.signal])
                for key, value in row.said.items():
                    found[key][at] += value
        return averaged(found)

    def natural(self, xp: SimpleNamespace, p: Params, still: State, given: Params) -> tuple[Any, Any, Any]:
        """Return innovations (..., node) and paths (..., quarter, deviating), and the log of the Jacobian.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        p
            Natural parameters (..., own dims) with their data, but the coordinate for ``deviation_shock``.
        still
            States with every deviation at zero.
        given
            As of :meth:`given`.
        """
        design = self.design
        if not design.deviating:
            return None, still.deviation, 0.0
        spread = deviation_spread(design, p)
        variance = noise(xp, design, p)[..., None, self.place] ** 2 + given["error"]
        precision = given["rows"] / variance
        left = 1.0 / (1.0 + spread**2 * precision)
        over = given["mean"] - signal_paths(xp, design, p, still)[..., self.place]
        over = over - shift_of(shifts(xp, design, p), self.place[None], given)
        own, kept = deviation_shocks(xp, design, p), design.wiring.deviation_memory

        def advance(own: Any, pulled: Any, over: Any, root: Any, spread: Any, deviation: Any) -> Any:
            faded = kept * deviation
            shock = pulled * (over - faded) + root * own
            return faded + spread * shock, shock

        sequences = (own, spread * precision * left, over, xp.sqrt(left), spread)
        paths, shocks = xp.unfold(advance, (xp.zeros_like(own[..., 0, :]),), sequences, (), more=1)
        quarter, deviating = np.array(design.deviation_nodes).T
        return shocks[..., quarter, deviating], paths, 0.5 * xp.log(left).sum(axis=-1).sum(axis=-1)
