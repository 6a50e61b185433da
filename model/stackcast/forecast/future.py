"""Extend a design and its draws beyond the grid by further innovations.

All paths, past and future, are computed by the same functions of ``stackcast.graph``. So the past does not depend on
the horizon, and at horizon zero the forecast is the posterior.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np

from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.dynamics import State
from stackcast.graph.evaluate import states, with_data
from stackcast.graph.parameters import INNOVATIONS
from stackcast.graph.paths import Params, noise, signal_paths
from stackcast.graph.shifts import shifts
from stackcast.likelihoods.base import NUMPY
from stackcast.quarters import Grid, Quarter


@dataclass(frozen=True)
class Trajectories:
    """Draws of parameters and paths, from the first quarter of the grid to the horizon.

    Attributes
    ----------
    design
        The extended design: its grid ends at the horizon.
    params
        Draws by name with their data, (draw, own dims); innovations reach the horizon.
    now
        Quarter of the as-of date.
    """

    design: Design
    params: dict[str, np.ndarray]
    now: Quarter

    @cached_property
    def states(self) -> State:
        """States (draw, quarter, component)."""
        return states(self.design, self.params)

    @cached_property
    def paths(self) -> np.ndarray:
        """Expected latent value (draw, quarter, signal) of every signal."""
        return np.asarray(signal_paths(NUMPY, self.design, self.params, self.states))

    @cached_property
    def noise(self) -> np.ndarray:
        """Extra noise sd (draw, signal)."""
        return np.asarray(noise(NUMPY, self.design, self.params))

    @cached_property
    def shifts(self) -> dict[str, np.ndarray]:
        """Shifts of a signal's rows, (draw, signal), by the name of their coefficient."""
        return shifts(NUMPY, self.design, self.params)

    @property
    def now_index(self) -> int:
        """Position of the as-of quarter in the grid."""
        return self.design.grid.index(self.now)


def extend(design: Design, observed: ObservedData, p: Params, horizon: Quarter, seed: int) -> Trajectories:
    """Return the trajectories of draws up to a horizon.

    Parameters
    ----------
    design, observed
        The graph's layout and its data.
    p
        Natural draws by name, (draw, own dims).
    horizon
        Last quarter; not before the end of the grid.
    seed
        Seed of the further innovations. Each quarter and block has a stream of its own, so a longer horizon repeats a
        shorter one.
    """
    grid = Grid(design.grid.first, max(design.grid.size, design.grid.index(horizon) + 1))
    nodes = tuple(sorted({*design.family_nodes, *_future_family_nodes(design, grid)}))
    longer = replace(design, grid=grid, family_nodes=nodes)
    out, known, wanted = with_data(p, observed), design.coords(), longer.coords()
    for block, dim in INNOVATIONS.items():
        if wanted[dim]:
            drawn = out.get(block, np.empty((len(p["equilibrium"]), 0)))
            out[block] = _with_fresh(drawn, known[dim], wanted[dim], seed, block)
    return Trajectories(longer, out, Quarter.of(observed.as_of))


def _with_fresh(drawn: np.ndarray, old: list[str], new: list[str], seed: int, block: str) -> np.ndarray:
    """Return innovations (draw, label, ...): those drawn already, and new ones from their own streams."""
    place = {label: i for i, label in enumerate(old)}
    out = np.empty((len(drawn), len(new), *drawn.shape[2:]))
    for i, label in enumerate(new):
        if label in place:
            out[:, i] = drawn[:, place[label]]
        else:
            out[:, i] = np.random.default_rng(random_stream(seed, block, label)).standard_normal(out[:, i].shape)
    return out


def random_stream(seed: int, *labels: str) -> list[int]:
    """Return the entropy of a random stream that depends on a seed and a name alone."""
    return [seed, *(int.from_bytes(sha256(label.encode()).digest()[:8]) for label in labels)]


def _future_family_nodes(design: Design, grid: Grid) -> list[tuple[str, int]]:
    last = dict(sorted(design.family_nodes))
    return [(family, year) for family, observed in last.items() for year in grid.years if year > observed]
