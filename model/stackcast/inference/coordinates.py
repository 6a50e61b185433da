r"""Reparameterisations under which the posterior is close to a normal with unit covariance.

Five maps, one after the other, each with its Jacobian: the density sampled is exactly the model's, and poor reference
points affect the sampler's efficiency only.

1. Half-normals are mapped to standard normals by their CDF, log-normals by the logarithm.
2. Paths of claims, given the rows of their indicators (:mod:`stackcast.inference.claims`).
3. Paths of facets, given the rows of their references (:mod:`stackcast.inference.facet_paths`).
4. House effects and intercepts, given the rows of their signals (:mod:`stackcast.inference.offsets`).
5. Deviations, given the rows of their signals (:mod:`stackcast.inference.deviations`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import State
from stackcast.graph.gather import concatenate
from stackcast.graph.paths import DATA, Params
from stackcast.inference.claims import Claims
from stackcast.inference.deviations import Deviations
from stackcast.inference.facet_paths import FacetPaths
from stackcast.inference.layout import Layout
from stackcast.inference.offsets import Offsets

ROOT2 = np.sqrt(2.0)
BLOCK = 64
"""Draws that :func:`in_blocks` takes at a time."""
STANDARD = ("equilibrium", "house", "intercept")
"""Parameters whose coordinate is a priori standard normal, as are those of half-normals."""


class Natural(NamedTuple):
    """Natural parameters, states and the Jacobian of a set of coordinates.

    Attributes
    ----------
    params
        Natural parameters by name, (..., own dims).
    states
        States (..., quarter, component).
    log_jacobian
        Log of the Jacobian from the coordinates to the unconstrained values of PyMC, up to a constant.
    """

    params: dict[str, Any]
    states: State
    log_jacobian: Any


@dataclass(frozen=True)
class Coordinates:
    """The five maps for one graph and its data."""

    design: Design
    observed: ObservedData

    @cached_property
    def layout(self) -> Layout:
        """Order of the parameters in the vector."""
        return Layout.of(self.design, self.observed)

    @cached_property
    def claims(self) -> Claims:
        """The map of the claims' paths."""
        return Claims(self.design, self.layout)

    @cached_property
    def anchors(self) -> FacetPaths:
        """The map of the facets' paths."""
        return FacetPaths(self.design, self.layout)

    @cached_property
    def offsets(self) -> Offsets:
        """The map of house effects and intercepts."""
        return Offsets(self.design)

    @cached_property
    def deviations(self) -> Deviations:
        """The map of the signals' deviations."""
        return Deviations(self.design)

    @cached_property
    def given(self) -> dict[str, np.ndarray]:
        """Sufficient statistics of the rows for each map, by prefixed name."""
        maps = ("claims", "anchors", "offsets", "deviations")
        parts = {name: getattr(self, name).given(self.observed) for name in maps}
        return {f"{name}_{key}": array for name, arrays in parts.items() for key, array in arrays.items()}

    @cached_property
    def prior_moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Centre and sd of every coordinate under the prior, to first order."""
        centre, sd = (part.copy() for part in self.layout.prior_moments())
        for q in self.layout.table:
            if q.prior.name == "HalfNormal" or q.name in STANDARD:
                centre[self.layout.slices[q.name]], sd[self.layout.slices[q.name]] = 0.0, 1.0
        return centre, sd

    def natural(self, xp: SimpleNamespace, y: Any, data: Params) -> Natural:
        """Map coordinates to natural parameters and states.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        y
            Coordinates (..., size).
        data
            Data of the graph together with :attr:`given`.
        """
        p: dict[str, Any] = {name: data[name] for name in DATA if name in data}
        log_jacobian: Any = 0.0
        for q in self.layout.table:
            part = self.layout.part(y, q.name)
            if q.prior.name == "LogNormal":
                part = xp.exp(part)
            elif q.prior.name == "HalfNormal":
                standard = half_normal_quantile(xp, part)
                log_jacobian = log_jacobian + (0.5 * (standard**2 - part**2) - xp.log(standard)).sum(axis=-1)
                part = q.prior.sigma * standard
            p[q.name] = part
        p["claim_shock"], log_open = self.claims.natural(xp, p, _of("claims", data))
        anchored = self.anchors.natural(xp, p, _of("anchors", data))
        p |= {name: getattr(anchored, name) for name in ("equilibrium", "start_z", "facet_shock")}
        log_spread: Any = 0.0
        if self.offsets.slugs:
            u = concatenate(xp, [p.get("house"), p.get("intercept")])  # (..., offset)
            offset, log_spread = self.offsets.natural(xp, u, p, anchored.states, _of("offsets", data))
            houses = len(self.design.secondary_signals)
            parts = {"house": offset[..., :houses], "intercept": offset[..., houses:]}
            p |= {name: part for name, part in parts.items() if name in p}
        shock, deviation, log_left = self.deviations.natural(xp, p, anchored.states, _of("deviations", data))
        p["deviation_shock"] = shock
        params = {q.name: p[q.name] for q in self.layout.table}
        states = anchored.states._replace(deviation=deviation)
        return Natural(params, states, log_jacobian + log_open + anchored.log_jacobian + log_spread + log_left)


def in_blocks(function: Callable[[np.ndarray], Mapping[str, np.ndarray]], y: np.ndarray) -> dict[str, np.ndarray]:
    """Return arrays (draw, ...) of coordinates (draw, size), computed a block at a time.

    The temporary arrays of all draws together would exceed the processor's cache.
    """
    parts = [function(block) for block in np.split(y, range(BLOCK, len(y), BLOCK))]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def half_normal_quantile(xp: SimpleNamespace, u: Any) -> Any:
    """Return the value of a standard half-normal variable whose quantile is that of ``u`` under the standard normal."""
    below = xp.clip(0.5 * xp.erfc(-u / ROOT2), 0.0, 0.5)
    above = xp.clip(0.5 * xp.erfc(u / ROOT2), 0.0, 0.5)
    return ROOT2 * xp.where(u < 0, xp.erfinv(below), xp.erfcinv(above))


def _of(name: str, data: Params) -> dict[str, Any]:
    return {key.removeprefix(f"{name}_"): array for key, array in data.items() if key.startswith(f"{name}_")}
