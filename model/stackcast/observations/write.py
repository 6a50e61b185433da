"""Add and retract rows, checked by the rules of the load."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stackcast.errors import InputError, Problem, ProblemsFound
from stackcast.files.atomic import locked, replace_together
from stackcast.files.tables import line_end, line_of, whole_lines
from stackcast.observations.schema import (
    COLUMNS,
    RETRACTION_COLUMNS,
    Observation,
    Retraction,
    Signal,
    broken_id,
    broken_rules,
)
from stackcast.observations.store import (
    DEFINITIONS,
    RETRACTIONS,
    never_counted,
    read_retractions,
    read_rows,
    signal_path,
)


@dataclass(frozen=True)
class Added:
    """The place of a new row, and the vintage that it revises, if any."""

    path: Path
    line: int
    row: Observation
    revises: Observation | None


@dataclass(frozen=True)
class Sheet:
    """One signal's file: its lines as they stand, and its rows."""

    path: Path
    signal: Signal
    lines: tuple[str, ...]
    rows: tuple[Observation, ...]
    retracted: Mapping[str, date]

    @classmethod
    def read(cls, folder: Path, slug: str, signal: Signal, *, today: date) -> "Sheet":
        """Read a file, or begin one.

        Raises
        ------
        ProblemsFound
            When it is wrong already.
        """
        path = signal_path(folder, slug, signal)
        retractions, problems = read_retractions(folder)
        retracted = {line.row.id: line.row.retracted for line in retractions}
        if not os.path.lexists(path):
            return cls(path, signal, (",".join(COLUMNS) + "\n",), (), retracted)
        rows, found = read_rows(path, signal, today=today, retracted=retracted)
        if problems + found:
            raise ProblemsFound(problems + found)
        return cls(path, signal, tuple(whole_lines(path)), tuple(rows), retracted)

    def with_row(self, row: Observation, *, today: date) -> tuple["Sheet", Added]:
        """Return the file with one more row, in its place; no other line changes.

        Raises
        ------
        ProblemsFound
            When the row breaks a rule.
        InputError
            When the file has a row of the same period and publication date already.
        """
        for line, other in enumerate(self.rows, start=2):
            if not never_counted(other, self.retracted):
                _refuse_repeat(self.path, line, other, row)
        row = _named_apart(row, {other.id for other in self.rows})
        place = sum(_order(other) <= _order(row) for other in self.rows)
        gone = self.signal.retired
        if gone is not None and row.published >= gone.day:
            raise InputError(
                f"{self.path}: the signal was retired on {gone.day} ({gone.why}); to take it up again, remove "
                f"'retired' from its entry in {DEFINITIONS}"
            )
        broken = [*broken_id(row, self.path.stem, self.signal), *broken_rules(row, self.signal, today)]
        if broken:
            raise ProblemsFound([Problem(self.path, place + 2, column, message) for column, message in broken])
        fresh = csv_line(row).removesuffix("\n") + line_end(self.lines)
        lines = (*self.lines[: place + 1], fresh, *self.lines[place + 1 :])
        earlier = [r for r in self.rows if _period(r) == _period(row) and r.published < row.published]
        added = Added(self.path, place + 2, row, max(earlier, key=lambda r: r.published, default=None))
        rows = (*self.rows[:place], row, *self.rows[place:])
        return Sheet(self.path, self.signal, lines, rows, self.retracted), added


def plan(folder: Path, slug: str, signal: Signal, row: Observation, *, today: date) -> Added:
    """Return the place of a new row; nothing is written.

    Raises
    ------
    InputError
        As :meth:`Sheet.read` and :meth:`Sheet.with_row`.
    """
    return Sheet.read(folder, slug, signal, today=today).with_row(row, today=today)[1]


def add_rows(
    folder: Path, signals: Mapping[str, Signal], rows: Sequence[tuple[str, Observation]], *, today: date
) -> list[Added]:
    """Write observations as one atomic change, under a lock.

    Parameters
    ----------
    folder
        ``observations/``.
    signals
        Definitions by slug.
    rows
        (signal, row) pairs.
    today
        The UTC day that counts as today.

    Raises
    ------
    InputError
        With what is wrong with any row; then every file is as it was.
    """
    with locked(folder):
        sheets, done = with_rows(folder, signals, rows, today=today)
        replace_together(folder, {s.path: "".join(s.lines) for s in sheets})
    return done


def with_rows(
    folder: Path, signals: Mapping[str, Signal], rows: Sequence[tuple[str, Observation]], *, today: date
) -> tuple[list[Sheet], list[Added]]:
    """Return the files that :func:`add_rows` would write, and the place of each row.

    Raises
    ------
    InputError
        With what is wrong with any row.
    """
    sheets: dict[str, Sheet] = {}
    done: list[Added] = []
    wrong: list[InputError] = []
    for slug, row in rows:
        try:
            sheet = sheets.get(slug) or Sheet.read(folder, slug, signals[slug], today=today)
            sheets[slug], added = sheet.with_row(row, today=today)
            done.append(added)
        except InputError as error:
            wrong.append(error)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else InputError("\n".join(dict.fromkeys(map(str, wrong))))
    return list(sheets.values()), done


def retracted(folder: Path, row_id: str, published: date, why: str, today: date) -> dict[Path, str | None]:
    """Return ``retractions.csv`` with one more line: a row retracted from today on.

    A row whose publication a wrong clock put into the future is retracted on that day, and never counts. A retraction
    of the row that such a clock dated gets the right day.
    """
    path = folder / RETRACTIONS
    lines = whole_lines(path) if os.path.lexists(path) else [line_of(RETRACTION_COLUMNS)]
    line = line_of([row_id, max(published, today).isoformat(), why]).removesuffix("\n") + line_end(lines)
    misdated = [old.number for old in read_retractions(folder)[0] if _misdated(old.row, row_id, published, today)]
    place = misdated[0] - 1 if misdated else len(lines)
    return {path: "".join([*lines[:place], line, *lines[place + 1 :]])}


def _misdated(line: Retraction, row_id: str, published: date, today: date) -> bool:
    return line.id == row_id and line.retracted > today and line.retracted != published


def csv_line(row: Observation) -> str:
    """Return a row as its one line of CSV."""
    return line_of(getattr(row, column) for column in COLUMNS)


def _named_apart(row: Observation, taken: set[str]) -> Observation:
    """Return the row with a unique id: another row may have its end and publication date."""
    names = (row.id, *(f"{row.id}.{n}" for n in range(2, len(taken) + 3)))
    return row.model_copy(update={"id": next(name for name in names if name not in taken)})


def _refuse_repeat(path: Path, line: int, other: Observation, row: Observation) -> None:
    if (_period(other), other.published) != (_period(row), row.published):
        return
    if other.value == row.value:
        raise InputError(f"{path}:{line}: this observation stands there already, as {other.id}")
    raise InputError(
        f"{path}:{line}: {other.id} gives {other.value:g} for the same period and publication day, not {row.value:g}; "
        f"a revision has a later day, and a wrong row is taken back by `stackcast observe retract`"
    )


def _period(row: Observation) -> tuple[date, date]:
    return row.period_start, row.period_end


def _order(row: Observation) -> tuple[date, date, date]:
    return row.period_start, row.period_end, row.published
