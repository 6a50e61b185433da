"""One adapter a source: fetch what its publisher serves, and read it into rows of existing signals.

A new source is one file and one entry in :data:`SOURCES`.
"""

from collections.abc import Iterable, Mapping

from model.observations.schema import Signal
from model.sources.base import Context, Payload, Reading, Source
from model.sources.eci import ECI
from model.sources.epoch import EPOCH
from model.sources.fred import FRED
from model.sources.litellm import LITELLM
from model.sources.lmarena import LMARENA
from model.sources.openrouter import OPENROUTER
from model.sources.openrouter_spend import OPENROUTER_SPEND
from model.sources.pypi import PYPI
from model.sources.vercel import VERCEL

SOURCES: dict[str, Source] = {
    s.name: s for s in (EPOCH, ECI, LMARENA, OPENROUTER, OPENROUTER_SPEND, VERCEL, LITELLM, PYPI, FRED)
}


def pullers(signals: Mapping[str, Signal], sources: Iterable[Source] = SOURCES.values()) -> dict[str, str]:
    """Return the name of the source that feeds a signal, by signal: the others are read by a person."""
    return {slug: source.name for source in sources for slug in source.feeds(signals)}


__all__ = ["SOURCES", "Context", "Payload", "Reading", "Source", "pullers"]
