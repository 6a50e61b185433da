"""The track record: every published headline with its date, kept for the day it can be scored."""

import datetime
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from stackcast.errors import ProblemsFound
from stackcast.files.atomic import locked, replace_text
from stackcast.files.documents import Strict
from stackcast.files.tables import line_of, read_table, whole_lines
from stackcast.posterior.summary import rows_of
from stackcast.runs.folder import Run, list_runs

FILE = "track-record.csv"
COLUMNS = (
    "published",
    "run",
    "as_of",
    "prior_scenario",
    "kind",
    "name",
    "date",
    "mean",
    "q05",
    "q95",
    "probability",
    "score",
)

FORMER = {"camp": "prior_scenario"}
"""Columns of records written earlier, and what they are called now; their lines stay as they are."""


class Entry(Strict):
    """One line of the record: a probability or an open share that was published, or what became of one."""

    published: datetime.date
    run: str
    as_of: datetime.date
    prior_scenario: str
    kind: str
    name: str
    date: datetime.date
    mean: float | None = None
    q05: float | None = None
    q95: float | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    score: float | None = None


def read_record(folder: Path) -> pd.DataFrame:
    """Return the track record of a folder of runs, with the columns :data:`COLUMNS`; no rows where there is none.

    Raises
    ------
    ProblemsFound
        When the file is no track record, with every wrong line.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        return pd.DataFrame(columns=list(COLUMNS))
    lines, problems = read_table(path, COLUMNS, Entry, former=FORMER)
    if problems:
        raise ProblemsFound(problems)
    return pd.DataFrame([line.row.model_dump(mode="json") for line in lines], columns=list(COLUMNS))


def append_lines(folder: Path, rows: Iterable[Sequence[object]]) -> None:
    """Put lines behind those that stand in the record, which stay as they are. The caller holds the lock, and read it.

    Raises
    ------
    WriteFailed
        When the disk would not take them; the record is as it was.
    """
    path = folder / FILE
    lines = whole_lines(path) if os.path.lexists(path) else [line_of(COLUMNS)]
    replace_text(path, "".join([*lines, *map(line_of, rows)]))


def complete_record(folder: Path) -> None:
    """Append the headlines of runs that were made as of their own day, whose process ended before it could do so."""
    recorded = set(read_record(folder)["run"])
    for run in list_runs(folder):
        made = datetime.date.fromisoformat(run.manifest["started"][:10])
        if run.name not in recorded and run.passed and run.declared and run.as_of == made:
            append_headline(folder, run, made)


def append_headline(folder: Path, run: Run, today: datetime.date) -> None:
    """Append a run's questions and its layers at each horizon; a run that stands there already is left alone.

    Raises
    ------
    ProblemsFound
        When the record is damaged; it stays as it is.
    """
    with locked(folder):
        if run.name in set(read_record(folder)["run"]):
            return
        head = (today, run.name, run.as_of, run.settings.prior_scenario)
        layers = run.layers
        asked = [(*head, "question", q.id, q.period_end, "", "", "", q.probability, "") for q in rows_of(run.questions)]
        said = [
            (*head, "layer", row.name, row.date, row.mean, row.q05, row.q95, row.p_high, "")
            for row in rows_of(layers[layers["date"].isin(run.horizons.values())])
        ]
        append_lines(folder, [*asked, *said])
