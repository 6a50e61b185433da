"""The declared schema of ``debate.yaml``: what every other file of ``priors/`` and every report names."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from stackcast.files.cells import Day, WrittenDay
from stackcast.files.documents import Strict, current_format
from stackcast.observations.schema import Link, Slug, Text

FORMAT = 2
"""Version of everything under ``priors/``; `stackcast migrate` brings an older one here."""
NEUTRAL = "neutral"
"""A sub-claim of neither side; and the prior scenario in which every claim has the one mean of ``claims.yaml``."""
WHOLE = "stack"
"""Name of all layers together in quantities, tables and weights; what a reader sees is ``Debate.whole``."""
UNWRITTEN = "<to be written>"
"""What `stackcast migrate` leaves where only a person knows the words."""


def _written(text: str) -> str:
    if UNWRITTEN in text:
        raise ValueError("`stackcast migrate` could not know this: write it")
    return text


QuarterLabel = Annotated[str, StringConstraints(pattern=r"^(199[0-9]|20[0-9]{2}|21[0-9]{2})-Q[1-4]$")]
Version = Annotated[int, AfterValidator(partial(current_format, FORMAT))]
Words = Annotated[Text, AfterValidator(_written)]


class Essay(Strict):
    """The text that asked the question."""

    title: Text
    author: Text
    day: WrittenDay
    address: Link


class Side(Strict):
    """One side of the debate: the name that other files use, and what the whole is said to be where it wins."""

    name: Slug
    title: Text


class Sides(Strict):
    """The side for which shares near one are evidence (``high``), and the other (``low``)."""

    high: Side
    low: Side

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.high.name == self.low.name or NEUTRAL in self.names:
            raise ValueError(f"the two sides need two names, and neither may be {NEUTRAL!r}")
        return self

    @property
    def names(self) -> tuple[str, str]:
        """Both names, ``high`` first."""
        return self.high.name, self.low.name

    def sign(self, name: str) -> int:
        """Return 1 for the side ``high`` and for neither, -1 for ``low``."""
        return -1 if name == self.low.name else 1

    def toward(self, sign: float) -> Side:
        """Return the side for which a positive or a negative number is evidence."""
        return self.high if sign > 0 else self.low


class Horizons(Strict):
    """The quarters that reports name besides the present; the forecast ends with ``far``."""

    far: QuarterLabel
    near: QuarterLabel | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.near is not None and not self.near < self.far:
            raise ValueError("near must come before far")
        return self


SEEN, UNSEEN = "seen", "unseen"
"""Outcomes that those who chose structure and priors had seen, and those that they had not."""


@dataclass(frozen=True)
class Span:
    """Outcomes published after one day, up to another; None is no limit."""

    after: date | None
    until: date | None

    @property
    def unseen(self) -> bool:
        """Whether nobody who chose had seen them."""
        return self.until is None

    @property
    def title(self) -> str:
        """What the span is called in tables."""
        limits = (f"after {self.after}" if self.after else "", f"by {self.until}" if self.until else "")
        return f"{UNSEEN if self.unseen else SEEN}, {' and '.join(filter(None, limits))}"

    def holds(self, published: date) -> bool:
        """Whether an outcome published on a day is among them."""
        return (self.after is None or published > self.after) and (self.until is None or published <= self.until)


class SeenUntil(Strict):
    """Outcomes published by a day, and what those who chose structure and priors did with them."""

    until: Day
    reason: Text


class Evaluation(Strict):
    """Which outcomes those who chose structure and priors had seen, by the day of their publication.

    The last of ``seen`` parts seen outcomes from unseen ones, those before it part the seen ones. From the day
    ``released`` on nothing that is published is kept from those who choose any more.
    """

    seen: Annotated[tuple[SeenUntil, ...], Field(min_length=1)]
    released: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        days = [one.until for one in self.seen] + ([self.released] if self.released else [])
        if any(not one < other for one, other in pairwise(days)):
            raise ValueError("the days of `seen` come in order, none twice, and `released` after them")
        return self

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans of days that the declared ones part, the unseen one first and the latest seen one next.

        What was kept until ``released`` has been seen since, so a model that is fitted today has it among the seen.
        """
        kept = [] if self.released is None else [self.released]
        days = [None, *(one.until for one in self.seen), *kept, None]
        return tuple(Span(*ends) for ends in reversed(list(pairwise(days))))

    def seen_on(self, day: date) -> date:
        """Return the last day of publication of outcomes that those who chose by ``day`` had seen."""
        if self.released is not None and day >= self.released:
            return day
        return min(day, self.seen[-1].until)


class Debate(Strict):
    """The question, its sides, and the dates that reports name."""

    title: Words
    question: Words
    whole: Words
    sides: Sides
    horizons: Horizons
    essay: Essay | None = None
    criterion: Slug | None = None
    evaluation: Evaluation | None = None

    def called(self, name: str) -> str:
        """Return what a reader sees for a name: the whole by its words, all else by its name."""
        return self.whole if name == WHOLE else name

    @property
    def share(self) -> str:
        """What a share is called."""
        return f"{self.sides.high.name} share"


class DebateFile(Debate):
    """``debate.yaml``."""

    format: Version
