r"""Facet paths as coordinates: the level itself, as far as there are rows.

A row says where its facet stands, and start, resting point, speed, steps and claims must then agree on that place: in
their own coordinates a bent ridge. So from the facet's first quarter to the last with a row its level is the
coordinate and the innovation follows from it, :math:`\varepsilon_t = (\eta_t - \hat\eta_t)/\sigma` with
:math:`\hat\eta_t` the step without a shock; later the innovation stays the coordinate. (A level held alone, its
neighbours free, diverges where steps are small: so the quarters before the first row, which rows published after the
as-of date fill, are held as well.) That is the centred parameterisation where data are and the non-centred one where
none are (Papaspiliopoulos, Roberts and Sköld 2007, Statistical Science 22:59). The step function is the model's own.

Levels are counted in innovations of a reference path (every parameter at the prior's centre), so that the prior stays
close to round, and those by :math:`\sqrt{\sigma/\sigma_0}`, halfway between the two parameterisations: levels alone
would tie the step's size to the path's roughness.
"""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from model.families.base import NUMPY
from model.graph.design import Design, Known
from model.graph.dynamics import Dynamics, Facets, State, drift, step
from model.graph.paths import (
    Params,
    claim_paths,
    dynamics,
    facet_start,
    joined,
    noise,
    shared_errors,
    start_spread,
    states,
    targets,
    wander_paths,
)
from model.inference.layout import Layout
from model.inference.points import known_points
from model.posterior.moments import with_data

MOSTLY = 0.5
"""Least weight of a facet's first quarter in a row that says where the facet begins."""


class Anchored(NamedTuple):
    """What follows from the coordinates: three parameters, the states, and the log of the Jacobian."""

    rest: Any
    start_z: Any
    facet_shock: Any
    states: State
    log_jacobian: Any


