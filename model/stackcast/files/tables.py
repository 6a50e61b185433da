"""CSV files with one declared schema a row: everything wrong with a file is told at once, by line and column."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from stackcast.errors import InputError, Problem


@dataclass(frozen=True)
class Line[Row: BaseModel]:
    """One valid line and its number in the file."""

    number: int
    row: Row


def read_table[Row: BaseModel](
    path: Path, columns: Sequence[str], schema: type[Row]
) -> tuple[list[Line[Row]], list[Problem]]:
    """Read a CSV file; return its valid lines and what is wrong with the others.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    """
    lines: list[Line[Row]] = []
    problems: list[Problem] = []
    for number, cells in _cells(path):
        if number == 1:
            if tuple(cells) != tuple(columns):
                message = f"columns must be {','.join(columns)} (found {','.join(cells)})"
                return [], [Problem(path, 1, "header", message)]
            continue
        if len(cells) != len(columns):
            message = f"{len(cells)} cells where the header has {len(columns)}"
            problems.append(Problem(path, number, "row", message))
            continue
        given = {name: cell for name, cell in zip(columns, cells, strict=True) if cell != ""}
        try:
            lines.append(Line(number, schema.model_validate(given)))
        except ValidationError as error:
            problems += [Problem(path, number, *explained(e, given)) for e in error.errors()]
    return lines, problems


def line_of(values: Iterable[object]) -> str:
    """Return values as one line of CSV: numbers in their shortest exact form, None as an empty cell."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def explained(error: Any, given: dict[str, Any]) -> tuple[str, str]:
    """Return the column that a schema's error is about, and its message with the value that was found."""
    column = str(error["loc"][0]) if error["loc"] else "row"
    if error["type"] == "missing":
        return column, "must not be empty"
    return column, f"{error['msg'].removeprefix('Value error, ')} (found {given.get(column, '')!r})"


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: the file is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    yield 1, header
    for cells in reader:
        yield reader.line_num, cells
