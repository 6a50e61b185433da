"""How far recent periods move when a source revises itself: the evidence for reporting-lag bias."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import logit

from model.observations.as_of import known_at

QUARTER_DAYS = 365.25 / 4


@dataclass(frozen=True, slots=True)
class LagBias:
    """Normal knowledge of the shift (logit) that a period of age zero still has to undergo."""

    mean: float
    sd: float
    pairs: int


def ages(rows: pd.DataFrame) -> np.ndarray:
    """Return quarters between the end of each row's period and its publication."""
    return (rows["published"] - rows["period_end"]).dt.days.to_numpy() / QUARTER_DAYS


def decay(age: np.ndarray, half_life: float) -> np.ndarray:
    """Return the share of the lag shift that is left at an age (both in quarters)."""
    return np.asarray(0.5 ** (np.clip(age, 0, None) / half_life))


def lag_bias(rows: pd.DataFrame, day: date, *, prior_sd: float, half_life: float, noise: float) -> LagBias:
    """Update the lag shift from the vintages of one table known at a date.

    For a period seen first at age ``a`` and last at age ``b``, the move in logit of its count is
    ``-shift * (decay(a) - decay(b))`` plus noise: a normal linear regression through the origin with
    a ``Normal(0, prior_sd)`` slope, in closed form.

    Parameters
    ----------
    rows
        Every vintage of the signals with ``lag_bias``, with numerator and denominator.
    day
        As-of date.
    prior_sd, noise
        Prior sd of the shift and sd of one period's move, logit.
    half_life
        Quarters in which half of what is missing arrives.

    Returns
    -------
    LagBias
        ``mean`` is what a period of age zero shows too much (logit), with its sd.
    """
    known = known_at(rows, day).sort_values("published", kind="stable")
    groups = known.groupby(["signal", "period_start", "period_end"], sort=True)
    first, last = groups.head(1).set_index("signal"), groups.tail(1).set_index("signal")
    first = first.sort_values(["signal", "period_start", "period_end"])
    last = last.sort_values(["signal", "period_start", "period_end"])
    revised = (first["published"] < last["published"]).to_numpy()
    first, last = first[revised], last[revised]
    move = _smoothed_logit(last) - _smoothed_logit(first)
    x = -(decay(ages(first), half_life) - decay(ages(last), half_life))
    precision = 1 / prior_sd**2 + float(x @ x) / noise**2
    return LagBias(float(x @ move) / noise**2 / precision, precision**-0.5, len(move))


def _smoothed_logit(rows: pd.DataFrame) -> np.ndarray:
    k, n = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    return np.asarray(logit((k + 0.5) / (n + 1)))
