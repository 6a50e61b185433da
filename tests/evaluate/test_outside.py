"""Others' probabilities stand beside ours of the same day, and both are scored by the outcome of our question."""

import dataclasses
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.outside import beside, by_question, paired, related, standing
from stackcast.observations.markets import Market
from stackcast.runs.track_record import COLUMNS
from tests.evaluate.test_record import CLOSED, QUESTION, resolved
from tests.toy import TODAY

OURS = ((TODAY - timedelta(20), 0.5), (TODAY, 0.3), (TODAY + timedelta(20), 0.2))


def market(**changed):
    plain = {"day": TODAY, "market": "A market", "asked": "The same?", "outcome": "yes", "probability": 0.6,
             "closes": CLOSED, "question": QUESTION, "source_url": "https://example.org/m"}  # fmt: skip
    return Market.model_validate(plain | changed)


def with_markets(project, *markets):
    return dataclasses.replace(project, observations=dataclasses.replace(project.observations, markets=markets))


@pytest.fixture
def record():
    lines = [
        {"published": day.isoformat(), "run": f"r{i}", "prior_scenario": name, "kind": "question", "name": QUESTION,
         "probability": value + (0 if name == "neutral" else 0.4)}
        for i, (day, value) in enumerate(OURS)
        for name in ("neutral", "home")
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=list(COLUMNS))


def test_ours_is_the_neutral_answer_that_stood_on_that_day(record):
    assert standing(record, QUESTION, TODAY) == (TODAY.isoformat(), 0.3)
    assert standing(record, QUESTION, TODAY - timedelta(1))[1] == 0.5
    assert np.isnan(standing(record, QUESTION, TODAY - timedelta(21))[1])
    assert np.isnan(standing(record, "another", TODAY)[1])


@pytest.mark.parametrize(("value", "holds"), [(40.0, 1.0), (20.0, 0.0)])
def test_both_are_scored_when_our_question_has_resolved(project, record, value, holds):
    row = beside(record, with_markets(resolved(project, value), market()), CLOSED).iloc[0]
    assert (row["outcome"], row["ours"], row["theirs"]) == (holds, 0.3, 0.6)
    assert row["our_score"] == pytest.approx((0.3 - holds) ** 2)
    assert row["their_score"] == pytest.approx((0.6 - holds) ** 2)


def test_nothing_is_scored_before(project, record):
    table = beside(record, with_markets(project, market()), TODAY)
    assert len(table) == 1
    assert table[["outcome", "our_score", "their_score"]].isna().all(axis=None)
    assert paired(table).empty


def test_without_an_answer_of_ours_theirs_has_no_peer(project, record):
    early = market(day=TODAY - timedelta(40))
    table = beside(record, with_markets(resolved(project, 40.0), early, market()), CLOSED)
    assert table["our_score"].isna().tolist() == [True, False]
    assert len(paired(table)) == 1


def test_what_is_only_related_is_never_scored_and_the_future_is_not_shown(project, record):
    late, only = market(day=TODAY + timedelta(1)), market(question=None)
    table = beside(record, with_markets(resolved(project, 40.0), only, late), TODAY)
    assert table.empty
    assert len(beside(record, with_markets(project, late), TODAY + timedelta(1))) == 1


def test_of_a_related_market_the_latest_known_quotation_is_shown():
    first, last = market(question=None, day=TODAY - timedelta(60)), market(question=None, probability=0.7)
    assert related([last, first, market()], TODAY) == [last]
    assert related([last, first], TODAY - timedelta(1)) == [first]


def test_what_is_beside_ours_is_found_by_our_question():
    old, new, other = market(day=TODAY - timedelta(9)), market(probability=0.7), market(market="Another", day=TODAY)
    assert by_question([new, old, other, market(question=None)], TODAY) == {QUESTION: [new, other]}
    assert by_question([new], TODAY - timedelta(1)) == {}
