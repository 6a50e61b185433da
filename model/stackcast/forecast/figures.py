"""Figures of one signal: those that are known on the latent scale, and what the next one will look like."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stackcast.graph.data import encode_figures
from stackcast.graph.shifts import SHIFTS
from stackcast.observations.revisions import ages, decay
from stackcast.observations.schema import Signal

RECENT = 4
"""Latest known rows of a signal whose sample sizes, errors and ages a future figure is given."""
UNKNOWN_TRIALS = 20.0


@dataclass(frozen=True)
class Typical:
    """What a future figure of a signal will look like: its size and error, and the coefficients of its shifts.

    ``lag`` is what is left of the reporting lag at publication; for ``unlabelled`` see
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
    """Return the typical size, error and lag of a signal's next figure, and of what its last one leaves unlabelled.

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
