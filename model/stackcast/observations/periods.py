"""Periods as people write them: 2026, 2026-Q1, 2026-03, 2026-03-14, or two days joined by two dots."""

import re
from calendar import monthrange
from datetime import date

from stackcast.errors import InputError
from stackcast.quarters import Quarter

FORMS = "a year (2026), quarter (2026-Q1), month (2026-03), day (2026-03-14), or two days (2026-03-01..2026-03-31)"


def parse_period(text: str) -> tuple[date, date]:
    """Return the first and the last day of a period, both included.

    Raises
    ------
    InputError
        When it is none of the forms, or ends before it starts.
    """
    try:
        start, end = _parse(text.strip())
    except ValueError:
        raise InputError(f"period {text!r}: must be {FORMS}") from None
    if end < start:
        raise InputError(f"period {text!r}: ends before it starts")
    return start, end


def _parse(text: str) -> tuple[date, date]:
    if ".." in text:
        first, last = text.split("..")
        return date.fromisoformat(first), date.fromisoformat(last)
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if re.fullmatch(r"\d{4}-Q[1-4]", text):
        quarter = Quarter.parse(text)
        return quarter.start, quarter.end
    if re.fullmatch(r"\d{4}-\d{2}", text):
        year, month = map(int, text.split("-"))
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    day = date.fromisoformat(text)
    return day, day
