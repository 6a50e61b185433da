"""Load ``observations/`` whole: every definition, every row, every error at once."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from model.documents import Document, did_you_mean
from model.errors import InputError, Problem, ProblemsFound
from model.observations.schema import (
    COLUMNS,
    Observation,
    Question,
    QuestionFile,
    Signal,
    SignalFile,
    broken_rules,
)

DATES = ["period_start", "period_end", "published"]


@dataclass(frozen=True)
class Observations:
    """Everything that was observed, with every vintage.

    Attributes
    ----------
    signals
        Definitions by slug, sorted by slug.
    rows
        One observation a row: ``signal`` and the columns of the CSV files, sorted by signal, period and
        publication date; dates as datetime64, absent numbers as NaN.
    questions
        The resolvable questions, in the order of their file.
    """

    signals: dict[str, Signal]
    rows: pd.DataFrame
    questions: tuple[Question, ...]

    def of(self, signal: str) -> pd.DataFrame:
        """Return the rows of one signal."""
        return self.rows[self.rows["signal"] == signal]


def load_observations(folder: Path, *, today: date) -> Observations:
    """Read and validate ``observations/``.

    Parameters
    ----------
    folder
        The folder that holds ``signals.yaml``, ``questions.yaml`` and one CSV file a signal.
    today
        The UTC day that counts as today: nothing may be published later.

    Raises
    ------
    ProblemsFound
        With every problem of every file: file, line, column, the value and what is allowed.
    """
    definitions = Document(folder / "signals.yaml", SignalFile)
    questions = Document(folder / "questions.yaml", QuestionFile)
    signals = dict(sorted(definitions.content.signals.items()))
    problems: list[Problem] = []
    observed: list[dict[str, object]] = []
    for slug, signal in signals.items():
        path = signal_path(folder, slug, signal)
        if not path.exists():
            problems.append(definitions.problem(("signals", slug), f"no observations: {path} is missing"))
            continue
        rows, found = read_rows(path, signal, today=today)
        problems += found
        observed += [{"signal": slug, **row.model_dump()} for row in rows]
    problems += _strays(folder, signals)
    for i, question in enumerate(questions.content.questions):
        if question.signal not in signals:
            message = f"unknown signal {question.signal!r}{did_you_mean(question.signal, signals)}"
            problems.append(questions.problem(("questions", i, "signal"), message))
    if problems:
        raise ProblemsFound(problems)
    return Observations(signals, as_frame(observed), questions.content.questions)


def signal_path(folder: Path, slug: str, signal: Signal) -> Path:
    """Return the CSV file of a signal: one folder for each facet and claim."""
    return folder / signal.measures.target / f"{slug}.csv"


def read_rows(path: Path, signal: Signal, *, today: date) -> tuple[list[Observation], list[Problem]]:
    """Read one signal's CSV file; return its valid rows and everything wrong with the others."""
    rows: list[Observation] = []
    problems: list[Problem] = []
    seen: dict[tuple[object, ...], int] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    if tuple(header) != COLUMNS:
        return [], [Problem(path, 1, "header", f"columns must be {','.join(COLUMNS)} (found {','.join(header)})")]
    for cells in reader:
        line = reader.line_num
        if len(cells) != len(COLUMNS):
            problems.append(Problem(path, line, "row", f"{len(cells)} cells where the header has {len(COLUMNS)}"))
            continue
        given = {name: cell for name, cell in zip(COLUMNS, cells, strict=True) if cell != ""}
        try:
            row = Observation.model_validate(given)
        except ValidationError as error:
            for e in error.errors():
                column = str(e["loc"][0]) if e["loc"] else "row"
                found = given.get(column, "")
                problems.append(
                    Problem(path, line, column, f"{e['msg'].removeprefix('Value error, ')} (found {found!r})")
                )
            continue
        problems += [Problem(path, line, column, message) for column, message in broken_rules(row, signal, today)]
        for key, name in (((row.id,), "id"), ((row.period_start, row.period_end, row.published), "period")):
            if key in seen:
                problems.append(Problem(path, line, name, f"the same {name} stands already in line {seen[key]}"))
            seen.setdefault(key, line)
        rows.append(row)
    if not rows and not problems:
        problems.append(Problem(path, 2, "row", "the file holds no observation"))
    return rows, problems


def _strays(folder: Path, signals: dict[str, Signal]) -> list[Problem]:
    known = {signal_path(folder, slug, signal) for slug, signal in signals.items()}
    found = [path for path in folder.glob("*/*.csv") if path.parent.name != "labels" and path not in known]
    return [
        Problem(path, 1, "file", f"no signal of signals.yaml has this file{did_you_mean(path.stem, signals)}")
        for path in found
    ]


def as_frame(observed: list[dict[str, object]]) -> pd.DataFrame:
    """Return rows (``signal`` and the fields of an observation) as ``Observations.rows`` holds them."""
    frame = pd.DataFrame(observed, columns=["signal", *COLUMNS])
    for column in DATES:
        frame[column] = pd.to_datetime(frame[column])
    for column in ("value", "numerator", "denominator", "n", "lower", "upper"):
        frame[column] = frame[column].astype(float)
    return frame.sort_values(["signal", *DATES, "id"], ignore_index=True)
