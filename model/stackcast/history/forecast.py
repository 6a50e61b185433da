"""Forecasts of one earlier series from the law of the population, as if the series had never been fitted.

Its own step, noise and speed of reversion are drawn from the population and weighed by the figures known: particles,
each with its own exact filter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import qmc

from stackcast.graph.dynamics import memory
from stackcast.history.filter import Filtered, Moments, Motion, advance, run
from stackcast.history.panel import QUARTERS, Panel
from stackcast.history.series import OWN, motion
from stackcast.likelihoods.base import NUMPY


@dataclass(frozen=True, eq=False)
class Ensemble:
    """One series, filtered with many parameters.

    Attributes
    ----------
    motion
        Parameters, (particle, 1).
    filtered
        States and log likelihood, (particle, quarter, 1).
    draws
        Draws of the population; each has equally many particles, side by side.
    """

    motion: Motion
    filtered: Filtered
    draws: int

    def evidence(self, quarter: int = -1) -> np.ndarray:
        """Return the log likelihood of the figures up to a quarter for each draw of the population, (draw)."""
        by_draw = self.filtered.log_likelihood[:, quarter, 0].reshape(self.draws, -1)
        return np.asarray(logsumexp(by_draw, axis=1) - np.log(by_draw.shape[1]))


@dataclass(frozen=True, eq=False)
class Mixture:
    """A forecast as normals of equal weight, (component): mean and sd of the level, and the noise of a figure."""

    mean: np.ndarray
    sd: np.ndarray
    noise: np.ndarray

    def figure(self, error: float) -> "Mixture":
        """Return the forecast of a figure with a sampling error (sd) in place of the level's."""
        return Mixture(self.mean, np.sqrt(self.sd**2 + self.noise**2 + error**2), np.zeros_like(self.noise))


def ensemble(one: Panel, population: Mapping[str, np.ndarray], particles: int, seed: int) -> Ensemble:
    """Filter one series with draws of the population.

    Parameters
    ----------
    one
        A panel of one series.
    population
        Each of :data:`~stackcast.history.series.POPULATION`, (draw).
    particles
        Values of the series' own parameters for each draw, a power of two.
    seed
        Of these values, a scrambled Sobol sequence.
    """
    draws = len(next(iter(population.values())))
    z = qmc.MultivariateNormalQMC(np.zeros(len(OWN)), rng=np.random.default_rng(seed)).random(draws * particles)
    p = {name: np.repeat(value, particles) for name, value in population.items()}
    moves = motion(NUMPY, p | {name: z[:, [i]] for i, name in enumerate(OWN)}, one.kind)
    return Ensemble(moves, run(NUMPY, one.figures, moves), draws)


def forecast(
    known: Ensemble, quarter: int, ahead: int, weights: np.ndarray, size: int, rng: np.random.Generator
) -> Mixture:
    """Return the level of a series some quarters after a quarter, given its figures up to it.

    Parameters
    ----------
    known
        The filtered series.
    quarter
        The last quarter known.
    ahead
        Quarters from there, 0 for the filtered level itself.
    weights
        Of each draw of the population, (draw); equal ones for a posterior that has not seen the series.
    size
        Components of the mixture.
    rng
        Chooses particles and draws the number of future jumps, each in the middle of the time ahead.
    """
    likelihood = known.filtered.log_likelihood[:, quarter, 0]
    share = np.repeat(weights, len(likelihood) // known.draws) * np.exp(likelihood - likelihood.max())
    chosen = _resampled(share / share.sum(), size, rng)
    moves = Motion(*(np.broadcast_to(value, (len(likelihood), 1))[chosen] for value in known.motion))
    state = Moments(*(value[chosen, quarter] for value in known.filtered.states))  # (component, 1)
    for _ in range(ahead):
        state = advance(state, moves)
    jumps = rng.poisson(moves.jump_rate * ahead / QUARTERS)
    variance = state.ee + jumps * moves.jump_sd**2 * memory(moves.half_life) ** ahead  # (rho^(h/2))^2
    return Mixture(state.e[:, 0], np.sqrt(variance)[:, 0], moves.noise[:, 0])


def _resampled(share: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return places drawn in proportion to shares, by systematic resampling."""
    points = (np.arange(size) + rng.random()) / size
    return np.minimum(np.searchsorted(np.cumsum(share), points), len(share) - 1)
