"""Origins of a source's files: the publisher's server, saved copies, or a folder of recorded sources."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from stackcast.sources.base import Context, Source
from stackcast.sources.payload import Payload
from stackcast.sources.recorded import read_file, recorded

SINCE = date(2018, 1, 1)
"""First day on which a period may end, where nobody says otherwise."""


@dataclass(frozen=True)
class Saved:
    """Copies saved by hand, and the day on which they could first be read where they do not say."""

    paths: tuple[Path, ...]
    published: date | None = None


@dataclass(frozen=True)
class Recorded:
    """A folder of recorded sources (:mod:`stackcast.sources.recorded`)."""

    folder: Path


@dataclass(frozen=True)
class Network:
    """The publisher's own server."""


Origin = Network | Saved | Recorded


def fetch_or_read(source: Source, origin: Origin, since: date, context: Context) -> list[Payload]:
    """Return a source's files.

    Parameters
    ----------
    source
        The source.
    origin
        Where they come from.
    since
        From the network, files are asked for that hold periods from this day on.
    context
        Its day is that of a fetched file whose server gives none.

    Raises
    ------
    SourceUnavailable
        When the server cannot be reached.
    NotRecorded
        When the folder holds nothing of the source.
    InputError
        When what came, or a file, is not what was asked for.
    """
    match origin:
        case Saved(paths, published):
            return [read_file(path, published) for path in paths]
        case Recorded(folder):
            return recorded(folder, source.name, context.today)
        case Network():
            from stackcast.sources.web import Web

            fetched = source.fetch(Web(), since, context)
            return [replace(p, published=p.published or context.today) for p in fetched]
