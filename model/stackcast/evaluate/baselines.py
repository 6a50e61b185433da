"""Baselines: forecasts of one signal from its own observations alone.

Each baseline is a pure function of the observations known at an origin and a horizon. Its forecast is normal on the
latent scale of the signal's likelihood. A baseline falls back to persistence, as ``Predictive.method`` states, when

- the observations lie in fewer distinct quarters than it needs (the table :data:`RIVALS`);
- it needs a regular grid, and more than half of that grid would be interpolated;
- its fit fails or does not converge, or its forecast is implausible: not finite, more than ``ABSURD`` from the last
  observation or in sd, or with less than the smallest sd of persistence, as a perfect fit of few observations has.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

DEFAULT_STEP = 0.25
"""Innovation sd (latent, a root quarter) of persistence for a signal with fewer than three observations."""
LEAST_MOVES = 2
LEAST_STEP = 1e-3
MONTH = 1 / 3
"""Shortest gap and shortest horizon, in quarters."""
SLACK = 1 / 6
"""Tolerance, in quarters: dates half a month apart count as the same distance."""
LEAST_KNOWN = 0.5
"""Least part of a grid that observations must fill: interpolated values understate the variance."""
ABSURD = 20.0
LEVEL_STEP = DEFAULT_STEP
"""Half-normal prior scale of the local level's innovation sd: without data it equals that of persistence."""
LEVEL_NOISE = 0.25
"""Half-normal prior scale of the sd of one observation around the level."""
SDS = np.geomspace(LEAST_STEP, 10.0, 48)
ORDERS = (((0, 1, 0), "n"), ((0, 1, 0), "t"), ((0, 1, 1), "n"), ((1, 1, 0), "n"), ((1, 0, 0), "c"), ((0, 2, 2), "n"))
"""ARIMA orders and trends: a constant only without differences, a drift only where the rest is one random walk."""


@dataclass(frozen=True)
class Past:
    """One signal's observations known at an origin, on the latent scale, in order of time."""

    when: np.ndarray
    """(observation) end of each period, in quarters since any fixed day"""
    y: np.ndarray
    """(observation) finite values"""

    def __post_init__(self) -> None:
        sound = len(self.when) == len(self.y) > 0 and np.isfinite([self.when, self.y]).all()
        if not sound or (np.diff(self.when) < 0).any():
            raise ValueError("a past needs figures with finite times and values, in order of time")


@dataclass(frozen=True)
class Predictive:
    """A normal forecast on the latent scale, and the method that made it (persistence after a fallback)."""

    mean: float
    sd: float
    method: str


Moments = tuple[float, float]
Method = Callable[[Past, float], Moments]
Baseline = Callable[[Past, float], Predictive]


def persistence(past: Past, ahead: float) -> Predictive:
    """Return the last value, with the random-walk variance of the known moves.

    Parameters
    ----------
    past
        The observations known.
    ahead
        Quarters from the last observation to the end of the period forecast; a month at least.
    """
    moves, gaps = _moves(past)
    step = float(np.sqrt(np.mean(moves**2 / gaps))) if len(past.y) > LEAST_MOVES else DEFAULT_STEP
    return Predictive(float(past.y[-1]), max(step, LEAST_STEP) * float(np.sqrt(max(ahead, MONTH))), "persistence")


def drift(past: Past, ahead: float) -> Moments:
    """Return mean and sd of a random walk with drift; the drift's own error is part of the variance."""
    moves, gaps = _moves(past)
    slope = moves.sum() / gaps.sum()
    variance = np.sum((moves - slope * gaps) ** 2 / gaps) / (len(moves) - 1)
    return past.y[-1] + slope * ahead, np.sqrt(variance * (ahead + ahead**2 / gaps.sum()))


def mean(past: Past, ahead: float) -> Moments:
    """Return mean and sd of independent observations around an estimated mean; the horizon is not used."""
    return past.y.mean(), past.y.std(ddof=1) * np.sqrt(1 + 1 / len(past.y))


def filter_level(past: Past, step: np.ndarray, noise: np.ndarray) -> tuple[Any, Any, Any]:
    """Filter a local level through observations at irregular times, from a flat prior before the first.

    Parameters
    ----------
    past
        The observations known.
    step, noise
        Innovation sd per root quarter and sd of one observation, of one shape.

    Returns
    -------
    level, variance, log_likelihood
        The level at the last observation, its variance, and the log density of the observations after the first.
    """
    level, variance, fit = past.y[0], noise**2, np.zeros_like(step)
    for gap, y in zip(np.diff(past.when), past.y[1:], strict=True):
        variance = variance + step**2 * gap
        total, error = variance + noise**2, y - level
        fit = fit - 0.5 * (np.log(2 * np.pi * total) + error**2 / total)
        level, variance = level + variance / total * error, variance * noise**2 / total
    return level, variance, fit


def local_level(past: Past, ahead: float) -> Moments:
    """Return mean and sd of the next observation under a Bayesian local level (Durbin and Koopman 2012, ch. 2).

    Both sds have half-normal priors and are integrated over a grid of their logarithms; the mixture of normals is
    replaced by the normal of the same mean and variance.
    """
    step, noise = np.meshgrid(SDS, SDS, indexing="ij")
    level, variance, fit = filter_level(past, step, noise)
    posterior = fit + np.log(step * noise) - 0.5 * ((step / LEVEL_STEP) ** 2 + (noise / LEVEL_NOISE) ** 2)
    weight = np.exp(posterior - posterior.max())
    weight /= weight.sum()
    centre = np.sum(weight * level)
    return centre, np.sqrt(np.sum(weight * (variance + step**2 * ahead + noise**2 + (level - centre) ** 2)))


