"""Open or closed, by a dated and sourced table that people edit; a name that no label covers stays unknown."""

import re
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from model.documents import Strict
from model.errors import Problem, ProblemsFound
from model.observations.schema import Link, OneLine, Text
from model.observations.tables import read_table

PATH = Path("labels") / "models.csv"
COLUMNS = ("model", "label", "criterion", "from_date", "source_url", "note")
OPEN, CLOSED, UNKNOWN = "open", "closed", ""
VERSIONED = re.compile(r"^[^*]*\d[^*]*\*$")
TAG = re.compile(r"[:@].*$")


class Label(Strict):
    """One line of ``labels/models.csv``: a model, or one numbered generation of a family (``llama-3.1-*``)."""

    model: Text
    label: Literal["open", "closed"]
    criterion: Literal["any-weights"]
    from_date: date
    source_url: Link
    note: OneLine = ""

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
    """The whole table."""

    lines: tuple[Label, ...]

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
        """Return ``open`` or ``closed`` as it was on a day, or None when no label covers the name.

        The most specific line decides, and of its dated versions the latest by the day.
        """
        plain = bare(name)
        for lines in (self._exact.get(plain, []), *([x] for x in self._patterns if fnmatchcase(plain, x.model))):
            dated = [x for x in lines if x.from_date <= day]
            if dated:
                return max(dated, key=lambda x: x.from_date).label
        return None


def bare(name: str) -> str:
    """Return a model's name in lower case without its path (``org/``) and its tag (``:free``, ``@001``)."""
    return TAG.sub("", name.strip().lower().rsplit("/", 1)[-1])


def load_labels(folder: Path) -> Labels:
    """Read ``observations/labels/models.csv``.

    Raises
    ------
    ProblemsFound
        With every wrong line.
    """
    path = folder / PATH
    lines, problems = read_table(path, COLUMNS, Label)
    seen: dict[tuple[str, date], int] = {}
    for line in lines:
        key = (line.row.model, line.row.from_date)
        if key in seen:
            message = f"the same model and date stand already in line {seen[key]}"
            problems.append(Problem(path, line.number, "model", message))
        seen.setdefault(key, line.number)
    if problems:
        raise ProblemsFound(problems)
    return Labels(tuple(line.row for line in lines))
