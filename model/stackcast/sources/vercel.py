"""Vercel's AI Gateway leaderboard of labs: the open share of its tokens and of its spend, by month."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN, Labels
from stackcast.sources.base import Context, Period, Reading, Row, Source, Unlabelled, observed, share_of_counts
from stackcast.sources.frames import by_month, dates, numbers, read_json, read_records, read_table, require_no_later
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

DATASET = "labs"
ADDRESS = f"https://vercel.com/api/ai/leaderboard-export?dataset={DATASET}&modality=all"
KINDS = ("application/json",)
LIMIT = 64 * 2**20
FIRST = date(2025, 10, 1)
"""The first day that the gateway serves; earlier requests are refused."""
DAY, METRIC, LAB, SHARE = COLUMNS = ("date", "metric", "name", "share_percent")
METRICS = {"vercel-gateway-open-token-share": "tokens", "vercel-gateway-open-spend-share": "spend"}
"""What each signal is a share of."""
WHOLE = 1.0
"""How far the shares of a day may add up to something else than 100, percentage points."""


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the daily shares of labs from the first of a month on."""
    start = max(since.replace(day=1), FIRST)
    end = context.today - timedelta(days=1)
    return [web.get(f"{ADDRESS}&format=json&from={start}&to={end}", kinds=KINDS, limit=LIMIT)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Average the daily shares of each whole month by the labels of labs."""
    days = pd.concat([_daily(payload) for payload in payloads]).drop_duplicates(["day", METRIC, LAB], keep="last")
    days = days[days["day"] < pd.Timestamp(context.today)]
    if days.empty:
        return Reading([], left_out=["no whole day yet"])
    published = (days["day"].max() + pd.Timedelta(days=1)).date()
    rows: list[Row] = []
    left_out: set[str] = set()
    unlabelled: dict[str, dict[str, float]] = {}
    for slug, metric in METRICS.items():
        for period, part in by_month(days[days[METRIC] == metric]):
            there = part["day"].nunique()
            if there < period.days:
                left_out.add(f"{period.start:%Y-%m}: {there} of {period.days} days")
                continue
            shares = part.groupby(LAB)["share"].sum() / there
            by_label = _by_label(shares, context.labels, period.end)
            if not by_label[OPEN] or not by_label[CLOSED]:
                left_out.add(f"{period.start:%Y-%m}: {metric}: no lab of one kind is labelled, so there is no share")
                continue
            rows.append(_month(slug, metric, by_label, period, published))
            unlabelled[metric] = {
                str(x): float(n) for x, n in shares.items() if not context.labels.of_lab(str(x), period.end)
            }
    most = {x: max(found.get(x, 0.0) for found in unlabelled.values()) for names in unlabelled.values() for x in names}
    weights = {lab: Unlabelled(share) for lab, share in most.items() if share > 0}
    return Reading(rows, weights, "percent of tokens, or of spend", sorted(left_out), "labs.csv", 100.0, published)


def _by_label(shares: "pd.Series", labels: Labels, day: date) -> dict[str, float]:
    found = shares.groupby([labels.of_lab(str(lab), day) or UNKNOWN for lab in shares.index]).sum()
    return {label: float(found.get(label, 0.0)) for label in (OPEN, CLOSED, UNKNOWN)}


def _month(slug: str, metric: str, shares: dict[str, float], period: Period, published: date) -> Row:
    """One month; an unlabelled lab could be closed, or open. The gateway prints shares and no amounts."""
    cells = share_of_counts(shares)
    value = cells.pop("numerator") / cells.pop("denominator")
    note = f"mean of {period.days} daily shares of {metric} by lab"
    return observed(slug, period, published, ADDRESS, value=value, note=note, **cells)


def _daily(payload: Payload) -> pd.DataFrame:
    """Return the daily shares of both metrics, in percent; a day whose shares do not add up means a cut file."""
    table = _table(payload)
    named = table[LAB].astype(str).str.strip().str.lower()
    table = table.assign(**{LAB: named, "day": dates(table, DAY, payload), "share": numbers(table, SHARE, payload)})
    require_no_later(table["day"], payload, "a day")
    missing = [metric for metric in METRICS.values() if metric not in set(table[METRIC])]
    if missing:
        raise InputError(f"{payload.origin}: the publisher has changed the metrics: no {', '.join(missing)}")
    table = table[table[METRIC].isin(list(METRICS.values()))]
    sums = table.groupby(["day", METRIC])["share"].sum()
    wrong = sums[(sums - 100).abs() > WHOLE]
    if len(wrong):
        (day, metric), total = wrong.index[0], wrong.iloc[0]
        raise InputError(f"{payload.origin}: the shares of {metric} on {day:%Y-%m-%d} add up to {total:g}, not to 100")
    return table


def _table(payload: Payload) -> pd.DataFrame:
    if payload.data.lstrip()[:1] != b"{":
        return read_table(payload, COLUMNS)
    export = read_json(payload.data, payload.origin)
    if export.get("dataset") != DATASET:
        raise InputError(
            f"{payload.origin}: must be the export of {DATASET} (found {str(export.get('dataset'))[:60]!r})"
        )
    return read_records(payload, "rows", COLUMNS)


VERCEL = Source(
    name="vercel",
    title="Vercel, AI Gateway Leaderboard Data (CC BY 4.0); labs labelled by us",
    signals=tuple(METRICS),
    fetch=fetch,
    read=read,
)
