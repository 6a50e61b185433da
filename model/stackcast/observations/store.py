"""Load and validate ``observations/``; every error is reported at once."""

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.atomic import locked
from stackcast.files.documents import Document, did_you_mean
from stackcast.files.tables import Line, read_table
from stackcast.observations.debt import load_unlabelled
from stackcast.observations.events import Event, read_events
from stackcast.observations.labels import load_labels
from stackcast.observations.markets import Market, read_markets
from stackcast.observations.schema import (
    COLUMNS,
    FORMAT,
    RETRACTION_COLUMNS,
    Observation,
    Question,
    QuestionFile,
    Retraction,
    Signal,
    SignalFile,
    broken_id,
    broken_rules,
    outside_unit,
)

DATES = ["period_start", "period_end", "published"]
DEFINITIONS, QUESTIONS, RETRACTIONS = "signals.yaml", "questions.yaml", "retractions.csv"
APART = ("history", "labels")
"""Folders whose tables are no signal's."""
NEAR = 10_000
"""Number of names up to which similar ones are suggested."""


@dataclass(frozen=True)
class Observations:
    """Definitions and observations, with every vintage.

    Attributes
    ----------
    signals
        Definitions by slug, sorted by slug; one may have no row yet.
    rows
        One observation a row: ``signal`` and the columns of the CSV files, sorted by signal, period and
        publication date; dates as datetime64, absent numbers as NaN; ``retracted`` is the day from which a row
        counts as unknown, or NaT.
    questions
        The resolvable questions, in the order of their file.
    events
        Events by date: shown, never fitted.
    markets
        Probabilities that others published, by day: shown and scored, never fitted.
    """

    signals: dict[str, Signal]
    rows: pd.DataFrame
    questions: tuple[Question, ...]
    events: tuple[Event, ...] = ()
    markets: tuple[Market, ...] = ()

    def of(self, signal: str) -> pd.DataFrame:
        """Return the rows of one signal."""
        return self.rows[self.rows["signal"] == signal]


def load_observations(folder: Path, *, today: date) -> Observations:
    """Read and validate ``observations/``.

    Parameters
    ----------
    folder
        The folder that holds ``signals.yaml`` and one CSV file a signal; and, where there are any, ``questions.yaml``,
        ``retractions.csv``, ``events.csv``, ``markets.csv`` and ``labels/``.
    today
        The UTC day that counts as today: nothing may be published later.

    Raises
    ------
    ProblemsFound
        With every problem of every file: file, line, column, the value and what is allowed.
    """
    with locked(folder, shared=True):
        return _load(folder, today)


def _load(folder: Path, today: date) -> Observations:
    definitions = Document(folder / DEFINITIONS, SignalFile)
    questions = read_questions(folder)
    load_labels(folder)
    load_unlabelled(folder, today=today)
    signals = dict(sorted(definitions.content.signals.items()))
    problems: list[Problem] = []
    observed: list[dict[str, object]] = []
    retractions, unreadable = read_retractions(folder)
    retracted = {line.row.id: line.row.retracted for line in retractions}
    for slug, signal in signals.items():
        path = signal_path(folder, slug, signal)
        if not os.path.lexists(path):
            problems.append(definitions.problem(("signals", slug), f"no observations: {path} is missing"))
            continue
        rows, found = read_rows(path, signal, today=today, retracted=retracted)
        problems += found
        observed += [{"signal": slug, **row.model_dump()} for row in rows]
    problems += unreadable + _bad_retractions(folder / RETRACTIONS, retractions, observed, today)
    problems += _strays(folder, signals)
    problems += _bad_questions(questions, signals)
    asked = questions.content.questions
    events, bad_events = read_events(folder, today)
    markets, bad_markets = read_markets(folder, {q.id: q for q in asked}, today)
    problems += bad_events + bad_markets
    if problems:
        raise ProblemsFound(problems)
    return Observations(signals, as_frame(observed, retracted), asked, events, markets)


def _bad_questions(questions: Document[QuestionFile], signals: Mapping[str, Signal]) -> Iterator[Problem]:
    """Give every question with the name of another, about no signal, or with a threshold that no figure can reach."""
    seen: set[str] = set()
    for i, question in enumerate(questions.content.questions):
        if question.id in seen:
            yield questions.problem(("questions", i, "id"), f"another question has the id {question.id!r} too")
        seen.add(question.id)
        if question.signal not in signals:
            message = f"unknown signal {question.signal!r}{did_you_mean(question.signal, signals)}"
            yield questions.problem(("questions", i, "signal"), message)
            continue
        for words in outside_unit(question.threshold, signals[question.signal]):
            yield questions.problem(("questions", i, "threshold"), words)


