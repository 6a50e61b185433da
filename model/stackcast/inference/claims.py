r"""Reparameterisation of the claims' paths, conditional on the rows of their indicators.

Loading and intercept of an indicator are unknown. Its rows determine the claim's path the more closely, the less noise
they have and the larger the loading is: a funnel. Given the scales, the path's innovations :math:`\omega` are normal.
With the intercept of each indicator integrated out (prior sd :math:`\tau_i`), its :math:`n_i` rows, with weights
:math:`W_i` over the quarters and variance :math:`v_i` each, add to the unit precision

.. math::
   \Lambda = \sum_i \frac{\ell_i^2}{v_i} A_i^\top\Big(I - \frac{\tau_i^2}{v_i + n_i\tau_i^2}11^\top\Big) A_i,
   \qquad A_i = W_i G,

with :math:`\ell_i` the loading and :math:`G` the path's response to innovations. The coordinate :math:`u` is standard
normal given those rows, whatever the scales are,

.. math::  \omega = R^{-\top} (R^{-1} h + u), \qquad R R^\top = I + \Lambda,

with :math:`h` the rows' weighted values: a partially non-centred parameterisation (Papaspiliopoulos, Roberts and Sköld
2007, Statistical Science 22:59). It is applied to the :data:`N_INFORMED` directions of a path about which the rows are
most informative at the prior's centre; along the others innovations are their own coordinates. Deviations count as
noise here, shared errors are taken as given, and rows of facets are not used: this affects the sampler's efficiency,
not the posterior.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import factor_sd, impulse_responses
from stackcast.graph.evaluate import with_data
from stackcast.graph.gather import gather, places
from stackcast.graph.paths import Params, loadings, noise, shared_errors
from stackcast.inference.layout import Layout
from stackcast.inference.points import known_points
from stackcast.likelihoods.base import NUMPY

N_INFORMED = 10
"""Directions of a claim's path that are drawn given the rows, or as many as it has quarters."""


