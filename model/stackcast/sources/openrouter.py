"""OpenRouter's daily rankings: the open share of the tokens that developers route, by month."""

import os
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN
from stackcast.sources.base import Context, Period, Reading, Row, Source, observed
from stackcast.sources.frames import amounts, by_month, dates, read_json, read_records, read_table, require_no_later
from stackcast.sources.openrouter_models import is_list, list_of_models, listed, unlabelled
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

SIGNAL = "openrouter-open-weight-token-share-monthly"
API = "https://openrouter.ai/api/v1/datasets"
MANIFEST = f"{API}/exports/rankings-daily/latest.manifest.json"
KEYED = f"{API}/rankings-daily"
DOCUMENT = "https://openrouter.ai/docs/api/api-reference/datasets/get-rankings-daily"
KEY = "OPENROUTER_API_KEY"
JSON_KINDS, CSV_KINDS = ("application/json",), ("text/csv", "application/csv", "application/octet-stream")
LIMIT = 64 * 2**20
FIRST = date(2025, 1, 1)
DAYS_A_CALL = 366
DAY, MODEL, TOKENS = "date", "model_permaslug", "total_tokens"
COLUMNS = (DAY, MODEL, TOKENS)
REST = "other"
COVERED = 0.9
"""Least share of a month's days that must be present; missing days widen the bounds."""


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the last 30 days, which need no key; with a key in OPENROUTER_API_KEY, every day since ``since``.

    The list of models comes first, where it can be had: no value depends on it.
    """
    key, models = os.environ.get(KEY), list_of_models(web)
    if not key:
        manifest = web.get(MANIFEST, kinds=JSON_KINDS, limit=LIMIT)
        return [*models, web.get(_export(manifest), kinds=CSV_KINDS, limit=LIMIT)]
    headers, payloads = {"Authorization": f"Bearer {key}"}, [*models]
    start, end = max(since.replace(day=1), FIRST), context.today - timedelta(days=1)
    while start <= end:
        stop = min(end, start + timedelta(days=DAYS_A_CALL - 1))
        address = f"{KEYED}?start_date={start}&end_date={stop}"
        payloads.append(web.get(address, kinds=JSON_KINDS, limit=LIMIT, headers=headers))
        start = stop + timedelta(days=1)
    return payloads


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Sum tokens over each month by label."""
    lists, rankings = ([x for x in payloads if is_list(x) is wanted] for wanted in (True, False))
    if not rankings:
        raise InputError(f"{lists[0].origin}: the list of models alone has no ranking")
    days = pd.concat([daily(payload) for payload in rankings]).drop_duplicates(["day", "model"], keep="last")
    days = days[days["day"] < pd.Timestamp(context.today)]
    if days.empty:
        return Reading([], left_out=["no whole day yet"])
    published = (days["day"].max() + pd.Timedelta(days=1)).date()
    rows: list[Row] = []
    left_out: list[str] = []
    labels = context.labels
    for period, part in by_month(days):
        there = part["day"].nunique()
        if there < COVERED * period.days or period.end >= context.today:
            left_out.append(f"{period.start:%Y-%m}: {there} of {period.days} days")
            continue
        by_label = part.groupby([labels.of(name, period.end) or UNKNOWN for name in part["model"]])["tokens"].sum()
        tokens = {str(label): float(n) for label, n in by_label.items()}
        if not tokens.get(OPEN) and not tokens.get(CLOSED):
            left_out.append(f"{period.start:%Y-%m}: no model with a label has a token")
            continue
        rows.append(_month(tokens, period, published, there))
    total = days[days["model"] != REST].groupby("model")["tokens"].sum().sort_values(ascending=False)
    lacking = [(str(name), float(n)) for name, n in total.items() if n > 0 and labels.of(str(name), published) is None]
    models = {name: entry for one in lists for name, entry in listed(one).items()}
    if lacking and not lists:
        left_out.append("what OpenRouter says of the names without a label: its list of models is not there")
    whole = float(days["tokens"].sum())
    return Reading(rows, unlabelled(lacking, models), "tokens", left_out, whole=whole, seen=published)


def _month(tokens: dict[str, float], period: Period, published: date, there: int) -> Row:
    """One month; unlabelled models, the rest beyond the top 50 and missing days could all be closed, or all open."""
    opened, closed = tokens.get(OPEN, 0.0), tokens.get(CLOSED, 0.0)
    total = sum(tokens.values()) * period.days / there
    cells: dict[str, Any] = {
        "numerator": opened, "denominator": opened + closed,
        "lower": opened / total, "upper": 1 - closed / total,
        "note": "" if there == period.days else f"{there} of {period.days} days; the others widen the bounds",
    }  # fmt: skip
    return observed(SIGNAL, period, published, DOCUMENT, **cells)


def daily(payload: Payload) -> pd.DataFrame:
    """Return tokens by day and model."""
    is_json = payload.data.lstrip()[:1] == b"{"
    table = read_records(payload, "data", COLUMNS) if is_json else read_table(payload, COLUMNS)
    found = {"day": dates(table, DAY, payload), "model": table[MODEL], "tokens": amounts(table, TOKENS, payload)}
    require_no_later(found["day"], payload, "a day")
    return pd.DataFrame(found).dropna(subset=["day", "tokens"])


def _export(manifest: Payload) -> str:
    found = read_json(manifest.data, manifest.origin)
    try:
        address = str(found["files"]["csv"]["url"])
    except (KeyError, TypeError):
        raise InputError(f"{manifest.origin}: the manifest no longer names a CSV file") from None
    if not address.startswith(f"{API}/exports/"):
        raise InputError(f"{manifest.origin}: the manifest names a file elsewhere ({address[:80]!r})")
    return address


OPENROUTER = Source(
    name="openrouter",
    title="OpenRouter rankings, daily dataset (CC BY 4.0; Source: OpenRouter, openrouter.ai/rankings)",
    signals=(SIGNAL,),
    fetch=fetch,
    read=read,
)
