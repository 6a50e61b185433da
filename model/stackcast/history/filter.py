r"""The Kalman filter of a series, quarter by quarter, by the facets' own step.

The state is level, slope and resting point: :math:`x = (\eta, \delta, \alpha)`. A series starts around its resting
point, which is normal among stacks, with a slope of its stationary sd, and moves by the transition of
:mod:`stackcast.graph.dynamics` without claims and gaps. The step is linear, so it moves the mean, and both sides of
the covariance. In a year a series jumps with a small rate: its level alone moves by a normal amount of a large sd (a
licence is changed, a new leader comes). At a figure two hypotheses are weighed, no jump since the figure before or one,
and their mixture is replaced by the normal of its mean and covariance (Harrison and Stevens 1976, JRSS B 38:205). No
indicator is sampled, and the density stays a proper one: a product of conditional densities.

Functions serve NumPy (leading draw axes) and PyTensor alike; the last axis is series.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from stackcast.graph.dynamics import Dynamics, Facets, Wiring, drift, memory, transition
from stackcast.history.panel import Figures


class Motion(NamedTuple):
    """How series move; every entry has the last axis series.

    ``half_life`` of reversion and ``slope_half_life`` in quarters, ``step`` (sigma) per root quarter, ``response``
    (beta), ``start`` (sd of the first level around the resting point), ``rest`` and ``rest_sd`` (mean and sd of resting
    points), ``noise`` (sd of a figure beside its sampling error), ``jump_rate`` a year, ``jump_sd``; logit.
    """

    half_life: Any
    slope_half_life: Any
    step: Any
    response: Any
    start: Any
    rest: Any
    rest_sd: Any
    noise: Any
    jump_rate: Any
    jump_sd: Any


class Moments(NamedTuple):
    """Mean and covariance of level (``e``), slope (``s``) and resting point (``r``)."""

    e: Any
    s: Any
    r: Any
    ee: Any
    es: Any
    er: Any
    ss: Any
    sr: Any
    rr: Any


def start(motion: Motion) -> Moments:
    """Return the state in the first quarter, before its figure."""
    none, rest = 0.0 * motion.step, motion.rest_sd**2 + 0.0 * motion.step
    slope = (motion.response * motion.step) ** 2 / (1.0 - memory(motion.slope_half_life) ** 2)
    return Moments(motion.rest + none, none, motion.rest + none, rest + motion.start**2, none, rest, slope, none, rest)


def advance(x: Moments, motion: Motion) -> Moments:
    """Return the state a quarter later."""
    dynamics = Dynamics(1.0 - memory(motion.half_life), motion.step, motion.response, ())
    wiring = Wiring((), memory(motion.slope_half_life), np.ones(0), 0.0)

    def move(e: Any, s: Any, r: Any) -> Facets:
        return drift(Facets(e, s), r, 1.0, dynamics, wiring)

    mean = move(x.e, x.s, x.r)
    # covariances of the moved state with the state, then with the moved state
    with_e, with_s, with_r = move(x.ee, x.es, x.er), move(x.es, x.ss, x.sr), move(x.er, x.sr, x.rr)
    level, slope = move(with_e.eta, with_s.eta, with_r.eta), move(with_e.slope, with_s.slope, with_r.slope)
    shock = transition(Facets(0.0, 0.0), 1.0, 0.0, 1.0, dynamics, wiring)  # sigma, beta sigma
    return Moments(
        mean.eta, mean.slope, x.r,
        level.eta + shock.eta**2, level.slope + shock.eta * shock.slope, with_r.eta,
        slope.slope + shock.slope**2, with_r.slope, x.rr,
    )  # fmt: skip


def observe(xp: SimpleNamespace, x: Moments, figures: Figures, motion: Motion) -> tuple[Moments, Any]:
    """Return the state given the figures of one quarter, and their log density; without a figure both stay.

    Parameters
    ----------
    xp
        Arithmetic.
    x
        The state before.
    figures
        Of one quarter, (series).
    motion
        How the series move.
    """
    known, gap, jump = figures.known, figures.y - x.e, motion.jump_sd**2
    still = x.ee + motion.noise**2 + figures.error**2  # variance of the figure without a jump
    moved = still + jump
    prior_odds = xp.log(motion.jump_rate) + figures.log_years  # of one jump against none
    odds = prior_odds + 0.5 * (gap**2 / still - gap**2 / moved + xp.log(still) - xp.log(moved))
    plain = -0.5 * (gap**2 / still + xp.log(still) + np.log(2 * np.pi))
    density = known * (plain + xp.softplus(odds) - xp.softplus(prior_odds))
    w = known * xp.expit(odds)  # probability of a jump
    # gains of level, slope and resting point without and with a jump
    a = (known * x.ee / still, known * x.es / still, known * x.er / still)
    b = (known * (x.ee + jump) / moved, known * x.es / moved, known * x.er / moved)

    def mean(before: Any, i: int) -> Any:
        return before + ((1.0 - w) * a[i] + w * b[i]) * gap

    def covariance(before: Any, i: int, j: int) -> Any:
        within = (1.0 - w) * a[i] * a[j] * still + w * b[i] * b[j] * moved
        return before - within + w * (1.0 - w) * gap**2 * (a[i] - b[i]) * (a[j] - b[j])

    after = Moments(
        mean(x.e, 0), mean(x.s, 1), mean(x.r, 2),
        covariance(x.ee + w * jump, 0, 0), covariance(x.es, 0, 1), covariance(x.er, 0, 2),
        covariance(x.ss, 1, 1), covariance(x.sr, 1, 2), covariance(x.rr, 2, 2),
    )  # fmt: skip
    return after, density


class Filtered(NamedTuple):
    """States after the figure of each quarter, and the log likelihood of all figures up to it, (quarter, series)."""

    states: Moments
    log_likelihood: Any


def run(xp: SimpleNamespace, figures: Figures, motion: Motion) -> Filtered:
    """Filter series; ``figures`` are (quarter, series)."""
    begun, density = observe(xp, start(motion), Figures(*(array[0] for array in figures)), motion)

    def quarter(known: Any, y: Any, error: Any, log_years: Any, *rest: Any) -> tuple[Any, ...]:
        before, total, fixed = Moments(*rest[:9]), rest[9], Motion(*rest[10:])
        after, density = observe(xp, advance(before, fixed), Figures(known, y, error, log_years), fixed)
        return (*after, total + density)

    first, wide = (*begun, density), 0.0 * motion.step
    later = xp.unfold(quarter, first, [array[1:] for array in figures], [value + wide for value in motion])
    parts = zip(first, later, strict=True)
    *states, total = (xp.concatenate([one[..., None, :], rest], axis=-2) for one, rest in parts)
    return Filtered(Moments(*states), total)
