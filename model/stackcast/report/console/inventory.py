"""Terminal output of ``check``: the content of a valid project, and notices."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from stackcast.history.outcomes import outcomes
from stackcast.observations.staleness import Stale
from stackcast.report.console.forecast import terminal

if TYPE_CHECKING:
    from stackcast.explain.contradictions import Contradiction
    from stackcast.history.records import History
    from stackcast.project import Project


def print_inventory(project: "Project") -> None:
    """Print the content of a valid project."""
    rows, signals = project.observations.rows, project.observations.signals
    distinct = rows.drop_duplicates(["signal", "period_start", "period_end"])
    dates = distinct["signal"].value_counts()
    families = {signals[s].family for s in dates.index if dates[s] >= 3}
    console = terminal()
    console.print(
        f"{len(signals)} signals, {len(rows)} rows, {len(distinct)} distinct signal-periods, {len(families)} families "
        f"with three dates or more, {len(project.observations.questions)} questions: all valid"
    )
    if project.history is not None:
        console.print(_stacks(project.history))
    table = Table("measures", "signal", "role", "periods", "vintages", "latest")
    for slug, signal in sorted(signals.items(), key=lambda item: (item[1].measures.target, item[1].role, item[0])):
        mine = rows[rows["signal"] == slug]
        table.add_row(
            signal.measures.target,
            slug,
            signal.role,
            str(dates.get(slug, 0)),
            str(len(mine)),
            f"{mine['published'].max():%Y-%m-%d}" if len(mine) else "-",
        )
    console.print(table)


def _stacks(history: "History") -> str:
    rated = history.ratings.drop_duplicates(["stack", "rater"])
    return (
        f"{len(history.stacks)} earlier stacks, {len(history.shares)} dated shares, {len(outcomes(history))} outcomes, "
        f"{rated['stack'].nunique()} rated by {rated['rater'].nunique()} raters"
    )


def print_notices(
    stale: Sequence[Stale], contradictory: "Sequence[Contradiction] | None", why_not: str = "no run was asked"
) -> None:
    """Print notices: stale signals, and contradictions (None: ``why_not`` says why none was looked for)."""
    console = terminal()
    if stale:
        print_stale(console, stale)
    if contradictory is None:
        console.print(f"[dim]house effects not compared: {escape(why_not)}[/]")
    elif contradictory:
        table = Table("facet", "reads more of it", "than", "by", title_justify="left")
        table.title = "Signals of one facet that contradict each other: house effects far apart (logit)"
        for c in contradictory:
            table.add_row(escape(c.facet), escape(c.higher), escape(c.lower), f"{c.distance:.1f}")
        console.print(table)


def print_stale(console: Console, stale: Sequence[Stale]) -> None:
    """Print each stale signal: target, last date, publisher, and the command for its next observation."""
    console.print(
        f"[bold]{len(stale)} stale signals[/]: no new period for twice their usual spacing; retire those that ended"
    )
    for s in stale:
        came = f"due {s.due}, last period to {s.period_end}" if s.due else "no figure yet"
        console.print(f"{escape(s.signal)} ({s.role} of {escape(s.target)})")
        console.print(Padding(f"{came}; from {escape(s.publisher)}\n[bold]{escape(s.command)}[/]", (0, 0, 0, 2)))
