"""Elicited intervals become distributions, by PreliZ's maximum-entropy fit.

Every prior here is a normal, half-normal or log-normal, and the last is a normal of the logarithm: all are
location-scale families on some scale. So PreliZ is asked once a mass, for the interval (-1, 1) or (0, 1), and the
answer is moved and stretched: exact, and the same for every unit.
"""

from dataclasses import dataclass
from functools import lru_cache
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

    def preliz(self) -> Any:
        """Return the same distribution as a PreliZ object (scalar parameters only)."""
        import preliz

        given = {"sigma": float(self.sigma)} | ({} if self.name == "HalfNormal" else {"mu": float(self.mu)})
        return getattr(preliz, self.name)(**given)

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
    return normal((low + high) / 2, np.abs(high - low) / 2 * unit_scale("Normal", mass))


def from_upper(upper: Any, mass: float) -> Distribution:
    """Return the half-normal that lies below ``upper`` with probability ``mass``."""
    return half_normal(np.asarray(upper, float) * unit_scale("HalfNormal", mass))


def from_elicited(prior: Elicited) -> Distribution:
    """Return the distribution of a prior of ``measurement.yaml``."""
    if prior.dist == "HalfNormal":
        return from_upper(prior.upper, prior.mass)
    assert prior.low is not None
    assert prior.high is not None
    logs = from_interval(np.log(prior.low), np.log(prior.high), prior.mass)
    return Distribution("LogNormal", logs.sigma, logs.mu)


@lru_cache
def unit_scale(name: Name, mass: float) -> float:
    """Return the sigma at which PreliZ's maximum-entropy fit holds the unit interval with ``mass``."""
    import preliz

    lower = -1.0 if name == "Normal" else 0.0
    fitted = getattr(preliz, name)()
    preliz.maxent(fitted, lower, 1.0, mass, plot=False)
    return float(fitted.params[-1])
