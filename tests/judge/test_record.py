"""Published probabilities are scored once, when their question has resolved, and nothing else changes."""

import dataclasses
from datetime import date

import pandas as pd
import pytest

from model.judge.record import due_scores, outcome, score_record
from model.observations.store import as_frame
from model.runs.track_record import FILE, append_headline
from tests.evidence.test_whatif import MENLO
from tests.support import TODAY

QUESTION = "menlo-open-share-2026-above-15"


def resolved(project, value):
    row = {"signal": MENLO, "id": f"{MENLO}/late", "period_start": date(2026, 12, 1), "period_end": date(2026, 12, 31),
           "published": date(2027, 1, 15), "value": value, "source_url": "https://a.b/c", "note": ""}  # fmt: skip
    empty = dict.fromkeys(("numerator", "denominator", "n", "lower", "upper"))
    question = next(q for q in project.observations.questions if q.id == QUESTION)
    row |= {"period_start": question.period_start, "period_end": question.period_end}
    rows = pd.concat([project.observations.rows, as_frame([row | empty])], ignore_index=True)
    return dataclasses.replace(project, observations=dataclasses.replace(project.observations, rows=rows))


@pytest.fixture
def folder(passed_run, tmp_path):
    append_headline(tmp_path, passed_run, TODAY)
    return tmp_path


@pytest.mark.parametrize(("value", "holds"), [(0.3, True), (0.05, False)])
def test_a_question_resolves_by_the_first_value_of_its_period(project, value, holds):
    question = next(q for q in project.observations.questions if q.id == QUESTION)
    assert outcome(question, project.observations.rows) is None
    assert outcome(question, resolved(project, value).observations.rows) is holds


def test_a_probability_is_scored_once(project, passed_run, folder):
    before = (folder / FILE).read_text()
    later = resolved(project, 0.3)
    due, record = score_record(folder, later, date(2027, 2, 1))
    stated = passed_run.table("questions").set_index("id")["probability"][QUESTION]
    assert due["name"].tolist() == [QUESTION]
    assert due["score"].iloc[0] == pytest.approx((stated - 1) ** 2, abs=1e-5)
    after = (folder / FILE).read_text()
    assert after.startswith(before)
    assert len(record) == len(pd.read_csv(folder / FILE))
    again, _ = score_record(folder, later, date(2027, 3, 1))
    assert again.empty
    assert (folder / FILE).read_text() == after


def test_nothing_is_due_before_anything_resolves(project, folder):
    assert due_scores(pd.read_csv(folder / FILE), project).empty
    due, _ = score_record(folder, project, TODAY)
    assert due.empty


def test_without_a_record_there_is_nothing_to_score(project, tmp_path):
    due, record = score_record(tmp_path, project, TODAY)
    assert due.empty
    assert record.empty
