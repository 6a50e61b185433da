import numpy as np
import pandas as pd
import pytest

from stackcast.history.contest import leave_one_out, predicted_apart
from stackcast.history.cross_section import Beliefs, compile_cross_section
from stackcast.history.permutation import EFFORT, _deal, leave_one_out_score, p_value, permuted
from tests.history.worlds import FORCES, clear_truth, with_error, world


@pytest.fixture(scope="module")
def evidence():
    return with_error(world(np.random.default_rng(3), clear_truth(), stacks=25), 0.2)


@pytest.fixture(scope="module")
def section(evidence):
    return compile_cross_section(evidence, Beliefs(hindsight=0.0))


def test_one_fit_gives_the_score_of_as_many_fits_as_stacks(section, evidence):
    exact = predicted_apart(section, evidence, leave_one_out(evidence), 1, EFFORT)["log_score"].sum()
    assert leave_one_out_score(section, evidence, 1) == pytest.approx(exact, abs=0.8)


def test_ratings_that_say_something_score_higher_than_all_deals(section, evidence):
    seen, dealt = permuted(section, evidence, 9, 1)
    assert seen > dealt.max() + 3
    assert p_value(seen, dealt) == pytest.approx(0.1)


def test_ratings_that_say_nothing_are_one_deal_among_others(section):
    silent = clear_truth() | {"effects": np.zeros(len(FORCES)), "residual": 1.0}
    seen, dealt = permuted(section, world(np.random.default_rng(8), silent, stacks=25), 9, 1)
    assert p_value(seen, dealt) > 0.1


def test_a_p_value_counts_the_seen_among_the_deals():
    assert p_value(1.0, np.array([0.0, 2.0, 1.0])) == 0.75


def test_a_deal_within_groups_moves_stacks_within_their_group_alone():
    group = pd.Series(list("abcab") * 8)
    order = _deal(group.to_numpy(), np.random.default_rng(1))
    assert sorted(order) == list(range(40))
    assert (group.to_numpy()[order] == group.to_numpy()).all()
    assert (order != np.arange(40)).any()
