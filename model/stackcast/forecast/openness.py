"""From facets to layers and the whole: weighted means of shares, the weights a declared value judgement."""

from collections.abc import Mapping

import numpy as np
from scipy.special import expit, logit

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.forecast.future import Trajectories, random_stream
from stackcast.priors.debate import WHOLE
from stackcast.priors.load import Priors
from stackcast.priors.schema import Facet, layer_of

STACK = WHOLE


def printed(facet: Facet, state: np.ndarray) -> np.ndarray:
    """Return states of a facet as they are printed: a share as a share, a gap in the unit of its scale.

    Parameters
    ----------
    facet
        The facet.
    state
        Values on its latent scale, of any shape: logit for a share.
    """
    return np.asarray(expit(state) if facet.kind == "share" else state * facet.printed.per_unit)


def latent(facet: Facet, value: float) -> float:
    """Return the state of a facet that :func:`printed` would print as a value."""
    return float(logit(value)) if facet.kind == "share" else value / facet.printed.per_unit


def facet_values(trajectories: Trajectories) -> dict[str, np.ndarray]:
    """Return each facet (draw, quarter): a share as a probability, the gap in its anchored unit."""
    eta = trajectories.states.eta
    return {
        name: expit(eta[..., i]) if share else eta[..., i]
        for i, (name, share) in enumerate(
            zip(trajectories.design.facets, trajectories.design.is_share == 1, strict=True)
        )
    }


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
