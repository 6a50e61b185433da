"""Elicited intervals become distributions: the member of the declared family with maximum entropy.

Every prior here is a normal, half-normal or log-normal, and the last is a normal of the logarithm: all are
location-scale families on some scale. Of the normals that hold an interval with a mass, the one of maximum entropy has
the largest sd, so it is centred: the standard one of (-1, 1) is moved and stretched, the same for every unit.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from stackcast.priors.schema import Elicited

Name = Literal["Normal", "LogNormal", "HalfNormal"]


@dataclass(frozen=True, eq=False)
class Distribution:
    """A prior, free of any library: a name and two arrays.

    Attributes
    ----------
    name
        ``Normal`` and ``LogNormal`` have ``mu`` and ``sigma``; ``HalfNormal`` has ``sigma`` only.
    mu, sigma
        Parameters, scalars or one per element.
    """

    name: Name
    sigma: np.ndarray
    mu: np.ndarray

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draw an array of ``shape``, whose last axes match the parameters."""
        z = rng.standard_normal(shape)
        if self.name == "HalfNormal":
            return np.asarray(np.abs(z) * self.sigma)
        x = self.mu + self.sigma * z
        return np.asarray(np.exp(x) if self.name == "LogNormal" else x)

    def logpdf(self, x: np.ndarray) -> np.ndarray:
        """Log density at ``x``, elementwise."""
        if self.name == "HalfNormal":
            return np.asarray(0.5 * np.log(2 / np.pi) - np.log(self.sigma) - 0.5 * (x / self.sigma) ** 2)
        y = np.log(x) if self.name == "LogNormal" else x
        density = -0.5 * np.log(2 * np.pi) - np.log(self.sigma) - 0.5 * ((y - self.mu) / self.sigma) ** 2
        return np.asarray(density - y if self.name == "LogNormal" else density)

    def interval(self, mass: float = 0.9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the lower bound, median and upper bound that hold ``mass`` with equal tails."""
        from scipy.stats import norm

        lower, upper = (1 - mass) / 2, (1 + mass) / 2
        if self.name == "HalfNormal":
            low, mid, high = (norm.ppf((1 + p) / 2) * self.sigma for p in (lower, 0.5, upper))
            return low, mid, high
        low, mid, high = (self.mu + norm.ppf(p) * self.sigma for p in (lower, 0.5, upper))
        return (np.exp(low), np.exp(mid), np.exp(high)) if self.name == "LogNormal" else (low, mid, high)


def normal(mu: Any, sigma: Any) -> Distribution:
    """Return a normal with the given arrays as parameters."""
    return Distribution("Normal", np.asarray(sigma, float), np.asarray(mu, float))


def log_normal(median: Any, spread: Any) -> Distribution:
    """Return a log-normal by its median and the sd of its logarithm."""
    return Distribution("LogNormal", np.asarray(spread, float), np.log(np.asarray(median, float)))


def half_normal(sigma: Any) -> Distribution:
    """Return a half-normal."""
    return Distribution("HalfNormal", np.asarray(sigma, float), np.asarray(0.0))


def from_interval(low: Any, high: Any, mass: float) -> Distribution:
    """Return the normal that holds ``low`` to ``high`` with probability ``mass``."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    return normal((low + high) / 2, np.abs(high - low) / 2 * unit_scale(mass))


def from_upper(upper: Any, mass: float) -> Distribution:
    """Return the half-normal that lies below ``upper`` with probability ``mass``."""
    return half_normal(np.asarray(upper, float) * unit_scale(mass))


def from_elicited(prior: Elicited) -> Distribution:
    """Return the distribution of a prior of ``measurement.yaml``."""
    if prior.dist == "HalfNormal":
        return from_upper(prior.upper, prior.mass)
    assert prior.low is not None
    assert prior.high is not None
    logs = from_interval(np.log(prior.low), np.log(prior.high), prior.mass)
    return Distribution("LogNormal", logs.sigma, logs.mu)


def unit_scale(mass: float) -> float:
    """Return the sd at which a centred normal holds (-1, 1), and so a half-normal (0, 1), with ``mass``."""
    from scipy.stats import norm

    return 1.0 / float(norm.ppf((1.0 + mass) / 2.0))
