"""The declared schema of ``debate.yaml``: what every other file of ``priors/`` and every report names."""

from functools import partial
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

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


class Evaluation(Strict):
    """Last days of the observations on which the structure was chosen, and of those seen by then."""

    choosing_ends: Day
    seen_ends: Day

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.choosing_ends < self.seen_ends:
            raise ValueError("choosing_ends must come before seen_ends")
        return self


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
