"""Reporting-lag bias of a signal, estimated from its vintages."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from stackcast.observations.as_of import known_at

QUARTER_DAYS = 365.25 / 4
MOST = 0.75
"""Part of a growing window's last length from which an earlier, shorter one counts as a vintage of it."""


@dataclass(frozen=True, slots=True)
class LagBias:
    """Normal distribution of the shift (latent scale) still to come for a period of age zero."""

    mean: float
    sd: float
    pairs: int


def ages(rows: pd.DataFrame) -> np.ndarray:
    """Return quarters between the end of each row's period and its publication."""
    return (rows["published"] - rows["period_end"]).dt.days.to_numpy() / QUARTER_DAYS


def decay(age: np.ndarray, half_life: float) -> np.ndarray:
    """Return the share of the lag shift that is left at an age (both in quarters)."""
    return np.asarray(0.5 ** (np.clip(age, 0, None) / half_life))


def lag_bias(
    rows: pd.DataFrame, day: date, *, growing: bool, prior_sd: float, half_life: float, noise: float
) -> LagBias:
    """Update a signal's lag shift from its vintages known at a date.

    For a period seen first at age ``a`` and last at age ``b``, the move of its value is
    ``-shift * (decay(a) - decay(b))`` plus noise: a normal linear regression through the origin with
    a ``Normal(0, prior_sd)`` slope, in closed form.

    Parameters
    ----------
    rows
        Every vintage of one signal, with ``level`` on its latent scale.
    day
        As-of date.
    growing
        Whether the signal's windows grow, a year to date: vintages of one period are those that begin on one day and
        cover :data:`MOST` of the last. Shorter ones cover another time.
    prior_sd, noise
        Prior sd of the shift and sd of one period's move, latent scale.
    half_life
        Half-life, in quarters, of the missing part.

    Returns
    -------
    LagBias
        ``mean``: upward bias of a period of age zero (latent scale), with its sd.
    """
    first, last = _revised(known_at(rows, day), ["period_start"] if growing else ["period_start", "period_end"])
    move = (last["level"] - first["level"]).to_numpy()
    x = -(decay(ages(first), half_life) - decay(ages(last), half_life))
    precision = 1 / prior_sd**2 + float(x @ x) / noise**2
    return LagBias(float(x @ move) / noise**2 / precision, precision**-0.5, len(move))


def _revised(known: pd.DataFrame, period: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return first and last vintages of the periods that have two, in the same order of periods."""
    known = known.sort_values(["published", "period_end"], kind="stable")
    days = (known["period_end"] - known["period_start"]).dt.days + 1
    alike = known[days >= MOST * days.groupby([known[key] for key in period]).transform("last")]
    groups = alike.groupby(period, sort=True)
    first, last = (part.set_index(period).sort_index() for part in (groups.head(1), groups.tail(1)))
    revised = (first["published"] < last["published"]).to_numpy()
    keep = ["level", "published", "period_start", "period_end"]
    return first[revised].reset_index()[keep], last[revised].reset_index()[keep]
