"""Signals that need a look: none of these is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from stackcast.observations.as_of import first_vintages, known_at
from stackcast.observations.schema import Signal
from stackcast.observations.store import Observations

PATIENCE = 2
"""Usual spacings after which a signal without a new figure is stale."""
ROLES = ("reference", "secondary", "sensitivity", "indicator", "context")
"""What a signal is for, what matters most first."""


@dataclass(frozen=True)
class Stale:
    """A signal that has no figure yet, or none for longer than usual.

    Attributes
    ----------
    signal, target, role
        Which, what it measures, and what it is for.
    publisher
        Who should have published its next figure.
    period_end, published
        Of its newest period: the last day, and the day on which its first figure could be known; None without a figure.
    spacing_days
        Days that usually lie between its figures.
    puller
        The source that a machine reads it from; None where a person must.
    """

    signal: str
    target: str
    role: str
    publisher: str
    period_end: date | None
    published: date | None
    spacing_days: int
    puller: str | None

    @property
    def due(self) -> date | None:
        """When its next figure was due; None where none ever came."""
        return None if self.published is None else self.published + timedelta(days=self.spacing_days)

    @property
    def command(self) -> str:
        """The command that brings its next figure."""
        return f"stackcast observe {self.signal}" if self.puller is None else f"stackcast pull {self.puller}"


def stale_signals(observations: Observations, today: date, pullers: Mapping[str, str]) -> list[Stale]:
    """Return the signals without a figure of a new period for twice their usual spacing, what matters most first.

    References of facets come before other sources, these before indicators, and in each the longest silent first. A
    retired signal is never stale: nobody waits for it. A revision of an old period is no new figure.

    Parameters
    ----------
    observations
        Definitions and rows; what is published after ``today`` is unknown.
    today
        The day that counts as today.
    pullers
        Name of the source that feeds a signal, by signal: :func:`stackcast.sources.pullers`.
    """
    newest = _newest(known_at(observations.rows, today))
    found = []
    for slug, signal in observations.signals.items():
        period_end, published = newest.get(slug, (None, None))
        late = published is None or (today - published).days > PATIENCE * signal.spacing_days
        if late and signal.retired is None:
            found.append(_stale(slug, signal, period_end, published, pullers.get(slug)))
    return sorted(found, key=lambda s: (ROLES.index(s.role), s.published or date.min, s.signal))


def _newest(known: pd.DataFrame) -> dict[str, tuple[date, date]]:
    """Return the end of the newest period of each signal, and the day of its first figure."""
    first = first_vintages(known).sort_values(["period_end", "published"]).drop_duplicates("signal", keep="last")
    columns = (first[c].dt.date for c in ("period_end", "published"))
    return dict(zip(first["signal"], zip(*columns, strict=True), strict=True))


def _stale(slug: str, signal: Signal, end: date | None, published: date | None, puller: str | None) -> Stale:
    target, publisher = signal.measures.target, signal.publisher.name
    return Stale(slug, target, signal.role, publisher, end, published, signal.spacing_days, puller)
