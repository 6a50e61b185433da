"""Shares: a published share, logit-normal, or a bound on one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from stackcast.likelihoods.base import Encoded, Family, encode_continuous, latent_sd, normal_logp


def _encode(rows: pd.DataFrame, value: np.ndarray, lower: np.ndarray, upper: np.ndarray, hard: bool) -> Encoded:
    plain = encode_continuous(logit, value, lower, upper, hard)
    p = np.clip(value, 0.005, 0.995)
    sampling = np.nan_to_num(1.0 / np.sqrt(rows["n"].to_numpy(float) * p * (1.0 - p)))
    return replace(plain, error=np.hypot(plain.error, sampling))


def _draw(rng: np.random.Generator, mu: np.ndarray, noise: Any, trials: Any, error: Any) -> np.ndarray:
    return np.asarray(expit(mu + np.hypot(noise, error) * rng.standard_normal(mu.shape)))


SHARE = Family("share", logit, expit, (0.0, 1.0), _encode, normal_logp, _draw, latent_sd)
