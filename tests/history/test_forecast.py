"""Forecasts of a series that was never fitted: filter, particles, horizons."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stackcast.history.filter import run
from stackcast.history.forecast import ensemble, forecast
from stackcast.history.series import OWN, POPULATION
from stackcast.likelihoods.base import NUMPY
from tests.history.series import LAW, moving, one_series
from tests.history.test_filter import QUARTERS, VALUES, simulated

SIZE = 4096


def law(draws=4, **changed):
    return {name: np.full(draws, value) for name, value in (LAW | changed).items()}


def same_for_all(**changed):
    """A population without spread: every particle is the same series."""
    spreads = dict.fromkeys((name for name in POPULATION if name.endswith("_spread")), 1e-9)
    return law(**spreads, noise_census=0.05, jump_rate=1e-9, **changed)


def foreseen(known, quarter, ahead, draws=4):
    return forecast(known, quarter, ahead, np.full(draws, 1 / draws), SIZE, np.random.default_rng(1))


def test_at_horizon_zero_the_forecast_is_the_filtered_level():
    one = one_series(QUARTERS, VALUES)
    found = foreseen(ensemble(one, same_for_all(), 8, seed=1), 9, 0)
    filtered = run(NUMPY, one.figures, moving()).states
    assert_allclose(found.mean, filtered.e[9, 0], rtol=1e-5)
    assert_allclose(found.sd, np.sqrt(filtered.ee[9, 0]), rtol=1e-5)
    assert_allclose(found.figure(0.3).sd, np.sqrt(filtered.ee[9, 0] + 0.05**2 + 0.3**2), rtol=1e-5)


def test_without_figures_between_a_forecast_is_what_simulated_steps_give():
    """Of simulated stacks, those that pass close to one first figure."""
    population = same_for_all(start=0.5)
    found = foreseen(ensemble(one_series([0, 9], [-0.5, 0.0]), population, 8, seed=1), 0, 8)
    path = simulated(moving(start=0.5), 8, 500_000)
    close = np.abs(path[0, 0] + 0.05 * np.random.default_rng(9).standard_normal(path.shape[2]) + 0.5) < 0.01
    assert_allclose(found.mean.mean(), path[8, 0, close].mean(), atol=0.03)
    assert_allclose(found.sd.mean(), path[8, 0, close].std(), rtol=0.03)


def test_particles_lean_to_the_steps_that_the_known_figures_show():
    quarters = list(range(0, 40, 4))
    rough = one_series(quarters, np.where(np.arange(10) % 2, 0.6, -0.6))
    smooth = one_series(quarters, np.linspace(-0.3, -0.2, 10))
    sds = [
        foreseen(ensemble(one, law(innovation_sd_spread=0.8), 256, seed=1), 36, 4).sd.mean() for one in (rough, smooth)
    ]
    assert sds[0] > 2 * sds[1]


def test_weights_of_the_population_choose_its_draws():
    population = law(2) | {"rest_mean": np.array([-3.0, 3.0])}
    known = ensemble(one_series([0, 4], [0.0, 0.0]), population, 64, seed=1)
    low, high = (
        forecast(known, 4, 60, np.array(weights), SIZE, np.random.default_rng(1)).mean.mean()
        for weights in ([1.0, 0.0], [0.0, 1.0])
    )
    assert low < -0.4 < 0.4 < high


def test_possible_jumps_widen_a_forecast_by_their_variance():
    one = one_series(QUARTERS, VALUES)
    calm, wild = (same_for_all() | {"jump_rate": np.full(4, rate)} for rate in (1e-9, 0.3))
    before, after = (foreseen(ensemble(one, p, 64, seed=1), 16, 4) for p in (calm, wild))
    spread = np.mean(after.sd**2) + after.mean.var() - np.mean(before.sd**2) - before.mean.var()
    filtered = (
        run(NUMPY, one.figures, moving(jump_rate=0.3)).states.ee[16, 0]
        - run(NUMPY, one.figures, moving()).states.ee[16, 0]
    )
    assert spread - filtered == pytest.approx(0.3 * 0.5 ** (4 / 16), abs=0.08)  # one year's jumps, half a year old


def test_evidence_is_the_mean_over_the_own_parameters_of_the_likelihood():
    known = ensemble(one_series(QUARTERS, VALUES), law(4), 16, seed=1)
    likelihoods = np.exp(known.filtered.log_likelihood[:, 9, 0]).reshape(4, 16)
    assert_allclose(known.evidence(9), np.log(likelihoods.mean(axis=1)))
    assert len(OWN) == 3
