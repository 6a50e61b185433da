"""Every published run keeps its score; unseen outcomes are counted apart; what the latest run says stands beside."""

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest

from stackcast.evaluate.published import published_runs
from stackcast.evaluate.record import known_on
from stackcast.priors.debate import Evaluation, SeenUntil
from stackcast.runs.track_record import COLUMNS
from tests.toy import TODAY

LATE, EARLY = "home-days-2024-q4-above-30", "adverts-2023-q2-above-20"


def line(run, published, kind, name, **values):
    head = {
        "published": published,
        "run": run,
        "as_of": published,
        "prior_scenario": "neutral",
        "kind": kind,
        "name": name,
    }
    return dict.fromkeys(COLUMNS, np.nan) | head | values


@pytest.fixture
def record():
    return pd.DataFrame(
        [
            line("one", "2023-06-30", "question", EARLY, probability=0.35),
            line("one", "2023-06-30", "question", LATE, probability=0.5),
            line("two", "2023-09-30", "question", LATE, probability=0.9),
            line("one", "2023-11-01", "resolved", EARLY, mean=1.0, probability=0.35, score=0.4225),
        ],
        columns=list(COLUMNS),
    )


def declaring(project, **evaluation):
    debate = project.priors.debate.model_copy(update={"evaluation": Evaluation(**evaluation)})
    return dataclasses.replace(project, priors=dataclasses.replace(project.priors, debate=debate))


def seen(day):
    return (SeenUntil(until=day, reason="looked at"),)


def test_a_run_keeps_its_score_and_shows_what_the_latest_says(project, record):
    table = published_runs(record, project).set_index("run")
    assert table.loc["one", ["answers", "resolved", "brier"]].tolist() == [2, 1, pytest.approx(0.4225)]
    assert table.loc["one", ["question", "then", "now"]].tolist() == [LATE, 0.5, 0.9]
    assert table.loc["two", "resolved"] == 0
    assert np.isnan(table.loc["two", "brier"])
    assert table.loc["two", "question"] == "", "it is the latest"
    assert table[["unseen", "seen"]].isna().all(axis=None), "the debate declares nothing"


def test_an_outcome_is_unseen_when_it_came_after_all_that_those_who_made_the_run_had_seen(project, record):
    question = next(q for q in project.observations.questions if q.id == EARLY)
    came = known_on(question, project.observations.rows)
    assert date(2023, 6, 30) < came <= TODAY
    before, after = date(2023, 1, 1), date(2023, 12, 31)
    for evaluation, unseen in (
        ({"seen": seen(before)}, 1),
        ({"seen": seen(before), "released": date(2023, 6, 30)}, 1),  # what came later nobody could have seen
        ({"seen": seen(after)}, 1),  # nor what came after the run, whatever is declared
    ):
        row = published_runs(record, declaring(project, **evaluation)).set_index("run").loc["one"]
        assert row[["unseen", "seen"]].tolist() == [unseen, 1 - unseen]
    late = record.assign(published=record["published"].where(record["kind"] != "question", str(TODAY)))
    for evaluation, unseen in (({"seen": seen(after)}, 0), ({"seen": seen(before)}, 1)):
        row = published_runs(late, declaring(project, **evaluation)).set_index("run").loc["one"]
        assert row[["unseen", "seen"]].tolist() == [unseen, 1 - unseen]
        assert row["unseen_brier" if unseen else "seen_brier"] == pytest.approx(0.4225)
        assert np.isnan(row["seen_brier" if unseen else "unseen_brier"])


def test_without_a_record_no_run_is_published(project):
    assert published_runs(pd.DataFrame(columns=list(COLUMNS)), project).empty


def test_a_question_settled_by_hand_is_known_on_its_closing_day(project):
    question = next(q for q in project.observations.questions if q.id == LATE)
    assert known_on(question.model_copy(update={"settled": "happened"}), project.observations.rows) == question.closes
