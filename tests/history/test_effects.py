from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from stackcast.compiled.pymc_model import Effort
from stackcast.history.cross_section import Beliefs, compile_cross_section
from stackcast.history.effects import TRANSFER, distances, effects, log_normal, transfer
from stackcast.history.prediction import Prediction
from stackcast.history.ratings import RatingTable
from stackcast.history.score import LEVELS, quantile_score, score
from tests.history.worlds import ERROR_VARIANCE, FORCES, clear_truth, with_error, world

EFFORT = Effort(chains=2, draws=400, tune=250)
SIGNS = np.array([1, 1, 1, 1, -1, -1, -1, -1.0])


@pytest.fixture(scope="module")
def sections():
    given = world(np.random.default_rng(3), clear_truth())
    return tuple(compile_cross_section(given, Beliefs(effect=0.7, free_signs=free)) for free in (False, True))


@pytest.fixture(scope="module")
def evidence():
    """Fifty earlier stacks, and two of today: one like them, one with all scores five units away."""
    given = with_error(world(np.random.default_rng(3), clear_truth(), stacks=52), 0.2)
    stacks = given.stacks.copy()
    stacks.loc[stacks.index[-2:], ["outcome", "layer"]] = [np.nan, "a"]
    scores = given.scores.copy()
    scores.iloc[-1] = 5.0
    return replace(given, stacks=stacks, scores=scores)


@pytest.fixture(scope="module")
def found(sections, evidence):
    values = (evidence.scores * SIGNS).to_numpy()[:, None, :]
    table = RatingTable(tuple(evidence.scores.index), ("r1",), FORCES, values, SIGNS, ERROR_VARIANCE)
    return effects(*sections, evidence, table, 1, EFFORT)


def test_the_log_normal_has_the_moments_of_the_draws():
    rng = np.random.default_rng(1)
    draws = np.abs(rng.multivariate_normal([0.5, 0.1], [[0.04, 0.01], [0.01, 0.02]], 4000))
    mean, covariance = log_normal(draws)
    again = np.exp(rng.multivariate_normal(mean, covariance, 400_000))
    np.testing.assert_allclose(again.mean(axis=0), draws.mean(axis=0), rtol=0.02)
    np.testing.assert_allclose(np.cov(again.T), np.cov(draws.T), rtol=0.1)


def test_what_is_handed_over_is_what_the_stacks_say(found):
    truth = clear_truth()
    assert (np.abs(found.size_mean - truth["effects"]) < 3 * found.size_sd + 0.1).all()
    assert found.size_mean[:2].min() > 2 * found.size_mean[4:].max()
    assert (found.against_sign[:2] < 0.01).all()
    assert found.against_sign[4:].max() > 0.2
    assert found.omega < found.null_spread
    assert found.stacks == 50
    np.testing.assert_allclose(np.exp(found.log_size_mean + np.diag(found.log_size_covariance) / 2), found.size_mean)


def test_categories_of_today_are_predicted_and_their_ratings_stay_as_rated(found, evidence):
    assert list(found.categories.index) == list(evidence.stacks.index[-2:])
    np.testing.assert_allclose(found.ratings, evidence.scores.iloc[-2:] * SIGNS)
    near, far = found.categories.iloc[0], found.categories.iloc[1]
    expected = found.alpha_mean[0] + (found.size_mean * found.reliability) @ evidence.scores.iloc[-2]
    assert near["mean"] == pytest.approx(expected)
    assert near["low_90"] < near["median"] < near["high_90"]
    assert near["median"] == pytest.approx(expit(near["mean"]), abs=0.05)
    assert near["sd"] > near["parameter_sd"]
    assert not near["beyond"]
    assert far["beyond"]
    assert far["distance"] > found.farthest
    assert far["sd"] > near["sd"]


def test_the_transfer_spread_grows_beyond_a_typical_distance():
    spread = transfer(pd.Series([2.0, 8.0, 32.0]), 8)
    np.testing.assert_allclose(spread, [TRANSFER, TRANSFER, 2 * TRANSFER])


def test_distances_are_those_of_mahalanobis():
    among = pd.DataFrame(np.random.default_rng(1).standard_normal((40, 3)) @ np.diag([1, 2, 3]))
    squared = distances(among, among)
    assert squared.mean() == pytest.approx(3 * 39 / 40)
    turned = among @ np.array([[1.0, 1, 0], [0, 1, 0], [0, 0, 2]])
    np.testing.assert_allclose(distances(turned, turned), squared)


def test_unseen_stacks_are_scored_beside_base_rates_without_ratings(sections, evidence):
    earlier = evidence.with_outcome()
    first, rest = earlier.of(earlier.stacks.index[:30]), earlier.of(earlier.stacks.index[30:])
    bounded = replace(
        rest, stacks=rest.stacks.assign(measure=rest.stacks["measure"].where(rest.stacks.index != "stack49"))
    )
    found = score(sections[0], first, bounded, 1, EFFORT)
    assert list(found.stacks.index) == list(rest.stacks.index[:-1])
    assert (found.summary["stacks"] == 19).all()
    assert (found.summary[["crps", "crps_share", "quantile_score"]] < 0.8).all(axis=None)
    assert (found.summary["correlation"] > 0.7).all()
    inside = found.stacks["share"].between(found.stacks["low_90"], found.stacks["high_90"])
    assert inside.mean() == pytest.approx(found.summary["in_90"].iloc[0], abs=0.06)


def test_a_sure_and_right_prediction_has_no_loss_and_a_wrong_one_its_distance():
    sure = Prediction(("a",), np.zeros((100, 1)), np.full((100, 1), 1e-9))
    assert quantile_score(sure, np.array([0.0]), np.array([0.0])) == pytest.approx(0, abs=1e-9)
    assert quantile_score(sure, np.array([50.0]), np.array([0.0])) == pytest.approx(0.5 * LEVELS.mean())
