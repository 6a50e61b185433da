"""What the kept draws of a run say of one figure: its expected latent value, its noise, its density, its replicates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stackcast.forecast.figures import Typical
from stackcast.forecast.future import random_stream
from stackcast.graph.data import encode_figures
from stackcast.graph.shifts import SHIFTS, Shift
from stackcast.likelihoods import FAMILIES, Encoded
from stackcast.likelihoods.base import NUMPY
from stackcast.observations.revisions import ages, decay
from stackcast.observations.schema import Signal
from stackcast.priors.load import Priors
from stackcast.quarters import Grid, Quarter
from stackcast.runs.draws import Draws

WHOLE = 1.0 - 1e-9


@dataclass(frozen=True)
class KeptFigure:
    """One figure as each kept draw expects it.

    Attributes
    ----------
    row
        The figure: one row of ``Observations.rows``.
    signal
        Its definition.
    mu, noise
        (draw) expected value on the latent scale, and extra noise sd.
    encoded
        The figure on the latent scale, one element an array.
    trials
        Size of its replicates.
    """

    row: pd.Series
    signal: Signal
    mu: np.ndarray
    noise: np.ndarray
    encoded: Encoded
    trials: float

    def log_likelihood(self) -> np.ndarray:
        """Return the log density (draw) of the figure itself."""
        e = self.encoded
        logp = FAMILIES[self.signal.likelihood].logp(NUMPY, e.y, e.trials, e.error, e.side, self.mu, self.noise)
        return np.asarray(logp)

    def replicates(self, seed: int, label: str, error: float | None = None) -> np.ndarray:
        """Draw (draw) what the source would publish, in the unit of the value column.

        Parameters
        ----------
        seed, label
            Seed, and the name of this draw's own random stream.
        error
            Sampling error in place of the figure's.
        """
        rng = np.random.default_rng(random_stream(seed, label, str(self.row["id"])))
        given = self.encoded.error[0] if error is None else error
        family = FAMILIES[self.signal.likelihood]
        drawn = family.draw(rng, self.mu, self.noise, self.trials, float(given))
        return np.asarray(drawn * self.signal.per_unit)


def kept_figure(
    draws: Draws,
    row: pd.Series,
    signals: Mapping[str, Signal],
    priors: Priors,
    foreseen: Typical | None = None,
) -> KeptFigure | None:
    """Return a figure as a run's kept draws expect it, or None when they do not reach its period or know its signal.

    Parameters
    ----------
    draws
        The kept draws.
    row
        The figure.
    signals, priors
        The project's.
    foreseen
        Error, coefficients, and size of replicates in the place of the figure's own, where those must not be known
        yet. The density of a count stays that of so many of the figure's own trials.
    """
    slug = str(row["signal"])
    signal, one = signals[slug], pd.DataFrame([row])
    label = next((name for name in (slug, *signal.former_names) if name in draws.data["signal"].values), None)
    if label is None:
        return None
    grid = Grid(Quarter.parse(draws.quarters[0]), len(draws.quarters))
    weights = grid.weights(one["period_start"], one["period_end"])[0]
    if weights.sum() < WHOLE:
        return None
    mu = draws.data["signal_path"].sel(signal=label).values.astype(float) @ weights
    encoded = encode_figures(one, signal)
    own = decay(ages(one), priors.measurement.scales.lag_half_life.value) * signal.lag_bias
    own_parts = (float(part[0]) for part in (encoded.trials, encoded.error, own, encoded.unlabelled))
    given = foreseen or Typical(*own_parts)
    shift, error = _shifted(draws, label, given)
    noise = draws.data["noise"].sel(signal=label).values.astype(float)
    return KeptFigure(row, signal, mu + shift, noise, replace(encoded, error=np.full(1, error)), given.trials)


def _shifted(draws: Draws, label: str, given: Typical) -> tuple[np.ndarray, float]:
    """Return a figure's shift in each draw, and its error.

    Where the run had no row of the signal with two bounds, what this one leaves unlabelled is known from the prior
    alone: for one figure the same as an error of that sd.
    """
    total, error = np.zeros(len(draws.places)), given.error
    for key, coefficient in given.coefficients.items():
        shift = _shift(draws, SHIFTS[key], label)
        if shift is not None:
            total = total + shift * coefficient
        elif key == "unlabelled":
            error = float(np.hypot(error, coefficient))
    return total, error


def _shift(draws: Draws, shift: Shift, label: str) -> np.ndarray | None:
    """Return what a signal's rows share, (draw), or None where the run had no row of the signal that does."""
    if shift.name not in draws.data or label not in draws.data[shift.dim].values:
        return None
    return np.asarray(draws.data[shift.name].sel({shift.dim: label}).values, float)
