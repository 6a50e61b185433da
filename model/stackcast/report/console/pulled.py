"""Terminal output of ``pull``: new rows beside the store, unlabelled names, and skipped data."""

from collections import Counter
from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from stackcast.observations.incoming import Incoming
from stackcast.report.console.forecast import terminal
from stackcast.sources.base import MODELS, Reading
from stackcast.sources.pull import Pulled

SHOWN = 20
"""Number of unlabelled names listed; the others are counted."""


def print_pulled(pulled: Pulled) -> None:
    """Print a pull."""
    console, reading = terminal(), pulled.reading
    console.print(f"\n[bold]{escape(pulled.source.title)}[/]")
    if pulled.fresh:
        console.print(figures_table(pulled.fresh))
    counts = Counter(i.kind for i in pulled.found)
    console.print(", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())) or "no row")
    for line in reading.left_out:
        console.print(f"[dim]left out: {escape(line)}[/]")
    if reading.unlabelled:
        _print_unlabelled(pulled.source.name, reading)


def figures_table(fresh: Iterable[Incoming]) -> Table:
    """Return new rows beside earlier ones, by signal and period."""
    table = Table("signal", "period", "published", "was", "figure", "", title="What is new", title_justify="left")
    for i in sorted(fresh, key=lambda i: (i.signal, i.row.period_end, i.row.published)):
        table.add_row(
            escape(i.signal),
            f"{i.row.period_start} to {i.row.period_end}",
            str(i.row.published),
            "" if i.before is None else f"{i.before:g}",
            _figure(i),
            i.kind,
        )
    return table


def _figure(i: Incoming) -> str:
    bounds = "" if i.row.lower is None and i.row.upper is None else f"  [{_cell(i.row.lower)}, {_cell(i.row.upper)}]"
    return escape(f"{i.row.value:g}{bounds}")


def _cell(x: float | None) -> str:
    return "" if x is None else f"{x:g}"


def _print_unlabelled(source: str, reading: Reading) -> None:
    names = sorted(reading.unlabelled.items(), key=lambda item: -item[1].weight)
    table = Table(
        "not labelled",
        reading.measure,
        "",
        title=f"{len(names)} names without a label: neither open nor closed",
        title_justify="left",
    )
    table.columns[1].justify = "right"
    for name, one in names[:SHOWN]:
        table.add_row(escape(name), _weight(one.weight, reading.whole), escape(one.found))
    if len(names) > SHOWN:
        rest = sum(one.weight for _, one in names[SHOWN:])
        table.add_row(f"and {len(names) - SHOWN} more", _weight(rest, reading.whole), "")
    console = terminal()
    console.print(table)
    todo = f"`stackcast label {source}` goes through them; then pull again"
    if reading.labels != MODELS:
        todo = f"label them in observations/labels/{reading.labels}, and pull again"
    console.print(f"[dim]{escape(todo)}[/]")


def _weight(weight: float, whole: float) -> str:
    return f"{weight:,.0f}  ({weight / whole:.1%})"
