"""Earlier stacks as a project keeps them: their dated open shares, their descriptions, and ratings of the forces."""

import hashlib
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from stackcast.errors import Problem, ProblemsFound
from stackcast.files.documents import Strict, did_you_mean
from stackcast.files.tables import Line, read_table
from stackcast.history.schema import (
    RATING_COLUMNS,
    RATINGS,
    SHARE_COLUMNS,
    SHARES,
    STACK_COLUMNS,
    STACKS,
    Rating,
    ShareRow,
    Stack,
    broken_bounds,
    broken_window,
)

NUMBERS = ("month", "share", "lower", "upper", "n")


@dataclass(frozen=True, eq=False)
class History:
    """Earlier stacks, and the categories of today that were rated with them.

    Attributes
    ----------
    stacks : DataFrame
        One row a stack, by ``slug``: the columns of ``stacks.csv``; ``service`` is a truth value, and ``outcome_from``
        and ``outcome_to`` are missing where no outcome is asked.
    shares : DataFrame
        The columns of ``shares.csv``, by stack, population, criterion and date, without the rows that are left out;
        ``date`` in years (mid-year where no month is given), ``line`` the row's line in the file.
        Figures that are not given are NaN.
    ratings : DataFrame
        The columns of ``ratings.csv``, in the order of the file.
    """

    stacks: pd.DataFrame
    shares: pd.DataFrame
    ratings: pd.DataFrame

    @property
    def digest(self) -> str:
        """SHA-256 of all that the three tables say, to tell what a fit has read."""
        tables = (frame.to_csv() for frame in (self.stacks, self.shares.drop(columns="line"), self.ratings))
        return hashlib.sha256("".join(tables).encode()).hexdigest()

    def of(self, slugs: Iterable[str]) -> "History":
        """Return these stacks with their rows, in the order of the file."""
        kept = set(slugs)
        return History(
            self.stacks[self.stacks.index.isin(kept)],
            self.shares[self.shares["stack"].isin(kept)].reset_index(drop=True),
            self.ratings[self.ratings["stack"].isin(kept)].reset_index(drop=True),
        )


def load_history(folder: Path, claims: Collection[str], layers: Collection[str]) -> History | None:
    """Read and validate ``observations/history/``.

    Parameters
    ----------
    folder
        The folder of the three tables; a debate without history has none.
    claims, layers
        Names of the debate's claims, one of which each force is, and of its layers.

    Returns
    -------
    History or None
        None where the folder is missing.

    Raises
    ------
    ProblemsFound
        With every problem of the three files: file, line, column, the value and the cure.
    InputError
        When a file cannot be read at all.
    """
    if not os.path.lexists(folder):
        return None
    stacks, problems = read_table(folder / STACKS, STACK_COLUMNS, Stack)
    every, unreadable = read_table(folder / SHARES, SHARE_COLUMNS, ShareRow)
    shares = [line for line in every if not line.row.left_out]
    ratings, unrated = read_table(folder / RATINGS, RATING_COLUMNS, Rating)
    if not problems:  # else a line that could not be read looks like a stack that is not there
        known = {line.row.slug for line in stacks}
        unreadable += _unknown(folder / SHARES, every, "stack", lambda row: row.stack, known)
        unrated += _unknown(folder / RATINGS, ratings, "stack", lambda row: row.stack, known)
    if not unreadable:
        problems += _without_rows(folder / STACKS, stacks, shares)
    unrated += _bad_ratings(folder / RATINGS, ratings, claims)
    if not unrated:
        unrated += _skipped(folder / RATINGS, ratings)
    problems += [*unreadable, *unrated, *_bad_stacks(folder / STACKS, stacks, layers)]
    problems += _bad_shares(folder / SHARES, shares)
    if problems:
        raise ProblemsFound(problems)
    return History(_stack_frame(stacks), _share_frame(shares), _rating_frame(ratings))


def _unknown[Row: Strict](
    path: Path, lines: Iterable[Line[Row]], column: str, name: Callable[[Row], str], known: Collection[str]
) -> Iterator[Problem]:
    for line in lines:
        if (found := name(line.row)) not in known:
            yield Problem(path, line.number, column, f"unknown {column} {found!r}{did_you_mean(found, known)}")


