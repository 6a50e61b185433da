"""The declared schema of everything under ``observations/``."""

import math
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from stackcast.files.documents import Strict, current_format
from stackcast.observations.feeds import Feed

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Sign = Literal[-1, 1]
Likelihood = Literal["counts", "share", "gap", "ratio"]
FORMAT = 3
"""Version of everything under ``observations/``; `stackcast migrate` brings an older one here."""
SOURCE = re.compile(r"^(https?://[^\s/]+\.[^\s]+|pkg:[a-z]+/\S+@\S+)$")
COLUMNS = (
    "id", "period_start", "period_end", "published", "value", "numerator", "denominator",
    "n", "lower", "upper", "source_url", "note",
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of text."""
RETRACTION_COLUMNS = ("id", "retracted", "why")


def _plain(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("must not contain line breaks or other control characters")
    return text


def _source(url: str) -> str:
    if not SOURCE.match(url):
        raise ValueError("must be an http(s) address or a package URL such as pkg:pypi/litellm@1.83.0")
    return url


OneLine = Annotated[str, AfterValidator(_plain)]
Link = Annotated[str, AfterValidator(_source)]
Version = Annotated[int, AfterValidator(partial(current_format, FORMAT))]


class Observation(Strict):
    """One value of one signal for a period, published on a date, with its source."""

    id: Text
    period_start: date
    period_end: date
    published: date
    value: float
    numerator: float | None = None
    denominator: float | None = None
    n: Annotated[float, Field(gt=0)] | None = None
    lower: float | None = None
    upper: float | None = None
    source_url: Link
    note: OneLine = ""


class Retraction(Strict):
    """A dated note that a row is wrong: from that day on it counts as unknown."""

    id: Text
    retracted: date
    why: Annotated[OneLine, StringConstraints(min_length=1)]


class Publisher(Strict):
    """The publisher of a signal, and its interest in the value."""

    name: Text
    interest: Text


class Measures(Strict):
    """What a signal measures: exactly one facet or one claim, and in which direction."""

    facet: str | None = None
    claim: str | None = None
    sign: Sign

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.facet is None) == (self.claim is None):
            raise ValueError("give exactly one of 'facet' and 'claim'")
        return self

    @property
    def target(self) -> str:
        """Name of the facet or the claim."""
        return self.facet or self.claim or ""


class NeutralReading(Strict):
    """The elicited intercept: the value at which an indicator says nothing about its claim.

    ``low`` to ``high`` holds it with probability ``mass``; ``one_unit`` is the value expected when the
    claim's strength is 1. All three in the unit of the signal's value column.
    """

    low: float
    high: float
    mass: Annotated[float, Field(gt=0.5, lt=1)]
    one_unit: float
    reason: Text

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must lie below high")
        if self.low <= self.one_unit <= self.high:
            raise ValueError("one_unit must lie outside the neutral interval, on the side of the sign")
        return self


class Retired(Strict):
    """From when, and why, no more rows of a signal are expected; its rows stay in the data."""

    day: date
    why: Text


class Signal(Strict):
    """One published series with one definition.

    A signal of role ``context`` is kept and shown, but not fitted: its data enter the model another way already.
    """

    title: Text
    definition: Text
    measures: Measures
    role: Literal["reference", "secondary", "indicator", "sensitivity", "context"]
    population: Text
    family: Slug
    likelihood: Likelihood
    unit: Text
    publisher: Publisher
    licence: Text
    spacing_days: Annotated[int, Field(gt=0)]
    per_unit: Annotated[float, Field(gt=0)] = 1.0
    criterion: Slug | None = None
    lag_bias: bool = False
    window: Literal["fixed", "growing"] = "fixed"
    bounds: Literal["hard", "interval-90"] = "hard"
    neutral: NeutralReading | None = None
    caveats: tuple[Text, ...] = ()
    merged_links: tuple[Link, ...] = ()
    projection: bool = False
    former_names: tuple[Slug, ...] = ()
    retired: Retired | None = None
    feed: Feed | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.role != "context" and (self.measures.claim is not None) != (self.role == "indicator"):
            raise ValueError("a signal of a claim has role 'indicator', and only such a signal")
        if self.role != "context" and (self.neutral is not None) != (self.role == "indicator"):
            raise ValueError("an indicator needs an intercept prior (neutral), and only an indicator has one")
        if self.neutral is not None:
            side = 1 if self.neutral.one_unit > self.neutral.high else -1
            if side != self.measures.sign:
                raise ValueError("one_unit lies on the other side of the neutral interval than the sign says")
            least, most = min(self.neutral.low, self.neutral.one_unit), max(self.neutral.high, self.neutral.one_unit)
            if (self.is_share and most >= self.per_unit) or (self.likelihood != "gap" and least <= 0):
                allowed = f"between 0 and {self.per_unit:g}" if self.is_share else "above 0"
                raise ValueError(f"neutral: low, high and one_unit must lie {allowed}")
        unfit = self.feed and self.feed.unfit(self.likelihood, self.per_unit)
        if unfit:
            raise ValueError(f"feed: {unfit}")
        return self

    @property
    def is_share(self) -> bool:
        """Whether the natural value lies in [0, 1]."""
        return self.likelihood in ("counts", "share")


class SignalFile(Strict):
    """``signals.yaml``."""

    format: Version
    signals: dict[Slug, Signal]


class Question(Strict):
    """A resolvable forecast of one signal at one period.

    It is settled after ``closes``, by the first value of the period published from ``counts_from`` to ``closes``, or by
    hand (``settled``) where its wording requires it.
    """

    id: Slug
    title: Text
    signal: str
    period_start: date
    period_end: date
    threshold: float
    direction: Literal["above", "below", "at-or-above", "at-or-below"]
    counts_from: date | None = None
    closes: date
    resolution: Text
    if_unpublished: Text
    settled: Literal["happened", "did-not-happen", "void"] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.period_start <= self.period_end:
            raise ValueError("period_start must not be after period_end")
        if self.closes < self.period_end:
            raise ValueError("closes must not be before period_end")
        if self.counts_from is not None and self.counts_from > self.closes:
            raise ValueError("counts_from must not be after closes")
        return self


class QuestionFile(Strict):
    """``questions.yaml``."""

    format: Version
    questions: tuple[Question, ...]


def broken_rules(row: Observation, signal: Signal, today: date) -> list[tuple[str, str]]:
    """Check one observation against its signal's definition.

    Returns
    -------
    list of (column, message)
        Empty when every rule holds.
    """
    return [*_broken_dates(row, signal, today), *_broken_figures(row, signal)]


def _broken_dates(row: Observation, signal: Signal, today: date) -> Iterator[tuple[str, str]]:
    if row.period_end < row.period_start:
        yield "period_end", f"{row.period_end} lies before period_start {row.period_start}"
    if row.published > today:
        yield "published", f"{row.published} lies in the future (today is {today})"
    if row.published < row.period_end and not signal.projection:
        where = f"{row.published} lies before period_end {row.period_end}"
        yield "published", f"{where}; allowed only for a signal with projection: true"
    gone = signal.retired
    if gone is not None and row.published > gone.day:
        yield "published", f"{row.published}: the signal was retired on {gone.day} ({gone.why})"


def _outside_unit(figure: float, signal: Signal) -> Iterator[str]:
    """Return why a value or bound has no finite latent value, if so.

    A count may be none or all of its denominator; a share of exactly none or all has an infinite logit.
    """
    unit = signal.per_unit
    if signal.is_share and not 0 <= figure / unit <= 1:
        yield f"{figure:g} is not a share in [0, {unit:g}]"
    elif signal.likelihood == "share" and figure / unit in (0, 1):
        yield f"{figure:g} is a share of none or all, whose logit is infinite; it must lie between 0 and {unit:g}"
    if signal.likelihood == "ratio" and figure <= 0:
        yield f"{figure:g} is not a positive ratio"


def _broken_figures(row: Observation, signal: Signal) -> Iterator[tuple[str, str]]:
    value, k, n = row.value, row.numerator, row.denominator
    for column in ("value", "lower", "upper"):
        figure = getattr(row, column)
        if figure is not None:
            yield from ((column, words) for words in _outside_unit(figure, signal))
    if (k is None) != (n is None):
        yield "denominator", "numerator and denominator come together"
    if signal.likelihood == "counts" and (k is None or n is None):
        yield "numerator", "a signal of counts needs numerator and denominator"
    if k is not None and n is not None:
        if n <= 0:
            yield "denominator", f"{n:g} must be positive"
        elif not math.isclose(value, k / n, rel_tol=5e-3, abs_tol=1e-3):
            yield "value", f"{value:g} disagrees with {k:g}/{n:g}"
        if k < 0:
            yield "numerator", f"{k:g} must not be negative"
        if k > n and signal.is_share:
            yield "numerator", f"{k:g} exceeds denominator {n:g}"
    if row.lower is not None and row.lower > value:
        yield "lower", f"{row.lower} lies above the value {value:g}"
    if row.upper is not None and row.upper < value:
        yield "upper", f"{row.upper} lies below the value {value:g}"
    if signal.likelihood == "gap" and (row.lower is None) != (row.upper is None):
        yield "lower", "a gap has both bounds or none"
