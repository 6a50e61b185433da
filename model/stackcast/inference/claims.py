r"""Claims as coordinates: what the indicators' rows leave open.

An indicator moves with its claim by a loading that is not known, and lies above a neutral reading that is not known
either. So its rows hold the claim's path the closer the less noise they have and the larger the loading is: a neck at
one end and a wide place at the other. Given the scales, the path's innovations :math:`\omega` are normal. With the
neutral reading of each indicator integrated out (prior sd :math:`\tau_i`), its :math:`n_i` rows, with weights
:math:`W_i` over the quarters and variance :math:`v_i` each, add to the unit precision

.. math::
   \Lambda = \sum_i \frac{\ell_i^2}{v_i} A_i^\top\Big(I - \frac{\tau_i^2}{v_i + n_i\tau_i^2}11^\top\Big) A_i,
   \qquad A_i = W_i G,

with :math:`\ell_i` the loading and :math:`G` what innovations leave behind. The coordinate :math:`u` is standard normal
given those rows, whatever the scales are,

.. math::  \omega = R^{-\top} (R^{-1} h + u), \qquad R R^\top = I + \Lambda,

with :math:`h` the rows' weighted figures: the conditional posterior as a non-centred parameterisation
(Papaspiliopoulos, Roberts and Sköld 2007, Statistical Science 22:59). It is done for the :data:`TOLD` directions of a
path of which the rows tell most at the prior's centre; along the others innovations are their own coordinates.
Deviations count as noise here, what a signal's rows share is left in, and facets are not asked: that costs steps and
never correctness.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import impulse_responses, innovation_sd
from stackcast.graph.evaluate import with_data
from stackcast.graph.gather import gather, places
from stackcast.graph.paths import Params, loadings, noise, shared_errors
from stackcast.inference.layout import Layout
from stackcast.inference.points import known_points
from stackcast.likelihoods.base import NUMPY

TOLD = 10
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
        """(indicator, factor) 1 where an indicator tells of a factor."""
        told = [self.design.signals[slug].measures.target for slug in self.design.indicators]
        return np.array([[float(name == factor) for factor in self.design.factors] for name in told])

    @cached_property
    def told(self) -> int:
        """Number of directions that are drawn given the rows."""
        return min(TOLD, self.design.grid.size)

    def given(self, observed: ObservedData) -> dict[str, np.ndarray]:
        """Return the directions, and what the rows say along the first of them.

        ``turn`` (factor, quarter, direction), most told first; ``idle`` (factor, quarter, further direction), what the
        others leave behind. Of each indicator ``rows``, ``error`` and ``total``: number, mean error variance, sum of
        figures; ``weight`` (indicator, quarter) sums the rows' weights, ``figure`` and ``sum`` (indicator, direction)
        the pulls along a direction with and without the figures, ``square`` (indicator, direction, direction) their
        outer products, ``pull`` (indicator, quarter, direction) weights times pulls. Without indicators nothing.
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
        ahead = np.einsum("is,sqk->iqk", self.factor, self._left @ turn[..., : self.told])
        found["pull"] = found["squares"] @ ahead
        found["square"] = ahead.swapaxes(-1, -2) @ found.pop("squares") @ ahead
        found["sum"] = np.einsum("iq,iqk->ik", found["weight"], ahead)
        found["figure"] = np.zeros_like(found["sum"])
        for i, row in rows:
            found["figure"][i] += row.level * (row.weight @ ahead[i])
        return found | {"turn": turn, "idle": self._left @ turn[..., self.told :]}

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
        count, u = self.told, p["claim_shock"].swapaxes(-1, -2)
        loading, single, lost, centre, shared = self._rows(xp, p, given)
        still = p["claim_mean"][..., None] + (given["idle"] * u[..., None, count:]).sum(axis=-1)
        still = centre[:, None] + loading[..., None] * (self.factor @ still) + shared
        over = given["figure"] - (still[..., None] * given["pull"]).sum(axis=-2)
        beyond = given["total"] - (still * given["weight"]).sum(axis=-1)
        said = loading[..., None] * (single[..., None] * over - (lost * beyond)[..., None] * given["sum"])
        outer = given["sum"][:, :, None] * given["sum"][:, None, :]
        observed = (loading**2 * single)[..., None, None] * given["square"] - (loading**2 * lost)[
            ..., None, None
        ] * outer
        observed = self.factor.T @ observed.reshape((*observed.shape[:-2], count**2))
        root = xp.cholesky(observed.reshape((*observed.shape[:-1], count, count)) + np.eye(count))
        told = xp.solve_upper(root, xp.solve_lower(root, self.factor.T @ said) + u[..., :count])
        shock = (given["turn"] * xp.concatenate([told, u[..., count:]], axis=-1)[..., None, :]).sum(axis=-1)
        diagonal = (root * np.eye(count)).sum(axis=-1)
        return shock.swapaxes(-1, -2), -xp.log(diagonal).sum(axis=-1).sum(axis=-1)

    def _rows(self, xp: SimpleNamespace, p: Params, given: Params) -> tuple[Any, ...]:
        """Return what the rows of each indicator weigh, (..., indicator).

        Its loading, the precision of one row, the precision that all lose to the neutral reading, and the reading's
        prior centre; last the error that they share with others, (..., indicator, quarter).
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
        """(factor, later quarter, quarter) what a standard innovation leaves behind."""
        size, keep = self.design.grid.size, self.design.wiring.factor_memory
        fresh = np.where(np.arange(size) == 0, 1.0, innovation_sd(keep)[:, None])
        return np.asarray(impulse_responses(keep, size) * fresh[:, None, :])

    def _directions(self, observed: ObservedData, found: Params) -> np.ndarray:
        """Return the directions of each factor, (factor, quarter, direction), most told at the prior's centre first."""
        centre = with_data(self.layout.split(self.layout.prior_moments()[0][None]), observed)
        loading, single, lost, _, _ = (np.asarray(part) for part in self._rows(NUMPY, centre, found))
        outer = found["weight"][:, :, None] * found["weight"][:, None, :]
        gained = single[0, :, None, None] * found["squares"] - lost[0, :, None, None] * outer
        precision = np.einsum("is,iqr->sqr", self.factor, loading[0, :, None, None] ** 2 * gained)
        return np.linalg.eigh(self._left.swapaxes(-1, -2) @ precision @ self._left)[1][..., ::-1]
