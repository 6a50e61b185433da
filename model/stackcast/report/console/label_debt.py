"""Terminal output of label debt, and of the effect of new labels."""

from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from stackcast.observations.debt import DebtLine, SourceDebt
from stackcast.observations.labels import CLOSED, OPEN, Labels
from stackcast.report.console.forecast import terminal

FIRST = 5
"""Number of names of a source that `check` lists."""


def print_label_debt(debts: Sequence[SourceDebt]) -> None:
    """Print for each source the number of names without a label, their share, and the first of them."""
    if not debts:
        return
    table = Table("source", "names", "of its weight", "seen", "the heaviest", title_justify="left")
    table.title = "Label debt: names that count neither as open nor as closed; `stackcast label` goes through them"
    for debt in debts:
        names = [f"{escape(line.model)}  {line.share:.1%}" for line in debt.lines[:FIRST]]
        names += [f"and {len(debt.lines) - FIRST} more"] if len(debt.lines) > FIRST else []
        seen = str(max(line.seen for line in debt.lines))
        share = f"{debt.share:.1%} of {escape(debt.lines[0].measure)}"
        table.add_row(escape(debt.source), str(len(debt.lines)), share, seen, "\n".join(names))
    terminal().print(table)


def print_unlabelled(debts: Sequence[SourceDebt]) -> None:
    """Print every name without a label."""
    console = terminal()
    for debt in debts:
        title = f"{debt.source}: {len(debt.lines)} names without a label, {debt.share:.1%} of its weight"
        table = Table("name", "weight", "share", "seen", "found", "page", title=escape(title), title_justify="left")
        for line in debt.lines:
            said = (escape(line.found), escape(line.page))
            table.add_row(escape(line.model), weight(line), f"{line.share:.2%}", str(line.seen), *said)
        console.print(table)
    if not debts:
        console.print("no name lacks a label, as far as the last pulls know")


def debt_as_json(debts: Sequence[SourceDebt]) -> list[dict[str, Any]]:
    """Return the debt as JSON values."""
    return [
        {
            "source": debt.source,
            "names": len(debt.lines),
            "share": round(debt.share, 6),
            "unlabelled": [line.model_dump(mode="json", exclude={"source"}) for line in debt.lines],
        }
        for debt in debts
    ]


def print_effect(debts: Sequence[SourceDebt], after: Labels, signals: dict[str, tuple[str, ...]]) -> None:
    """Print the effect of new labels on the debt of each source.

    Parameters
    ----------
    debts
        The debt before.
    after
        The table with the new lines.
    signals
        The signals of each source.
    """
    console = terminal()
    touched = False
    for debt in debts:
        found = [(after.of(line.model, line.seen), line.share) for line in debt.lines]
        opened, closed = (sum(share for label, share in found if label == kind) for kind in (OPEN, CLOSED))
        named = sum(label is not None for label, _ in found)
        if not named:
            continue
        touched = True
        left = max(0.0, debt.share - opened - closed)
        measure = escape(debt.lines[0].measure)
        console.print(
            f"{escape(debt.source)}: {named} names labelled; {opened:.2%} of {measure} more are open, {closed:.2%} "
            f"more closed; without a label {debt.share:.2%} -> {left:.2%}"
        )
        console.print(f"  pull again to recount: stackcast pull {escape(debt.source)}", highlight=False)
        if signals.get(debt.source):
            console.print(f"  [dim]{escape(', '.join(signals[debt.source]))}[/]")
    if not touched:
        console.print("no name that was seen at the last pulls gets a label from it on the day it was seen")


def weight(line: DebtLine) -> str:
    """Return a weight with its measure."""
    return f"{line.weight:,.0f} {escape(line.measure)}"
