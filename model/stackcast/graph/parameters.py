"""The table of free parameters: name, dims and prior, declared once.

The graph, draws from the prior and the log prior are all read from this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stackcast.graph.design import Design
from stackcast.graph.gather import places
from stackcast.graph.shifts import SHIFTS
from stackcast.priors.elicit import (
    Distribution,
    from_elicited,
    from_upper,
    half_normal,
    log_normal,
    normal,
)
from stackcast.priors.latent import intercept_prior, one_unit

EQUILIBRIUM, LAG = ("equilibrium_mean", "equilibrium_sd"), ("lag_mean", "lag_sd")
"""Names of data that hold the moments of a prior."""
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
    serves
        The dim whose labels share a scalar, which does not exist where there are none; None for a scalar of all.
    moments
        Names of the data that hold the mean and the sd of its prior, where these depend on the date or the prior
        scenario; None where they are declared.
    """

    name: str
    dims: tuple[str, ...]
    prior: Distribution
    describes: str
    scale: Callable[[Mapping[str, Any]], Any] | None = None
    serves: str | None = None
    moments: tuple[str, str] | None = None

    def exists(self, coords: Mapping[str, list[str]]) -> bool:
        """Whether a graph with these labels has the parameter: every dim that it needs has a label."""
        return all(coords[dim] for dim in (*self.dims, *([self.serves] if self.serves else [])))

    def at(self, p: Mapping[str, Any]) -> Distribution:
        """Return the prior given the parameters earlier in the table."""
        if self.scale is None:
            return self.prior
        return Distribution(self.prior.name, self.prior.sigma * self.scale(p), self.prior.mu)

    def logpdf(self, p: Mapping[str, Any]) -> np.ndarray:
        """Return the log prior density at draws of all parameters, (draw, own dims)."""
        return self.at(p).logpdf(p[self.name])


def parameters(design: Design, data: Mapping[str, Any] | None = None) -> tuple[Parameter, ...]:
    """Return every free parameter of the graph of a design; one that no label needs is not among them.

    Parameters
    ----------
    design
        Layout of the graph.
    data
        The data of the graph. Without them the parameters whose prior is data have a standard normal, and only their
        names, dims and descriptions count.
    """
    coords = design.coords()
    table = (
        *_facet_parameters(design),
        *_claim_parameters(design),
        *_signal_parameters(design),
        *_shift_parameters(),
    )
    there = (q for q in table if q.exists(coords))
    return tuple(q if data is None or q.moments is None else _informed(q, data) for q in there)


def _informed(parameter: Parameter, data: Mapping[str, Any]) -> Parameter:
    """Return a parameter with the prior that the data hold."""
    mean, sd = (data[name] for name in parameter.moments or ())
    return replace(parameter, prior=normal(mean, sd))


STANDARD = normal(0.0, 1.0)
"""Of parameters that are standard normal by construction."""
GIVEN = normal(0.0, 1.0)
"""In place of a prior that is data, or that a covariance turns into one."""


def _facet_parameters(design: Design) -> tuple[Parameter, ...]:
    s, share = design.priors.measurement.scales, design.is_share == 1
    speeds = _joined([from_elicited(s.half_life_share if one else s.half_life_gap) for one in share])
    pull = half_normal(np.full(len(design.pulled), from_elicited(s.gap_pull).sigma))
    sd_share, sd_gap = from_elicited(s.innovation_sd_share), from_elicited(s.innovation_sd_gap)
    by_facet, scalar = ("facet",), ()
    return (
        Parameter("innovation_sd_share", scalar, sd_share, "innovation sd of a typical share, logit a root quarter"),
        Parameter(
            "innovation_sd_gap",
            scalar,
            sd_gap,
            "innovation sd of a typical gap, latent scale a root quarter",
            serves="gap_facet",
        ),
        Parameter("innovation_sd_z", by_facet, STANDARD, "a facet's innovation sd against its kind's, in spreads"),
        Parameter("half_life", by_facet, speeds, "quarters in which a facet covers half the way to its equilibrium"),
        Parameter("slope_response", scalar, from_elicited(s.slope_response), "part of a shock that enters the slope"),
        Parameter(
            "equilibrium",
            by_facet,
            GIVEN,
            "long-run mean with every claim at zero, its category's ratings aside, latent scale",
            moments=EQUILIBRIUM,
        ),
        Parameter("start_z", by_facet, STANDARD, "a facet's first quarter against its equilibrium, in start sds"),
        Parameter("slope_z", by_facet, STANDARD, "slope in a facet's first quarter, in stationary sds (not a gap's)"),
        Parameter("gap_pull", ("pulled",), pull, "how far one latent unit of its gap lowers an equilibrium, logit"),
        Parameter("facet_shock", ("facet_node",), STANDARD, "innovations of facets"),
    )