def on_grid(past: Past) -> np.ndarray:
    """Return the observations as one value a quarter, for libraries that take regular series only.

    Quarters are counted back from the last observation: the k-th before it holds the observations k to k + 1 quarters
    older, less ``SLACK``. Observations within a quarter are averaged; empty quarters are filled by a straight line.
    """
    known, places = np.unique(-_ages(past), return_inverse=True)
    values = np.bincount(places, past.y) / np.bincount(places)
    return np.interp(np.arange(known[0], 1), known, values)


def ets(past: Past, ahead: float) -> Moments:
    """Return mean and sd of exponential smoothing with additive errors and a damped trend, by statsmodels."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    y = pd.Series(on_grid(past))
    fit = ETSModel(y, error="add", trend="add", damped_trend=True, seasonal=None).fit(disp=False)
    if not fit.mle_retvals["converged"]:
        return np.nan, np.nan
    forecast = fit.get_prediction(start=len(y), end=len(y) + quarters_ahead(ahead))
    return _at(forecast.predicted_mean, forecast.forecast_variance, ahead)


def theta(past: Past, ahead: float) -> Moments:
    """Return mean and sd of the theta method, by statsmodels.

    The variance is that of the smoothing beneath it, ``s^2 (1 + (h - 1) alpha^2)`` (Hyndman and Billah 2003, IJF
    19:287); statsmodels' own intervals have ``1 + (1 - alpha)^2`` for ``alpha^2``, right only where alpha is one.
    """
    from statsmodels.tsa.forecasting.theta import ThetaModel

    steps = np.arange(quarters_ahead(ahead) + 1)
    fit = ThetaModel(on_grid(past), deseasonalize=False).fit()
    return _at(fit.forecast(len(steps)), fit.sigma2 * (1 + steps * fit.params["alpha"] ** 2), ahead)


def arima(past: Past, ahead: float) -> Moments:
    """Return mean and sd of the ARIMA model with the least AICc among :data:`ORDERS`, by statsmodels.

    Orders of different differencing explain different observations; all are compared on those after the second.
    """
    from statsmodels.tsa.arima.model import ARIMA

    y = on_grid(past)
    fits = [ARIMA(y, order=order, trend=trend).fit() for order, trend in ORDERS]
    best = min((fit for fit in fits if fit.mle_retvals["converged"]), key=_aicc)
    forecast = best.get_forecast(quarters_ahead(ahead) + 1)
    return _at(forecast.predicted_mean, forecast.var_pred_mean, ahead)


def _aicc(fit: Any) -> float:
    common, k = fit.llf_obs[2:], len(fit.params)
    aicc = -2 * float(common.sum()) + 2 * k * len(common) / (len(common) - k - 1)
    return aicc if np.isfinite(aicc) else np.inf


def _moves(past: Past) -> tuple[np.ndarray, np.ndarray]:
    return np.diff(past.y), np.maximum(np.diff(past.when), MONTH)


def _ages(past: Past) -> np.ndarray:
    """Return how many whole quarters each observation is older than the last, with some slack."""
    return np.asarray(np.floor(past.when[-1] - past.when + SLACK), int)


def quarters_ahead(ahead: float) -> int:
    """Return a horizon rounded up to whole quarters, with the slack of the grid."""
    return max(int(np.ceil(ahead - SLACK)), 1)


def _at(means: Any, variances: Any, ahead: float) -> Moments:
    """Return the mean of the horizon's whole quarter, and the sd from the variance interpolated between quarters.

    Below one quarter the first two variances are extrapolated linearly, but not below zero: to zero for a random walk,
    to the noise variance for noise.
    """
    known = np.asarray(variances, float)
    line = np.append(max(2 * known[0] - known[1], 0.0), known)
    return np.asarray(means)[quarters_ahead(ahead) - 1], np.sqrt(np.interp(ahead, np.arange(len(line)), line))


def or_persistence(name: str, method: Method, least: int, regular: bool) -> Baseline:
    """Return a baseline that falls back to persistence where it cannot be used.

    Parameters
    ----------
    name, method
        What it is called, and how it forecasts.
    least, regular
        Distinct quarters that it needs, and whether on a regular grid.
    """

    def baseline(past: Past, ahead: float) -> Predictive:
        ahead = max(ahead, MONTH)
        safe, ages = persistence(past, ahead), _ages(past)
        known = len(np.unique(ages))
        if known < least or (regular and known < LEAST_KNOWN * (ages[0] + 1)):
            return safe
        try:
            with warnings.catch_warnings(action="ignore"):
                centre, sd = map(float, method(past, ahead))
        except (ArithmeticError, ValueError):
            return safe
        sound = abs(centre - safe.mean) <= ABSURD and LEAST_STEP * np.sqrt(ahead) <= sd <= ABSURD
        return Predictive(centre, sd, name) if sound else safe

    return baseline


RIVALS: dict[str, tuple[Method, int, bool]] = {
    "drift": (drift, 3, False),
    "mean": (mean, 3, False),
    "ets": (ets, 8, True),
    "theta": (theta, 8, True),
    "arima": (arima, 8, True),
    "local_level": (local_level, 2, False),
}
"""Each method, the distinct quarters that it needs, and whether it needs them on a regular grid."""
BASELINES: dict[str, Baseline] = {
    "persistence": persistence,
    **{name: or_persistence(name, *method) for name, method in RIVALS.items()},
}
