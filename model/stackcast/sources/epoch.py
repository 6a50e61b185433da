"""Epoch AI, "Data on AI Models": the table of notable models, counted by the availability of their weights.

Definitions are those of ``signals.yaml``. The table is filled in backwards, so a pull may revise many periods.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from stackcast.errors import InputError
from stackcast.likelihoods.base import INTERVAL_90
from stackcast.quarters import Quarter
from stackcast.sources.base import Context, Period, Reading, Row, Source, observed, significant
from stackcast.sources.frames import dates, numbers, read_table, require_no_later
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.sources.web import Web

ADDRESS = "https://epoch.ai/data/notable_ai_models.csv"
LIMIT = 32 * 2**20
ACCESS = "Model accessibility"
NOTABLE = "Notability criteria"
"""Filled in for every model of this table; Epoch's other tables lack the column, or leave it empty."""
COMPUTE = "Training compute (FLOP)"
COLUMNS = ("Model", "Organization", "Publication date", "Parameters", COMPUTE, ACCESS, NOTABLE)
OPEN = "Open weights"
UNRESTRICTED = "Open weights (unrestricted)"
SERVED = ("API access", "Hosted access (no API)")
FIRST_YEAR = 2018
FIRST_CLAIM_YEAR = 2022

CLOUD_AND_CHIPS = ("Google", "DeepMind", "Microsoft", "Amazon", "NVIDIA", "Alibaba", "Tencent", "Huawei", "Baidu")
LABS = {
    "Alibaba": ("Alibaba",), "Amazon": ("Amazon",), "Anthropic": ("Anthropic",), "Baidu": ("Baidu",),
    "DeepSeek": ("DeepSeek",), "Google": ("Google", "DeepMind"), "Meta": ("Meta AI", "Facebook"),
    "Microsoft": ("Microsoft",), "MiniMax": ("MiniMax",), "Mistral": ("Mistral",), "Moonshot": ("Moonshot",),
    "NVIDIA": ("NVIDIA",), "OpenAI": ("OpenAI",), "Tencent": ("Tencent",), "xAI": ("xAI",), "Zhipu": ("Zhipu", "Z.ai"),
}  # fmt: skip
"""The 16 leading labs of ``labs-with-open-notable-release``, and how Epoch's column names them."""


def fetch(web: "Web", since: date, context: Context) -> list[Payload]:
    """Get the whole table; it comes in one file."""
    return [web.get(ADDRESS, kinds=("text/csv", "application/csv", "application/octet-stream"), limit=LIMIT)]


def read(payloads: Sequence[Payload], context: Context) -> Reading:
    """Count the table's models by quarter and by year."""
    rows: list[Row] = []
    left_out: list[str] = []
    for payload in payloads:
        table = read_table(payload, COLUMNS)
        _require_notable(table, payload)
        models = pd.DataFrame(
            {
                "name": table["Model"].str.strip(),
                "maker": table["Organization"],
                "day": dates(table, "Publication date", payload),
                "parameters": numbers(table, "Parameters", payload),
                "compute": numbers(table, COMPUTE, payload),
                "access": table[ACCESS].str.strip(),
            }
        )
        undated = int(models["day"].isna().sum())
        left_out += [f"{undated} models without a publication date"] if undated else []
        published = payload.day()
        require_no_later(models["day"], payload, "a model")
        models = models[models["day"] <= pd.Timestamp(published)]
        models = models.assign(open=models["access"].str.startswith(OPEN), known=models["access"] != "")
        unknown = int((~models["known"]).sum())
        left_out += [f"{unknown} models of unknown access, by the definition"] if unknown else []
        rows += [*_quarters(models, published), *_years(models, published)]
    return Reading(rows, left_out=left_out)


def _require_notable(table: pd.DataFrame, payload: Payload) -> None:
    other = table[NOTABLE].str.strip() == ""
    if other.any():
        raise InputError(
            f"{payload.origin}: is not Epoch's table of notable models: {int(other.sum())} of its {len(table)} models "
            f"have no {NOTABLE} (row {int(other.to_numpy().argmax()) + 2}); save notable_ai_models.csv"
        )


def _quarters(models: pd.DataFrame, published: date) -> list[Row]:
    rows = []
    first = Quarter.of(date(FIRST_YEAR, 1, 1))
    for step in range(Quarter.of(published) - first):
        period = Period((first + step).start, (first + step).end)
        part = _between(models, *period)
        rows += _count("epoch-notable-open-weights-quarterly", part[part["known"]], "open", period, published)
    return rows


