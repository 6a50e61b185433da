"""Published probabilities are scored once, when their question has resolved, and nothing else changes."""

import dataclasses
from datetime import date

import pandas as pd
import pytest

from stackcast.evaluate.record import due_scores, mean_brier, outcome, score_record, to_settle
from stackcast.observations.store import as_frame
from stackcast.runs.track_record import FILE, append_headline
from tests.toy import TODAY

DIARY = "time-diary-home-days"
QUESTION = "home-days-2024-q4-above-30"
CLOSED = date(2025, 4, 1)
"""The day after its last."""
SEEN = "adverts-2023-q2-above-20"
"""Resolved by a row that the run of the last day has seen."""


def resolved(project, value):
    row = {"signal": DIARY, "id": f"{DIARY}/late", "published": date(2025, 2, 10), "value": value,
           "source_url": "https://a.b/c", "note": ""}  # fmt: skip
    empty = dict.fromkeys(("numerator", "denominator", "n", "lower", "upper"))
    question = next(q for q in project.observations.questions if q.id == QUESTION)
    row |= {"period_start": question.period_start, "period_end": question.period_end}
    rows = pd.concat([project.observations.rows, as_frame([row | empty])], ignore_index=True)
    return dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=rows))


@pytest.fixture
def folder(passed_run, tmp_path):
    append_headline(tmp_path, passed_run, TODAY)
    return tmp_path


def question_of(project):
    return next(q for q in project.observations.questions if q.id == QUESTION)


@pytest.mark.parametrize(("value", "holds"), [(40.0, True), (20.0, False)])
def test_a_question_resolves_by_the_first_value_of_its_period_once_it_has_closed(project, value, holds):
    question, rows = question_of(project), resolved(project, value).observations.rows
    assert outcome(question, project.observations.rows, CLOSED) is None
    assert outcome(question, rows, question.closes) is None, "the closing day is not over"
    assert outcome(question, rows, CLOSED) is holds


def test_only_what_was_published_in_time_counts(project):
    question, rows = question_of(project), resolved(project, 40.0).observations.rows
    for changed in ({"counts_from": date(2025, 2, 11)}, {"closes": date(2025, 2, 9)}):
        assert outcome(question.model_copy(update=changed), rows, CLOSED) is None
    assert outcome(question.model_copy(update={"counts_from": date(2025, 2, 10)}), rows, CLOSED) is True


@pytest.mark.parametrize(("word", "holds"), [("happened", True), ("did-not-happen", False), ("void", None)])
def test_a_question_may_be_settled_by_hand(project, word, holds):
    question = question_of(project).model_copy(update={"settled": word})
    assert outcome(question, project.observations.rows, TODAY) is holds


def test_questions_that_closed_without_a_figure_are_named(project):
    assert to_settle(project, TODAY) == []
    assert QUESTION in {q.id for q in to_settle(project, CLOSED)}
    assert QUESTION not in {q.id for q in to_settle(resolved(project, 40.0), CLOSED)}


def test_the_mean_is_over_questions_however_often_each_was_asked():
    lines = [("resolved", "a", 0.0), ("resolved", "a", 0.0), ("resolved", "a", 0.3), ("resolved", "b", 0.5)]
    record = pd.DataFrame([*lines, ("question", "c", None)], columns=["kind", "name", "score"])
    assert mean_brier(record) == pytest.approx((0.1 + 0.5) / 2)
    assert mean_brier(record.tail(1)) is None


def test_a_probability_is_scored_once(project, passed_run, folder):
    before = (folder / FILE).read_text()
    later = resolved(project, 40.0)
    due, record = score_record(folder, later, CLOSED)
    stated = passed_run.table("questions").set_index("id")["probability"][QUESTION]
    assert due["name"].tolist() == [QUESTION]
    assert due["score"].iloc[0] == pytest.approx((stated - 1) ** 2, abs=1e-5)
    after = (folder / FILE).read_text()
    assert after.startswith(before)
    assert len(record) == len(pd.read_csv(folder / FILE))
    again, _ = score_record(folder, later, CLOSED)
    assert again.empty
    assert (folder / FILE).read_text() == after


def test_nothing_is_due_before_anything_resolves(project, folder):
    assert due_scores(pd.read_csv(folder / FILE), project, TODAY).empty
    due, _ = score_record(folder, project, TODAY)
    assert due.empty


def test_without_a_record_there_is_nothing_to_score(project, tmp_path):
    due, record = score_record(tmp_path, project, TODAY)
    assert due.empty
    assert record.empty


def test_a_run_that_has_seen_the_outcome_is_not_scored(project, failed_run, folder):
    assert outcome(next(q for q in project.observations.questions if q.id == SEEN), project.observations.rows, TODAY)
    assert SEEN in set(pd.read_csv(folder / FILE)["name"])
    append_headline(folder, failed_run, TODAY)
    due, _ = score_record(folder, project, TODAY)
    assert due["name"].tolist() == [SEEN]
    assert due["run"].tolist() == [failed_run.name]
