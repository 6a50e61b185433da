"""Scores of the track record: each published probability, once its question has resolved."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stackcast.files.atomic import locked
from stackcast.forecast.questions import HOLDS
from stackcast.observations.as_of import first_vintages
from stackcast.observations.schema import Question
from stackcast.project import Project
from stackcast.runs.track_record import COLUMNS, FILE, append_lines, read_record

ASKED, RESOLVED = "question", "resolved"


def outcome(question: Question, rows: pd.DataFrame, today: date) -> bool | None:
    """Return how a question resolved, or None where it has not, or is void.

    Parameters
    ----------
    question
        The question: it is open until its closing day is over, and settled by hand where it says so.
    rows
        Every row in the store.
    today
        The clock.
    """
    if question.settled is not None:
        return {"happened": True, "did-not-happen": False, "void": None}[question.settled]
    last = _resolving(question, rows) if today > question.closes else None
    return None if last is None else bool(HOLDS[question.direction](float(last["value"]), question.threshold))


def known_on(question: Question, rows: pd.DataFrame) -> date:
    """Return the day on which the outcome of a resolved question was published: its closing day, if settled by hand."""
    last = _resolving(question, rows) if question.settled is None else None
    return question.closes if last is None else last["published"].date()


def _resolving(question: Question, rows: pd.DataFrame) -> pd.Series | None:
    """Return the row that resolves a question, or None."""
    counts = rows["published"].dt.date.between(question.counts_from or date.min, question.closes)
    start, end = pd.Timestamp(question.period_start), pd.Timestamp(question.period_end)
    within = (rows["period_start"] >= start) & (rows["period_end"] <= end)
    mine = first_vintages(rows[(rows["signal"] == question.signal) & rows["retracted"].isna() & counts & within])
    return None if mine.empty else mine.sort_values("period_end").iloc[-1]


def to_settle(project: Project, today: date) -> list[Question]:
    """Return the closed questions that no observation resolves and nobody has settled."""
    rows, asked = project.observations.rows, project.observations.questions
    closed = (q for q in asked if today > q.closes and q.settled is None)
    return [q for q in closed if outcome(q, rows, today) is None]


def due_scores(record: pd.DataFrame, project: Project, today: date) -> pd.DataFrame:
    """Return the published probabilities that can be scored now, and have not been, with ``outcome`` and ``score``.

    A probability of a run that had seen the outcome is no forecast, and is never scored.

    Parameters
    ----------
    record
        The track record.
    project
        Its questions and every row.
    today
        The clock.
    """
    outcomes = {q.id: outcome(q, project.observations.rows, today) for q in project.observations.questions}
    known = {name: holds for name, holds in outcomes.items() if holds is not None}
    scored = record[record["kind"] == RESOLVED]
    done = set(zip(scored["run"], scored["name"], strict=True))
    asked = record[(record["kind"] == ASKED) & record["name"].isin(list(known))]
    fresh = np.array([pair not in done for pair in zip(asked["run"], asked["name"], strict=True)], dtype=bool)
    asked = asked[fresh]
    rows, questions = project.observations.rows, {q.id: q for q in project.observations.questions}
    pairs = zip(asked["name"], pd.to_datetime(asked["as_of"]), strict=True)
    unseen = [outcome(questions[name], rows[rows["published"] <= day], today) is None for name, day in pairs]
    asked = asked[np.array(unseen, dtype=bool)]
    holds = asked["name"].map(known).astype(float)
    return asked.assign(outcome=holds, score=(asked["probability"].astype(float) - holds) ** 2)


def mean_brier(record: pd.DataFrame) -> float | None:
    """Return the mean Brier score over questions, averaging runs first; None where none is scored."""
    scored = record[record["kind"] == RESOLVED]
    by = scored["score"].astype(float).groupby(scored["name"]).mean()
    return float(by.mean()) if len(by) else None


def score_record(folder: Path, project: Project, today: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Append a line for each probability that has resolved since; return those lines, and the whole record.

    Existing lines are not changed. The Brier score (Brier 1950) of an even forecast is 0.25.
    """
    if not os.path.lexists(folder / FILE):
        record = read_record(folder)
        return record.assign(outcome=[]), record
    with locked(folder):
        due = due_scores(read_record(folder), project, today)
        said = ({**r, "published": today, "kind": RESOLVED, "mean": r["outcome"]} for r in due.to_dict("records"))
        if len(due):
            append_lines(folder, ([_cell(row[column]) for column in COLUMNS] for row in said))
        return due, read_record(folder)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return str(value)
