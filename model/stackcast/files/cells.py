"""Days and numbers as people write them in a file: nothing else that pydantic would take for one is."""

import datetime
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

FIRST_DAY, LAST_DAY = datetime.date(1990, 1, 1), datetime.date(2199, 12, 31)
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _written_day(given: Any) -> Any:
    """Refuse a number, which pydantic would read as seconds since 1970, and a day with a time."""
    text = given.strip() if isinstance(given, str) else given
    if type(text) is not datetime.date and not (isinstance(text, str) and ISO.fullmatch(text)):
        raise ValueError("must be a day such as 2026-05-31")
    return text


def _of_our_time(day: datetime.date) -> datetime.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"must lie between {FIRST_DAY} and {LAST_DAY}")
    return day


def _written_number(given: Any) -> Any:
    """Refuse a truth value, and Python's own forms of a number, such as 0.18_3576."""
    if isinstance(given, bool) or (isinstance(given, str) and not DECIMAL.fullmatch(given.strip())):
        raise ValueError("must be a number such as 0.25")
    return given


WrittenDay = Annotated[datetime.date, BeforeValidator(_written_day)]
Day = Annotated[WrittenDay, AfterValidator(_of_our_time)]
Number = Annotated[float, BeforeValidator(_written_number)]
