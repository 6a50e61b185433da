"""Worlds from the prior alone: the same table of parameters, drawn before any evidence."""

import numpy as np

from stackcast.forecast.future import World, extend, random_stream
from stackcast.graph.data import Known
from stackcast.graph.design import Design
from stackcast.graph.parameters import parameters
from stackcast.quarters import Quarter


def prior_draws(design: Design, known: Known, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draw every parameter from its prior, (draw, own dims)."""
    coords = design.coords()
    out: dict[str, np.ndarray] = {}
    for q in parameters(design, known.data["lag_mean"], known.data["lag_sd"]):
        rng = np.random.default_rng(random_stream(seed, "prior", q.name))
        out[q.name] = q.at(out).draw(rng, (draws, *(len(coords[d]) for d in q.dims)))
    return out


def prior_world(design: Design, known: Known, horizon: Quarter, draws: int, seed: int) -> World:
    """Return worlds of the prior, for the camp and the as-of date of ``known``."""
    return extend(design, known, prior_draws(design, known, draws, seed), horizon, seed)
