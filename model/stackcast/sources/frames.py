"""Read tables and records of sources, or raise one clear error."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.sources.base import Period
from stackcast.sources.payload import Payload

PARQUET = b"PAR1"


def read_table(payload: Payload, columns: Sequence[str]) -> pd.DataFrame:
    """Read required columns of a CSV or Parquet table.

    Returns
    -------
    DataFrame
        The columns as text (CSV) or as stored (Parquet), empty cells of a CSV as "".

    Raises
    ------
    InputError
        When it is no table, or the columns have changed.
    """
    import pyarrow

    try:
        if payload.data[:4] == PARQUET:
            table = pd.read_parquet(io.BytesIO(payload.data))
        else:
            table = pd.read_csv(io.BytesIO(payload.data), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, OSError, pyarrow.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{payload.origin}: cannot be read as a table ({reason})") from None
    missing = [name for name in columns if name not in table.columns]
    if missing:
        found = [str(name) for name in table.columns]
        hints = "; ".join(f"{name!r} is missing{did_you_mean(name, found)}" for name in missing)
        raise InputError(f"{payload.origin}: the publisher has changed the columns: {hints}")
    if table.empty:
        raise InputError(f"{payload.origin}: the table has no rows")
    return table[list(columns)]


def read_records(payload: Payload, key: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read the list of records that a JSON object holds under a key, as text; all but some fields are dropped.

    Raises
    ------
    InputError
        When there is no such list, or the fields have changed.
    """
    found = read_json(payload.data, payload.origin).get(key)
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise InputError(f"{payload.origin}: the publisher has changed the fields: no list of records in {key!r}")
    missing = [name for name in columns if not any(name in record for record in found)]
    if missing:
        raise InputError(f"{payload.origin}: the publisher has changed the fields: {', '.join(missing)} missing")
    return pd.DataFrame(found)[list(columns)].astype(str)


def read_json(data: bytes, origin: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    InputError
        When it is something else.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{origin}: not JSON ({error})") from None
    if not isinstance(found, dict):
        raise InputError(f"{origin}: must be a JSON object")
    return found


def numbers(table: pd.DataFrame, column: str, payload: Payload) -> pd.Series:
    """Return a column as finite numbers; empty cells are NaN.

    Raises
    ------
    InputError
        Naming the first cell that is no number.
    """

    def finite(cells: pd.Series) -> pd.Series:
        found = pd.to_numeric(cells, errors="coerce")
        return found.where(np.isfinite(found.astype(float)))

    return _converted(table, column, payload, finite, "a number")


def amounts(table: pd.DataFrame, column: str, payload: Payload) -> pd.Series:
    """Return a column as numbers that cannot be negative, such as tokens or downloads; empty cells are NaN.

    Raises
    ------
    InputError
        Naming the first cell that is no such number.
    """
    found = numbers(table, column, payload)
    return _converted(table, column, payload, lambda _: found.where(found >= 0), "a number from 0 on")


def dates(table: pd.DataFrame, column: str, payload: Payload) -> pd.Series:
    """Return a column as days (datetime64); empty cells are NaT.

    Raises
    ------
    InputError
        Naming the first cell that is no date.
    """

    def days(texts: pd.Series) -> pd.Series:
        return pd.to_datetime(texts, errors="coerce", format="ISO8601").dt.normalize()

    return _converted(table, column, payload, days, "a date such as 2026-05-31")


def require_no_later(days: Iterable[pd.Timestamp | date], payload: Payload, what: str) -> None:
    """Refuse a saved file that holds something later than the day on which it is said to have been published.

    A day more is allowed, for time zones. What a server sent has the server's own day, and may announce the future.

    Raises
    ------
    InputError
        Naming the latest day: the file would be known too early in every later backtest.
    """
    if payload.published is None or payload.is_fetched:
        return
    latest = max((pd.Timestamp(day) for day in days if pd.notna(day)), default=None)
    if latest is not None and latest > pd.Timestamp(payload.published) + pd.Timedelta(days=1):
        raise InputError(
            f"{payload.origin}: holds {what} of {latest:%Y-%m-%d}, so it was not published on {payload.published}; "
            "give the day on which it was"
        )


def by_month(table: pd.DataFrame) -> Iterator[tuple[Period, pd.DataFrame]]:
    """Give the rows (column ``day``) of each calendar month, in order."""
    months = [Period.month(day) for day in table["day"].dt.date]
    for month in sorted(set(months)):
        yield month, table[[m == month for m in months]]


def _converted(
    table: pd.DataFrame, column: str, payload: Payload, convert: Callable[[pd.Series], pd.Series], wanted: str
) -> pd.Series:
    texts = table[column].replace("", None)
    found = convert(texts)
    wrong = found.isna() & texts.notna()
    if wrong.any():
        place = int(wrong.to_numpy().argmax())
        value = str(table[column].iloc[place])[:60]
        raise InputError(f"{payload.origin}: row {place + 2}, {column}: must be {wanted} (found {value!r})")
    return found
