"""Adapters of sources: fetch a publisher's files, and read them into rows of existing signals.

A new source is one file and one entry in :data:`SOURCES`.
"""

from collections.abc import Iterable, Mapping

from stackcast.observations.schema import Signal
from stackcast.sources.base import Context, Reading, Source
from stackcast.sources.eci import ECI
from stackcast.sources.epoch import EPOCH
from stackcast.sources.fred import FRED
from stackcast.sources.litellm import LITELLM
from stackcast.sources.lmarena import LMARENA
from stackcast.sources.openrouter import OPENROUTER
from stackcast.sources.openrouter_spend import OPENROUTER_SPEND
from stackcast.sources.payload import Payload
from stackcast.sources.pypi import PYPI
from stackcast.sources.vercel import VERCEL

SOURCES: dict[str, Source] = {
    s.name: s for s in (EPOCH, ECI, LMARENA, OPENROUTER, OPENROUTER_SPEND, VERCEL, LITELLM, PYPI, FRED)
}


def pullers(signals: Mapping[str, Signal], sources: Iterable[Source] = SOURCES.values()) -> dict[str, str]:
    """Return the name of the adapter that feeds each signal, for signals that have one."""
    return {slug: source.name for source in sources for slug in source.feeds(signals)}


__all__ = ["SOURCES", "Context", "Payload", "Reading", "Source", "pullers"]
