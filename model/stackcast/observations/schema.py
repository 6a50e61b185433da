"""The declared schema of everything under ``observations/``."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from stackcast.errors import InputError
from stackcast.files.cells import Day, Number
from stackcast.files.documents import Strict, current_format
from stackcast.files.tables import explained
from stackcast.likelihoods import FAMILIES
from stackcast.observations.feeds import Feed

LONGEST = 20_000
"""Characters that a text may have: every report prints titles and reasons whole."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
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
NUMBERED = r"\.([2-9]|[1-9][0-9]+)"
"""What an id has besides, where an earlier row ends and is published on the same days."""
FURTHEST = 1e3
"""Latent steps from zero beyond which no gap is read: beyond them the density leaves the range of numbers."""
MOST_COUNTED = 1e9
"""Trials up to which differences of log gammas, of which the density of counts consists, keep five decimals."""
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
    period_start: Day
    period_end: Day
    published: Day
    value: Number
    numerator: Number | None = None
    denominator: Number | None = None
    n: Annotated[Number, Field(ge=1)] | None = None
    lower: Number | None = None
    upper: Number | None = None
    source_url: Link
    note: OneLine = ""


class Retraction(Strict):
    """A dated note that a row is wrong: from that day on it counts as unknown."""

    id: Text
    retracted: Day
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
    """The elicited intercept: what an indicator reads while its claim is at zero, as it stood when the debate began.

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

    day: Day
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
            gaps = (self.neutral.low, self.neutral.high, self.neutral.one_unit) if self.likelihood == "gap" else ()
            for words in (words for gap in gaps for words in outside_unit(gap, self)):
                raise ValueError(f"neutral: {words}")
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

    @model_validator(mode="after")
    def _one_signal_a_name(self) -> Self:
        names = Counter(name for slug, signal in self.signals.items() for name in {slug, *signal.former_names})
        twice = sorted(name for name, count in names.items() if count > 1)
        if twice:
            raise ValueError(f"now or formerly the name of two signals, so that ids are not unique: {', '.join(twice)}")
        return self


class Question(Strict):
    """A resolvable forecast of one signal at one period.

    It is settled after ``closes``, by the first value of the period published from ``counts_from`` to ``closes``, or by
    hand (``settled``) where its wording requires it.
    """

    id: Slug
    title: Text
    signal: str
    period_start: Day
    period_end: Day
    threshold: Number
    direction: Literal["above", "below", "at-or-above", "at-or-below"]
    counts_from: Day | None = None
    closes: Day
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
    return [*_broken_dates(row, signal, today), *broken_figures(row, signal)]


def observation(cells: Mapping[str, Any]) -> Observation:
    """Return a row of these cells.

    Raises
    ------
    InputError
        Naming every cell that cannot be one, with what was given.
    """
    try:
        return Observation.model_validate(cells)
    except ValidationError as error:
        lines = (": ".join(explained(one, dict(cells))) for one in error.errors())
        raise InputError("\n".join(lines)) from None


def row_id(slug: str, period_end: date, published: date) -> str:
    """Return the name under which a row is cited."""
    return f"{slug}/{period_end}@{published}"


def broken_id(row: Observation, slug: str, signal: Signal) -> Iterator[tuple[str, str]]:
    """Say why a row's id is not that of its signal (by its name now, or a former one), period and publication.

    Of several rows that end and are published on the same days all but the first have a number after the dot.
    """
    names = [row_id(name, row.period_end, row.published) for name in (slug, *signal.former_names)]
    if not any(re.fullmatch(f"{re.escape(name)}({NUMBERED})?", row.id) for name in names):
        own = f"{names[0]!r}, made of signal, period_end and published"
        yield "id", f"{row.id!r} must be {own} (`stackcast migrate` writes it)"


def _broken_dates(row: Observation, signal: Signal, today: date) -> Iterator[tuple[str, str]]:
    if row.period_end < row.period_start:
        yield "period_end", f"{row.period_end} lies before period_start {row.period_start}"
    if row.published > today:
        cure = "a row that a wrong clock dated is taken back by `stackcast observe retract`"
        yield "published", f"{row.published} lies in the future (today is {today}); {cure}"
    if row.published < row.period_end and not signal.projection:
        where = f"{row.published} lies before period_end {row.period_end}"
        yield "published", f"{where}; allowed only for a signal with projection: true"
    gone = signal.retired
    if gone is not None and row.published > gone.day:
        yield "published", f"{row.published}: the signal was retired on {gone.day} ({gone.why})"


def broken_figures(row: Observation, signal: Signal) -> Iterator[tuple[str, str]]:
    """Say which figures of a row have no sound place on the latent scale of its signal, as (column, message)."""
    value = row.value
    given = {name: x for name in ("value", "lower", "upper") if (x := getattr(row, name)) is not None}
    outside = [(name, words) for name, figure in given.items() for words in outside_unit(figure, signal)]
    yield from outside or _without_image(given, signal)
    yield from _broken_counts(row, signal)
    if row.lower is not None and row.lower > value:
        yield "lower", f"{row.lower:g} lies above the value {value:g}"
    if row.upper is not None and row.upper < value:
        yield "upper", f"{row.upper:g} lies below the value {value:g}"
    if signal.likelihood in ("gap", "counts") and (row.lower is None) != (row.upper is None):
        yield "lower" if row.upper is None else "upper", f"a signal of {signal.likelihood} has both bounds or none"


def outside_unit(figure: float, signal: Signal) -> Iterator[str]:
    """Say why a figure cannot be one of a signal's unit, if so."""
    low, high = FAMILIES[signal.likelihood].ends
    natural = figure / signal.per_unit
    if not low <= natural <= high:
        kind = f"a share in [0, {signal.per_unit:g}]" if signal.is_share else f"a {signal.likelihood} above 0"
        yield f"{figure:g} is not {kind}, the range of the signal's unit"
    elif signal.likelihood == "gap" and abs(natural) > FURTHEST:
        yield f"{figure:g} lies more than {FURTHEST:g} steps of {signal.per_unit:g} from 0: look at its unit"


