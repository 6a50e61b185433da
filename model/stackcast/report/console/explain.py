"""Terminal output of ``why``, ``whatif`` and ``next``."""

import pandas as pd
from rich.markup import escape
from rich.table import Table

from stackcast.explain.quantity import Quantity
from stackcast.explain.whatif import WhatIf
from stackcast.report.console.forecast import terminal
from stackcast.report.marks import k_hat_text

SHOWN = 15


def print_why(quantity: Quantity, influences: pd.DataFrame, way: pd.DataFrame) -> None:
    """Print the path from the prior, then the largest influences."""
    console = terminal()
    console.print(f"[bold]{escape(quantity.label)}[/]: {quantity.draws.mean():.3f} ({escape(quantity.unit)})")
    path = Table(
        "",
        "figures",
        "after",
        "change",
        "error",
        title="From prior to posterior; the steps add up",
        title_justify="left",
    )
    path.add_row("prior", "", f"{way['before'].iloc[0]:.3f}", "", "")
    for row in way.to_dict("records"):
        note = " [dim](another version of the model)[/]" if row["other_code"] else ""
        path.add_row(
            escape(row["step"]) + note,
            str(row["observations"]),
            f"{row['after']:.3f}",
            f"{row['change']:+.3f}",
            f"{row['error']:.3f}",
        )
    console.print(path)
    title = "Influence: with the item less without it; influences do not add up"
    table = Table("", "figures", "influence", "error", "k-hat", "how", title=title, title_justify="left")
    for row in influences.head(SHOWN).to_dict("records"):
        refused = row["influence"] != row["influence"]
        size = ("", "") if refused else (f"{row['influence']:+.4f}", f"{row['error']:.4f}")
        k_hat = "" if row["k_hat"] != row["k_hat"] else k_hat_text(row["k_hat"])
        how = f"[yellow]{row['method']}[/]" if refused else row["method"]
        table.add_row(escape(str(row["name"])), str(row["observations"]), *size, k_hat, how)
    console.print(table)
    refused = int((influences["method"] == "refused").sum())
    if refused:
        console.print(
            f"[yellow]{refused} of {len(influences)} refused by k-hat; --refits {refused} fits without each of them[/]"
        )


def print_whatif(found: WhatIf, run: str) -> None:
    """Print the hypothetical news, and the moves."""
    console = terminal()
    how = (
        "by a refit"
        if found.refitted
        else f"by weights: k-hat {k_hat_text(found.k_hat)}, {found.effective:.0f} effective draws"
    )
    console.print(f"{escape(run)}, supposing, {how}; nothing is written to observations/")
    for row in found.rows.to_dict("records"):
        console.print(
            f"  {escape(row['signal'])} = {row['value']:g}, {row['period_start']:%Y-%m-%d} to "
            f"{row['period_end']:%Y-%m-%d}"
        )
    table = Table(
        "", "unit", "before", "after", "move", "error", title="What moves most, in spreads", title_justify="left"
    )
    for m in found.moves[:SHOWN]:
        clear = "bold" if abs(m.after - m.before) > 2 * m.error else "dim"
        move = f"{m.after - m.before:+.3f}"
        table.add_row(
            escape(m.label), escape(m.unit), f"{m.before:.3f}", f"{m.after:.3f}", move, f"{m.error:.3f}", style=clear
        )
    console.print(table)


def print_next(quantity: Quantity, table: pd.DataFrame) -> None:
    """Print the value of each next observation."""
    console = terminal()
    console.print(f"[bold]{escape(quantity.label)}[/]: sd {quantity.draws.std():.3f} ({escape(quantity.unit)})")
    out = Table(
        "signal",
        "due",
        "variance taken away",
        "error",
        "nats in all",
        "how",
        title_justify="left",
        title="The next observation of each signal",
    )
    for row in table.head(SHOWN).to_dict("records"):
        out.add_row(
            escape(row["signal"]),
            row["due"],
            f"{row['reduction']:.1%}",
            f"{row['error']:.1%}",
            f"{row['information']:.2f}",
            escape(row["how"]),
        )
    console.print(out)
