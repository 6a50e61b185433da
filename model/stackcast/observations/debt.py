"""Label debt: the names without a label at the last pull of each source, with their weights."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.cells import Day, Number
from stackcast.files.documents import Strict
from stackcast.files.tables import line_of, read_table
from stackcast.observations.labels import Labels
from stackcast.observations.schema import Link, OneLine, Slug

PATH = Path("labels") / "unlabelled.csv"
COLUMNS = ("source", "model", "weight", "share", "measure", "seen", "found", "page")
Words = Annotated[OneLine, StringConstraints(min_length=1)]


class DebtLine(Strict):
    """One line of ``labels/unlabelled.csv``: a name that no label covered when its source was last pulled.

    Attributes
    ----------
    source, model
        The source as `stackcast pull` calls it, and the name as the source writes it.
    weight, measure
        Its weight, and the unit of that weight (tokens, models).
    share
        Its share of the source's whole weight, labelled or not.
    seen
        The day of the file.
    found, page
        The publisher's own description, and a link to look at; both may be empty.
    """

    source: Slug
    model: Words
    weight: Annotated[Number, Field(gt=0)]
    share: Annotated[Number, Field(gt=0, le=1)]
    measure: Words
    seen: Day
    found: OneLine = ""
    page: Link = ""


@dataclass(frozen=True)
class SourceDebt:
    """The names of one source without a label, the heaviest first."""

    source: str
    lines: tuple[DebtLine, ...]

    @property
    def share(self) -> float:
        """Share of the source's whole weight that is neither open nor closed."""
        return min(1.0, sum(line.share for line in self.lines))


def load_unlabelled(folder: Path, *, today: date) -> tuple[DebtLine, ...]:
    """Read ``observations/labels/unlabelled.csv``; empty without the file.

    Raises
    ------
    ProblemsFound
        With every wrong line.
    """
    path = folder / PATH
    if not os.path.lexists(path):
        return ()
    lines, problems = read_table(path, COLUMNS, DebtLine)
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (line.row.source, line.row.model)
        if key in first:
            message = f"the same source and model stand already in line {first[key]}"
            problems.append(Problem(path, line.number, "model", message))
        first.setdefault(key, line.number)
        if line.row.seen > today:
            message = f"{line.row.seen} lies in the future (today is {today})"
            problems.append(Problem(path, line.number, "seen", message))
    if problems:
        raise ProblemsFound(problems)
    return tuple(line.row for line in lines)


def label_debt(lines: Sequence[DebtLine], labels: Labels) -> tuple[SourceDebt, ...]:
    """Return the names without a label on the day of their file, the source with the greatest share first."""
    owed = [line for line in lines if labels.of(line.model, line.seen) is None]
    by_source = {name: [line for line in owed if line.source == name] for name in sorted({x.source for x in owed})}
    debts = [SourceDebt(name, tuple(sorted(held, key=_heaviest))) for name, held in by_source.items()]
    return tuple(sorted(debts, key=lambda debt: -debt.share))


def with_unlabelled(
    folder: Path, source: str, fresh: Sequence[DebtLine], seen: date, *, today: date
) -> dict[Path, str | None]:
    """Return ``unlabelled.csv`` with a source's lines replaced.

    Nothing is returned where nothing changes, or where the existing lines are of a later file.

    Raises
    ------
    ProblemsFound
        When the file is wrong already.
    """
    there = load_unlabelled(folder, today=today)
    if any(line.source == source and line.seen > seen for line in there):
        return {}
    kept = [line for line in there if line.source != source]
    if sorted(fresh, key=_heaviest) == sorted((x for x in there if x.source == source), key=_heaviest):
        return {}
    lines = sorted([*kept, *fresh], key=lambda line: (line.source, *_heaviest(line)))
    text = line_of(COLUMNS) + "".join(line_of(getattr(line, name) for name in COLUMNS) for line in lines)
    return {folder / PATH: text}


def _heaviest(line: DebtLine) -> tuple[float, str]:
    return -line.weight, line.model