@dataclass(frozen=True)
class Anchors:
    """Where the coordinates of each facet's path lie in the vector."""

    design: Design
    layout: Layout

    @cached_property
    def first(self) -> np.ndarray:
        """(facet) first quarter of each facet."""
        return np.array([self.design.facet_start[name] for name in self.design.facets])

    @cached_property
    def slot(self) -> np.ndarray:
        """(quarter, facet) place of each coordinate in the vector; its size where there is none."""
        facets = np.arange(len(self.design.facets))
        place = np.full((self.design.grid.size, len(facets)), self.layout.size)
        quarter, facet = np.array(self.design.facet_nodes).T
        place[quarter, facet] = self.layout.slices["facet_shock"].start + np.arange(len(quarter))
        place[self.first, facets] = self.layout.slices["start_z"].start + facets
        return place

    @cached_property
    def references(self) -> np.ndarray:
        """(facet) place of each facet's reference among the signals."""
        named = {d.measures.target: i for i, d in enumerate(self.design.signals.values()) if d.role == "reference"}
        return np.array([named[name] for name in self.design.facets])

    @cached_property
    def signs(self) -> np.ndarray:
        """(facet) direction in which each reference moves with its facet."""
        return np.array([float(self.design.signals[self.design.slugs[i]].measures.sign) for i in self.references])

    def given(self, known: Known) -> dict[str, np.ndarray]:
        """Return the arrays that depend on what is known: anchored quarters, and the reference path's response."""
        design, slot = self.design, self.slot
        shape = slot.shape
        held = np.zeros(shape)
        measured = [d.measures.target for d in design.signals.values()]
        for point in known_points(known):
            if measured[point.signal] in design.facets:
                held[point.weight > 0, design.facets.index(measured[point.signal])] = 1.0
        held = np.maximum.accumulate(held[::-1], axis=0)[::-1]
        held[slot == self.layout.size] = 0.0
        p, coordinates = self._impulses(known)
        paths = states(NUMPY, design, p).eta
        response = np.zeros((shape[1], shape[0], shape[0]))
        for path, coordinate in zip(paths[1:], coordinates, strict=True):
            quarter, facet = np.argwhere(slot == coordinate)[0]
            response[facet, :, quarter] = (path - paths[0])[:, facet]
        facets = np.arange(shape[1])
        from_start = response[facets, :, self.first].T
        response[facets, :, self.first] = 0.0
        return {
            "held": held,
            "level": paths[0],
            "from_start": from_start,
            "response": response,
            "typical_step": dynamics(NUMPY, design, p).step[0],
            **self._start_rows(known),
        }

    def _start_rows(self, known: Known) -> dict[str, np.ndarray]:
        """Return what the reference's rows of a facet's first quarter say: their number, mean and error variance."""
        found = {f"start_{key}": np.zeros(len(self.first)) for key in ("rows", "mean", "error")}
        for row in known_points(known):
            for facet in np.flatnonzero(self.references == row.signal):
                if row.side == 0 and row.weight[self.first[facet]] > MOSTLY:
                    found["start_rows"][facet] += 1.0
                    found["start_mean"][facet] += self.signs[facet] * row.level
                    found["start_error"][facet] += row.variance
        count = np.maximum(found["start_rows"], 1.0)
        return found | {key: found[key] / count for key in ("start_mean", "start_error")}

    def _impulses(self, known: Known) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return the prior's centre, and beside it one draw with each coordinate of a path raised by one."""
        centre, _ = self.layout.prior_moments()
        coordinates = np.sort(self.slot[self.slot < self.layout.size])
        draws = np.tile(centre, (len(coordinates) + 1, 1))
        draws[np.arange(len(coordinates)) + 1, coordinates] += 1.0
        return with_data(self.layout.split(draws), known), coordinates

    def natural(self, xp: SimpleNamespace, y: Any, p: Params, given: Params) -> Anchored:
        """Return what the coordinates stand for.

        Parameters
        ----------
        xp
            Arithmetic of the arrays.
        y
            Coordinates (..., size).
        p
            Natural parameters (..., own dims) with their data, but of ``rest`` the coordinate; ``start_z`` and
            ``facet_shock`` are not read.
        given
            As of :meth:`given`.
        """
        design, facets = self.design, np.arange(len(self.design.facets))
        d = dynamics(xp, design, p)
        own = xp.concatenate([y, xp.zeros_like(y[..., :1])], axis=-1)[..., self.slot]
        first, log_start = self._first(xp, own[..., self.first, facets], p, given)
        moved = (given["response"] * own.swapaxes(-1, -2)[..., None, :]).sum(axis=-1).swapaxes(-1, -2)
        stretch = xp.sqrt(d.step / given["typical_step"])
        level = given["level"] + given["from_start"] * first[..., None, :] + stretch[..., None, :] * moved

        theta, alive = claim_paths(design, p), design.alive
        rest, log_spread = self._rest(
            xp, p, d, level, targets(design, {**p, "rest": 0.0 * p["rest"]}, theta), given["held"]
        )
        p = {**p, "rest": rest}
        held = given["held"][self.first, facets]
        begin = held * level[..., self.first, facets] + (1.0 - held) * (rest + start_spread(design) * first)
        start_z = (begin - rest) / start_spread(design)
        start = facet_start(design, {**p, "start_z": start_z}, d)

        def advance(level: Any, own: Any, held: Any, target: Any, alive: Any, eta: Any, slope: Any, *rest: Any) -> Any:
            before, fixed = Facets(eta, slope), Dynamics(*rest)
            needed = (level - drift(before, target, alive, fixed, design.wiring).eta) / fixed.step
            shock = held * needed + (1.0 - held) * own
            return (*step(before, shock, target, alive, fixed, design.wiring), shock)

        target = targets(design, p, theta)[..., :-1, :]
        sequences = (level[..., 1:, :], own[..., 1:, :], given["held"][1:], target, alive[1:])
        *later, shock = xp.unfold(advance, start, sequences, d, more=1)
        path = joined(xp, start, later)
        quarter, facet = np.array(design.facet_nodes).T
        anchored = given["held"].sum(axis=0) - held
        return Anchored(
            rest,
            start_z,
            shock[..., quarter - 1, facet],
            State(path.eta, path.slope, theta, wander_paths(xp, design, p)),
            log_start + log_spread - 0.5 * (anchored * xp.log(d.step)).sum(axis=-1),
        )

    def _first(self, xp: SimpleNamespace, u: Any, p: Params, given: Params) -> tuple[Any, Any]:
        """Return the first levels, in start spreads from the reference path, and the log of the Jacobian.

        What ``u`` counts is standard normal given the first quarter's rows, whatever their noise is.
        """
        prior = next(q.prior for q in self.layout.table if q.name == "rest")
        wide = np.hypot(start_spread(self.design), prior.sigma)
        facets = np.arange(len(self.first))
        precision = given["start_rows"] / (noise(xp, self.design, p)[..., self.references] ** 2 + given["start_error"])
        spread = wide / xp.sqrt(1.0 + precision * wide**2)
        shared = self.signs * shared_errors(xp, self.design, p)[..., self.first, self.references]
        centre = given["level"][self.first, facets]
        level = precision * spread**2 * (given["start_mean"] - shared - centre) + spread * u
        return level / start_spread(self.design), xp.log(spread).sum(axis=-1)

    def _rest(self, xp: SimpleNamespace, p: Params, d: Dynamics, level: Any, claims: Any, held: Any) -> tuple[Any, Any]:
        """Return the resting points, and the log of the Jacobian from their coordinates.

        Between two anchored quarters the step without a shock is a figure of the resting point, with variance
        ``(step / speed)**2``; the coordinate is standard normal given all of them, slopes left aside.
        """
        prior = next(q.prior for q in self.layout.table if q.name == "rest")
        both = held[1:] * held[:-1]
        pulled = d.pull[..., None, :] * level[..., :, self.design.wiring.gap] - claims
        aim = (level + pulled)[..., :-1, :] + (level[..., 1:, :] - level[..., :-1, :]) / d.speed[..., None, :]
        count = both.sum(axis=0)
        mean = (both * aim).sum(axis=-2) / (count + (count < 1))
        precision = count * (d.speed / d.step) ** 2
        spread = prior.sigma / xp.sqrt(1.0 + precision * prior.sigma**2)
        rest = prior.mu + precision * spread**2 * (mean - prior.mu) + spread * p["rest"]
        return rest, xp.log(spread).sum(axis=-1)
