"""Trajectories from the prior alone: the same table of parameters, drawn before any evidence."""

import numpy as np

from stackcast.forecast.future import Trajectories, extend, random_stream
from stackcast.graph.data import ObservedData
from stackcast.graph.design import Design
from stackcast.graph.parameters import parameters
from stackcast.quarters import Quarter


def prior_draws(design: Design, observed: ObservedData, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draw every parameter from its prior, (draw, own dims)."""
    coords = design.coords()
    out: dict[str, np.ndarray] = {}
    for q in parameters(design, observed.data):
        rng = np.random.default_rng(random_stream(seed, "prior", q.name))
        out[q.name] = q.at(out).draw(rng, (draws, *(len(coords[d]) for d in q.dims)))
    return out


def prior_trajectories(design: Design, observed: ObservedData, horizon: Quarter, draws: int, seed: int) -> Trajectories:
    """Return trajectories of the prior, for the prior scenario and the as-of date of ``observed``."""
    return extend(design, observed, prior_draws(design, observed, draws, seed), horizon, seed)