def unasked_questions(folder: Path, observations: Observations, entering: Container[str]) -> list[Problem]:
    """Return every open question whose signal is in no run.

    Parameters
    ----------
    folder
        ``observations/``, valid.
    observations
        What it holds.
    entering
        Signals of a run, at least those of open questions.
    """
    lost = [i for i, q in enumerate(observations.questions) if q.settled is None and q.signal not in entering]
    if not lost:
        return []
    document = read_questions(folder)
    why = "enters no run (left to sensitivity runs, or without a row in the grid): settle the question, or ask another"
    return [
        document.problem(("questions", i, "signal"), f"signal {observations.questions[i].signal!r} {why}") for i in lost
    ]


def read_questions(folder: Path) -> Document[QuestionFile]:
    """Read ``questions.yaml``; a project without the file asks none."""
    path = folder / QUESTIONS
    return Document(path, QuestionFile, None if os.path.lexists(path) else f"format: {FORMAT}\nquestions: []\n")


def signal_path(folder: Path, slug: str, signal: Signal) -> Path:
    """Return the CSV file of a signal: one folder for each facet and claim."""
    return folder / signal.measures.target / f"{slug}.csv"


def read_rows(
    path: Path, signal: Signal, *, today: date, retracted: Mapping[str, date] = MappingProxyType({})
) -> tuple[list[Observation], list[Problem]]:
    """Read one signal's CSV file, which may have no row yet: its valid rows, and the problems of the others.

    A row ``retracted`` on the day of its publication never counted: another may have its period and date, and the day
    may lie in the future, where a wrong clock dated the row.
    """
    lines, problems = read_table(path, COLUMNS, Observation)
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        row = line.row
        clock = max(today, row.published) if never_counted(row, retracted) else today
        broken = [*broken_id(row, path.stem, signal), *broken_rules(row, signal, clock)]
        problems += [Problem(path, line.number, *one) for one in broken]
        for key, name in (((row.id,), "id"), ((row.period_start, row.period_end, row.published), "period")):
            if name == "period" and never_counted(row, retracted):
                continue
            if key in seen:
                problems.append(Problem(path, line.number, name, f"the same {name} stands already in line {seen[key]}"))
            seen.setdefault(key, line.number)
    return [line.row for line in lines], problems


def never_counted(row: Observation, retracted: Mapping[str, date]) -> bool:
    """Return whether a row was retracted on the day of its publication."""
    return retracted.get(row.id) == row.published


def read_retractions(folder: Path) -> tuple[list[Line[Retraction]], list[Problem]]:
    """Read ``retractions.csv``; empty without the file."""
    path = folder / RETRACTIONS
    return read_table(path, RETRACTION_COLUMNS, Retraction) if os.path.lexists(path) else ([], [])


def _bad_retractions(
    path: Path, lines: Sequence[Line[Retraction]], observed: list[dict[str, object]], today: date
) -> list[Problem]:
    """Return every invalid retraction."""
    problems: list[Problem] = []
    published: dict[str, Any] = {str(row["id"]): row["published"] for row in observed}
    seen: set[str] = set()
    for line in lines:
        row, found = line.row, published.get(line.row.id)
        if found is None:
            near = did_you_mean(row.id, published) if len(published) < NEAR else ""
            problems.append(Problem(path, line.number, "id", f"no row has the id {row.id!r}{near}"))
        elif row.retracted < found:
            message = f"{row.retracted} lies before the row was published ({found})"
            problems.append(Problem(path, line.number, "retracted", message))
        elif row.retracted > today and row.retracted != found:
            cure = "`stackcast observe retract` with the id gives it the right day"
            message = f"{row.retracted} lies in the future (today is {today}); {cure}"
            problems.append(Problem(path, line.number, "retracted", message))
        if row.id in seen:
            problems.append(Problem(path, line.number, "id", "the row is retracted already"))
        seen.add(row.id)
    return problems


def _strays(folder: Path, signals: dict[str, Signal]) -> list[Problem]:
    known = {signal_path(folder, slug, signal) for slug, signal in signals.items()}
    found = [path for path in folder.glob("*/*.csv") if path.parent.name not in APART and path not in known]
    return [
        Problem(path, 1, "file", f"no signal of signals.yaml has this file{did_you_mean(path.stem, signals)}")
        for path in found
    ]


def as_frame(observed: list[dict[str, object]], retracted: Mapping[str, date] = MappingProxyType({})) -> pd.DataFrame:
    """Return rows (``signal`` and the fields of an observation) as ``Observations.rows`` holds them."""
    frame = pd.DataFrame(observed, columns=["signal", *COLUMNS])
    frame["retracted"] = frame["id"].map(dict(retracted))
    for column in (*DATES, "retracted"):
        frame[column] = pd.to_datetime(frame[column])
    for column in ("value", "numerator", "denominator", "n", "lower", "upper"):
        frame[column] = frame[column].astype(float)
    return frame.sort_values(["signal", *DATES, "id"], ignore_index=True)
