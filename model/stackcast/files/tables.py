"""CSV files with one declared schema a row: everything wrong with a file is told at once, by line and column."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.text import CONTROL, read_text, shown

NONE: Mapping[str, str] = MappingProxyType({})
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
CURES = {
    "unexpected end of data": "a quotation mark of this line is not closed; close it, or write it twice within a cell",
    "expected after": "text stands behind a closing quotation mark; one within a cell is written twice",
    "field larger than field limit": f"a cell of more than {csv.field_size_limit()} characters; is a quotation mark "
    "not closed?",
}
"""What csv says, and what it means."""


@dataclass(frozen=True)
class Line[Row: BaseModel]:
    """One valid line and its number in the file."""

    number: int
    row: Row


def read_table[Row: BaseModel](
    path: Path, columns: Sequence[str], schema: type[Row], *, former: Mapping[str, str] = NONE
) -> tuple[list[Line[Row]], list[Problem]]:
    """Read a CSV file; return its valid lines and what is wrong with the others.

    Parameters
    ----------
    path, schema
        The file, and what a line of it must be.
    columns
        Names of the header's cells, in their order.
    former
        What columns were called in files written earlier.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    """
    lines: list[Line[Row]] = []
    problems: list[Problem] = []
    records, unreadable = _records(path)
    found = [former.get(name, name) for name in (records[0][1] if records else [])]
    if message := "" if unreadable and not records else _wrong_header(found, columns):
        return [], [Problem(path, 1, "header", message)]
    for number, cells in records[1:]:
        if len(cells) != len(found):
            problems.append(Problem(path, number, "row", _wrong_length(cells, len(found))))
            continue
        given = {name: cell for name, cell in zip(found, cells, strict=True) if cell != ""}
        if bad := next((name for name, cell in given.items() if CONTROL.search(cell)), None):
            message = f"must not contain control characters (found {shown(given[bad])})"
            problems.append(Problem(path, number, bad, message))
            continue
        try:
            lines.append(Line(number, schema.model_validate(given)))
        except ValidationError as error:
            problems += [Problem(path, number, *explained(e, given)) for e in error.errors()]
    return lines, problems + unreadable


def _wrong_header(found: Sequence[str], columns: Sequence[str]) -> str:
    """Say what is wrong with the header; empty where it is right."""
    twice = sorted({name for name in found if found.count(name) > 1})
    if tuple(found) == tuple(columns):
        return ""
    if not found:
        return f"the first line must name the columns {','.join(columns)}, and is empty"
    for sign, name in SEPARATORS.items():
        if len(found) == 1 and sign in found[0]:
            return f"the cells are separated by {name}; save the file with commas"
    message = f"columns must be {','.join(columns)} (found {shown(','.join(found))})"
    missing, unknown = (sorted({*one} - {*other}) for one, other in ((columns, found), (found, columns)))
    for word, names in (("twice", twice), ("missing", missing), ("unknown", unknown)):
        message += f"; {word}: {shown(', '.join(names))[1:-1]}" if names else ""
    return message


def _wrong_length(cells: Sequence[str], size: int) -> str:
    if not cells:
        return "an empty line; remove it"
    cure = "; a cell with a comma stands in quotation marks" if len(cells) > size else ""
    return f"{len(cells)} cells where the header has {size}{cure}"


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
    return column, f"{error['msg'].removeprefix('Value error, ')} (found {shown(given.get(column, ''))})"


def whole_lines(path: Path) -> list[str]:
    """Return a file's lines as they stand, to be written again with more: the last one gets a line end if it has none.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    lines = list(io.StringIO(read_text(path, keep_mark=True), newline=""))
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += line_end(lines)
    return lines


def line_end(lines: Sequence[str]) -> str:
    """Return how the first of some lines ends."""
    first = lines[0] if lines else ""
    return next((end for end in ("\r\n", "\n", "\r") if first.endswith(end)), "\n")


def _records(path: Path) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Return the number of the line where each record begins, and its cells; and where nothing more can be read."""
    records: list[tuple[int, list[str]]] = []
    number = 1
    try:
        reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
        for cells in reader:
            records.append((number, cells))
            number = reader.line_num + 1
    except ProblemsFound as error:
        return records, list(error.problems)
    except csv.Error as error:
        cure = next((cure for said, cure in CURES.items() if said in str(error)), str(error))
        return records, [Problem(path, number, "row", cure)]
    return records, []
