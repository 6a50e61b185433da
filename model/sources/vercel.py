"""Vercel's AI Gateway leaderboard: what the named closed labs take of tokens and of spend, by month."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from model.observations.labels import Labels
from model.sources.base import Payload, Reading, Row, Source, observed
from model.sources.frames import by_month, dates, numbers, read_table

if TYPE_CHECKING:
    from model.sources.web import Web

ADDRESS = "https://vercel.com/api/ai/leaderboard-export?dataset=labs&modality=text&format=csv"
KINDS = ("text/csv", "application/csv", "application/octet-stream")
LIMIT = 32 * 2**20
FIRST = date(2025, 10, 1)
DAY, METRIC, LAB, SHARE = "date", "metric", "name", "share_percent"
NAMED = {
    "vercel-gateway-top4-closed-token-share": ("tokens", ("google", "anthropic", "openai", "xai")),
    "vercel-gateway-top3-closed-spend-share": ("spend", ("anthropic", "google", "openai")),
}
"""Metric and labs of each signal: labs whose models are closed; all others, open or closed, are the rest."""


def fetch(web: "Web", since: date, today: date) -> list[Payload]:
    """Get the daily shares of labs from the first of a month on."""
    start = max(since.replace(day=1), FIRST)
    return [web.get(f"{ADDRESS}&from={start}&to={today - timedelta(days=1)}", kinds=KINDS, limit=LIMIT)]


def read(payloads: Sequence[Payload], labels: Labels, today: date) -> Reading:
    """Average the daily shares over each whole month; a sum of named closed labs is a floor of the closed share."""
    rows: list[Row] = []
    left_out: set[str] = set()
    for payload in payloads:
        table = read_table(payload, (DAY, METRIC, LAB, SHARE))
        table = table.assign(day=dates(table, DAY, payload), share=numbers(table, SHARE, payload) / 100)
        table = table[table["day"] < pd.Timestamp(today)]
        published = (table["day"].max() + pd.Timedelta(days=1)).date()
        for slug, (metric, names) in NAMED.items():
            for period, part in by_month(table[table[METRIC] == metric]):
                there = part["day"].nunique()
                if there < period.days:
                    left_out.add(f"{period.start:%Y-%m}: {there} of {period.days} days")
                    continue
                named = part[part[LAB].str.strip().str.lower().isin(names)]
                value = min(1.0, float(named["share"].sum()) / there)
                note = f"mean of {there} daily shares of {', '.join(names)}; a floor of the closed share"
                rows.append(observed(slug, period, published, ADDRESS, value=value, lower=value, note=note))
    return Reading(rows, left_out=sorted(left_out))


VERCEL = Source(
    name="vercel",
    title="Vercel, AI Gateway leaderboards (CC BY 4.0)",
    signals=tuple(NAMED),
    fetch=fetch,
    read=read,
)
