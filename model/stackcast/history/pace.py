"""What earlier series say of the scales and speeds that the graph needs, as intervals for ``measurement.yaml``.

A quantity that the graph draws for each facet (the half-life) has the distribution among stacks: the uncertainty of the
law and the spread between stacks. One that the graph has once for all facets is one for all stacks here too, or has a
spread of its own in both models (the innovation sd, noise): it has the posterior of that one value.
"""

from dataclasses import dataclass

import numpy as np

from stackcast.history.panel import KINDS, QUARTERS, panel
from stackcast.history.records import History
from stackcast.history.sample import Compiled, Posterior
from stackcast.history.series import MASS
from stackcast.progress import Progress, no_progress

SHARED = "posterior of the value that all stacks share"
TYPICAL = "posterior of the median among stacks; the spread is apart"
EACH = "distribution among stacks: uncertainty of the law, and spread between stacks"


@dataclass(frozen=True)
class Interval:
    """An interval of a positive quantity with mass 0.9, its median, and the distribution that it is of."""

    low: float
    median: float
    high: float
    of: str
    mass: float = MASS

    @classmethod
    def spanned(cls, draws: np.ndarray, of: str) -> "Interval":
        """Return the interval with equal tails of some draws."""
        low, median, high = np.quantile(draws, [(1 - MASS) / 2, 0.5, (1 + MASS) / 2])
        return cls(float(low), float(median), float(high), of)


@dataclass(frozen=True)
class Pace:
    """How open shares of earlier stacks moved, in the units of ``measurement.yaml``: logit, quarters, root quarter.

    Attributes
    ----------
    innovation_sd_share, innovation_sd_spread, half_life_share, slope_response, slope_half_life, start_share
        As the scales of the same names; the spread is that of logarithms.
    rest_mean, rest_sd
        Mean (median, low and high as of an interval) and sd of resting points among stacks, ratings aside.
    noise
        Sd of a figure beside its sampling error, by kind of source.
    noise_spread
        Spread (log) of that noise between series.
    jump_rate, jump_sd
        Jumps a year of one series, and their sd.
    innovation_sd_with_jumps, slope_response_with_jumps
        For a graph without jumps: the innovation sd that has the variance of steps and jumps of a quarter together, and
        the response at which slopes, which jumps do not enter, keep their sd.
    """

    innovation_sd_share: Interval
    innovation_sd_spread: Interval
    half_life_share: Interval
    slope_response: Interval
    slope_half_life: Interval
    start_share: Interval
    rest_mean: Interval
    rest_sd: Interval
    noise: dict[str, Interval]
    noise_spread: Interval
    jump_rate: Interval
    jump_sd: Interval
    innovation_sd_with_jumps: Interval
    slope_response_with_jumps: Interval


def pace_of(history: History, seed: int, progress: Progress = no_progress) -> Pace:
    """Fit the series of all earlier stacks, and return what they hand over.

    Raises
    ------
    NotConverged
        When the chains disagree.
    """
    compiled = Compiled.of(panel(history.shares))
    progress(0.5, "compiled the model of earlier series")
    return pace(compiled.sample(seed).checked(), seed)


def pace(posterior: Posterior, seed: int) -> Pace:
    """Return what a posterior hands over; ``seed`` draws a stack's own half-life for each draw."""
    p = posterior.population
    z = np.random.default_rng(seed).standard_normal(p["half_life"].shape)
    together = np.sqrt(p["innovation_sd"] ** 2 + p["jump_rate"] / QUARTERS * p["jump_sd"] ** 2)
    shared = {name: Interval.spanned(value, SHARED) for name, value in p.items()}
    return Pace(
        innovation_sd_share=Interval.spanned(p["innovation_sd"], TYPICAL),
        innovation_sd_spread=shared["innovation_sd_spread"],
        half_life_share=Interval.spanned(p["half_life"] * np.exp(p["half_life_spread"] * z), EACH),
        slope_response=shared["slope_response"],
        slope_half_life=shared["slope_half_life"],
        start_share=shared["start"],
        rest_mean=shared["rest_mean"],
        rest_sd=shared["rest_sd"],
        noise={kind: Interval.spanned(p[f"noise_{kind}"], TYPICAL) for kind in KINDS},
        noise_spread=shared["noise_spread"],
        jump_rate=shared["jump_rate"],
        jump_sd=shared["jump_sd"],
        innovation_sd_with_jumps=Interval.spanned(together, TYPICAL),
        slope_response_with_jumps=Interval.spanned(p["slope_response"] * p["innovation_sd"] / together, SHARED),
    )
