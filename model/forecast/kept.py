"""What the kept draws of a run say of one figure: its expected latent value, its noise, its density, its replicates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.families import FAMILIES, Encoded
from model.families.base import NUMPY
from model.forecast.figures import Typical, encode_figures
from model.forecast.future import random_stream
from model.graph.parameters import LAG_SHIFT
from model.observations.revisions import ages, decay
from model.observations.schema import Signal
from model.priors.load import Priors
from model.quarters import Grid, Quarter

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
    draws: xr.Dataset,
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
        Error, lag, and size of replicates in the place of the figure's own, where those must not be known yet. The
        density of a count stays that of so many of the figure's own trials.
    """
    slug = str(row["signal"])
    signal, one = signals[slug], pd.DataFrame([row])
    label = next((name for name in (slug, *signal.former_names) if name in draws["signal"].values), None)
    if label is None:
        return None
    grid = Grid(Quarter.parse(str(draws["quarter"].values[0])), draws.sizes["quarter"])
    weights = grid.weights(one["period_start"], one["period_end"])[0]
    if weights.sum() < WHOLE:
        return None
    mu = draws["signal_path"].sel(signal=label).values.astype(float) @ weights
    encoded = encode_figures(one, signal)
    own = decay(ages(one), priors.measurement.scales.lag_half_life.value)[0] if signal.lag_bias else 0.0
    given = foreseen or Typical(float(encoded.trials[0]), float(encoded.error[0]), float(own))
    mu = mu + draws[LAG_SHIFT].values * given.lag
    noise = draws["noise"].sel(signal=label).values.astype(float)
    return KeptFigure(row, signal, mu, noise, replace(encoded, error=np.full(1, given.error)), given.trials)


def open_draws(path: Any) -> xr.Dataset:
    """Read a run's kept draws whole."""
    with xr.open_dataset(path, engine="h5netcdf") as handle:
        return handle.load()
