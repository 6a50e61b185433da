"""One pull: the rows of a source's files beside the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from stackcast.observations.debt import DebtLine
from stackcast.observations.incoming import Incoming, compare
from stackcast.observations.schema import Signal, broken_figures
from stackcast.project import Project
from stackcast.sources.base import Context, Reading, Row, Source
from stackcast.sources.payload import Payload
from stackcast.sources.unlabelled import debt_lines


@dataclass(frozen=True)
class Pulled:
    """A source, the content of its files, its unlabelled names, and its rows beside the store."""

    source: Source
    reading: Reading
    debt: tuple[DebtLine, ...]
    found: tuple[Incoming, ...]

    @property
    def fresh(self) -> tuple[Incoming, ...]:
        """The rows to be written."""
        return tuple(i for i in self.found if i.writes)

    @property
    def rows(self) -> list[Row]:
        """The rows to be written, as (signal, row) pairs."""
        return [(i.signal, i.row) for i in self.fresh]

    @property
    def unlabelled(self) -> tuple[str, ...]:
        """Names that no label covers, the heaviest first."""
        weights = {name: one.weight for name, one in self.reading.unlabelled.items()}
        return tuple(sorted(weights, key=lambda name: (-weights[name], name)))


def without_place(reading: Reading, signals: Mapping[str, Signal]) -> Reading:
    """Return a reading whose rows all have a place on the latent scale of their signal; the others are left out, told.

    A share of which a publisher prints all or nothing, without bounds, must not keep the rest of its file back.
    """
    rows, left_out = [], list(reading.left_out)
    for slug, row in reading.rows:
        broken = [words for _, words in broken_figures(row, signals[slug])] if slug in signals else []
        if broken and row.value / signals[slug].per_unit in (0.0, 1.0):
            left_out.append(f"{slug}, period to {row.period_end}: {broken[0]}")
        else:
            rows.append((slug, row))
    return replace(reading, rows=rows, left_out=left_out)


def pull_source(source: Source, payloads: Sequence[Payload], project: Project, context: Context, since: date) -> Pulled:
    """Read a source's files and compare their rows with the store; nothing is fetched or written.

    Parameters
    ----------
    source, payloads
        The source, and its files.
    project
        Definitions and every row.
    context
        What the files are read against.
    since
        Periods that end before it are passed over.

    Raises
    ------
    InputError
        When a file is not what the source used to serve, or contradicts a value published today.
    """
    reading = source.read(payloads, context)
    standing = project.observations
    reading = without_place(reading, standing.signals)
    rows = sorted(reading.rows, key=lambda pair: pair[1].published)
    found = compare(rows, standing.rows, standing.signals, since, context.today)
    debt = debt_lines(source.name, reading, today=context.today)
    return Pulled(source, reading, tuple(debt), tuple(found))
