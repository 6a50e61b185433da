"""A simulated world is observed in the design of the real one, by the likelihood's own distributions."""

import numpy as np
import pytest

from stackcast.evaluate.calibration.simulate import censor, latent, simulate
from stackcast.graph.evaluate import expected_rows, log_likelihood
from stackcast.likelihoods import FAMILIES
from stackcast.likelihoods.base import CEILING, FLOOR, POINT
from tests.support import prior_point


@pytest.fixture(scope="module")
def worlds(design, observed):
    truths = [prior_point(design, observed, seed) for seed in range(40)]
    return [(p, simulate(design, observed, p, seed)) for seed, p in enumerate(truths)]


def test_only_figures_and_sides_are_new(observed, worlds):
    _, simulated = worlds[0]
    changed = {
        name for name, array in observed.data.items() if not np.array_equal(array, simulated.observed.data[name])
    }
    assert changed <= {f"{name}_{key}" for name in FAMILIES for key in ("y", "side")}
    assert {f"{name}_y" for name in FAMILIES} <= changed
    for name in FAMILIES:
        empty = observed.data[f"{name}_mask"] == 0
        assert np.array_equal(observed.data[f"{name}_y"][empty], simulated.observed.data[f"{name}_y"][empty])


def test_figures_scatter_as_the_likelihood_says(design, worlds):
    """Points of the normal families, standardised at the truth, are standard normal."""
    found = []
    for truth, simulated in worlds:
        for name, (rows, mu, noise) in expected_rows(design, simulated.observed, truth).items():
            if name not in ("counts", "gap"):
                z = (rows["y"] - mu[0]) / np.hypot(noise[0], rows["error"])
                found.append(z[rows["side"] == POINT])
    z = np.concatenate(found)
    assert len(z) >= 40 * (55 + 19), "of 57 shares two are floors; all 19 ratios are points"
    assert z.mean() == pytest.approx(0, abs=4 / np.sqrt(len(z)) + 0.01)
    assert z.std() == pytest.approx(1, abs=0.02)


def test_every_world_has_a_finite_likelihood(design, worlds):
    for truth, simulated in worlds:
        assert np.isfinite(log_likelihood(design, simulated.observed, truth)).all()


def test_counts_are_whole_and_within_their_trials(worlds):
    for _, simulated in worlds:
        data = simulated.observed.data
        filled = data["counts_mask"] > 0
        y = data["counts_y"][filled]
        assert np.array_equal(y, np.rint(y))
        assert ((y >= 0) & (y <= data["counts_trials"][filled])).all()


def test_a_bound_stays_as_a_threshold():
    y, bound = np.array([3.0, 1.0, 3.0, 1.0, 1.0]), np.full(5, 2.0)
    side = np.array([FLOOR, FLOOR, CEILING, CEILING, POINT])
    seen, told = censor(y, bound, side)
    assert seen.tolist() == [2.0, 1.0, 3.0, 2.0, 1.0]
    assert told.tolist() == [FLOOR, POINT, POINT, CEILING, POINT]


def test_what_no_double_holds_is_moved_and_counted():
    y, moved = latent(FAMILIES["share"], np.array([0.0, 0.5, 1.0]), np.ones(3))
    assert moved == 2
    assert np.isfinite(y).all()
    assert y[0] < 0 < y[2]
