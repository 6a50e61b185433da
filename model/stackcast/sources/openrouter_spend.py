"""Spending on OpenRouter at list prices: tokens by model times LiteLLM's price."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

import pandas as pd
from packaging.version import Version

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN, Labels
from stackcast.sources import openrouter
from stackcast.sources.base import Context, Period, Reading, Row, Source, observed
from stackcast.sources.openrouter_models import Listed, is_list, listed, unlabelled
from stackcast.sources.package_index import download, newest, releases, version_of
from stackcast.sources.payload import Payload
from stackcast.sources.price_map import GATEWAYS, MAP, PROJECT, Offer, bare_of_vendor, offers, one_name, opened

if TYPE_CHECKING:
    from stackcast.sources.web import Web

SIGNAL = "openrouter-implied-open-spend-share"
WINDOW = 30
"""Days that are added up: what OpenRouter serves without a key."""
LEAST = openrouter.COVERED * WINDOW
OWN = "openrouter"
"""LiteLLM's id of OpenRouter's own list."""
MAKERS = {
    "anthropic": "anthropic", "deepseek": "deepseek", "google": "gemini", "minimax": "minimax", "mistralai": "mistral",
    "moonshotai": "moonshot", "openai": "openai", "qwen": "dashscope", "tencent": "tencent", "x-ai": "xai",
    "z-ai": "zai",
}  # fmt: skip
"""How OpenRouter, and how LiteLLM, name the labs that sell their own models."""
FREE = ":free"
MILLION = 1e6
SHOWN = 5


@dataclass(frozen=True)
class Spend:
    """Tokens and list-price spend, each by label.

    Attributes
    ----------
    priced
        USD at list prices.
    tokens
        Tokens of the models that have a price, or are free.
    unpriced
        Tokens of models without a price; those beyond the top 50 are among them, without a label.
    """

    priced: Mapping[str, float]
    tokens: Mapping[str, float]
    unpriced: Mapping[str, float]

    def cells(self) -> dict[str, float]:
        """Return open over open and closed, with bounds from unlabelled and unpriced tokens.

        A token without a price is taken to cost what the tokens of its kind cost on average; where it has no label
        either, the lower bound takes it as closed, the upper as open.
        """
        opened, closed, unknown = (self.priced[kind] for kind in (OPEN, CLOSED, UNKNOWN))
        at_most_open = opened + unknown + self._unpriced(OPEN)
        at_most_closed = closed + unknown + self._unpriced(CLOSED)
        return {
            "numerator": opened,
            "denominator": opened + closed,
            "lower": opened / (opened + at_most_closed),
            "upper": at_most_open / (at_most_open + closed),
        }

    def _unpriced(self, kind: str) -> float:
        """Return what the tokens without a price cost if all that may be of a kind are, USD."""
        return (self.unpriced[kind] + self.unpriced[UNKNOWN]) * self.priced[kind] / self.tokens[kind]


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the last 30 days of rankings, and the newest release of LiteLLM."""
    rankings = openrouter.fetch(web, context.today - timedelta(days=WINDOW), context)
    wheel = newest(releases(web, PROJECT), context.today)
    if wheel is None:
        raise InputError(f"the package index has no final release of {PROJECT}")
    return [*rankings, download(web, wheel)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Price the tokens of the last 30 days that the rankings hold, by the newest wheel among the files."""
    wheels = [p for p in payloads if p.data[:2] == b"PK"]
    lists = [payload for payload in payloads if payload not in wheels and is_list(payload)]
    rankings = [payload for payload in payloads if payload not in wheels + lists]
    if not wheels or not rankings:
        raise InputError(f"needs OpenRouter's rankings and a wheel of {PROJECT} (found {len(rankings)}, {len(wheels)})")
    days = pd.concat([openrouter.daily(payload) for payload in rankings]).drop_duplicates(["day", "model"], keep="last")
    days = days[days["day"] < pd.Timestamp(context.today)]
    days = days[days["day"] > days["day"].max() - pd.Timedelta(days=WINDOW)]
    there = days["day"].nunique()
    if there < LEAST:
        return Reading([], left_out=[f"{there} of {WINDOW} days"])
    period = Period(days["day"].min().date(), days["day"].max().date())
    unpacked = [(*opened(wheel), wheel.origin) for wheel in wheels]
    source, members, origin = max(unpacked, key=lambda found: version_of(found[0]) or Version("0"))
    table = list(offers(members[MAP], origin, context.labels, period.end))
    priced = _priced(days, prices_of(table), context.labels, period.end)
    models = {name: entry for one in lists for name, entry in listed(one).items()}
    return _reading(priced, period, source, models)


def prices_of(table: Iterable[Offer]) -> dict[str, dict[str, float]]:
    """Return the price of each model at each seller that sets its own, USD per million tokens."""
    found: dict[str, dict[str, list[float]]] = {}
    for offer in table:
        if offer.price and (offer.seller == OWN or offer.seller not in GATEWAYS):
            found.setdefault(_key(offer.model), {}).setdefault(offer.seller, []).append(offer.price)
    return {name: {seller: median(prices) for seller, prices in sold.items()} for name, sold in found.items()}


def list_price(name: str, prices: Mapping[str, Mapping[str, float]]) -> float:
    """Return a model's price on OpenRouter's list, else on its maker's, else at the median seller; NaN if nowhere."""
    sold = prices.get(_key(one_name(bare_of_vendor(name))), {})
    for seller in (OWN, MAKERS.get(name.partition("/")[0], "")):
        if seller in sold:
            return sold[seller]
    return median(sold.values()) if sold else math.nan


def _key(model: str) -> str:
    """Return a name in which ``claude-4.6-sonnet``, ``claude-sonnet-4.6`` and ``claude-sonnet-4-6`` are one."""
    parts = model.replace(".", "-").split("-")
    return "-".join(sorted(parts)) if parts[0] == "claude" else "-".join(parts)


def _priced(days: pd.DataFrame, prices: Mapping[str, Mapping[str, float]], labels: Labels, day: date) -> pd.DataFrame:
    """Return a table of models: tokens, label, and USD at list prices (NaN where there is no price)."""
    tokens = days.groupby("model")["tokens"].sum()
    names = [str(name) for name in tokens.index]
    each = [0.0 if name.endswith(FREE) else list_price(name, prices) / MILLION for name in names]
    label = [labels.of(name, day) or UNKNOWN for name in names]
    return pd.DataFrame(
        {"model": names, "tokens": tokens.to_numpy(), "label": label, "spend": tokens.to_numpy() * each}
    )


def _reading(table: pd.DataFrame, period: Period, source: str, models: Mapping[str, Listed]) -> Reading:
    total = float(table["tokens"].sum())
    if not total:
        return Reading([], left_out=[f"no token from {period.start} to {period.end}"])
    known, without = table[table["spend"].notna()], table[table["spend"].isna()]
    spend = Spend(_sums(known, "spend"), _sums(known, "tokens"), _sums(without, "tokens"))
    named = without[without["model"] != openrouter.REST].sort_values("tokens", ascending=False)
    share, shown = named["tokens"].sum() / total, ", ".join(named["model"].head(SHOWN))
    left_out = [f"no list price, {share:.1%} of the tokens: {shown}"] if len(named) else []
    lacking = known[(known["label"] == UNKNOWN) & (known["spend"] > 0)].sort_values("spend", ascending=False)
    weights = zip(lacking["model"], lacking["spend"].astype(float), strict=True)
    whole, seen = float(known["spend"].sum()), period.end + timedelta(days=1)
    rows: list[Row] = []
    if spend.priced[OPEN] and spend.priced[CLOSED]:
        note = f"prices of {source}, 3 input tokens to 1 output; {known['tokens'].sum() / total:.0%} of tokens priced"
        cells: dict[str, Any] = spend.cells() | {"note": note}
        rows.append(observed(SIGNAL, period, seen, openrouter.DOCUMENT, **cells))
    else:
        left_out.append("no priced model of one kind: nothing to compare")
    return Reading(rows, unlabelled(weights, models), "USD at list prices", left_out, whole=whole, seen=seen)


def _sums(table: pd.DataFrame, column: str) -> dict[str, float]:
    found = table.groupby("label")[column].sum()
    return {label: float(found.get(label, 0.0)) for label in (OPEN, CLOSED, UNKNOWN)}


OPENROUTER_SPEND = Source(
    name="openrouter-spend",
    title="OpenRouter rankings (CC BY 4.0) at the list prices of LiteLLM (MIT; BerriAI); products and sums are ours",
    signals=(SIGNAL,),
    fetch=fetch,
    read=read,
)
