"""Labels open or closed, from dated and sourced tables; a name without a label is unknown."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, field_validator

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.cells import Day
from stackcast.files.documents import Strict
from stackcast.files.tables import read_table
from stackcast.observations.schema import Link, OneLine, Text

PATH, LABS_PATH = Path("labels") / "models.csv", Path("labels") / "labs.csv"
COLUMNS = ("model", "label", "criterion", "from_date", "source_url", "note")
LAB_COLUMNS = ("lab", *COLUMNS[1:])
OPEN, CLOSED, UNKNOWN = "open", "closed", ""
VERSIONED = re.compile(r"^[^*]*\d[^*]*\*$")
TAG = re.compile(r"[:@].*$")


class _Dated(Strict):
    """Fields of every label."""

    label: Literal["open", "closed"]
    criterion: Literal["any-weights"]
    from_date: Day
    source_url: Link
    note: OneLine = ""


class LabLabel(_Dated):
    """One line of ``labels/labs.csv``: a lab by most of its traffic, for sources that name labs only."""

    lab: Annotated[Text, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class Label(_Dated):
    """One line of ``labels/models.csv``: a model, or one numbered generation of a family (``llama-3.1-*``)."""

    model: Text

    @field_validator("model")
    @classmethod
    def _is_name(cls, model: str) -> str:
        if model != bare(model):
            raise ValueError(f"must be the bare name in lower case: {bare(model)!r}")
        if "*" in model and not VERSIONED.match(model):
            raise ValueError("a pattern ends in its one * and names a numbered generation, such as llama-3.1-*")
        return model


@dataclass(frozen=True)
class Labels:
    """Both tables: ``lines`` label models, ``labs`` label labs."""

    lines: tuple[Label, ...]
    labs: tuple[LabLabel, ...] = ()

    @cached_property
    def _exact(self) -> dict[str, list[Label]]:
        found: dict[str, list[Label]] = {}
        for line in self.lines:
            if "*" not in line.model:
                found.setdefault(line.model, []).append(line)
        return found

    @cached_property
    def _patterns(self) -> list[Label]:
        """Patterns, the most specific first."""
        return sorted(
            (x for x in self.lines if "*" in x.model), key=lambda x: (-len(x.model), -x.from_date.toordinal())
        )

    def of(self, name: str, day: date) -> str | None:
        """Return ``open`` or ``closed`` as of a day, or None when no label covers the name."""
        line = self.line_of(name, day)
        return line.label if line else None

    def line_of(self, name: str, day: date) -> Label | None:
        """Return the line that applies on a day: the most specific, in its latest version by that day."""
        plain = bare(name)
        for lines in (self._exact.get(plain, []), *([x] for x in self._patterns if fnmatchcase(plain, x.model))):
            line = _latest(lines, day)
            if line is not None:
                return line
        return None

    def of_lab(self, name: str, day: date) -> str | None:
        """Return ``open`` or ``closed`` for most of a lab's traffic as of a day, or None without a label."""
        plain = name.strip().lower()
        line = _latest([x for x in self.labs if x.lab == plain], day)
        return line.label if line else None


def _latest[Line: _Dated](lines: Sequence[Line], day: date) -> Line | None:
    dated = [x for x in lines if x.from_date <= day]
    return max(dated, key=lambda x: x.from_date) if dated else None


def bare(name: str) -> str:
    """Return a model's name in lower case without its path (``org/``) and its tag (``:free``, ``@001``)."""
    return TAG.sub("", name.strip().lower().rsplit("/", 1)[-1])


def load_labels(folder: Path) -> Labels:
    """Read ``observations/labels/``: the table of models, and that of labs where there is one.

    A debate whose sources need no labels has no such folder.

    Raises
    ------
    ProblemsFound
        With every wrong line.
    """
    if not (folder / PATH.parent).is_dir():
        return Labels(())
    models, problems = _read(folder / PATH, COLUMNS, Label)
    labs: list[LabLabel] = []
    if os.path.lexists(folder / LABS_PATH):
        labs, wrong = _read(folder / LABS_PATH, LAB_COLUMNS, LabLabel)
        problems += wrong
    if problems:
        raise ProblemsFound(problems)
    return Labels(tuple(models), tuple(labs))


def _read[Row: _Dated](path: Path, columns: Sequence[str], schema: type[Row]) -> tuple[list[Row], list[Problem]]:
    """Read one table; a name has one label a day."""
    name = columns[0]
    lines, problems = read_table(path, columns, schema)
    seen: dict[tuple[str, date], int] = {}
    for line in lines:
        key = (str(getattr(line.row, name)), line.row.from_date)
        if key in seen:
            problems.append(
                Problem(path, line.number, name, f"the same {name} and date stand already in line {seen[key]}")
            )
        seen.setdefault(key, line.number)
    return [line.row for line in lines], problems
