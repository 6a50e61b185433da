"""Stale signals: notices, not errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from stackcast.observations.as_of import first_vintages, known_at
from stackcast.observations.schema import Signal
from stackcast.observations.store import Observations

PATIENCE = 2
"""Usual spacings after which a signal without a new observation is stale."""
ROLES = ("reference", "secondary", "sensitivity", "indicator", "context")
"""Roles, the most important first."""


@dataclass(frozen=True)
class Stale:
    """A signal that has no observation yet, or none for longer than usual.

    Attributes
    ----------
    signal, target, role
        Its slug, what it measures, and its role.
    publisher
        The publisher of its next observation.
    period_end, published
        Last day of its newest period, and publication date of that period's first vintage; None without a row.
    spacing_days
        Usual days between its observations.
    puller
        The adapter that reads it; None where a person does.
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
        """When its next observation was due; None without an observation."""
        return None if self.published is None else self.published + timedelta(days=self.spacing_days)

    @property
    def command(self) -> str:
        """The command that brings its next observation."""
        return f"stackcast observe {self.signal}" if self.puller is None else f"stackcast pull {self.puller}"


def stale_signals(observations: Observations, today: date, pullers: Mapping[str, str]) -> list[Stale]:
    """Return the signals without a new period for twice their usual spacing.

    References of facets come first, then secondary signals, then indicators; in each the longest overdue first. A
    retired signal is never stale, and a revision of an old period does not count.

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
    """Return the end of the newest period of each signal, and the day of its first observation."""
    first = first_vintages(known).sort_values(["period_end", "published"]).drop_duplicates("signal", keep="last")
    columns = (first[c].dt.date for c in ("period_end", "published"))
    return dict(zip(first["signal"], zip(*columns, strict=True), strict=True))


def _stale(slug: str, signal: Signal, end: date | None, published: date | None, puller: str | None) -> Stale:
    target, publisher = signal.measures.target, signal.publisher.name
    return Stale(slug, target, signal.role, publisher, end, published, signal.spacing_days, puller)
