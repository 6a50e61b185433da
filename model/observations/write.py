"""Add one observation: checked by the rules of every load, under a lock, in one replace, as one new line."""

import csv
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from model.atomic import replace_text
from model.errors import InputError, Problem, ProblemsFound
from model.observations.schema import COLUMNS, Observation, Signal, broken_rules
from model.observations.store import read_rows, signal_path


@dataclass(frozen=True)
class Added:
    """Where a row was written, and the vintage before it when it revises one."""

    path: Path
    line: int
    revises: Observation | None


def row_id(slug: str, period_end: date, published: date) -> str:
    """Return the name under which a row is cited."""
    return f"{slug}/{period_end}@{published}"


def csv_line(row: Observation) -> str:
    """Return a row as its one line of CSV, with numbers in their shortest exact form."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(_cell(getattr(row, column)) for column in COLUMNS)
    return out.getvalue()


def plan(folder: Path, slug: str, signal: Signal, row: Observation, *, today: date) -> tuple[Added, str]:
    """Return where a row would stand, and the text of its file with it; nothing is written.

    Raises
    ------
    ProblemsFound
        When the row breaks a rule, or its file is wrong already.
    InputError
        When the row, or another figure of the same period and day, stands there already.
    """
    path = signal_path(folder, slug, signal)
    rows, problems = read_rows(path, signal, today=today) if path.exists() else ([], [])
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else [",".join(COLUMNS) + "\n"]
    if problems:
        raise ProblemsFound(problems)
    for line, other in enumerate(rows, start=2):
        _refuse_repeat(path, line, other, row)
    place = sum(_order(other) < _order(row) for other in rows) + 1
    broken = [Problem(path, place + 1, column, message) for column, message in broken_rules(row, signal, today)]
    if broken:
        raise ProblemsFound(broken)
    if lines[-1] and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    text = "".join([*lines[:place], csv_line(row), *lines[place:]])
    earlier = [r for r in rows if _period(r) == _period(row) and r.published < row.published]
    return Added(path, place + 1, max(earlier, key=lambda r: r.published, default=None)), text


def add_row(folder: Path, slug: str, signal: Signal, row: Observation, *, today: date) -> Added:
    """Write one observation; the file is replaced whole, and no other writer can come between.

    Parameters
    ----------
    folder
        ``observations/``.
    slug, signal
        The signal.
    row
        The observation.
    today
        The UTC day that counts as today.

    Raises
    ------
    InputError
        As :func:`plan`; the file is as it was.
    """
    with locked(folder):
        added, text = plan(folder, slug, signal, row, today=today)
        replace_text(added.path, text)
    return added


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the one lock of a folder's writers; the system lets go of it when the process ends, however it ends."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _refuse_repeat(path: Path, line: int, other: Observation, row: Observation) -> None:
    if (_period(other), other.published) != (_period(row), row.published):
        return
    if other.value == row.value:
        raise InputError(f"{path}:{line}: this observation stands there already, as {other.id}")
    raise InputError(
        f"{path}:{line}: {other.id} gives {other.value:g} for the same period and publication day; "
        f"a revision has a later day, and a wrong row is corrected in its own line"
    )


def _period(row: Observation) -> tuple[date, date]:
    return row.period_start, row.period_end


def _order(row: Observation) -> tuple[date, date, date]:
    return row.period_start, row.period_end, row.published


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
