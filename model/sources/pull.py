"""One pull: what a source's files say, beside what stands in the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from model.observations.incoming import Incoming, compare
from model.observations.labels import Labels
from model.project import Project
from model.sources.base import Payload, Reading, Row, Source


@dataclass(frozen=True)
class Pulled:
    """A source, what its files say, and its rows beside the store."""

    source: Source
    reading: Reading
    found: tuple[Incoming, ...]

    @property
    def fresh(self) -> tuple[Incoming, ...]:
        """What is to be written."""
        return tuple(i for i in self.found if i.writes)

    @property
    def rows(self) -> list[Row]:
        """What is to be written, as (signal, row) pairs."""
        return [(i.signal, i.row) for i in self.fresh]

    @property
    def unlabelled(self) -> tuple[str, ...]:
        """Names that no label covers, the heaviest first."""
        return tuple(name for name, _ in sorted(self.reading.unlabelled.items(), key=lambda item: -item[1]))


def pull_source(
    source: Source, payloads: Sequence[Payload], project: Project, labels: Labels, since: date, today: date
) -> Pulled:
    """Read a source's files and put their rows beside the store; nothing is fetched and nothing is written.

    Parameters
    ----------
    source, payloads
        The source, and its files.
    project
        Definitions and every row.
    labels
        Which models are open.
    since
        Periods that end before it are passed over.
    today
        The UTC day that counts as today.

    Raises
    ------
    InputError
        When a file is not what the source used to serve, or contradicts a figure of today.
    """
    reading = source.read(payloads, labels, today)
    rows = sorted(reading.rows, key=lambda pair: pair[1].published)
    standing = project.observations
    return Pulled(source, reading, tuple(compare(rows, standing.rows, standing.signals, since, today)))
