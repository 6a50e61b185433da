"""The table of free parameters: name, dims and prior, declared once.

The graph, the prior predictive worlds and the log prior are all read from this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.families import FAMILIES
from model.graph.design import Design
from model.priors.elicit import (
    Distribution,
    from_elicited,
    from_interval,
    from_upper,
    half_normal,
    log_normal,
    normal,
)


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


LAG_SHIFT = "lag_shift"
"""The one parameter whose prior is data: it is updated from the vintages known at the as-of date."""


def parameters(design: Design, lag_mean: float = 0.0, lag_sd: float = 1.0) -> tuple[Parameter, ...]:
    """Return every free parameter of the graph of a design.

    Parameters
    ----------
    design
        Layout of the graph.
    lag_mean, lag_sd
        The normal knowledge of the lag shift at the as-of date (the graph puts data in their place).
    """
    s = design.priors.measurement.scales
    share = design.is_share == 1
    half_lives = [from_elicited(s.half_life_share if x else s.half_life_gap) for x in share]
    rest = [resting_point(design, name) for name in design.facets]
    zero, one = np.array(0.0), np.array(1.0)
    standard = normal(zero, one)
    neutral = [reading(design, slug) for slug in design.indicators]
    units = [one_unit(design, slug) for slug in design.scaled]
    noise = {name: from_elicited(getattr(s, f"noise_{name}")) for name in FAMILIES}
    edges = [from_upper(e.upper, e.mass).sigma for e in design.edges]
    pull = from_elicited(s.gap_pull)
    stacked_noise = Distribution(
        "LogNormal", np.array([d.sigma for d in noise.values()]), np.array([d.mu for d in noise.values()])
    )
    speeds = Distribution(
        "LogNormal", np.array([d.sigma for d in half_lives]), np.array([d.mu for d in half_lives])
    )
    return (
        Parameter("step_share", (), from_elicited(s.step_share), "typical innovation sd of a share, logit a root quarter"),
        Parameter("step_gap", (), from_elicited(s.step_gap), "innovation sd of the gap, Arena log-odds a root quarter"),
        Parameter("step_z", ("facet",), standard, "a facet's innovation sd against its kind's, in spreads"),
        Parameter("half_life", ("facet",), speeds, "quarters in which a facet covers half the way to its resting point"),
        Parameter("slope_response", (), from_elicited(s.slope_response), "part of a shock that goes into the slope"),
        Parameter("rest", ("facet",), normal([d.mu for d in rest], [d.sigma for d in rest]), "resting point with every claim neutral"),
        Parameter("start_z", ("facet",), standard, "a facet's first quarter against the resting point, in start sds"),
        Parameter("slope_z", ("facet",), standard, "slope in a facet's first quarter, in stationary sds (unused for the gap)"),
        Parameter("effect", ("edge",), half_normal(edges), "size of a claim's effect on a resting point, logit a unit"),
        Parameter("gap_pull", ("pulled",), half_normal(np.full(len(design.pulled), pull.sigma)), "how far a unit of gap lowers a resting point, logit"),
        Parameter("facet_shock", ("facet_node",), standard, "innovations of facets"),
        Parameter("claim_shock", ("quarter", "strand"), standard, "innovations of claims; the first is the stationary start"),
        Parameter("house_sd", ("sourced",), from_elicited(s.house_sd), "sd of house effects in a population, above the floor"),
        Parameter("house", ("source",), standard, "house effects: lasting offsets from the reference signal", house_scale(design)),
        Parameter("intercept", ("indicator",), normal([d.mu for d in neutral], [d.sigma for d in neutral]), "neutral reading of an indicator, latent scale"),
        Parameter("loading", ("scaled",), log_normal(units, s.unit_spread.value), "move of a signal with one unit of what it measures"),
        Parameter("noise", ("likelihood",), stacked_noise, "extra noise sd, typical signal of a likelihood"),
        Parameter("noise_z", ("noisy",), standard, "a signal's noise against its likelihood's, in spreads"),
        Parameter("wander_sd", ("wanderer",), from_elicited(s.wander_sd), "stationary sd of a signal's own wander"),
        Parameter("wander_shock", ("wander_node",), standard, "innovations of wanders"),
        Parameter("family_sd", (), from_elicited(s.family_sd), "sd of the error that cuts of one table share in a year"),
        Parameter("family_shock", ("family_node",), standard, "shared errors, in their sds"),
        Parameter(LAG_SHIFT, (), normal(lag_mean, lag_sd), "logit that a period shows too much when first coded"),
    )  # fmt: skip


def house_scale(design: Design) -> Callable[[Mapping[str, Any]], Any]:
    """Return the sd of each source's house effect as a function of the parameters: pooled by population, with a floor."""
    population = np.array(
        [design.sourced.index(str(design.signals[s].measures.facet)) for s in design.sources]
    )
    floor = design.priors.measurement.scales.house_floor.value
    return lambda p: floor + p["house_sd"][..., population]


def resting_point(design: Design, facet: str) -> Distribution:
    """Return the equilibrium prior of a facet on its latent scale (source: the reference classes)."""
    given = design.priors.facets[facet]
    e = given.equilibrium
    family = FAMILIES["share" if given.kind == "share" else "gap"]
    low, high = family.to_latent(np.array([e.low, e.high]))
    return from_interval(low, high, e.mass)


def neutral_reading(design: Design, slug: str) -> Distribution:
    """Return the neutral reading of an indicator on its latent scale."""
    signal = design.signals[slug]
    assert signal.neutral is not None
    given = np.array([signal.neutral.low, signal.neutral.high]) / signal.per_unit
    low, high = FAMILIES[signal.likelihood].to_latent(given)
    return from_interval(low, high, signal.neutral.mass)


def reading(design: Design, slug: str) -> Distribution:
    """Return the prior of an indicator's intercept: its neutral reading, widened by what else it may show.

    An indicator that correlates with its claim by ``v`` carries a lasting share of its own, with sd
    ``sqrt(1 / v**2 - 1)`` in units of the claim.
    """
    neutral = neutral_reading(design, slug)
    validity = design.priors.strands[design.signals[slug].measures.target].validity
    own = one_unit(design, slug) * np.sqrt(1.0 / validity**2 - 1.0)
    return normal(neutral.mu, np.hypot(neutral.sigma, own))


def one_unit(design: Design, slug: str) -> float:
    """Return the median of a loading: the move of the signal that counts as one unit."""
    signal = design.signals[slug]
    if signal.neutral is None:
        return 1.0
    one = FAMILIES[signal.likelihood].to_latent(np.array(signal.neutral.one_unit / signal.per_unit))
    return float(np.abs(one - neutral_reading(design, slug).mu))
