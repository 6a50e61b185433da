"""Counts: so many of so many, beta-binomial around a logit path."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from stackcast.likelihoods.base import Encoded, Family, read_bounds

MEAN_BOUND = 1e-6


def _encode(rows: pd.DataFrame, value: np.ndarray, lower: np.ndarray, upper: np.ndarray, hard: bool) -> Encoded:
    k, n = rows["numerator"].to_numpy(float), rows["denominator"].to_numpy(float)
    least = 0.5 / (n + 1.0)
    width = logit(np.clip(upper, least, 1.0 - least)) - logit(np.clip(lower, least, 1.0 - least))
    error, unlabelled = read_bounds(np.where(np.isfinite(width), width, 0.0), hard)
    return Encoded(k, n, error, np.zeros_like(k), unlabelled)


def _precision(mean: Any, noise: Any, error: Any) -> Any:
    """Beta precision at which the sd of the logit is about that of noise and error together (delta method)."""
    return 1.0 / ((noise * noise + error * error) * mean * (1.0 - mean))


def _logp(xp: Any, y: Any, trials: Any, error: Any, side: Any, mu: Any, noise: Any) -> Any:
    mean = xp.clip(xp.expit(mu), MEAN_BOUND, 1.0 - MEAN_BOUND)
    precision = _precision(mean, noise, error)
    a, b = mean * precision, (1.0 - mean) * precision
    choose = xp.gammaln(trials + 1.0) - xp.gammaln(y + 1.0) - xp.gammaln(trials - y + 1.0)
    beta = xp.gammaln(y + a) + xp.gammaln(trials - y + b) - xp.gammaln(trials + a + b)
    return choose + beta - xp.gammaln(a) - xp.gammaln(b) + xp.gammaln(a + b)


def _draw(rng: np.random.Generator, mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    mean = np.clip(expit(mu), MEAN_BOUND, 1.0 - MEAN_BOUND)
    precision = _precision(mean, noise, error)
    p = rng.beta(mean * precision, (1.0 - mean) * precision)
    return np.asarray(rng.binomial(np.broadcast_to(trials, p.shape).astype(int), p) / trials)


def _sd(mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    mean = np.clip(expit(mu), MEAN_BOUND, 1.0 - MEAN_BOUND)
    return np.asarray(np.sqrt(noise**2 + error**2 + 1.0 / (np.maximum(trials, 1.0) * mean * (1.0 - mean))))


COUNTS = Family("counts", logit, expit, (0.0, 1.0), _encode, _logp, _draw, _sd)
