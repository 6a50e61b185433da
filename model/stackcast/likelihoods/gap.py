"""Gaps: a difference that may change its sign, Student-t around a path."""

from typing import Any

import numpy as np
import pandas as pd

from stackcast.likelihoods.base import Encoded, Family, encode_continuous, latent_sd

DOF = 6.0
"""Degrees of freedom: now and then one release jumps the field (``docs/model.md``)."""


def _identity(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, float)


def _encode(rows: pd.DataFrame, value: np.ndarray, lower: np.ndarray, upper: np.ndarray, hard: bool) -> Encoded:
    return encode_continuous(_identity, value, lower, upper, hard)


def _logp(xp: Any, y: Any, trials: Any, error: Any, side: Any, mu: Any, noise: Any) -> Any:
    scale = xp.sqrt(noise * noise + error * error)
    z = (y - mu) / scale
    constant = xp.gammaln((DOF + 1.0) / 2.0) - xp.gammaln(DOF / 2.0) - 0.5 * np.log(DOF * np.pi)
    return constant - xp.log(scale) - 0.5 * (DOF + 1.0) * xp.log(1.0 + z * z / DOF)


def _draw(rng: np.random.Generator, mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    return np.asarray(mu + np.hypot(noise, error) * rng.standard_t(DOF, mu.shape))


GAP = Family("gap", _identity, _identity, (-np.inf, np.inf), _encode, _logp, _draw, latent_sd)
