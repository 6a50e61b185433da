r"""Reparameterisation of the facets' paths, conditional on the rows of their references.

A row fixes the level of its facet up to noise, and start and innovations must then add up to that level: a curved ridge
whose width depends on the scales. So a facet's path is drawn as a smoother would draw it. Backwards in time, the
reference's rows ahead are gathered into a precision :math:`\Lambda_t` and a weighted value :math:`h_t` of the level, as
if that were a random walk,

.. math::
   \Lambda_t = q_t + \Lambda_{t+1} / (1 + \sigma^2\Lambda_{t+1}), \qquad
   h_t = q_t y_t + h_{t+1} / (1 + \sigma^2\Lambda_{t+1}),

with :math:`q_t` the precision of the quarter's own rows, :math:`y_t` their mean. Forwards, the model's own
transition without an innovation leads to :math:`\hat\eta_t`, and the innovation is drawn conditionally on those rows,

.. math::
   \varepsilon_t = \sigma (h_t - \Lambda_t\hat\eta_t) r_t^2 + r_t u_t, \qquad r_t = (1 + \sigma^2\Lambda_t)^{-1/2}.

The coordinate :math:`u` is conditionally standard normal given the rows ahead, and the innovation itself where there is
none: partially non-centred (Papaspiliopoulos, Roberts and Sköld 2007, Statistical Science 22:59). The backward pass is
the information filter (Durbin and Koopman 2012, "Time Series Analysis by State Space Methods", ch. 4). It leaves out
rows of other signals, trend and reversion, which affects the sampler's efficiency, not the posterior.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import Dynamics, Facets, State, drift, transition
from stackcast.graph.evaluate import with_data
from stackcast.graph.parameters import EQUILIBRIUM
from stackcast.graph.paths import (
    Params,
    claim_paths,
    deviation_shocks,
    dynamics,
    facet_shocks,
    facet_start,
    joined,
    noise,
    resting_points,
    shared_errors,
    start_spread,
    targets,
)
from stackcast.graph.shifts import shift_of, shifts
from stackcast.inference.layout import Layout
from stackcast.inference.points import averaged, known_points, nothing_said
from stackcast.likelihoods.base import NUMPY


class Anchored(NamedTuple):
    """Three natural parameters, the states without deviations, and the log Jacobian."""

    equilibrium: Any
    start_z: Any
    facet_shock: Any
    states: State
    log_jacobian: Any


@dataclass(frozen=True)
class FacetPaths:
    """The map of the facets' paths."""

    design: Design
    layout: Layout

    @cached_property
    def references(self) -> np.ndarray:
        """(facet) place of each facet's reference among the signals."""
        named = {d.measures.target: i for i, d in enumerate(self.design.signals.values()) if d.role == "reference"}
        return np.array([named[name] for name in self.design.facets])

    @cached_property
    def signs(self) -> np.ndarray:
        """(facet) direction in which each reference moves with its facet."""
        return np.array([float(self.design.signals[self.design.slugs[i]].measures.sign) for i in self.references])

    def given(self, observed: ObservedData) -> dict[str, np.ndarray]:
        """Return sufficient statistics of the references' rows, (quarter, facet), and a path.

        Of the rows in a quarter their number, and their mean value, error variance and shift coefficients. The path
        has innovations of zero coordinates at the prior's centre; equilibria are conditioned on it.
        """
        shape = (self.design.grid.size, len(self.references))
        found = nothing_said(shape)
        quarters = np.arange(shape[0])
        first = [self.design.facet_start[name] for name in self.design.facets]
        for row in known_points(observed):
            for facet in np.flatnonzero(self.references == row.signal):
                if row.side == 0:
                    at = max(int(np.rint(row.weight @ quarters)), first[facet])
                    for key, value in row.said.items():
                        found[key][at, facet] += value
        found = averaged(found)
        ahead = np.maximum.accumulate(found["rows"][::-1] > 0, axis=0)[::-1]
        behind = np.maximum.accumulate(found["rows"] > 0, axis=0)
        centre = with_data(self.layout.split(self.layout.prior_moments()[0][None]), observed)
        path, _, _ = self._path(NUMPY, centre, found)
        return found | {"between": (ahead & behind).astype(float), "level": path.eta[0]}

    def natural(self, xp: SimpleNamespace, p: Params, given: Params) -> Anchored:
        """Map the coordinates to natural parameters and states.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        p
            Natural parameters (..., own dims) with their data, but coordinates for ``rest``, ``start_z`` and
            ``facet_shock``.
        given
            As of :meth:`given`.
        """
        rest, log_spread = self._rest(xp, p, given)
        path, shocks, log_shrunk = self._path(xp, {**p, "equilibrium": rest}, given)
        quarter, facet = np.array(self.design.facet_nodes, dtype=int).reshape(-1, 2).T
        return Anchored(
            rest,
            shocks[0],
            shocks[1][..., quarter - 1, facet],
            State(
                path.eta, path.slope, claim_paths(self.design, p), xp.zeros_like(deviation_shocks(xp, self.design, p))
            ),
            log_spread + log_shrunk,
        )

    def _path(self, xp: SimpleNamespace, p: Params, given: Params) -> tuple[Facets, tuple[Any, Any], Any]:
        """Return paths, start and innovations, and the log of the Jacobian."""
        design = self.design
        d, active = dynamics(xp, design, p), design.active
        ahead, figure = self._ahead(xp, p, d, given)

        spread = start_spread(design)
        shrunk = 1.0 / (1.0 + spread**2 * ahead[..., 0, :])
        surprise = figure[..., 0, :] - ahead[..., 0, :] * resting_points(xp, design, p)
        start_z = spread * surprise * shrunk + xp.sqrt(shrunk) * p["start_z"]
        start = facet_start(xp, design, {**p, "start_z": start_z}, d)

        def advance(
            own: Any, ahead: Any, figure: Any, shrunk: Any, target: Any, active: Any, eta: Any, slope: Any, *rest: Any
        ) -> Any:
            before, fixed = Facets(eta, slope), Dynamics.of(*rest)
            surprise = figure - ahead * drift(before, target, active, fixed, design.wiring).eta
            shock = fixed.innovation_sd * surprise * shrunk + xp.sqrt(shrunk) * own
            return (*transition(before, shock, target, active, fixed, design.wiring), shock)

        own = facet_shocks(xp, design, p)[..., 1:, :]
        left = 1.0 / (1.0 + d.innovation_sd[..., None, :] ** 2 * ahead[..., 1:, :])
        target = targets(xp, design, p, claim_paths(design, p))[..., :-1, :]
        sequences = (own, ahead[..., 1:, :], figure[..., 1:, :], left, target, active[1:])
        *later, shock = xp.unfold(advance, start, sequences, d.arrays(), more=1)
        log_shrunk = xp.log(shrunk).sum(axis=-1) + (active[1:] * xp.log(left)).sum(axis=-1).sum(axis=-1)
        return joined(xp, start, later), (start_z, shock), 0.5 * log_shrunk

    def _ahead(self, xp: SimpleNamespace, p: Params, d: Dynamics, given: Params) -> tuple[Any, Any]:
        r"""Return :math:`\Lambda` and :math:`h` of each level from its reference's rows ahead."""
        variance = noise(xp, self.design, p)[..., None, self.references] ** 2 + given["error"]
        precision = given["rows"] / variance
        shared = shared_errors(xp, self.design, p)[..., self.references]
        shared = shared + shift_of(shifts(xp, self.design, p), self.references[None], given)
        weighted = self.signs * precision * (given["mean"] - shared)

        def gather(precision: Any, weighted: Any, active: Any, ahead: Any, figure: Any, moved: Any) -> Any:
            left = 1.0 / (1.0 + active * moved * ahead)
            return precision + left * ahead, weighted + left * figure

        start = (precision[..., -1, :], weighted[..., -1, :])
        sequences = (precision[..., -2::-1, :], weighted[..., -2::-1, :], self.design.active[:0:-1])
        earlier = xp.unfold(gather, start, sequences, (d.innovation_sd**2,))
        whole = (
            xp.concatenate([e[..., ::-1, :], s[..., None, :]], axis=-2) for s, e in zip(start, earlier, strict=True)
        )
        ahead, figure = whole
        return ahead, figure

    def _rest(self, xp: SimpleNamespace, p: Params, given: Params) -> tuple[Any, Any]:
        """Return the equilibria, and the log of the Jacobian from their coordinates.

        Each transition of the given path is an observation of the equilibrium with variance ``(step / speed)**2``; the
        coordinate is standard normal given all of them, slopes left out.
        """
        design, level = self.design, given["level"]
        d = dynamics(xp, design, p)
        prior_mean, prior_sd = (p[name] for name in EQUILIBRIUM)
        both = given["between"][1:] * given["between"][:-1]
        unpulled = level
        for pull, gap in zip(d.pulls, design.wiring.pulling, strict=True):
            unpulled = unpulled + pull[..., None, :] * level[:, gap]
        claims = targets(xp, design, {**p, "equilibrium": 0.0 * p["equilibrium"]}, claim_paths(design, p))
        aim = (unpulled - claims)[..., :-1, :] + (level[1:] - level[:-1]) / d.speed[..., None, :]
        count = both.sum(axis=0)
        mean = (both * aim).sum(axis=-2) / (count + (count < 1))
        precision = count * (d.speed / d.innovation_sd) ** 2
        spread = prior_sd / xp.sqrt(1.0 + precision * prior_sd**2)
        rest = prior_mean + precision * spread**2 * (mean - prior_mean) + spread * p["equilibrium"]
        return rest, xp.log(spread).sum(axis=-1)
