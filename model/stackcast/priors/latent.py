"""Intervals written in the unit of a share, a gap or a signal, as priors on the latent scale of their family."""

import numpy as np

from stackcast.likelihoods import FAMILIES, Family
from stackcast.observations.schema import Signal
from stackcast.priors.elicit import Distribution, from_interval
from stackcast.priors.schema import Facet


def facet_family(facet: Facet) -> Family:
    """Return the family whose latent scale is the facet's."""
    return FAMILIES["share" if facet.kind == "share" else "gap"]


def equilibrium_prior(facet: Facet) -> Distribution:
    """Return the equilibrium prior of a facet on its latent scale (source: the reference classes)."""
    e = facet.equilibrium
    low, high = facet_family(facet).to_latent(np.array([e.low, e.high]))
    return from_interval(low, high, e.mass)


def intercept_prior(signal: Signal) -> Distribution:
    """Return an indicator's elicited interval (``neutral``) on its latent scale."""
    assert signal.neutral is not None
    given = np.array([signal.neutral.low, signal.neutral.high]) / signal.per_unit
    low, high = FAMILIES[signal.likelihood].to_latent(given)
    return from_interval(low, high, signal.neutral.mass)


def one_unit(signal: Signal) -> float:
    """Return the median of a loading: the move of the signal, on its latent scale, that counts as one unit."""
    if signal.neutral is None:
        return 1.0
    one = FAMILIES[signal.likelihood].to_latent(np.array(signal.neutral.one_unit / signal.per_unit))
    return float(np.abs(one - intercept_prior(signal).mu))