def _without_image(given: Mapping[str, float], signal: Signal) -> Iterator[tuple[str, str]]:
    """Say which figures have no place on the latent scale and no bound that tells on which side they lie.

    A count may be none or all of its denominator. Of a share or ratio the ends of the range are infinitely far: there a
    value needs the other bound, and a bound tells nothing.
    """
    if signal.likelihood == "counts":
        return
    ends = FAMILIES[signal.likelihood].ends
    finite = {name for name, figure in given.items() if figure / signal.per_unit not in ends}
    bounded = finite - {"value"}
    if "value" not in finite and not bounded:
        top = given["value"] / signal.per_unit == ends[1]
        other, most = ("lower", "least") if top else ("upper", "most")
        far = f"{given['value']:g} is an end of the range, infinitely far on the latent scale"
        yield "value", f"{far}: give {other}, the {most} that it may stand for (half of the last digit printed, say)"
    elif len(given) > 1 and not bounded:
        name = "lower" if "lower" in given else "upper"
        yield name, f"{given[name]:g} is an end of the range and bounds nothing: give another bound, or none"


def _broken_counts(row: Observation, signal: Signal) -> Iterator[tuple[str, str]]:
    value, k, n = row.value, row.numerator, row.denominator
    if (k is None) != (n is None):
        yield "denominator", "numerator and denominator come together"
    if signal.likelihood == "counts" and (k is None or n is None):
        yield "numerator", "a signal of counts needs numerator and denominator"
    if k is None or n is None:
        return
    natural = value / signal.per_unit if signal.is_share else value
    if n <= 0:
        yield "denominator", f"{n:g} must be positive"
    elif not math.isclose(natural, k / n, rel_tol=5e-3, abs_tol=1e-3):
        yield "value", f"{value:g} disagrees with {k:g}/{n:g}"
    if k < 0:
        yield "numerator", f"{k:g} must not be negative"
    if k > n and signal.is_share:
        yield "numerator", f"{k:g} exceeds denominator {n:g}"
    for name, part in {"numerator": k, "denominator": n}.items() if signal.likelihood == "counts" else ():
        if not part.is_integer():
            yield name, f"{part:g} is not a whole number: parts that are not counted are a `share`"
        elif part > MOST_COUNTED:
            yield name, f"{part:g} is more than {MOST_COUNTED:g}: a share of so many is a `share`"
