"""Facets from their states; layers and the whole as weighted means of shares.

The weights are a declared value judgement.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit, logit

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.forecast.future import Trajectories, random_stream
from stackcast.priors.debate import WHOLE
from stackcast.priors.load import Priors
from stackcast.priors.schema import Facet, Scale, layer_of

STACK = WHOLE
HALF = 0.5
"""Above it a share is on the side ``high``."""


def printed(state: np.ndarray, scale: Scale | None) -> np.ndarray:
    """Convert states of a facet to printed values: a share, or a gap in the unit of its scale.

    Parameters
    ----------
    state
        Values on its latent scale, of any shape: logit for a share.
    scale
        How a gap is printed; None for a share.
    """
    return np.asarray(expit(state) if scale is None else state * scale.per_unit)


def latent(value: float, scale: Scale | None) -> float:
    """Convert a printed value of a facet to its state: the inverse of :func:`printed`."""
    return float(logit(value)) if scale is None else value / scale.per_unit


def is_high(values: np.ndarray, *, gap: bool = False) -> np.ndarray:
    """Return in which draws a facet, a layer or the whole is on the side ``high``.

    That is a share above one half, or a gap in which the side ``low`` is not ahead, in whatever unit.
    """
    return np.asarray(values <= 0.0 if gap else values > HALF)


def scales(facets: Mapping[str, Facet]) -> dict[str, Scale]:
    """Return how each gap among facets is printed."""
    return {name: facet.printed for name, facet in facets.items() if facet.kind == "gap"}


def facet_values(trajectories: Trajectories) -> dict[str, np.ndarray]:
    """Return each facet (draw, quarter) in the unit of the tables: a share as a share, a gap on its latent scale."""
    eta = trajectories.states.eta
    kinds = {name: facet.kind for name, facet in trajectories.design.priors.facets.items()}
    return {
        name: expit(eta[..., i]) if kind == "share" else eta[..., i] for i, (name, kind) in enumerate(kinds.items())
    }


def printed_values(eta: np.ndarray, facets: Sequence[str], gaps: Mapping[str, Scale]) -> dict[str, np.ndarray]:
    """Return each facet (draw, quarter) as it is printed, from states (draw, quarter, facet)."""
    return {name: printed(eta[..., i], gaps.get(name)) for i, name in enumerate(facets)}


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
