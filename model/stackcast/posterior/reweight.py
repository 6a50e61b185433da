"""Pareto-smoothed importance weights: the posterior under a change of data or priors.

Vehtari, Simpson, Gelman, Yao and Gabry 2024, "Pareto smoothed importance sampling", JMLR 25:72.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Weights:
    """Importance weights of draws.

    Attributes
    ----------
    weights
        (draw), summing to one.
    k_hat
        Shape of the fitted Pareto tail; minus infinity for equal weights.
    """

    weights: np.ndarray
    k_hat: float

    @property
    def limit(self) -> float:
        """The k-hat up to which weights on so many draws are reliable (ibid., section 3.2.4)."""
        return float(min(1.0 - 1.0 / np.log10(len(self.weights)), 0.7))

    @property
    def trusted(self) -> bool:
        """Whether the weights can stand for a refit."""
        return self.k_hat <= self.limit

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return the weighted mean over the first axis."""
        return np.asarray(np.tensordot(self.weights, values, axes=1))

    def shift_error(self, values: np.ndarray) -> float:
        """Return the Monte Carlo standard error of the weighted mean of values (draw) less their plain mean.

        The delta method: each draw's influence on the one mean less that on the other.
        """
        influence = self.weights * (values - self.mean(values)) - (values - values.mean()) / len(values)
        return float(np.sqrt((influence**2).sum()))

    def quantiles(self, values: np.ndarray, levels: list[float]) -> np.ndarray:
        """Return weighted quantiles (level) of values (draw)."""
        return np.asarray(np.quantile(values, levels, weights=self.weights, method="inverted_cdf"))


def importance_weights(log_ratio: np.ndarray) -> Weights:
    """Return the smoothed weights that turn draws of one posterior into draws of another.

    Parameters
    ----------
    log_ratio
        (draw) log density of the other posterior over that of this one, up to a constant.
    """
    from arviz_stats.base import array_stats

    draws = len(log_ratio)
    if np.ptp(log_ratio) < 1e-12:
        return Weights(np.full(draws, 1.0 / draws), -np.inf)
    smoothed, k_hat = array_stats.psislw(-log_ratio)
    weights = np.exp(smoothed - smoothed.max())
    return Weights(weights / weights.sum(), float(k_hat) if np.isfinite(k_hat) else np.inf)
