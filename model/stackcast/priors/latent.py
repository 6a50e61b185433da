"""Intervals written in the unit of a share, a gap or a signal, as priors on the latent scale of their family."""

import numpy as np

from stackcast.likelihoods import FAMILIES, Family
from stackcast.observations.schema import Signal
from stackcast.priors.elicit import Distribution, from_interval, normal
from stackcast.priors.load import Priors
from stackcast.priors.schema import Facet, layer_of


def facet_family(facet: Facet) -> Family:
    """Return the family whose latent scale is the facet's."""
    return FAMILIES["share" if facet.kind == "share" else "gap"]


def equilibrium_prior(facet: Facet) -> Distribution:
    """Return the declared equilibrium prior of a facet on its latent scale."""
    e = facet.equilibrium
    low, high = facet_family(facet).to_latent(np.array([e.low, e.high]))
    return from_interval(low, high, e.mass)


def equilibrium_priors(priors: Priors, *, effects_on: bool) -> Distribution:
    """Return the priors of all equilibria, (facet), on their latent scales.

    With history a share rests where earlier stacks of its layer did: beside its category's ratings where it has one
    and effects are on, else as an unrated stack. A gap, and every facet without history, is as declared.
    """
    found = [_equilibrium(priors, name, facet, effects_on) for name, facet in priors.facets.items()]
    return normal([d.mu for d in found], [d.sigma for d in found])


def _equilibrium(priors: Priors, name: str, facet: Facet, effects_on: bool) -> Distribution:
    if priors.history is None or facet.kind == "gap":
        return equilibrium_prior(facet)
    rated = effects_on and facet.category is not None
    past = (priors.history.resting_points if rated else priors.history.unrated).of(layer_of(name))
    offset = facet.class_offset.value if facet.class_offset is not None else 0.0
    return normal(past.mean + offset, past.sd)


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
