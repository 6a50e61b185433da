"""Comparison of a batch of rows with the store: new periods, revisions, unchanged rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from stackcast.errors import InputError
from stackcast.observations.schema import Observation, Signal, row_id
from stackcast.observations.store import as_frame

TOLERANCE = 2e-3
"""Relative difference up to which derived values are equal: older rows have four digits."""

Kind = Literal["new", "revision", "earlier vintage", "unchanged", "recount", "too near"]
NEAR = 0.5
"""Share of a signal's usual spacing below which a second observation is redundant."""


@dataclass(frozen=True)
class Incoming:
    """One row beside the store.

    Attributes
    ----------
    signal, row
        The row.
    kind
        ``new``, ``revision``, ``earlier vintage`` (only later ones are there), ``unchanged``, or ``recount``: the store
        has another value of the same day, so a label or a definition has changed since, and the row is a vintage of
        today. A period that ends ``too near`` to the end of an existing one (:data:`NEAR`) is not written: a second
        snapshot, or a window of 30 days that moves on with each pull.
    before
        The value of the vintage before it, if there is one.
    """

    signal: str
    row: Observation
    kind: Kind
    before: float | None

    @property
    def writes(self) -> bool:
        """Whether it is to be written."""
        return self.kind not in ("unchanged", "too near")


def compare(
    rows: Sequence[tuple[str, Observation]],
    store: pd.DataFrame,
    signals: Mapping[str, Signal],
    since: date,
    today: date,
) -> list[Incoming]:
    """Compare rows with the store and with earlier rows of the batch.

    Parameters
    ----------
    rows
        (signal, row) pairs, earlier vintages first, as a later one revises an earlier one. Skipped are rows whose
        period ends before ``since``, and rows of signals that are unknown, or were retired before publication.
    store
        ``Observations.rows``.
    signals
        Definitions by slug.
    since
        First day on which a period may end.
    today
        The UTC day that counts as today.

    Raises
    ------
    InputError
        When the store has a different value published today.
    """
    standing = store[store["retracted"].isna()]
    periods = dict(list(standing.groupby(["signal", "period_start", "period_end"])))
    ends: dict[str, list[date]] = {}
    for slug, day in zip(standing["signal"], standing["period_end"].dt.date, strict=True):
        ends.setdefault(slug, []).append(day)
    found = []
    for slug, row in rows:
        signal = signals.get(slug)
        if signal is None or row.period_end < since or (signal.retired and signal.retired.day < row.published):
            continue
        key = (slug, pd.Timestamp(row.period_start), pd.Timestamp(row.period_end))
        one = _compare(slug, row, periods.get(key), signal, today)
        if one.kind == "new" and signal.window == "fixed":
            there = ends.setdefault(slug, [])
            if any(abs((row.period_end - day).days) < NEAR * signal.spacing_days for day in there):
                one = Incoming(slug, row, "too near", None)
            else:
                there.append(row.period_end)
        if one.writes:
            written = as_frame([{"signal": slug, **one.row.model_dump()}])
            periods[key] = pd.concat([periods[key], written]) if key in periods else written
        found.append(one)
    return found


def _compare(slug: str, row: Observation, there: pd.DataFrame | None, signal: Signal, today: date) -> Incoming:
    if there is None:
        return Incoming(slug, row, "new", None)
    by_then = there[there["published"] <= pd.Timestamp(row.published)].sort_values("published")
    if by_then.empty:
        return Incoming(slug, row, "earlier vintage", None)
    last = by_then.iloc[-1]
    if _same(row, last, signal):
        return Incoming(slug, row, "unchanged", float(last["value"]))
    if last["published"] < pd.Timestamp(row.published):
        return Incoming(slug, row, "revision", float(last["value"]))
    latest = there.sort_values("published").iloc[-1]
    if _same(row, latest, signal):
        return Incoming(slug, row, "unchanged", float(latest["value"]))
    if latest["published"] >= pd.Timestamp(today):
        raise InputError(
            f"{latest['id']}: {latest['value']:g} was written today, and this pull says {row.value:g}; take the wrong "
            f"one back first: stackcast observe retract {latest['id']} --why"
        )
    note = "; ".join(filter(None, [row.note, f"counted again; first published {row.published}"]))
    again = row.model_copy(update={"published": today, "id": row_id(slug, row.period_end, today), "note": note})
    return Incoming(slug, again, "recount", float(latest["value"]))


def _same(row: Observation, other: pd.Series, signal: Signal) -> bool:
    if signal.likelihood == "counts":
        return (row.numerator, row.denominator) == (other["numerator"], other["denominator"])
    pairs = [(row.value, other["value"]), (row.lower, other["lower"]), (row.upper, other["upper"])]
    return all(_close(a, float(b)) for a, b in pairs)


def _close(a: float | None, b: float) -> bool:
    if a is None or math.isnan(b):
        return a is None and math.isnan(b)
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