@dataclass(frozen=True)
class Claims:
    """The map of the claims' paths."""

    design: Design
    layout: Layout

    @cached_property
    def place(self) -> np.ndarray:
        """(indicator) place of each among all signals."""
        return places(self.design.indicators, self.design.slugs)

    @cached_property
    def factor(self) -> np.ndarray:
        """(indicator, factor) 1 where an indicator measures a factor."""
        targets = [self.design.signals[slug].measures.target for slug in self.design.indicators]
        return np.array([[float(name == factor) for factor in self.design.factors] for name in targets])

    @cached_property
    def informed(self) -> int:
        """Number of directions that are drawn given the rows."""
        return min(N_INFORMED, self.design.grid.size)

    def given(self, observed: ObservedData) -> dict[str, np.ndarray]:
        """Return the directions, and sums over the rows along the informed ones; empty without indicators.

        ``turn`` (factor, quarter, direction): the directions, most informed first. ``idle`` (factor, quarter, further
        direction): the path's response along the uninformed ones. Of each indicator ``rows``, ``error`` and ``total``:
        number, mean error variance, sum of values; ``weight`` (indicator, quarter): sum of the rows' weights. With
        ``a`` a row's weights times the response along a direction: ``figure`` and ``sum`` (indicator, direction), sums
        of ``a`` with and without the value; ``square`` (indicator, direction, direction), of its outer products;
        ``pull`` (indicator, quarter, direction), of weights times ``a``.
        """
        if not self.design.indicators:
            return {}
        rows = [(self._where[row.signal], row) for row in known_points(observed) if row.signal in self._where]
        rows = [(i, row) for i, row in rows if row.side == 0]
        size, indicators = self.design.grid.size, len(self.place)
        found = {key: np.zeros(indicators) for key in ("rows", "error", "total")}
        found |= {"weight": np.zeros((indicators, size)), "squares": np.zeros((indicators, size, size))}
        for i, row in rows:
            found["rows"][i] += 1.0
            found["error"][i] += row.variance
            found["total"][i] += row.level
            found["weight"][i] += row.weight
            found["squares"][i] += np.outer(row.weight, row.weight)
        found["error"] /= np.maximum(found["rows"], 1.0)
        turn = self._directions(observed, found)
        ahead = np.einsum("is,sqk->iqk", self.factor, self._left @ turn[..., : self.informed])
        found["pull"] = found["squares"] @ ahead
        found["square"] = ahead.swapaxes(-1, -2) @ found.pop("squares") @ ahead
        found["sum"] = np.einsum("iq,iqk->ik", found["weight"], ahead)
        found["figure"] = np.zeros_like(found["sum"])
        for i, row in rows:
            found["figure"][i] += row.level * (row.weight @ ahead[i])
        return found | {"turn": turn, "idle": self._left @ turn[..., self.informed :]}

    def natural(self, xp: SimpleNamespace, p: Params, given: Params) -> tuple[Any, Any]:
        """Return innovations (..., quarter, factor), and the log of the Jacobian.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        p
            Natural parameters (..., own dims) with their data, but the coordinate for ``claim_shock``; ``intercept`` is
            not read.
        given
            As of :meth:`given`.
        """
        if not self.design.indicators:
            return p["claim_shock"], 0.0
        count, u = self.informed, p["claim_shock"].swapaxes(-1, -2)
        loading, precision, lost, centre, shared = self._rows(xp, p, given)
        expected = p["claim_mean"][..., None] + (given["idle"] * u[..., None, count:]).sum(axis=-1)
        expected = centre[:, None] + loading[..., None] * (self.factor @ expected) + shared
        projected = given["figure"] - (expected[..., None] * given["pull"]).sum(axis=-2)
        residual = given["total"] - (expected * given["weight"]).sum(axis=-1)
        score = loading[..., None] * (precision[..., None] * projected - (lost * residual)[..., None] * given["sum"])
        outer = given["sum"][:, :, None] * given["sum"][:, None, :]
        information = (loading**2 * precision)[..., None, None] * given["square"] - (loading**2 * lost)[
            ..., None, None
        ] * outer
        # (indicator, ...) summed to (factor, ...)
        information = self.factor.T @ information.reshape((*information.shape[:-2], count**2))
        # R R' = I + Lambda, (..., factor, direction, direction)
        root = xp.cholesky(information.reshape((*information.shape[:-1], count, count)) + np.eye(count))
        # omega = R^{-T} (R^{-1} h + u) along the informed directions
        informed = xp.solve_upper(root, xp.solve_lower(root, self.factor.T @ score) + u[..., :count])
        shock = (given["turn"] * xp.concatenate([informed, u[..., count:]], axis=-1)[..., None, :]).sum(axis=-1)
        diagonal = (root * np.eye(count)).sum(axis=-1)
        return shock.swapaxes(-1, -2), -xp.log(diagonal).sum(axis=-1).sum(axis=-1)

    def _rows(self, xp: SimpleNamespace, p: Params, given: Params) -> tuple[Any, ...]:
        """Return loading, precision of a row, precision lost, centre (..., indicator), and shared errors.

        The precision lost is what integrating the intercept out takes from the rows; the centre is that of the
        intercept's prior; shared errors are (..., indicator, quarter).
        """
        deviation = gather(xp, p.get("deviation_sd"), places(self.design.indicators, self.design.deviating))
        variance = noise(xp, self.design, p)[..., self.place] ** 2 + given["error"] + deviation**2
        prior = next(q.prior for q in self.layout.table if q.name == "intercept")
        lost = prior.sigma**2 / (variance * (variance + given["rows"] * prior.sigma**2))
        shared = shared_errors(xp, self.design, p)[..., self.place].swapaxes(-1, -2)
        return loadings(xp, self.design, p)[..., self.place], 1.0 / variance, lost, prior.mu, shared

    @cached_property
    def _where(self) -> dict[int, int]:
        """Place of each indicator among the indicators, by its place among the signals."""
        return {int(place): i for i, place in enumerate(self.place)}

    @cached_property
    def _left(self) -> np.ndarray:
        """(factor, later quarter, quarter) :math:`G`, response to a standard innovation."""
        size, wiring = self.design.grid.size, self.design.wiring
        return np.asarray(impulse_responses(wiring.factor_memory, size) * factor_sd(wiring, size).T[:, None, :])

    def _directions(self, observed: ObservedData, found: Params) -> np.ndarray:
        """Return the directions of each factor, (factor, quarter, direction), most informed first."""
        centre = with_data(self.layout.split(self.layout.prior_moments()[0][None]), observed)
        loading, precision_of_row, lost, _, _ = (np.asarray(part) for part in self._rows(NUMPY, centre, found))
        outer = found["weight"][:, :, None] * found["weight"][:, None, :]
        gained = precision_of_row[0, :, None, None] * found["squares"] - lost[0, :, None, None] * outer
        precision = np.einsum("is,iqr->sqr", self.factor, loading[0, :, None, None] ** 2 * gained)
        return np.linalg.eigh(self._left.swapaxes(-1, -2) @ precision @ self._left)[1][..., ::-1]
