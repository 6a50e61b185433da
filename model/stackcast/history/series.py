"""The hierarchical model of how earlier open shares moved.

A series has its own step, noise and speed of reversion, log-normal among stacks; slopes, the start, resting points and
jumps follow one law for all. Its figures are integrated over its states (:mod:`stackcast.history.filter`): what is
sampled are the parameters of the population and, for each series, three standard normals.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from stackcast.history.filter import Motion, run
from stackcast.history.panel import KINDS, Figures, Panel
from stackcast.likelihoods.base import pytensor_arithmetic
from stackcast.priors.elicit import Distribution, from_interval, normal

MASS = 0.9


def between(low: float, high: float) -> Distribution:
    """Return the log-normal that holds an interval with :data:`MASS`."""
    logs = from_interval(np.log(low), np.log(high), MASS)
    return Distribution("LogNormal", logs.sigma, logs.mu)


POPULATION: Mapping[str, Distribution] = {
    "innovation_sd": between(0.02, 0.5),
    "innovation_sd_spread": between(0.15, 1.2),
    "half_life": between(4.0, 80.0),
    "half_life_spread": between(0.15, 1.5),
    "slope_response": between(0.05, 0.8),
    "slope_half_life": between(3.0, 40.0),
    "start": between(0.7, 5.0),
    "rest_mean": normal(0.0, 1.0),
    "rest_sd": between(0.5, 3.0),
    "noise_attention": between(0.005, 0.2),
    "noise_census": between(0.01, 0.3),
    "noise_survey": between(0.03, 0.4),
    "noise_spread": between(0.2, 1.2),
    "jump_rate": between(0.01, 0.2),
    "jump_sd": between(0.5, 2.0),
}
"""Priors of the population. Of ``innovation_sd``, ``half_life`` and the noises, medians among stacks and the sd of
their logarithm (``_spread``); the others as of :class:`~stackcast.history.filter.Motion`. Intervals are wide."""
OWN = ("innovation_sd_z", "half_life_z", "noise_z")
"""What each series has of its own, in spreads."""
PRIOR = ("prior_mu", "prior_sigma")
Params = Mapping[str, Any]


def motion(xp: SimpleNamespace, p: Params, kind: Any) -> Motion:
    """Return how series move.

    Parameters
    ----------
    xp
        Arithmetic.
    p
        :data:`POPULATION`, with leading draw axes, and :data:`OWN`, with the last axis series.
    kind
        Place of each series in :data:`~stackcast.history.panel.KINDS`, (series).
    """
    all_of = {name: p[name][..., None] for name in POPULATION}
    of_kind = [
        all_of[f"noise_{name}"] * xp.where(abs(kind - place) < 0.5, 1.0, 0.0) for place, name in enumerate(KINDS)
    ]
    noise = sum(of_kind[1:], start=of_kind[0])

    def own(typical: Any, name: str) -> Any:
        return typical * xp.exp(all_of[f"{name}_spread"] * p[f"{name}_z"])

    return Motion(
        half_life=own(all_of["half_life"], "half_life"),
        slope_half_life=all_of["slope_half_life"],
        step=own(all_of["innovation_sd"], "innovation_sd"),
        response=all_of["slope_response"],
        start=all_of["start"],
        rest=all_of["rest_mean"],
        rest_sd=all_of["rest_sd"],
        noise=own(noise, "noise"),
        jump_rate=all_of["jump_rate"],
        jump_sd=all_of["jump_sd"],
    )


def natural(xp: SimpleNamespace, z: Any, mu: Any, sigma: Any) -> dict[str, Any]:
    """Return the population's parameters of standard normals ``z``, (..., parameter)."""
    scaled = mu + sigma * z
    is_log = [prior.name == "LogNormal" for prior in POPULATION.values()]
    values = xp.where(np.array(is_log), xp.exp(scaled), scaled)
    return {name: values[..., place] for place, name in enumerate(POPULATION)}


def prior_arrays(priors: Mapping[str, Distribution]) -> tuple[np.ndarray, np.ndarray]:
    """Return means and sds of the population's parameters (of the logarithm, for log-normals), (parameter)."""
    chosen = [priors[name] for name in POPULATION]
    return np.array([float(prior.mu) for prior in chosen]), np.array([float(prior.sigma) for prior in chosen])


def build_model(quarters: int, series: int) -> Any:
    """Return the PyMC model; its data are to be replaced by those of :func:`model_data`."""
    import pymc as pm

    xp, grid = pytensor_arithmetic(), (quarters, series)
    with pm.Model() as model:
        figures = Figures(*(pm.Data(name, np.zeros(grid)) for name in Figures._fields))
        kind, counts = (pm.Data(name, np.zeros(series)) for name in ("kind", "counts"))
        mu, sigma = (pm.Data(name, np.zeros(len(POPULATION))) for name in PRIOR)
        z = pm.Normal("population_z", shape=len(POPULATION))
        own = pm.Normal("own_z", shape=(len(OWN), series))
        p = natural(xp, z, mu, sigma) | {name: own[i] for i, name in enumerate(OWN)}
        found = run(xp, figures, motion(xp, p, kind))
        pm.Potential("series", (counts * found.log_likelihood[-1]).sum())
    return model


def model_data(
    panel: Panel, without: str | None = None, priors: Mapping[str, Distribution] = POPULATION
) -> dict[str, np.ndarray]:
    """Return the data of the model of a panel; the series of the stack ``without`` do not count."""
    counts = (panel.series["stack"] != without).to_numpy(float)
    return {
        **panel.figures._asdict(),
        **dict(zip(PRIOR, prior_arrays(priors), strict=True)),
        "kind": panel.kind.astype(float),
        "counts": counts,
    }
