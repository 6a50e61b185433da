"""From the fits of earlier stacks to ``priors/history.yaml``: the posterior as priors that people can read."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import yaml

from stackcast.history.effects import Effects
from stackcast.history.pace import Interval, Pace
from stackcast.history.records import History
from stackcast.priors.debate import FORMAT
from stackcast.priors.elicit import unit_scale
from stackcast.priors.history import HistoryFile

DIGITS = 4
"""Significant digits of what is written."""
UNIT = {
    "value": 0.5,
    "rationale": (
        "One prior sd of a claim's path is half of what a force differs by between earlier stacks: a force within one "
        "category changes less over years than forces differ between products. Between 0.25 and 1. Our judgement."
    ),
}
HEAD = """\
# What earlier stacks say, as priors: written by `stackcast history fit` from observations/history/, not by hand.
#
# Sizes of effects are in logit for one sd of a force between earlier stacks, log-normal. `resting_points` is where a
# share rests beside its category's ratings, `unrated` without any. A category that lies outside all earlier stacks
# has a wider `transfer_sd`, the sd of the log of an effect's size now against then. `scales` take the place of those in
# measurement.yaml. `stackcast fit --history off` does without this file.
"""
SOURCE = "observations/history, `stackcast history judge`"
MOVED = "Innovation sd of a typical stack's logit share, the variance of its rare jumps included: the graph has none."
HALF_LIFE = "Quarters in which a share covers half the way to its resting point, between stacks."
RESPONSE = "Part of a shock that enters the slope: posterior of the value that all stacks share; jumps enter no slope."
CONSTANT = {
    "innovation_sd_spread": "Spread (log) of innovation sds between stacks: posterior median.",
    "slope_half_life": "Quarters in which a trend loses half its slope: posterior median.",
    "start_share": "Sd (logit) of a stack's first figure around its resting point: posterior median.",
}


def handed_over(
    history: History, effects: Effects, scales: Mapping[str, Any], categories: Iterable[str]
) -> HistoryFile:
    """Return what earlier stacks say as the content of ``history.yaml``.

    Parameters
    ----------
    history
        The stacks.
    effects
        What the cross-section says.
    scales
        Scales and speeds, as of :func:`scales_of`.
    categories
        Names of today's categories that facets have.
    """
    sd = np.sqrt(np.diag(effects.log_size_covariance))
    content = {
        "format": FORMAT,
        "inputs": history.digest,
        "effects": {
            "forces": list(effects.forces),
            "log_mean": _rounded(effects.log_size_mean),
            "log_sd": _rounded(sd),
            "correlation": _rounded(effects.log_size_covariance / np.outer(sd, sd)),
        },
        "unit": UNIT,
        "transfer_sd": effects.transfer_sd,
        "resting_points": _resting(effects.layers, effects.alpha_mean, effects.alpha_sd, effects.omega),
        "unrated": _resting(effects.layers, effects.null_mean, effects.null_sd, effects.null_spread),
        "categories": {name: _category(history, effects, name) for name in categories},
        "scales": dict(scales),
    }
    return HistoryFile.model_validate(content)


def _category(history: History, effects: Effects, name: str) -> dict[str, Any]:
    """Return a category: of its ratings what is not error."""
    of = dict(effects.categories.loc[name])
    strength = effects.ratings.loc[name].to_numpy() * effects.reliability  # K x, (force)
    return {
        "title": history.stacks.loc[name, "title"],
        "ratings": dict(zip(effects.forces, _rounded(strength), strict=True)),
        "distance": _round(float(np.sqrt(of["distance"]))),
        "outside": bool(of["beyond"]),
        "transfer_sd": _round(float(of["transfer_sd"])),
    }


def _resting(layers: tuple[str, ...], mean: np.ndarray, sd: np.ndarray, residual_sd: float) -> dict[str, Any]:
    by_layer = zip(layers, _rounded(mean), _rounded(sd), strict=True)
    return {"layers": {name: {"mean": m, "sd": s} for name, m, s in by_layer}, "residual_sd": _round(residual_sd)}


def scales_of(pace: Pace) -> dict[str, Any]:
    """Return scales and speeds as ``measurement.yaml`` writes them; the graph has no jumps."""
    fixed = {
        name: {"value": _round(getattr(pace, name).median), "rationale": why, "source": SOURCE}
        for name, why in CONSTANT.items()
    }
    return {
        "innovation_sd_share": _elicited(pace.innovation_sd_with_jumps, MOVED),
        "half_life_share": _elicited(pace.half_life_share, HALF_LIFE),
        "slope_response": _elicited(pace.slope_response_with_jumps, RESPONSE),
        **fixed,
    }


def _elicited(interval: Interval, why: str) -> dict[str, Any]:
    """Return the log-normal of an interval with equal tails, as ``measurement.yaml`` writes one."""
    ends = {"low": _round(interval.low), "high": _round(interval.high), "mass": interval.mass}
    return {"dist": "LogNormal", **ends, "rationale": why, "source": SOURCE}


def file_text(content: HistoryFile) -> str:
    """Return the text of ``history.yaml``."""
    plain = content.model_dump(mode="json", exclude_none=True)
    return HEAD + yaml.dump(plain, sort_keys=False, default_flow_style=None, width=120, allow_unicode=True)


def size_interval(log_mean: float, log_sd: float, mass: float = 0.9) -> tuple[float, float, float]:
    """Return lower bound, median and upper bound of a log-normal size, with equal tails."""
    reach = log_sd / unit_scale(mass)
    return float(np.exp(log_mean - reach)), float(np.exp(log_mean)), float(np.exp(log_mean + reach))


def _rounded(values: Any) -> Any:
    array = np.asarray(values, float)
    return [_rounded(row) for row in array] if array.ndim > 1 else [_round(value) for value in array]


def _round(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
