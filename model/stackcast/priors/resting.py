"""Where earlier stacks would bring a facet to rest, before any observation of today."""

import numpy as np

from stackcast.priors.edges import edges
from stackcast.priors.latent import equilibrium_priors
from stackcast.priors.load import Priors

DRAWS = 20_000
ENDS = (0.05, 0.5, 0.95)


def resting_interval(priors: Priors, facet: str) -> tuple[float, float, float]:
    """Return the ends of 90 % and the median of a share facet's resting point, on the logit, effects included."""
    low, middle, high = np.quantile(resting_draws(priors, facet), ENDS)
    return float(low), float(middle), float(high)


def resting_draws(priors: Priors, facet: str, seed: int = 0) -> np.ndarray:
    """Return draws (draw) of a facet's resting point from its prior, alpha + sum s lambda x, on the logit."""
    rng, places = np.random.default_rng(seed), list(priors.facets)
    alpha = equilibrium_priors(priors, effects_on=True)
    at = places.index(facet)
    rest = alpha.mu[at] + alpha.sigma[at] * rng.standard_normal(DRAWS)
    if priors.history is None:
        return np.asarray(rest)
    sizes = priors.history.effects
    log_size = np.array(sizes.log_mean) + rng.standard_normal((DRAWS, len(sizes.forces))) @ sizes.factor.T
    for edge in edges(priors):
        if edge.facet == facet and edge.force is not None:
            moved = log_size[:, sizes.forces.index(edge.force.name)] + edge.force.transfer_sd * rng.standard_normal(
                DRAWS
            )
            rest = rest + edge.sign * edge.force.rating * np.exp(moved)
    return np.asarray(rest)
