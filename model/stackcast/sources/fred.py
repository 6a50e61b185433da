"""FRED of the Federal Reserve Bank of St. Louis: the series that signals declare, as its graphs download them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from stackcast.errors import InputError
from stackcast.files.documents import did_you_mean
from stackcast.observations.feeds import Series
from stackcast.quarters import Quarter
from stackcast.sources.base import Context, Period, Reading, Row, Source, observed
from stackcast.sources.frames import dates, numbers, read_table, require_no_later
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
PAGE = "https://fred.stlouisfed.org/series"
KINDS = ("text/csv", "application/csv", "application/octet-stream")
LIMIT = 4 * 2**20
DAY, MISSING = "observation_date", "."


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get each declared series once; the file has no vintage, so it counts as published today."""
    names = sorted({series.series for _, series in _declared(context)})
    found = [web.get(f"{ADDRESS}?id={name}", kinds=KINDS, limit=LIMIT) for name in names]
    return [replace(payload, published=context.today) for payload in found]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Turn the printed numbers into each signal's unit, month by month or quarter by quarter."""
    declared = _declared(context)
    rows: list[Row] = []
    left_out = [] if declared else ["no signal declares a feed from fred"]
    for payload in payloads:
        name = _name(payload)
        fed = [(slug, series) for slug, series in declared if series.series == name]
        table = read_table(payload, (DAY, name))
        if not fed:
            known = did_you_mean(name, {series.series for _, series in declared})
            raise InputError(f"{payload.origin}: no signal declares the series {name!r}{known}")
        table = table.assign(**{name: table[name].replace(MISSING, "")})
        figures = pd.DataFrame({"day": dates(table, DAY, payload), "printed": numbers(table, name, payload)}).dropna()
        require_no_later(figures["day"], payload, "an observation")
        for slug, series in fed:
            found, early = _rows(slug, series, figures, payload.day())
            rows += found
            left_out += [f"{slug}: {period.end}: the period is not over" for period in early]
    return Reading(rows, left_out=left_out)


def _rows(slug: str, series: Series, figures: pd.DataFrame, published: date) -> tuple[list[Row], list[Period]]:
    """Return the rows of one signal, and the periods that were not over when the file came."""
    rows: list[Row] = []
    early: list[Period] = []
    for day, printed in zip(figures["day"].dt.date, figures["printed"], strict=True):
        period = _period(day, series)
        if period.end > published:
            early.append(period)
            continue
        note = f"FRED {series.series}"
        rows.append(observed(slug, period, published, f"{PAGE}/{series.series}", value=printed / series.per, note=note))
    return rows, early


def _declared(context: Context) -> list[tuple[str, Series]]:
    return [
        (slug, d.feed.fred) for slug, d in context.signals.items() if d.feed is not None and d.feed.fred is not None
    ]


def _name(payload: Payload) -> str:
    """Return the series that was asked for; of a saved copy, the one that its header names."""
    asked = parse_qs(urlsplit(payload.origin).query).get("id")
    header = payload.data.partition(b"\n")[0].decode("utf-8", "replace")
    return asked[0] if asked else header.strip().rsplit(",", 1)[-1].strip('"')


def _period(day: date, series: Series) -> Period:
    if series.every == "month":
        return Period.month(day)
    quarter = Quarter.of(day)
    return Period(quarter.start, quarter.end)


FRED = Source(
    name="fred",
    title="FRED, Federal Reserve Bank of St. Louis (facts only; each series has its own publisher)",
    signals=(),
    fetch=fetch,
    read=read,
)
