"""Numbers as words and cells, in one form on the whole page."""

import pandas as pd

from stackcast.priors.schema import Scale
from stackcast.report.plots.style import signed
from stackcast.report.wording import bare_percent, in_unit, percent


def interval(row: pd.Series) -> str:
    """Write a share's median and 90 % interval."""
    return f"{percent(row['q50'])} ({bare_percent(row['q05'])} to {bare_percent(row['q95'])})"


def gap(row: pd.Series, scale: Scale) -> str:
    """Write a gap's median and 90 % interval in the unit of its scale."""
    low, middle, high = (in_unit(float(row[q]), scale).replace("-", "−") for q in ("q05", "q50", "q95"))
    return f"{middle} ({low} to {high})"


def strength(row: pd.Series, prefix: str = "") -> str:
    """Write a strength's median and 90 % interval."""
    low, middle, high = (signed(float(row[f"{prefix}{q}"]), 1) for q in ("q05", "q50", "q95"))
    return f"{middle} ({low} to {high})"


def likelihood(probability: float) -> str:
    """Return the words that go with a probability (after the IPCC's scale)."""
    scale = (
        (0.01, "almost certainly not"),
        (0.1, "very probably not"),
        (0.33, "probably not"),
        (0.66, "about as likely as not"),
        (0.9, "probably"),
        (0.99, "very probably"),
    )
    return next((word for limit, word in scale if probability < limit), "almost certainly")


def listed(words: list[str]) -> str:
    """Join words as a sentence does."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
