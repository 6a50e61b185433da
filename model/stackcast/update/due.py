"""Due sources: those with a signal that may have a new observation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from stackcast.observations.store import Observations
from stackcast.sources.base import Source
from stackcast.sources.payloads import SINCE

FORCED = "asked for with --all"


@dataclass(frozen=True)
class DueSource:
    """Whether a source is due.

    Attributes
    ----------
    source
        The source.
    due, why
        Whether it is, and the reason in words.
    since
        Files are fetched from this day on: the end of the latest period of the signal furthest behind.
    """

    source: Source
    due: bool
    why: str
    since: date = SINCE


def due_sources(
    sources: Iterable[Source], observations: Observations, today: date, *, everything: bool = False
) -> tuple[DueSource, ...]:
    """Return for each source whether it is due, and why.

    It is due when a signal of it that is not retired has no observation, or when the usual spacing has passed since the
    end of its latest period.

    Parameters
    ----------
    sources
        The sources.
    observations
        Definitions and every row.
    today
        The UTC day that counts as today.
    everything
        Take every source that feeds a signal at all.
    """
    return tuple(_due(source, observations, today, everything) for source in sources)


def _due(source: Source, observations: Observations, today: date, everything: bool) -> DueSource:
    signals = observations.signals
    used = [slug for slug in source.feeds(signals) if slug in signals and signals[slug].retired is None]
    if not used:
        return DueSource(source, False, "none of its signals is in use")
    last = {slug: _last_end(observations, slug) for slug in used}
    without = [slug for slug, end in last.items() if end is None]
    if without:
        never = "never pulled" if len(without) == len(used) else f"{without[0]} has no figure yet"
        return DueSource(source, True, never)
    ends = {slug: end for slug, end in last.items() if end is not None}
    since = min(ends.values())
    expected = {slug: end + timedelta(days=signals[slug].spacing_days) for slug, end in ends.items()}
    slug = min(expected, key=lambda s: (expected[s], s))
    if expected[slug] < today:
        why = f"{slug} ends on {ends[slug]}, and a period has passed ({signals[slug].spacing_days} days)"
        return DueSource(source, True, why, since)
    why = f"the next period, of {slug}, ends about {expected[slug]}"
    return DueSource(source, everything, f"{FORCED}; {why}" if everything else why, since)


def _last_end(observations: Observations, slug: str) -> date | None:
    """Return the end of a signal's latest period without a retraction."""
    mine = observations.of(slug)
    ends = mine.loc[mine["retracted"].isna(), "period_end"]
    return None if ends.empty else ends.max().date()
