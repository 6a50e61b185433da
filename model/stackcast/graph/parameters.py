"""The table of free parameters: name, dims and prior, declared once.

The graph, the prior predictive worlds and the log prior are all read from this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stackcast.graph.design import Design
from stackcast.graph.shifts import SHIFTS
from stackcast.likelihoods import FAMILIES
from stackcast.priors.elicit import (
    Distribution,
    from_elicited,
    from_upper,
    half_normal,
    log_normal,
    normal,
)
from stackcast.priors.latent import equilibrium_prior, intercept_prior, one_unit

INNOVATIONS = {
    "facet_shock": "facet_node",
    "claim_shock": "quarter",
    "deviation_shock": "deviation_node",
    "family_shock": "family_node",
}
"""Innovations, and the dim along which the future adds to them."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """A free parameter of the graph.

    Attributes
    ----------
    name
        Name of the random variable.
    dims
        Its named dims.
    prior
        Its distribution; parameters broadcast over the dims.
    describes
        What it is, in one line, with its unit.
    scale
        Factor on the prior's sigma that depends on parameters earlier in the table, or None.
    """

    name: str
    dims: tuple[str, ...]
    prior: Distribution
    describes: str
    scale: Callable[[Mapping[str, Any]], Any] | None = None

    def at(self, p: Mapping[str, Any]) -> Distribution:
        """Return the prior given the parameters earlier in the table."""
        if self.scale is None:
            return self.prior
        return Distribution(self.prior.name, self.prior.sigma * self.scale(p), self.prior.mu)

    def logpdf(self, p: Mapping[str, Any]) -> np.ndarray:
        """Return the log prior density at draws of all parameters, (draw, own dims)."""
        return self.at(p).logpdf(p[self.name])


def parameters(design: Design, lag_mean: Any = 0.0, lag_sd: Any = 1.0) -> tuple[Parameter, ...]:
    """Return every free parameter of the graph of a design.

    Parameters
    ----------
    design
        Layout of the graph.
    lag_mean, lag_sd
        The normal knowledge of the lag shifts at the as-of date, (lagging); the graph puts data in their place.
    """
    shared = _shift_parameters(design, normal(lag_mean, lag_sd))
    return (*_facet_parameters(design), *_claim_parameters(design), *_signal_parameters(design), *shared)


STANDARD = normal(0.0, 1.0)


def _facet_parameters(design: Design) -> tuple[Parameter, ...]:
    s = design.priors.measurement.scales
    speeds = [from_elicited(s.half_life_share if share else s.half_life_gap) for share in design.is_share == 1]
    rests = [equilibrium_prior(design.priors.facets[name]) for name in design.facets]
    by_facet, scalar = ("facet",), ()
    return (
        Parameter(
            "innovation_sd_share",
            scalar,
            from_elicited(s.innovation_sd_share),
            "innovation sd of a typical share, logit a root quarter",
        ),
        Parameter(
            "innovation_sd_gap",
            scalar,
            from_elicited(s.innovation_sd_gap),
            "innovation sd of the gap, log-odds a root quarter",
        ),
        Parameter("innovation_sd_z", by_facet, STANDARD, "a facet's innovation sd against its kind's, in spreads"),
        Parameter("half_life", by_facet, _joined(speeds), "quarters in which a facet covers half the way to rest"),
        Parameter(
            "slope_response", scalar, from_elicited(s.slope_response), "part of a shock that goes into the slope"
        ),
        Parameter("equilibrium", by_facet, _joined(rests), "resting point with every claim neutral, latent scale"),
        Parameter("start_z", by_facet, STANDARD, "a facet's first quarter against its resting point, in start sds"),
        Parameter("slope_z", by_facet, STANDARD, "slope in a facet's first quarter, in stationary sds (not the gap's)"),
        Parameter("gap_pull", ("pulled",), _pull(design), "how far one log-odds of gap lowers a resting point, logit"),
        Parameter("facet_shock", ("facet_node",), STANDARD, "innovations of facets"),
    )


def _claim_parameters(design: Design) -> tuple[Parameter, ...]:
    sizes = half_normal([from_upper(e.upper, e.mass).sigma for e in design.edges])
    return (
        Parameter("effect", ("edge",), sizes, "size of a claim's effect on a resting point, logit a unit of claim"),
        Parameter("claim_shock", ("quarter", "factor"), STANDARD, "innovations of claims; the first is the start"),
    )


def _signal_parameters(design: Design) -> tuple[Parameter, ...]:
    s = design.priors.measurement.scales
    noise = _joined([from_elicited(getattr(s, f"noise_{name}")) for name in FAMILIES])
    readings = _joined([reading(design, slug) for slug in design.indicators])
    units = log_normal([one_unit(design.signals[slug]) for slug in design.free_loadings], s.unit_spread.value)
    scalar, by_deviation = (), ("deviating",)
    return (
        Parameter("house_sd", ("secondary_facet",), from_elicited(s.house_sd), "sd of house effects, above the floor"),
        Parameter(
            "house",
            ("secondary_signal",),
            STANDARD,
            "house effect: offset from the reference signal",
            house_scale(design),
        ),
        Parameter("intercept", ("indicator",), readings, "what an indicator reads when its claim is neutral"),
        Parameter("loading", ("free_loading",), units, "move of a signal with one unit of what it measures"),
        Parameter("noise", ("likelihood",), noise, "extra noise sd of a typical signal of a likelihood"),
        Parameter("noise_z", ("own_noise",), STANDARD, "a signal's noise against its likelihood's, in spreads"),
        Parameter(
            "deviation_sd", by_deviation, from_elicited(s.deviation_sd), "stationary sd of a signal's own deviation"
        ),
        Parameter("deviation_shock", ("deviation_node",), STANDARD, "innovations of deviations"),
        Parameter(
            "family_sd", scalar, from_elicited(s.family_sd), "sd of the error that cuts of a table share in a year"
        ),
        Parameter("family_shock", ("family_node",), STANDARD, "shared errors, in their sds"),
    )


def _shift_parameters(design: Design, lag: Distribution) -> tuple[Parameter, ...]:
    """Return what rows of a signal share; a dim without labels has no parameter."""
    told = {
        "lag": (lag, "by how much a signal shows a period too high when it is first coded, latent scale"),
        "unlabelled": (
            normal(0.0, 1.0),
            "how far a signal's unlabelled part lies above the labelled, in its rows' sds",
        ),
    }
    coords = design.coords()
    return tuple(Parameter(s.name, (s.dim,), *told[key]) for key, s in SHIFTS.items() if coords[s.dim])


def _joined(priors: list[Distribution]) -> Distribution:
    """Return distributions of one name as one distribution of arrays."""
    return Distribution(priors[0].name, np.array([d.sigma for d in priors]), np.array([d.mu for d in priors]))


def _pull(design: Design) -> Distribution:
    sigma = from_elicited(design.priors.measurement.scales.gap_pull).sigma
    return half_normal(np.full(len(design.pulled), sigma))


def house_scale(design: Design) -> Callable[[Mapping[str, Any]], Any]:
    """Return the sd of each source's house effect given the parameters: pooled by population, with a floor."""
    population = np.array(
        [design.secondary_facets.index(str(design.signals[s].measures.facet)) for s in design.secondary_signals]
    )
    floor = design.priors.measurement.scales.house_floor.value
    return lambda p: floor + p["house_sd"][..., population]


def reading(design: Design, slug: str) -> Distribution:
    """Return the prior of an indicator's intercept: its neutral reading, widened by what else it may show.

    An indicator that correlates with its claim by ``v`` carries a lasting share of its own, with sd
    ``sqrt(1 / v**2 - 1)`` in units of the claim.
    """
    signal = design.signals[slug]
    neutral = intercept_prior(signal)
    validity = design.priors.factors[signal.measures.target].validity
    own = one_unit(signal) * np.sqrt(1.0 / validity**2 - 1.0)
    return normal(neutral.mu, np.hypot(neutral.sigma, own))
