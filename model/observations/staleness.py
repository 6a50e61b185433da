"""Signals that need a look: none of these is an error."""

from dataclasses import dataclass
from datetime import date

from model.observations.store import Observations

PATIENCE = 2
"""Usual spacings after which a signal without a new figure is stale."""


@dataclass(frozen=True)
class Stale:
    """A signal that has no figure yet, or none for longer than usual."""

    signal: str
    latest: date | None
    spacing_days: int


def stale_signals(observations: Observations, today: date) -> list[Stale]:
    """Return the signals that were not updated for twice their usual spacing, the longest silent first.

    A retired signal is never stale: nobody waits for it.
    """
    latest = observations.rows.groupby("signal")["published"].max()
    found = []
    for slug, signal in observations.signals.items():
        last = latest[slug].date() if slug in latest else None
        late = last is None or (today - last).days > PATIENCE * signal.spacing_days
        if late and signal.retired is None:
            found.append(Stale(slug, last, signal.spacing_days))
    return sorted(found, key=lambda s: s.latest or date.min)
