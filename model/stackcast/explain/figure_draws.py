"""One observation under the kept draws of a run: expected value, noise, density and replicates."""

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
    """One observation under each kept draw.

    Attributes
    ----------
    row
        The observation: one row of ``Observations.rows``.
    signal
        Its definition.
    mu, noise
        (draw) expected value on the latent scale, and extra noise sd.
    encoded
        The observation on the latent scale, arrays of one element.
    trials
        Number of trials of its replicates.
    """

    row: pd.Series
    signal: Signal
    mu: np.ndarray
    noise: np.ndarray
    encoded: Encoded
    trials: float

    def log_likelihood(self) -> np.ndarray:
        """Return the log density (draw) of the observation itself."""
        e = self.encoded
        logp = FAMILIES[self.signal.likelihood].logp(NUMPY, e.y, e.trials, e.error, e.side, self.mu, self.noise)
        return np.asarray(logp)

    def replicates(self, seed: int, label: str, error: float | None = None) -> np.ndarray:
        """Return replicates (draw) of what the source would publish, in the unit of the value column.

        Parameters
        ----------
        seed, label
            Seed, and the name of this draw's own random stream.
        error
            Sampling error in place of the observation's.
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
    """Return an observation under a run's kept draws; None where they have not its period or signal.

    Parameters
    ----------
    draws
        The kept draws.
    row
        The observation.
    signals, priors
        The project's.
    foreseen
        Error, coefficients and trials in place of the observation's own, where those must not be known yet. The density
        of a count uses the observation's own trials.
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
    """Return an observation's shift in each draw, and its error.

    Where the run had no row of the signal with two bounds, the unlabelled part has its prior, which for one observation
    is an error of that sd.
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
    """Return a shift of a signal, (draw), or None where no row of the run had it."""
    if shift.name not in draws.data or label not in draws.data[shift.dim].values:
        return None
    return np.asarray(draws.data[shift.name].sel({shift.dim: label}).values, float)
