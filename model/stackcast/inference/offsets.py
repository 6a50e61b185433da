r"""Reparameterisation of house effects and intercepts, conditional on their signals' rows.

Given everything else, a signal's offset :math:`b` has prior :math:`N(m, \tau^2)`, and its rows' mean :math:`\bar y`
measures :math:`b + s` with variance :math:`v`, where :math:`s` is the sum of all other terms. With one or two rows a
signal, the noise alone determines how close :math:`b` must be, and many such signals share one noise scale: a funnel.
So the coordinate is :math:`u` in

.. math::  b = m + w\,(\bar y - m - s) + \tau \sqrt{1 - w}\,u, \qquad w = \tau^2 / (\tau^2 + v),

which is standard normal whatever noise, facet and claim are, were the rows normal and independent: partially
non-centred (Papaspiliopoulos, Roberts and Sköld 2007, Statistical Science 22:59).

The posterior of a signal that only bounds inform has a steep edge at the bound, as narrow as its noise sd :math:`n`. A
softplus warp reduces the slope of the level there from one to :math:`n / (n + \tau)`.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import State
from stackcast.graph.gather import concatenate, gather, places
from stackcast.graph.parameters import parameters
from stackcast.graph.paths import Params, movements, noise
from stackcast.graph.shifts import shift_of, shifts
from stackcast.inference.points import averaged, known_points, nothing_said

SOFTPLUS_WIDTH = 0.5
"""Width of the softplus at a bound, in prior sds of the offset."""


@dataclass(frozen=True)
class Offsets:
    """The map of the signals' offsets: house effects of secondary signals, intercepts of indicators."""

    design: Design

    @cached_property
    def slugs(self) -> list[str]:
        """Signals in the order of the offsets."""
        return [*self.design.secondary_signals, *self.design.indicators]

    @cached_property
    def place(self) -> np.ndarray:
        """(offset) place of each among all signals."""
        return places(self.slugs, self.design.slugs)

    @cached_property
    def sign(self) -> np.ndarray:
        """(offset) sign with which a house effect enters its signal; 1 for an intercept."""
        houses = [float(self.design.signals[slug].measures.sign) for slug in self.design.secondary_signals]
        return np.array([*houses, *(1.0 for _ in self.design.indicators)])

    def given(self, observed: ObservedData) -> dict[str, np.ndarray]:
        """Return sufficient statistics of the rows, (offset): number, mean, error, shifts, bounds, deviation."""
        if not self.slugs:
            return {}
        size = len(self.slugs)
        found = nothing_said((size,)) | {key: np.zeros(size) for key in ("bounded", "bound", "side")}
        weight = np.zeros((size, self.design.grid.size))
        where = {int(place): i for i, place in enumerate(self.place)}
        points = [(where[point.signal], point) for point in known_points(observed) if point.signal in where]
        for i, point in points:
            if point.side == 0:
                weight[i] += point.weight
                for key, value in point.said.items():
                    found[key][i] += value
        for i, point in points:
            if found["rows"][i] == 0:
                weight[i] = point.weight
                found["bounded"][i], found["bound"][i], found["side"][i] = 1.0, point.level, -point.side
                for key, coefficient in point.shifts.items():
                    found[key][i] = coefficient
        weight = weight / np.maximum(found["rows"], 1.0)[:, None]
        age = np.abs(np.subtract.outer(np.arange(self.design.grid.size), np.arange(self.design.grid.size)))
        deviation = ((weight @ self.design.wiring.deviation_memory**age) * weight).sum(axis=1)
        return averaged(found) | {"weight": weight, "deviation": deviation}

    def natural(self, xp: SimpleNamespace, u: Any, p: Params, states: State, given: Params) -> tuple[Any, Any]:
        """Return the offsets (..., offset) of coordinates ``u``, and the log of the Jacobian.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        u
            Coordinates (..., offset).
        p
            Natural parameters (..., own dims) with their data; ``house`` and ``intercept`` are not read.
        states
            States (..., quarter, component).
        given
            As of :meth:`given`.
        """
        moved = movements(xp, self.design, p, states)[..., self.place].swapaxes(-1, -2)
        shown = (given["weight"] * moved).sum(axis=-1) + shift_of(shifts(xp, self.design, p), self.place, given)
        centre, tau = self._prior(xp, p)
        deviation = gather(xp, p.get("deviation_sd"), places(self.slugs, self.design.deviating))
        error = noise(xp, self.design, p)[..., self.place] ** 2 + given["error"]
        precision = given["rows"] / (error + given["rows"] * given["deviation"] * deviation**2)
        spread = tau / xp.sqrt(1.0 + precision * tau**2)
        offset = centre + precision * spread**2 * (given["mean"] - centre - shown) + spread * u
        width, least = SOFTPLUS_WIDTH * tau, xp.sqrt(error) / (xp.sqrt(error) + tau)
        excess = given["side"] * (offset + shown - given["bound"]) / width
        warped = (1.0 - least) * xp.softplus(excess) + least * excess
        bounded = given["bound"] + given["side"] * width * warped - shown
        slope = (1.0 - least) * xp.expit(excess) + least
        log_jacobian = (xp.log(spread) + given["bounded"] * xp.log(slope)).sum(axis=-1)
        return self.sign * (given["bounded"] * bounded + (1.0 - given["bounded"]) * offset), log_jacobian

    def _prior(self, xp: SimpleNamespace, p: Params) -> tuple[np.ndarray, Any]:
        """Return the offsets' prior centres and their sds, which depend on the pooled sd of house effects."""
        table = {q.name: q for q in parameters(self.design)}
        centres, sds = [np.zeros(len(self.design.secondary_signals))], []
        if "house" in table:
            sds.append(table["house"].at(p).sigma + xp.zeros_like(p["house"]))
        if "intercept" in table:
            prior = table["intercept"].prior
            centres.append(np.broadcast_to(prior.mu, len(self.design.indicators)))
            sds.append(xp.zeros_like(p["intercept"]) + prior.sigma)
        return np.concatenate(centres), concatenate(xp, sds)