def _years(models: pd.DataFrame, published: date) -> list[Row]:
    rows: list[Row] = []
    models = models.assign(
        unrestricted=models["access"] == UNRESTRICTED,
        sized=models["parameters"].notna(),
        cloud=_made_by(models, CLOUD_AND_CHIPS),
    )
    for year in range(FIRST_YEAR, published.year + 1):
        over = year < published.year
        period = Period(date(year, 1, 1), date(year, 12, 31) if over else models["day"].max().date())
        part = _between(models, *period)
        known, served = part[part["known"]], part[part["access"].isin(SERVED)]
        if over:
            rows += _count("epoch-notable-unrestricted-weights-annual", known, "unrestricted", period, published)
        if year < FIRST_CLAIM_YEAR:
            continue
        note = "" if over else "partial year"
        rows += _count("epoch-cloudchip-open-share", known[known["cloud"]], "open", period, published, note)
        rows += _contrast(known, period, published, note)
        rows += _count("epoch-api-models-params-disclosed", served, "sized", period, published, note)
        if over:
            rows += _count("epoch-noncloud-open-share", known[~known["cloud"]], "open", period, published)
            rows += [*_labs(known, period, published), *_compute_ratio(models, period, published)]
    return rows


def _count(slug: str, part: pd.DataFrame, column: str, period: Period, published: date, note: str = "") -> list[Row]:
    if part.empty:
        return []
    cells = {"numerator": float(part[column].sum()), "denominator": float(len(part)), "note": note}
    return [observed(slug, period, published, ADDRESS, **cells)]


def _contrast(known: pd.DataFrame, period: Period, published: date, note: str) -> list[Row]:
    """Open share of the sellers of compute over that of everybody else, with the 90 % interval of the two counts.

    The sd of the log of a ratio of two independent shares is, to first order, ``sqrt((1 - p) / k + (1 - q) / m)`` for
    ``k`` and ``m`` successes (Katz et al. 1978, Biometrics 34:469).
    """
    sides = [known[known["cloud"]]["open"], known[~known["cloud"]]["open"]]
    if not all(side.any() for side in sides):
        return []
    above, below = (significant(float(side.mean())) for side in sides)
    spread = 0.5 * INTERVAL_90 * sum((1.0 - side.mean()) / side.sum() for side in sides) ** 0.5
    counts = " over ".join(f"{side.sum()} of {len(side)}" for side in sides)
    cells = {
        "numerator": above, "denominator": below,
        "lower": above / below * math.exp(-spread), "upper": above / below * math.exp(spread),
        "note": "; ".join(filter(None, [counts, note])),
    }  # fmt: skip
    return [observed("epoch-cloudchip-to-others-open-ratio", period, published, ADDRESS, **cells)]


def _labs(known: pd.DataFrame, period: Period, published: date) -> list[Row]:
    made = [known[_made_by(known, names)] for names in LABS.values()]
    active = pd.DataFrame({"open": [part["open"].any() for part in made if len(part)]})
    return _count("labs-with-open-notable-release", active, "open", period, published)


def _made_by(models: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    return models["maker"].map(lambda maker: any(name in maker for name in names)).astype(bool)


def _compute_ratio(models: pd.DataFrame, period: Period, published: date) -> list[Row]:
    sized = models[(models["day"] <= pd.Timestamp(period.end)) & models["compute"].notna()]
    ranked = sized.sort_values("compute", kind="stable")
    opened, closed = ranked[ranked["open"]].tail(1), ranked[~ranked["open"]].tail(1)
    if opened.empty or closed.empty:
        return []
    cells = {"numerator": float(closed["compute"].iloc[0]), "denominator": float(opened["compute"].iloc[0])}
    note = f"open {opened['name'].iloc[0]}; closed {closed['name'].iloc[0]}"
    return [observed("epoch-max-training-compute-ratio-closed-open", period, published, ADDRESS, note=note, **cells)]


def _between(models: pd.DataFrame, start: date, end: date) -> pd.DataFrame:
    return models[(models["day"] >= pd.Timestamp(start)) & (models["day"] <= pd.Timestamp(end))]


EPOCH = Source(
    name="epoch",
    title='Epoch AI, "Data on AI Models", epoch.ai (CC BY 4.0)',
    signals=(
        "epoch-notable-open-weights-quarterly",
        "epoch-notable-unrestricted-weights-annual",
        "epoch-cloudchip-open-share",
        "epoch-cloudchip-to-others-open-ratio",
        "epoch-noncloud-open-share",
        "labs-with-open-notable-release",
        "epoch-api-models-params-disclosed",
        "epoch-max-training-compute-ratio-closed-open",
    ),
    fetch=fetch,
    read=read,
)
