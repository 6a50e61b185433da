"""How such matters ended before: the table behind the priors of equilibria, one share of one earlier case a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from stackcast.errors import Problem
from stackcast.files.cells import Number
from stackcast.files.documents import Strict, did_you_mean
from stackcast.files.tables import Line, read_table
from stackcast.observations.schema import Link, OneLine, Text

COLUMNS = ("stack", "layer_analogue", "metric", "year", "open_share", "source_title", "source_url", "notes")


class ReferenceClass(Strict):
    """One line of the table: the share that an earlier case had in a year, and the layer to which it is likened."""

    stack: Text
    layer_analogue: Text
    metric: Text
    year: Annotated[int, Field(ge=1800, le=2199)]
    open_share: Annotated[Number, Field(ge=0, le=1)]
    source_title: OneLine = ""
    source_url: Link
    notes: OneLine = ""


def read_reference_classes(path: Path, layers: set[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the table; return its valid lines as a frame, and what is wrong with the others.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    """
    lines, problems = read_table(path, COLUMNS, ReferenceClass)
    problems += _broken(path, lines, layers)
    return pd.DataFrame([line.row.model_dump() for line in lines], columns=list(COLUMNS)), problems


def _broken(path: Path, lines: list[Line[ReferenceClass]], layers: set[str]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        row, key = line.row, (line.row.stack, line.row.metric, line.row.year)
        if row.layer_analogue not in layers:
            message = f"unknown layer {row.layer_analogue!r}{did_you_mean(row.layer_analogue, layers)}"
            yield Problem(path, line.number, "layer_analogue", message)
        if key in seen:
            message = f"the same stack, metric and year stand already in line {seen[key]}"
            yield Problem(path, line.number, "year", message)
        seen.setdefault(key, line.number)