def _twice[Row: Strict](
    path: Path, lines: Iterable[Line[Row]], column: str, key: Callable[[Row], Hashable], words: str
) -> Iterator[Problem]:
    seen: dict[Hashable, int] = {}
    for line in lines:
        first = seen.setdefault(key(line.row), line.number)
        if first != line.number:
            message = f"{words} as in line {first}: remove one, or tell them apart"
            yield Problem(path, line.number, column, message)


def _bad_stacks(path: Path, lines: Sequence[Line[Stack]], layers: Collection[str]) -> Iterator[Problem]:
    yield from _unknown(path, lines, "layer", lambda row: row.layer, layers)
    yield from _twice(path, lines, "slug", lambda row: row.slug, "the same slug")
    for line in lines:
        yield from (Problem(path, line.number, *one) for one in broken_window(line.row))


def _bad_shares(path: Path, lines: Sequence[Line[ShareRow]]) -> Iterator[Problem]:
    yield from _twice(
        path,
        lines,
        "year",
        lambda row: (row.stack, row.population, row.criterion, row.year, row.month),
        "the same stack, population, criterion and date",
    )
    for line in lines:
        yield from (Problem(path, line.number, *one) for one in broken_bounds(line.row))


def _bad_ratings(path: Path, lines: Sequence[Line[Rating]], claims: Collection[str]) -> Iterator[Problem]:
    for line in lines:
        if (force := line.row.force) not in claims:
            yield Problem(path, line.number, "force", f"no claim has the name {force!r}{did_you_mean(force, claims)}")
    yield from _twice(
        path, lines, "force", lambda row: (row.stack, row.rater, row.force), "the same stack, rater and force"
    )


def _skipped(path: Path, lines: Sequence[Line[Rating]]) -> Iterator[Problem]:
    """Give every rater who rated a stack on some of the forces only."""
    forces = dict.fromkeys(line.row.force for line in lines)
    rated: dict[tuple[str, str], list[Line[Rating]]] = {}
    for line in lines:
        rated.setdefault((line.row.stack, line.row.rater), []).append(line)
    for (stack, rater), rows in rated.items():
        if missing := [force for force in forces if force not in {line.row.force for line in rows}]:
            message = f"{rater} rated {stack} without {', '.join(missing)}: add the line, or remove this rater's others"
            yield Problem(path, rows[0].number, "force", message)


def _without_rows(path: Path, stacks: Sequence[Line[Stack]], shares: Sequence[Line[ShareRow]]) -> Iterator[Problem]:
    """Give every stack from whose years and criterion no outcome can be read."""
    for line in stacks:
        row = line.row
        if row.outcome_from is None or row.outcome_to is None or row.criterion is None:
            continue
        named = [one.row.year for one in shares if (one.row.stack, one.row.criterion) == (row.slug, row.criterion)]
        if not named:
            found = {one.row.criterion for one in shares if one.row.stack == row.slug}
            message = f"no row of {SHARES} has stack {row.slug!r} and criterion {row.criterion!r}"
            yield Problem(path, line.number, "criterion", message + did_you_mean(row.criterion, found))
        elif not any(row.outcome_from <= year <= row.outcome_to for year in named):
            years = f"{min(named)} to {max(named)}" if min(named) < max(named) else f"{min(named)}"
            message = f"no row of {row.slug!r} lies in {row.outcome_from} to {row.outcome_to} (found {years})"
            yield Problem(path, line.number, "outcome_from", message)


def _stack_frame(lines: Sequence[Line[Stack]]) -> pd.DataFrame:
    frame = pd.DataFrame([line.row.model_dump() for line in lines], columns=list(STACK_COLUMNS)).set_index("slug")
    frame["service"] = frame["service"] == "yes"
    years = ["outcome_from", "outcome_to"]
    frame[years] = frame[years].astype("Int64")
    return frame


def _share_frame(lines: Sequence[Line[ShareRow]]) -> pd.DataFrame:
    rows = [line.row.model_dump() | {"date": line.row.date, "line": line.number} for line in lines]
    frame = pd.DataFrame(rows, columns=[*SHARE_COLUMNS, "date", "line"])
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype(float)
    return frame.sort_values(["stack", "population", "criterion", "date", "line"], ignore_index=True)


def _rating_frame(lines: Sequence[Line[Rating]]) -> pd.DataFrame:
    return pd.DataFrame([line.row.model_dump() for line in lines], columns=list(RATING_COLUMNS))
