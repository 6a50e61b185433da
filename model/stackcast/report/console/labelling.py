"""Terminal output of ``label``: one unlabelled name, the nearest lines of the table, and the keys."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from stackcast.observations.labelling import End, Entry, Screen
from stackcast.observations.labels import Label
from stackcast.report.console.forecast import terminal
from stackcast.report.console.label_debt import weight

SHOWN = 4
"""Other names under a pattern that are listed."""
KEYS = "[bold]o[/] open  [bold]c[/] closed  [bold]s[/] skip  [bold]p[/] exact name or pattern  "
KEYS += "[bold]u[/] take back the last  [bold]q[/] write and quit"
COLOURS = {"open": "green", "closed": "red"}
ENTRIES = {
    "link": "Link to where it is said (u: back)",
    "from": "From which day (the day of release lets earlier figures be recounted too)",
}


def print_screen(screen: Screen | End) -> None:
    """Print a name with all that helps to label it, or that none is left."""
    console = terminal()
    if isinstance(screen, End):
        console.print(f"\nNo name is left; {screen.answered} answered. [bold]q[/] writes them, [bold]u[/] takes back")
        return
    console.print(f"\n[dim]{screen.left} to go, {screen.answered} answered[/]", highlight=False)
    console.print(f"[bold]{escape(screen.case.name)}[/]", highlight=False)
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for line in screen.case.lines:
        seen = f"seen {line.seen}"
        table.add_row("", escape(line.source), weight(line), f"{line.share:.2%}", seen, escape(line.found))
    console.print(table)
    console.print(f"  page    {escape(screen.case.page) or 'none known'}", highlight=False, soft_wrap=True)
    console.print(f"  labels  {_choice(screen)}", highlight=False)
    _print_near(screen)
    if screen.message:
        console.print(f"[yellow]{escape(screen.message)}[/]", highlight=False)
    console.print(KEYS, highlight=False)


def entry_text(entry: Entry) -> str:
    """Return the words of a prompt."""
    return ENTRIES[entry.name]


def _choice(screen: Screen) -> str:
    if not screen.pattern:
        return f"[reverse]{escape(screen.case.name)}[/]"
    names = [(screen.case.name, screen.exact), (screen.pattern, not screen.exact)]
    shown = "  or  ".join(f"[reverse]{escape(n)}[/]" if chosen else escape(n) for n, chosen in names)
    if not screen.also:
        return shown
    more = f" and {len(screen.also) - SHOWN} more" if len(screen.also) > SHOWN else ""
    return f"{shown}  [dim]which covers also {escape(', '.join(screen.also[:SHOWN]))}{more}[/]"


def _print_near(screen: Screen) -> None:
    console = terminal()
    if not screen.near:
        console.print("  [dim]nothing like it is in the table[/]")
        return
    console.print("  [dim]nearest in the table:[/]")
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for line in screen.near:
        said = (f"from {line.from_date}", escape(line.source_url), escape(line.note))
        table.add_row("", escape(line.model), _coloured(line), *said)
    console.print(table)


def print_lines(lines: Sequence[Label]) -> None:
    """Print the lines that are about to be written."""
    table = Table("model", "label", "from", "source", "note", title="New labels", title_justify="left")
    for line in lines:
        table.add_row(
            escape(line.model), _coloured(line), str(line.from_date), escape(line.source_url), escape(line.note)
        )
    terminal().print(table)


def _coloured(line: Label) -> str:
    return f"[{COLOURS[line.label]}]{line.label}[/]"
