"""Predictive distributions of observations: values that a source would publish."""

import numpy as np
import pandas as pd

from stackcast.forecast.figures import Typical, typical
from stackcast.forecast.future import Trajectories, random_stream
from stackcast.graph.data import ObservedData, encode
from stackcast.graph.evaluate import weigh
from stackcast.graph.shifts import shift_of
from stackcast.likelihoods import FAMILIES
from stackcast.observations.as_of import first_vintages, known_at


def typical_now(trajectories: Trajectories, observed: ObservedData, rows: pd.DataFrame, slug: str) -> Typical:
    """Return size and error of a signal's next observation, from rows known at the as-of date."""
    mine = known_at(rows[rows["signal"] == slug], observed.as_of)
    return typical(
        trajectories.design.signals[slug],
        observed.rows[observed.rows["signal"] == slug],
        first_vintages(mine).sort_values("period_end"),
        trajectories.design.priors.measurement.scales.lag_half_life.value,
    )


def draw_figures(
    trajectories: Trajectories, slug: str, weights: np.ndarray, given: Typical, seed: int, label: str
) -> np.ndarray:
    """Draw the value that a source would publish for a period.

    Parameters
    ----------
    trajectories
        Draws to the horizon.
    slug
        The signal.
    weights
        (quarter) shares of the period's days, summing to one.
    given
        Size, error and coefficients of the observation.
    seed, label
        Seed, and the name of this draw's own random stream.

    Returns
    -------
    ndarray (draw)
        Observations in the unit of the signal's value column.
    """
    signal = trajectories.design.signals[slug]
    j = np.array([trajectories.design.slugs.index(slug)])
    mu = weigh(trajectories.paths, j, weights[None])[:, 0] + shift_of(trajectories.shifts, j[0], given.coefficients)
    rng = np.random.default_rng(random_stream(seed, slug, label))
    drawn = FAMILIES[signal.likelihood].draw(rng, mu, trajectories.noise[:, j[0]], given.trials, given.error)
    return np.asarray(drawn * signal.per_unit)


def predict_quarters(
    trajectories: Trajectories, observed: ObservedData, rows: pd.DataFrame, slug: str, seed: int
) -> np.ndarray:
    """Draw one observation for every quarter of the grid, (draw, quarter)."""
    given = typical_now(trajectories, observed, rows, slug)
    eye = np.eye(trajectories.design.grid.size)
    labels = trajectories.design.grid.labels
    return np.stack(
        [draw_figures(trajectories, slug, w, given, seed, q) for w, q in zip(eye, labels, strict=True)], axis=1
    )


def replicate_rows(trajectories: Trajectories, observed: ObservedData, seed: int) -> np.ndarray:
    """Draw a replicate of every fitted row, (draw, row), on the scale of the value column."""
    out = np.empty((len(trajectories.noise), len(observed.rows)))
    for name, family in FAMILIES.items():
        places = np.flatnonzero(observed.rows["likelihood"].to_numpy() == name)
        if not len(places):
            continue
        part = observed.rows.iloc[places]
        arrays = encode(trajectories.design, name, part)
        mu = weigh(trajectories.paths, arrays["signal"], arrays["weight"])
        mu = mu + shift_of(trajectories.shifts, arrays["signal"], arrays)
        rng = np.random.default_rng(random_stream(seed, "replicate", name))
        drawn = family.draw(rng, mu, trajectories.noise[:, arrays["signal"]], arrays["trials"], arrays["error"])
        out[:, places] = drawn * np.array([trajectories.design.signals[s].per_unit for s in part["signal"]])
    return out
