"""The declared schema of ``observations/history/``: one earlier stack, one dated share, one rating a line."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from stackcast.files.cells import Number
from stackcast.files.documents import Strict
from stackcast.observations.schema import Link, OneLine

FOLDER = "history"
STACKS, SHARES, RATINGS = "stacks.csv", "shares.csv", "ratings.csv"
STACK_COLUMNS = (
    "slug", "title", "layer", "view_year", "kind", "service", "criterion", "outcome_from", "outcome_to", "description",
)  # fmt: skip
SHARE_COLUMNS = (
    "stack", "population", "unit", "measure", "criterion", "year", "month", "share", "lower", "upper", "n",
    "source_kind", "source_title", "source_url", "counted_open", "note", "left_out",
)  # fmt: skip
RATING_COLUMNS = ("stack", "rater", "force", "rating", "confidence", "reason")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Words = Annotated[OneLine, StringConstraints(min_length=1)]
Year = Annotated[int, Field(ge=1800, le=2199)]
Share = Annotated[Number, Field(ge=0, le=1)]


class Stack(Strict):
    """One line of ``stacks.csv``: a product category as it stood in ``view_year``.

    ``criterion`` names the rows of ``shares.csv`` that are read as its outcome, within the years ``outcome_from`` to
    ``outcome_to``; a stack of which none are asked has neither. ``kind`` and ``service`` are read off the description.
    """

    slug: Name
    title: Words
    layer: Words
    view_year: Year
    kind: Literal["software", "content", "device"]
    service: Literal["yes", "no"]
    criterion: Name | None = None
    outcome_from: Year | None = None
    outcome_to: Year | None = None
    description: Words


class ShareRow(Strict):
    """One line of ``shares.csv``: the open share of one population by one criterion at a date.

    Without ``share`` it is a ceiling (``upper``), a floor (``lower``) or both. ``criterion`` is a name, unique within
    the stack, of what is counted as open, which ``counted_open`` says in words; ``unit`` is what is counted. A row with
    a reason in ``left_out`` is kept and not read.
    """

    stack: Name
    population: Words
    unit: Words
    measure: Literal["use", "units", "money", "attention"]
    criterion: Name
    year: Year
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    share: Share | None = None
    lower: Share | None = None
    upper: Share | None = None
    n: Annotated[Number, Field(ge=1)] | None = None
    source_kind: Literal["census", "survey", "attention"]
    source_title: OneLine = ""
    source_url: Link
    counted_open: Words
    note: OneLine = ""
    left_out: OneLine = ""

    @property
    def date(self) -> float:
        """The date in years: the middle of the month, or of the year."""
        return self.year + (0.5 if self.month is None else (self.month - 0.5) / 12)


class Rating(Strict):
    """One line of ``ratings.csv``: how strongly a force stood behind a stack in its ``view_year``, by one rater."""

    stack: Name
    rater: Name
    force: Words
    rating: Annotated[Number, Field(ge=-2, le=2)]
    confidence: Annotated[int, Field(ge=1, le=3)]
    reason: OneLine = ""


def broken_window(stack: Stack) -> Iterator[tuple[str, str]]:
    """Say what is wrong with the years from which a stack's outcome is read, as (column, message)."""
    first, last = stack.outcome_from, stack.outcome_to
    if (first is None) != (last is None):
        yield ("outcome_from" if first is None else "outcome_to"), "outcome_from and outcome_to come together"
    elif first is not None and last is not None:
        if last < first:
            yield "outcome_to", f"{last} lies before outcome_from {first}"
        if stack.criterion is None:
            yield "criterion", "a stack with an outcome names the criterion of the rows that are read"


def broken_bounds(row: ShareRow) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row's share and its bounds, as (column, message)."""
    if row.share is None and not row.lower and (row.upper is None or row.upper == 1):
        yield "share", "says nothing: give share, or a floor (lower) above 0 or a ceiling (upper) below 1"
    for name, bound, sign, side in (("lower", row.lower, 1, "above"), ("upper", row.upper, -1, "below")):
        if bound is not None and row.share is not None and sign * bound > sign * row.share:
            yield name, f"{bound:g} lies {side} the share {row.share:g}"
    if row.share is None and row.lower is not None and row.upper is not None and row.lower > row.upper:
        yield "lower", f"{row.lower:g} lies above upper {row.upper:g}"
