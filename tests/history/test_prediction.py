from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
from scipy import stats

from stackcast.compiled.pymc_model import Effort
from stackcast.history.contest import against, folds_by, leave_one_out, predicted_apart, random_folds
from stackcast.history.cross_section import TAIL, Beliefs, compile_cross_section
from stackcast.history.prediction import Prediction, predict
from tests.history.worlds import LAYERS, clear_truth, with_error, world

EFFORT = Effort(chains=2, draws=300, tune=200)
OUTCOME, ERROR = np.array([1.2, -3.0]), np.array([0.5, 0.0])


@pytest.fixture(scope="module")
def evidence():
    return with_error(world(np.random.default_rng(3), clear_truth(), stacks=40), 0.2)


@pytest.fixture(scope="module")
def section(evidence):
    return compile_cross_section(evidence, Beliefs())


@pytest.fixture(scope="module")
def fitted(section, evidence):
    return section.fit(evidence, 1, EFFORT)


@pytest.fixture
def one():
    """A thousand draws that are all the same."""
    location, scale = np.array([0.4, -1.0]), np.array([1.1, 0.7])
    return Prediction(("a", "b"), np.tile(location, (1000, 1)), np.tile(scale, (1000, 1)))


def test_a_prediction_scores_as_the_t_distribution_that_it_is(one):
    scores, scale = one.scores(OUTCOME, ERROR), np.hypot(one.scale[0], ERROR)
    known = stats.t(TAIL, one.location[0], scale)
    np.testing.assert_allclose(scores["log_score"], known.logpdf(OUTCOME))
    np.testing.assert_allclose(scores["pit"], known.cdf(OUTCOME), atol=2e-3)
    np.testing.assert_allclose(scores["crps"], sr.crps_t(OUTCOME, TAIL, one.location[0], scale), rtol=5e-3)
    levels = np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(one.quantiles(levels, ERROR), [known.ppf(level) for level in levels], atol=0.04)


def test_a_mixture_scores_as_the_mean_of_its_densities():
    mixed = Prediction(("a",), np.array([[0.0], [2.0]]), np.array([[1.0], [0.5]]))
    density = np.mean([stats.t.pdf(0.7, TAIL, 0, 1), stats.t.pdf(0.7, TAIL, 2, 0.5)])
    assert mixed.scores(np.array([0.7]), np.array([0.0]))["log_score"].item() == pytest.approx(np.log(density))


def test_a_stack_is_predicted_from_its_layer_and_its_scores(fitted, evidence):
    given = predict(fitted, evidence)
    strong = evidence.stacks.index[np.argmax(evidence.scores.to_numpy() @ fitted.effects.mean(axis=0))]
    size = (fitted.effects * evidence.reliability) @ evidence.scores.loc[strong]
    layer = fitted.alpha[:, LAYERS.index(evidence.stacks.at[strong, "layer"])]
    np.testing.assert_allclose(given.location[:, given.stacks.index(strong)], layer + size)
    assert (given.scale[:, 0] > fitted.residual).all()


def test_a_layer_that_the_model_does_not_know_is_less_certain(fitted, evidence):
    unknown = replace(evidence, stacks=evidence.stacks.assign(layer="new"))
    known, new = (predict(fitted, given).location.std(axis=0) for given in (evidence, unknown))
    assert (new > known).mean() > 0.9


def test_folds_hold_every_printed_share_once_and_no_ceiling(evidence):
    ceilings = replace(
        evidence, stacks=evidence.stacks.assign(measure=evidence.stacks["measure"].where(evidence.printed))
    )
    ceilings.stacks.loc["stack0", "measure"] = None
    printed = sorted(ceilings.stacks.index[1:])
    assert sorted(slug for fold in leave_one_out(ceilings) for slug in fold) == printed
    seven = random_folds(ceilings, 7, 2, seed=1)
    for half in (seven[:7], seven[7:]):
        assert sorted(slug for fold in half for slug in fold) == printed
    assert seven[:7] != seven[7:]
    grouped = folds_by(ceilings, ceilings.stacks["layer"])
    assert sorted(slug for fold in grouped for slug in fold) == printed
    assert all(ceilings.stacks.loc[fold, "layer"].nunique() == 1 for fold in grouped)


def test_a_stack_is_predicted_without_its_outcome(section, evidence):
    stacks = evidence.stacks.assign(outcome=evidence.stacks["outcome"].where(evidence.stacks.index != "stack1", 6.0))
    first, other = (
        predicted_apart(section, given, [["stack1", "stack2"]], 1, EFFORT)
        for given in (evidence, replace(evidence, stacks=stacks))
    )
    pd.testing.assert_series_equal(first.loc["stack2"], other.loc["stack2"])
    assert other.loc["stack1", "pit"] > 0.99


def test_scores_that_say_something_beat_the_base_rate_and_dealt_anew_do_not(section, evidence):
    folds = random_folds(evidence, 5, 1, seed=1)
    base = predicted_apart(section, evidence.without_scores(), folds, 1, EFFORT)
    dealt = evidence.shuffled(np.random.default_rng(1).permutation(len(evidence.stacks)))
    true, false = (against(predicted_apart(section, given, folds, 1, EFFORT), base) for given in (evidence, dealt))
    assert true["gain"] > 10
    assert true["crps"] < 0.7
    assert false["gain"] < 1
    assert 0.75 <= true["in_90"] <= 1


def test_the_comparison_is_that_of_the_formulas():
    columns = ["log_score", "crps", "crps_share", "pit"]
    scores = pd.DataFrame([[-1.0, 0.5, 0.1, 0.5], [-2.0, 0.7, 0.2, 0.04]], columns=columns)
    base = pd.DataFrame([[-1.5, 1.0, 0.2, 0.9], [-1.8, 1.0, 0.2, 0.1]], columns=columns)
    found = against(scores, base)
    assert found["stacks"] == 2
    assert found["gain"] == pytest.approx(0.3)
    assert found["gain_se"] == pytest.approx(np.std([0.5, -0.2], ddof=1) * np.sqrt(2))
    assert found["crps"] == pytest.approx(0.6)
    assert found["crps_z"] == pytest.approx(-0.4 / (np.std([-0.5, -0.3], ddof=1) / np.sqrt(2)))
    assert (found["in_50"], found["in_90"]) == (0.5, 0.5)
