"""The tables that a backtest or a calibration leaves in a folder: sealed when written, checked when read again."""

import os
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from stackcast.errors import InputError
from stackcast.runs.contents import Loose, Seal, checked, read_json, require_whole, seals, write_json

SEALS = "contents.json"


class SkillRow(Loose):
    """The part of a line of ``skill.csv`` that reports read."""

    variant: str
    kind: str
    name: str
    rival: str
    n: float
    relative_crps: float
    low: float | None = None
    high: float | None = None
    in_50: float
    in_80: float
    in_90: float
    log_score: float | None = None
    log_score_median: float | None = None


class KindRow(Loose):
    """The part of a line of ``kinds.csv`` that reports read."""

    kind: str
    worlds: int
    quantities: int
    outside: int
    expected_outside: float
    mean_rank: float
    mean_rank_error: float | None = None
    sd_rank: float
    sd_rank_error: float | None = None


class _Seals(Loose):
    contents: dict[str, Seal]


def seal_results(folder: Path) -> None:
    """Write, as the last file of a folder, the size and the hash of every other one."""
    write_json(folder / SEALS, {"contents": seals(folder)})


def whole_result(path: Path, again: str) -> Path:
    """Return a file of such a folder; ``again`` says how it is made again.

    Raises
    ------
    InputError
        When it is missing, or is not as it was written.
    """
    there = path.parent / SEALS
    sealed = checked(there, _Seals, read_json(there, again), again).contents if os.path.lexists(there) else {}
    require_whole(path, sealed.get(path.name), again=again)
    return path


def read_results(path: Path, schema: type[SkillRow | KindRow], again: str) -> pd.DataFrame:
    """Read a table of such a folder; ``again`` says how it is made again.

    Raises
    ------
    InputError
        When it is not as it was written, or not such a table.
    """
    whole_result(path, again)
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise InputError(f"{path}: is no table ({error}); {again}") from None
    if table.empty:
        raise InputError(f"{path}: holds no line; {again}")
    plain = table.astype(object).where(table.notna(), None)
    for line, row in enumerate(plain.to_dict("records"), start=2):
        try:
            schema.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"{path}:{line}: {'.'.join(map(str, first['loc']))}: {first['msg']}; {again}") from None
    return table
