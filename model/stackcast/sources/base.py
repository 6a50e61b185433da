"""The interface of source adapters: fetch files, and read them into rows of existing signals."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from stackcast.errors import InputError
from stackcast.observations.labels import CLOSED, OPEN, UNKNOWN
from stackcast.observations.schema import Observation, observation, row_id
from stackcast.sources.payload import Payload

if TYPE_CHECKING:
    from stackcast.observations.labels import Labels
    from stackcast.observations.schema import Signal
    from stackcast.sources.web import Web

DIGITS = 6
"""Significant digits of a derived value."""
MODELS = "models.csv"
"""The table of labels that `stackcast label` adds to."""
DERIVED = ("value", "lower", "upper")

Row = tuple[str, Observation]
"""A signal and one row of it."""


class Period(NamedTuple):
    """First and last day, both included."""

    start: date
    end: date

    @classmethod
    def month(cls, day: date) -> "Period":
        """Return the calendar month of a day."""
        return cls(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Unlabelled:
    """A model that no label covers; it widens bounds.

    Attributes
    ----------
    weight
        In the source's own measure (tokens, models).
    found
        The publisher's own description of the model, such as its licence or its id on Hugging Face.
    page
        A link to look at.
    """

    weight: float
    found: str = ""
    page: str = ""


@dataclass(frozen=True)
class Reading:
    """The content of a source's files.

    Attributes
    ----------
    rows
        (signal, row) pairs.
    unlabelled
        The models that no label covers, by their name in the source.
    measure
        Unit of their weight.
    left_out
        One line for each thing that gave no row, and why.
    labels
        The file of ``observations/labels/`` in which the unlabelled are to be labelled.
    whole
        Weight of all models, labelled or not.
    seen
        The day of the file that lists them; None where the files list no model by name.
    """

    rows: Sequence[Row]
    unlabelled: Mapping[str, Unlabelled] = field(default_factory=dict)
    measure: str = "models"
    left_out: Sequence[str] = ()
    labels: str = MODELS
    whole: float = 0.0
    seen: date | None = None

    def __post_init__(self) -> None:
        if self.unlabelled and (self.seen is None or self.whole <= 0):
            raise ValueError("unlabelled models need the day of their file, and the weight of all models")


@dataclass(frozen=True)
class Context:
    """The data against which a source's files are read.

    Attributes
    ----------
    labels
        What is open and what is closed, by day.
    signals
        Definitions by slug; some of them declare their feed.
    today
        The UTC day that counts as today.
    """

    labels: "Labels"
    signals: Mapping[str, "Signal"]
    today: date


@dataclass(frozen=True)
class Source:
    """One publisher's data as this project reads it.

    Attributes
    ----------
    name
        The word on the command line.
    title
        Title, licence and credit of the data.
    signals
        The signals whose values it computes; others may declare a feed from it.
    fetch
        ``fetch(web, since, context)``: get the files that hold periods from ``since`` on.
    read
        ``read(payloads, context)``: turn them into rows; pure.
    """

    name: str
    title: str
    signals: tuple[str, ...]
    fetch: Callable[["Web", date, Context], list[Payload]]
    read: Callable[[Sequence[Payload], Context], Reading]

    def feeds(self, signals: Mapping[str, "Signal"]) -> tuple[str, ...]:
        """Return the signals that it feeds: its own, and those that declare it as their feed."""
        return tuple(
            slug
            for slug, signal in signals.items()
            if slug in self.signals or (signal.feed is not None and signal.feed.source == self.name)
        )


def observed(slug: str, period: Period, published: date, source: str, **cells: Any) -> Row:
    """Return one row of a signal; ``value`` follows from numerator and denominator where it is not given.

    Raises
    ------
    InputError
        When a cell cannot be one of an observation, such as a value that is not finite.
    """
    if "value" not in cells:
        cells["value"] = cells["numerator"] / cells["denominator"]
    for name in DERIVED:
        if cells.get(name) is not None:
            cells[name] = significant(cells[name])
    given = {"period_start": period.start, "period_end": period.end, "published": published, "source_url": source}
    try:
        return slug, observation({"id": row_id(slug, period.end, published)} | given | cells)
    except InputError as error:
        raise InputError(f"{slug}, period to {period.end}: {error}") from None


def share_of_counts(counts: Mapping[str, float]) -> dict[str, float]:
    """Return the cells of a share: open over open and closed, with bounds from the unlabelled weight."""
    opened, closed, unknown = (float(counts.get(label, 0)) for label in (OPEN, CLOSED, UNKNOWN))
    cells = {"numerator": opened, "denominator": opened + closed}
    if unknown:
        whole = opened + closed + unknown
        cells |= {"lower": opened / whole, "upper": (opened + unknown) / whole}
    return cells


def significant(value: float) -> float:
    """Round to the significant digits of derived values."""
    return float(f"{value:.{DIGITS}g}")
