"""Observations from a CSV file outside the project, to score a run against."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.tables import read_table
from stackcast.observations.schema import COLUMNS, Observation, Signal, broken_rules
from stackcast.observations.store import as_frame


class Later(Observation):
    """One observation and its signal."""

    signal: str


def read_against(path: Path, signals: Mapping[str, Signal], today: date) -> pd.DataFrame:
    """Read a CSV of observations, checked as every row is, into the form of ``Observations.rows``.

    Its columns are those of a signal's file after a column ``signal``. Rows of unknown signals are kept, for the score
    card to name them.

    Raises
    ------
    ProblemsFound
        With every wrong row.
    """
    lines, problems = read_table(path, ("signal", *COLUMNS), Later)
    for line in lines:
        if line.row.signal in signals:
            broken = broken_rules(line.row, signals[line.row.signal], today)
            problems += [Problem(path, line.number, *one) for one in broken]
    if problems:
        raise ProblemsFound(problems)
    return as_frame([line.row.model_dump() for line in lines])
