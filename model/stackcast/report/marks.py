"""Marks of a reported number: thin, prior only, forecast; and the last observation."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd

from stackcast.forecast.age import FORECAST
from stackcast.forecast.claims import LEAST_DATES, LEAST_FAMILIES
from stackcast.graph.selection import MIN_DATES
from stackcast.priors.schema import Scale
from stackcast.report.wording import in_unit

type Row = Mapping[Any, Any] | pd.Series
"""A row of a run's table."""
THIN, PRIOR_ONLY = "thin", "prior only"
NONE_YET = "no figure yet"
BOUNDS = {-1: "≥\u00a0", 0: "", 1: "≤\u00a0"}
THIN_MEANS = f"thin: the facet's reference has fewer than {MIN_DATES} dates"
CLAIM_THIN_MEANS = f"thin: fewer than {LEAST_FAMILIES} families of indicators, or none with {LEAST_DATES} dates"
FORECAST_MEANS = "forecast: the last figure's period ended before the quarter of the as-of date"


def k_hat_text(k_hat: float) -> str:
    """Return a Pareto k-hat as it is shown: it is infinite where too few draws carry the weights to fit a tail."""
    return f"{k_hat:.2f}" if isfinite(k_hat) else "over 1"


def marks(row: Row) -> tuple[str, ...]:
    """Return the marks of a facet, a layer or the whole, from its row in a run's table."""
    held = {THIN: bool(row.get("thin", False)), PRIOR_ONLY: bool(row.get("prior_only", False))}
    return tuple(mark for mark, holds in held.items() if holds)


def named(title: str, row: Row) -> str:
    """Return a title with its marks."""
    return " · ".join((title, *marks(row)))


def is_forecast(row: Row) -> bool:
    """Return whether "now" is itself a forecast."""
    return bool(row["stands_on"] == FORECAST)


def figure(row: Row, scales: Mapping[str, Scale]) -> str:
    """Return a facet's last observation as text: a share with three digits, a gap in its unit."""
    if row["value"] != row["value"]:
        return NONE_YET
    bound = BOUNDS[int(row["side"])]
    if row["kind"] == "gap":
        scale = scales[str(row["name"])]
        return f"{bound}{in_unit(row['value'], scale).replace('-', '−')} {scale.unit}"
    return f"{bound}{100 * row['value']:.3g}\u00a0%"
