"""Ratios: positive observations, log-normal around a path, or a bound on one."""

from typing import Any

import numpy as np
import pandas as pd

from stackcast.likelihoods.base import Encoded, Family, encode_continuous, latent_sd, normal_logp


def _encode(rows: pd.DataFrame, value: np.ndarray, lower: np.ndarray, upper: np.ndarray, hard: bool) -> Encoded:
    return encode_continuous(np.log, value, lower, upper, hard)


def _draw(rng: np.random.Generator, mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    return np.asarray(np.exp(mu + np.hypot(noise, error) * rng.standard_normal(mu.shape)))


RATIO = Family("ratio", np.log, np.exp, (0.0, np.inf), _encode, normal_logp, _draw, latent_sd)
