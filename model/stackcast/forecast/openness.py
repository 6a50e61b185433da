"""Openness: facets from their states, layers and the stack as weighted means of shares, and what counts as open.

The weights are a declared value judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.forecast.future import Trajectories, random_stream
from stackcast.likelihoods.gap import ELO
from stackcast.priors.load import Priors, layer_of
from stackcast.priors.schema import Facet

STACK = "stack"
OPEN = 0.5
"""Default open: openness above one half."""


@dataclass(frozen=True)
class Unit:
    """The unit in which a facet is told, and the one way between it and the facet's state.

    Attributes
    ----------
    name
        Such as ``open share`` or ``Elo points``.
    is_share
        Whether the state is the logit of a share; else it is a gap in log-odds, closed minus open.
    size
        Own units in one unit of the run's tables, which hold shares as they are and gaps in log-odds.
    """

    name: str
    is_share: bool
    size: float = 1.0

    def of_state(self, state: np.ndarray) -> np.ndarray:
        """Return states in the facet's own unit."""
        return np.asarray(self.in_tables(state) * self.size)

    def in_tables(self, state: np.ndarray) -> np.ndarray:
        """Return states in the unit of the run's tables."""
        return np.asarray(expit(state) if self.is_share else state)

    def to_state(self, value: float) -> float:
        """Return the state at a value in the facet's own unit."""
        return float(logit(value)) if self.is_share else value / self.size

    def is_open(self, values: np.ndarray) -> np.ndarray:
        """Return in which draws the facet is open by default: a share above one half, a gap that is not above zero."""
        return np.asarray(values > OPEN if self.is_share else values <= 0.0)


SHARE = Unit("open share", is_share=True)
"""The unit of share facets, of layers and of the stack."""


def unit_of(facet: Facet) -> Unit:
    """Return the own unit of a facet."""
    return SHARE if facet.kind == "share" else Unit("Elo points", is_share=False, size=ELO)


def units(priors: Priors) -> dict[str, Unit]:
    """Return the own unit of every facet."""
    return {name: unit_of(facet) for name, facet in priors.facets.items()}


def facet_values(trajectories: Trajectories) -> dict[str, np.ndarray]:
    """Return each facet (draw, quarter) in the unit of the tables: a share as a probability, a gap in log-odds."""
    eta = trajectories.states.eta
    return {name: u.in_tables(eta[..., i]) for i, (name, u) in enumerate(units(trajectories.design.priors).items())}


def own_values(eta: np.ndarray, units: Mapping[str, Unit]) -> dict[str, np.ndarray]:
    """Return each facet (draw, quarter) in its own unit, from states (draw, quarter, facet)."""
    return {name: unit.of_state(eta[..., i]) for i, (name, unit) in enumerate(units.items())}


def declared_weights(priors: Priors, overrides: Mapping[str, float] | None = None) -> dict[str, dict[str, float]]:
    """Return the weights of facets in layers, and of layers in the stack, each summing to one.

    Parameters
    ----------
    priors
        Where the defaults are declared.
    overrides
        Relative weights by facet or layer name, in place of the declared ones.
    """
    overrides = dict(overrides or {})
    relative = {STACK: {name: layer.weight for name, layer in priors.layers.layers.items()}}
    for layer in relative[STACK]:
        relative[layer] = {f: float(priors.facets[f].weight or 0.0) for f in priors.share_facets(layer)}
    names = [name for group in relative.values() for name in group]
    for name, weight in overrides.items():
        if name not in names:
            raise InputError(f"--weights: unknown facet or layer {name!r}{did_you_mean(name, names)}")
        if weight < 0:
            raise InputError(f"--weights: {name}={weight:g} must not be negative")
        group = STACK if name in relative[STACK] else layer_of(name)
        relative[group][name] = weight
    for group, weights in relative.items():
        if sum(weights.values()) <= 0:
            raise InputError(f"--weights: the weights of {group} must not all be zero")
    return {g: {n: w / sum(ws.values()) for n, w in ws.items()} for g, ws in relative.items()}


def layer_values(
    values: Mapping[str, np.ndarray], weights: Mapping[str, Mapping[str, float | np.ndarray]]
) -> dict[str, np.ndarray]:
    """Return the openness of each layer and of the stack, shaped like the facets.

    A weight may be a number or one a draw, (draw, 1).
    """
    layers = {
        layer: sum((w * values[f] for f, w in facets.items()), start=np.float64(0.0))
        for layer, facets in weights.items()
        if layer != STACK
    }
    layers[STACK] = sum((w * layers[name] for name, w in weights[STACK].items()), start=np.float64(0.0))
    return {name: np.asarray(value) for name, value in layers.items()}


def drawn_weights(
    weights: Mapping[str, Mapping[str, float]], draws: int, seed: int, concentration: float | None
) -> dict[str, dict[str, np.ndarray]]:
    """Draw weights from the declared Dirichlet, or uniformly over the whole simplex, one set a draw.

    Parameters
    ----------
    weights
        Declared means.
    draws
        Number of draws.
    seed
        Seed.
    concentration
        Of the Dirichlet around the declared means; None for the uniform over the simplex.
    """
    out: dict[str, dict[str, np.ndarray]] = {}
    for group, declared in weights.items():
        names = [name for name, w in declared.items() if w > 0 or concentration is None]
        mean = np.array([declared[name] for name in names])
        alpha = np.ones(len(names)) if concentration is None else concentration * mean
        rng = np.random.default_rng(random_stream(seed, "weights", group))
        drawn = rng.dirichlet(alpha, draws)
        out[group] = {name: drawn[:, [i]] for i, name in enumerate(names)}
    return out
