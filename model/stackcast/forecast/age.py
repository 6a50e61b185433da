"""The age of a facet's last observation, and whether "now" stands on it or is a forecast."""

from datetime import date
from typing import Any

import pandas as pd

from stackcast.graph.data import ObservedData, sides
from stackcast.graph.design import Design
from stackcast.graph.selection import is_thin
from stackcast.observations.schema import Signal
from stackcast.quarters import Quarter

FIGURE, FORECAST = "figure", "forecast"
WHOLE = ("side", "days")
"""Integer columns that are empty where there is no observation."""


def stands_on(period_end: date | None, day: date) -> str:
    """Return what "now" stands on: on an observation whose period ended in the quarter of the as-of date."""
    return FIGURE if period_end is not None and Quarter.of(period_end) >= Quarter.of(day) else FORECAST


def in_facet_terms(signal: Signal, value: Any) -> Any:
    """Convert values of a facet's signal to the unit of its tables: open share, or closed minus open in log-odds.

    Parameters
    ----------
    signal
        A signal that measures a facet.
    value
        A number or an array, in the unit of the signal's value column.
    """
    natural, sign = value / signal.per_unit, signal.measures.sign
    if signal.is_share:
        return natural if sign > 0 else 1 - natural
    return natural * sign


def last_figures(design: Design, observed: ObservedData) -> pd.DataFrame:
    """Return the last observation of each facet's reference known at the as-of date.

    Projections of periods that had not ended by then are left out.

    Returns
    -------
    DataFrame
        One row a facet, described in ``docs/run-folder.md``: ``name, kind, signal, id, value, side, period_start,
        period_end, published, days, dates, source_url, newer_signal, newer_id, newer_period_end, newer_published``.
    """
    rows = observed.rows.assign(side=sides(design, observed))
    rows = rows[rows["period_end"] <= pd.Timestamp(observed.as_of)].sort_values(["period_end", "published", "id"])
    table = pd.DataFrame([_of_facet(name, design, rows, observed.as_of) for name in design.facets])
    return table.astype(dict.fromkeys(WHOLE, "Int64"))


def facet_marks(figures: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return ``thin`` and ``stands_on`` of each facet, by name, from their last figures known at the as-of date."""
    ends = [date.fromisoformat(end) if isinstance(end, str) else None for end in figures["period_end"]]
    return pd.DataFrame(
        {
            "thin": [is_thin(n) for n in figures["dates"]],
            "stands_on": [stands_on(end, day) for end in ends],
        },
        index=pd.Index(figures["name"]),
    )


def _of_facet(name: str, design: Design, rows: pd.DataFrame, day: date) -> dict[str, Any]:
    mine = {slug: signal for slug, signal in design.signals.items() if signal.measures.facet == name}
    reference = next((slug for slug, signal in mine.items() if signal.role == "reference"), None)
    own, others = rows[rows["signal"] == reference], rows[rows["signal"].isin(set(mine) - {reference})]
    last = own.iloc[-1] if len(own) else None
    newer = others if last is None else others[others["period_end"] > last["period_end"]]
    out = {"name": name, "kind": design.priors.facets[name].kind, "signal": reference}
    return out | _last(last, mine, day, len(own)) | _newer(newer.iloc[-1] if len(newer) else None)


def _last(row: pd.Series | None, signals: dict[str, Signal], day: date, dates: int) -> dict[str, Any]:
    if row is None:
        names = ("id", "value", "side", "period_start", "period_end", "published", "days")
        return dict.fromkeys(names) | {"dates": 0, "source_url": None}
    signal = signals[row["signal"]]
    return {
        "id": row["id"],
        "value": float(in_facet_terms(signal, row["value"])),
        "side": int(row["side"]) * signal.measures.sign,
        **{column: f"{row[column]:%Y-%m-%d}" for column in ("period_start", "period_end", "published")},
        "days": (day - row["period_end"].date()).days,
        "dates": dates,
        "source_url": row["source_url"],
    }


def _newer(row: pd.Series | None) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys(("newer_signal", "newer_id", "newer_period_end", "newer_published"))
    dates = {f"newer_{column}": f"{row[column]:%Y-%m-%d}" for column in ("period_end", "published")}
    return {"newer_signal": row["signal"], "newer_id": row["id"], **dates}
