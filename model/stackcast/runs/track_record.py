"""The track record: every published headline with its date, kept for the day it can be scored."""

import csv
import io
from datetime import date
from pathlib import Path

import pandas as pd

from stackcast.errors import InputError
from stackcast.files.atomic import locked, replace_text
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


def read_record(folder: Path) -> pd.DataFrame:
    """Return the track record of a folder of runs, with the columns :data:`COLUMNS`; no rows where there is none.

    Raises
    ------
    InputError
        When the file is no track record.
    """
    path = folder / FILE
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    try:
        table = pd.read_csv(path).rename(columns=FORMER)
    except ValueError as error:  # empty, not UTF-8, or lines of different lengths
        raise InputError(f"{path}: not a track record ({str(error).strip()}); restore it, or move it away") from None
    if tuple(table.columns) != COLUMNS:
        raise InputError(f"{path}:1: columns must be {','.join(COLUMNS)} (found {','.join(map(str, table.columns))})")
    return table


def complete_record(folder: Path) -> None:
    """Append the headlines of runs that were made as of their own day, whose process ended before it could do so."""
    recorded = set(read_record(folder)["run"])
    for run in list_runs(folder):
        made = date.fromisoformat(run.manifest["started"][:10])
        if run.name not in recorded and run.passed and run.declared and run.as_of == made:
            append_headline(folder, run, made)


def append_headline(folder: Path, run: Run, today: date) -> None:
    """Append a run's questions and its layers at each horizon; a run that stands there already is left alone."""
    path = folder / FILE
    with locked(folder):
        text = path.read_text(encoding="utf-8") if path.exists() else ",".join(COLUMNS) + "\n"
        if any(line.split(",")[1] == run.name for line in text.splitlines()):
            return
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        head = (today.isoformat(), run.name, run.as_of.isoformat(), run.settings.prior_scenario)
        for row in rows_of(run.questions):
            writer.writerow((*head, "question", row.id, row.period_end, "", "", "", row.probability, ""))
        layers = run.layers
        for row in rows_of(layers[layers["date"].isin(run.horizons.values())]):
            writer.writerow((*head, "layer", row.name, row.date, row.mean, row.q05, row.q95, row.p_high, ""))
        replace_text(path, text + out.getvalue())
