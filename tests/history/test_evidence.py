from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from stackcast.errors import InputError
from stackcast.history.ceilings import ceilings
from stackcast.history.evidence import Rated, latent_outcome, read_evidence
from stackcast.history.outcomes import EDGE, Z90
from stackcast.history.ratings import Unit, force_signs, standardised
from stackcast.history.records import load_history
from tests.history.small import CLAIMS, LAYERS, RATING_LINES, SHARE, SHARE_LINES, STACK_LINES, changed, write
from tests.history.worlds import FORCES, drawn_truth, world

CEILING = SHARE | {"stack": "phones", "criterion": "open-licence"}


def small(folder, shares=SHARE_LINES, stacks=STACK_LINES, ratings=RATING_LINES):
    return load_history(write(folder / "history", stacks, shares, ratings), CLAIMS, LAYERS)


@pytest.fixture
def evidence():
    rng = np.random.default_rng(1)
    return world(rng, drawn_truth(rng), stacks=30)


def asked(stacks=STACK_LINES):
    """Give the stack of ceilings the criterion of its rows."""
    return changed(stacks, 2, criterion="open-licence")


def test_a_ceiling_is_the_median_bound_of_the_last_years_where_no_share_is_printed(tmp_path):
    more = [CEILING | {"year": year, "upper": upper} for year, upper in ((1999, 0.9), (2004, 0.5), (2006, 0.1))]
    found = ceilings(small(tmp_path, [*SHARE_LINES, *more], asked()))
    assert found.to_dict() == {"phones": 0.3}


def test_a_stack_with_a_printed_share_has_no_ceiling(tmp_path):
    more = [CEILING | {"year": 2001, "share": 0.1}]
    assert ceilings(small(tmp_path, [*SHARE_LINES, *more], asked())).empty


def test_a_bound_by_another_criterion_is_no_ceiling(tmp_path):
    assert ceilings(small(tmp_path, stacks=changed(STACK_LINES, 2, criterion="free"))).empty


def test_an_outcome_is_its_logit_and_a_share_of_nothing_or_a_ceiling_the_middle_of_its_interval():
    found = pd.DataFrame({"share": [0.3, 0.0, 0.0], "low": [0.1, 0.0, 0.0], "high": [0.6, 0.04, 0.3]})
    outcome, error = latent_outcome(found)
    assert outcome[0] == pytest.approx(logit(0.3))
    assert error[0] == pytest.approx((logit(0.6) - logit(0.1)) / (2 * Z90))
    for place, high in ((1, 0.04), (2, 0.3)):
        assert outcome[place] == pytest.approx((logit(EDGE) + logit(high)) / 2)
        assert error[place] == pytest.approx((logit(high) - logit(EDGE)) / (2 * Z90))


def test_a_rated_stack_without_an_outcome_is_kept_to_be_predicted(tmp_path):
    history = small(tmp_path)
    evidence = read_evidence(history, standardised(history, Unit.of(history, {"H1": 1.0, "O1": 1.0})), LAYERS)
    assert list(evidence.stacks.index) == ["editors", "mail", "ai_today"]
    assert list(evidence.with_outcome().stacks.index) == ["editors", "mail"]
    assert evidence.printed.tolist() == [True, True, False]
    assert evidence.membership.tolist() == [[1, 0], [0, 1], [1, 0]]


def test_a_layer_that_is_not_known_has_no_member(evidence):
    first = evidence.stacks.index == "stack0"
    other = replace(evidence, stacks=evidence.stacks.assign(layer=evidence.stacks["layer"].mask(first, "new")))
    assert not other.membership[0].any()
    assert other.membership[1:].any(axis=1).all()


def test_a_group_is_the_mean_of_its_scores_in_its_own_unit(evidence):
    grouped = evidence.grouped([FORCES[1:3], FORCES[5:6]])
    mean = evidence.scores[["F1", "F2"]].mean(axis=1)
    np.testing.assert_allclose(grouped.scores["F1"], mean / mean.std())
    np.testing.assert_allclose(grouped.scores["F5"], evidence.scores["F5"] / evidence.scores["F5"].std())
    assert not grouped.scores[["F0", "F2", "F3", "F4", "F6", "F7"]].any(axis=None)
    assert (grouped.error_variance > 0).tolist() == [name in ("F1", "F5") for name in FORCES]


def test_a_flag_is_minus_one_where_the_stack_has_the_trait(evidence):
    flagged = evidence.flagged("service")
    np.testing.assert_array_equal(flagged.scores["F0"], -evidence.stacks["service"].astype(float))
    assert not flagged.scores.iloc[:, 1:].any(axis=None)


def test_hindsight_taken_out_is_a_slope_on_the_outcome(evidence):
    less = evidence.scores - evidence.without_hindsight(0.2).scores
    outcome = evidence.stacks["outcome"]
    for name in FORCES:
        np.testing.assert_allclose(less[name], 0.2 * (outcome - outcome.mean()) / outcome.std())


def test_scores_dealt_anew_are_the_same_scores_of_other_stacks(evidence):
    order = np.roll(np.arange(30), 1)
    dealt = evidence.shuffled(order)
    np.testing.assert_array_equal(dealt.scores.iloc[1], evidence.scores.iloc[0])
    pd.testing.assert_frame_equal(dealt.stacks, evidence.stacks)


def test_too_few_stacks_and_ratings_of_other_forces_are_named(tmp_path, project):
    history = small(tmp_path)
    with pytest.raises(InputError, match="2 rated stacks have an outcome"):
        Rated.of(history, {"H1": 1.0, "O1": 1.0}, LAYERS)
    rated = Rated.of(project.history, force_signs(project.priors, project.history), project.priors.layers.layers)
    with pytest.raises(InputError, match="no rating of C1, C2"):
        rated.unseen(history)
    with pytest.raises(InputError, match="no rated stack has an outcome"):
        rated.unseen(project.history.of(["team_chat"]))


def test_unseen_stacks_are_read_as_those_that_were_seen(project):
    rated = Rated.of(project.history, force_signs(project.priors, project.history), project.priors.layers.layers)
    some = list(rated.earlier.stacks.index[:4])
    pd.testing.assert_frame_equal(rated.unseen(project.history.of(some)).scores, rated.evidence.of(some).scores)
    assert rated.unseen(project.history.of(some)).stacks["outcome"].equals(rated.evidence.of(some).stacks["outcome"])
