"""The track record held to account: each published probability scored once its question has resolved."""

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from model.atomic import locked, replace_text
from model.forecast.questions import HOLDS
from model.observations.as_of import first_vintages
from model.observations.schema import Question
from model.project import Project
from model.runs.track_record import COLUMNS, FILE

ASKED, RESOLVED = "question", "resolved"


def outcome(question: Question, rows: pd.DataFrame) -> bool | None:
    """Return how a question resolved by the first value published for its period, or None where there is none yet.

    Parameters
    ----------
    question
        The question.
    rows
        Every row in the store.
    """
    mine = rows[(rows["signal"] == question.signal) & rows["retracted"].isna()]
    start, end = pd.Timestamp(question.period_start), pd.Timestamp(question.period_end)
    mine = first_vintages(mine[(mine["period_start"] >= start) & (mine["period_end"] <= end)])
    if mine.empty:
        return None
    last = mine.sort_values("period_end").iloc[-1]
    return bool(HOLDS[question.direction](float(last["value"]), question.threshold))


def due_scores(record: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Return the published probabilities that can be scored now, and have not been, with ``outcome`` and ``score``.

    Parameters
    ----------
    record
        The track record.
    project
        Its questions and every row.
    """
    outcomes = {q.id: outcome(q, project.observations.rows) for q in project.observations.questions}
    known = {name: holds for name, holds in outcomes.items() if holds is not None}
    scored = record[record["kind"] == RESOLVED]
    done = set(zip(scored["run"], scored["name"], strict=True))
    asked = record[(record["kind"] == ASKED) & record["name"].isin(list(known))]
    fresh = np.array([pair not in done for pair in zip(asked["run"], asked["name"], strict=True)], dtype=bool)
    asked = asked[fresh]
    holds = asked["name"].map(known).astype(float)
    return asked.assign(outcome=holds, score=(asked["probability"].astype(float) - holds) ** 2)


def score_record(folder: Path, project: Project, today: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Append a line for each probability that has resolved since; return those lines, and the whole record.

    Nothing that stands in the record is changed. The Brier score (Brier 1950) of an even forecast is 0.25.
    """
    path = folder / FILE
    if not path.is_file():
        empty = pd.DataFrame(columns=list(COLUMNS))
        return empty.assign(outcome=[]), empty
    with locked(folder):
        text = path.read_text(encoding="utf-8")
        due = due_scores(pd.read_csv(io.StringIO(text)), project)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in due.to_dict("records"):
            said = {**row, "published": today.isoformat(), "kind": RESOLVED, "mean": row["outcome"]}
            writer.writerow([f"{said[c]:.6g}" if isinstance(said[c], float) else said[c] for c in COLUMNS])
        if len(due):
            replace_text(path, text + out.getvalue().replace("nan", ""))
        return due, pd.read_csv(path)