def _claim_parameters(design: Design) -> tuple[Parameter, ...]:
    declared = half_normal([from_upper(e.upper, e.mass).sigma for _, e in design.declared_edges])
    return (
        Parameter("effect", ("declared_edge",), declared, "size of a claim's effect on an equilibrium, latent scale"),
        Parameter("force_z", ("force",), GIVEN, "log size of a force's effect, before its mean and covariance"),
        Parameter("transfer_z", ("transferred_edge",), GIVEN, "log size then against now, in transfer sds"),
        Parameter("claim_shock", ("quarter", "factor"), STANDARD, "innovations of claims; the first is the start"),
    )


def _signal_parameters(design: Design) -> tuple[Parameter, ...]:
    s = design.priors.measurement.scales
    noise = _joined([from_elicited(getattr(s, f"noise_{name}")) for name in design.likelihoods])
    readings = _joined([reading(design, slug) for slug in design.indicators])
    units = log_normal([one_unit(design.signals[slug]) for slug in design.free_loadings], s.unit_spread.value)
    house_sd, deviation_sd, family_sd = map(from_elicited, (s.house_sd, s.deviation_sd, s.family_sd))
    return (
        Parameter("house_sd", ("secondary_facet",), house_sd, "sd of house effects, above the floor"),
        Parameter(
            "house",
            ("secondary_signal",),
            STANDARD,
            "house effect: offset from the reference signal",
            house_scale(design),
        ),
        Parameter("intercept", ("indicator",), readings, "what an indicator reads while its claim is at zero"),
        Parameter("loading", ("free_loading",), units, "move of a signal with one unit of what it measures"),
        Parameter("noise", ("likelihood",), noise, "extra noise sd of a typical signal of a likelihood"),
        Parameter("noise_z", ("own_noise",), STANDARD, "a signal's noise against its likelihood's, in spreads"),
        Parameter("deviation_sd", ("deviating",), deviation_sd, "stationary sd of a signal's own deviation"),
        Parameter("deviation_shock", ("deviation_node",), STANDARD, "innovations of deviations"),
        Parameter(
            "family_sd", (), family_sd, "sd of the error that cuts of a table share in a year", serves="family_node"
        ),
        Parameter("family_shock", ("family_node",), STANDARD, "shared errors, in their sds"),
    )


def _shift_parameters() -> tuple[Parameter, ...]:
    lag = "by how much a signal shows a period too high when it is first coded, latent scale"
    unlabelled = "how far a signal's unlabelled part lies above the labelled, in its rows' sds"
    return (
        Parameter(SHIFTS["lag"].name, (SHIFTS["lag"].dim,), GIVEN, lag, moments=LAG),
        Parameter(SHIFTS["unlabelled"].name, (SHIFTS["unlabelled"].dim,), normal(0.0, 1.0), unlabelled),
    )


def _joined(priors: list[Distribution]) -> Distribution:
    """Return distributions of one name as one distribution of arrays; of none, one without elements."""
    name = priors[0].name if priors else "Normal"
    return Distribution(name, np.array([d.sigma for d in priors]), np.array([d.mu for d in priors]))


def house_scale(design: Design) -> Callable[[Mapping[str, Any]], Any]:
    """Return the sd of each secondary signal's house effect given the parameters: pooled by facet, with a floor."""
    population = places([design.signals[s].measures.facet for s in design.secondary_signals], design.secondary_facets)
    floor = design.priors.measurement.scales.house_floor.value
    return lambda p: floor + p["house_sd"][..., population]


def reading(design: Design, slug: str) -> Distribution:
    """Return the prior of an indicator's intercept: the elicited one, widened by variation besides the claim.

    An indicator that correlates with its claim by ``v`` carries a lasting share of its own, with sd
    ``sqrt(1 / v**2 - 1)`` in units of the claim.
    """
    signal = design.signals[slug]
    neutral = intercept_prior(signal)
    validity = design.priors.factors[signal.measures.target].validity
    own = one_unit(signal) * np.sqrt(1.0 / validity**2 - 1.0)
    return normal(neutral.mu, np.hypot(neutral.sigma, own))
