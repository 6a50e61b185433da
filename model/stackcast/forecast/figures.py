"""Error, size and shifts typical of a signal's next observation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stackcast.graph.data import encode_figures
from stackcast.graph.shifts import SHIFTS
from stackcast.observations.revisions import ages, decay
from stackcast.observations.schema import Signal

RECENT = 4
"""Number of a signal's latest rows from which sizes, errors and ages are taken."""
UNKNOWN_TRIALS = 20.0


@dataclass(frozen=True)
class Typical:
    """Size, error and shift coefficients of a signal's next observation.

    ``lag`` is the share of the reporting lag left at publication; for ``unlabelled`` see
    :class:`stackcast.likelihoods.Encoded`.
    """

    trials: float
    error: float
    lag: float
    unlabelled: float

    @property
    def coefficients(self) -> dict[str, float]:
        """Coefficients of the shifts, by name."""
        return {key: getattr(self, key) for key in SHIFTS}


def typical(signal: Signal, latest: pd.DataFrame, first: pd.DataFrame, half_life: float) -> Typical:
    """Return typical size, error and lag of a signal's next observation, and the last one's unlabelled part.

    Parameters
    ----------
    signal
        Its definition.
    latest, first
        Its rows at an as-of date: the latest vintage of each period, and the first, both in the order of periods.
    half_life
        Of the reporting lag, in quarters.
    """
    if latest.empty:
        return Typical(UNKNOWN_TRIALS if signal.likelihood == "counts" else 1.0, 0.0, 0.0, 0.0)
    encoded = encode_figures(latest.tail(RECENT), signal)
    lag = float(np.median(decay(ages(first.tail(RECENT)), half_life))) if signal.lag_bias else 0.0
    unlabelled = float(encoded.unlabelled[-1])
    return Typical(float(np.median(encoded.trials)), float(np.median(encoded.error)), lag, unlabelled)
