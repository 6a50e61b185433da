"""House effects: offsets of secondary signals from the reference signals of their facets."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stackcast.observations.schema import Signal
from stackcast.priors.schema import Facet
from stackcast.report.plots.forest import interval
from stackcast.report.plots.style import INK, NEUTRAL, OPEN, QUIET, sheet, signed, styled

ROW, GAP = 0.42, 0.95
LEFT, ACROSS = 5.3, 3.5


@styled
def houses(table: pd.DataFrame, signals: Mapping[str, Signal], facets: Mapping[str, Facet], high: str) -> Figure:
    """Draw a forest of the house effects, shares above, each gap in its own panel.

    Parameters
    ----------
    table
        ``houses`` of a run.
    signals, facets
        Definitions.
    high
        Name of the side ``high``.
    """
    ordered = table.sort_values("facet", kind="stable")
    panel = ordered["facet"].map(lambda name: "" if facets[name].kind == "share" else name)
    groups = [(name, rows) for name, rows in ordered.groupby(panel, sort=True)]
    page = sheet(
        _headline(table, signals, facets, high),
        "Lasting offset of each secondary signal from its facet's reference, whose own is zero by definition. "
        "Dot: median; thick and thin line: 50 and 90 % intervals.",
        sum(len(rows) * ROW + GAP for _, rows in groups),
    )
    top = 0.25
    for gap, rows in groups:
        ax = page.axes(LEFT, top, ACROSS, len(rows) * ROW)
        _panel(ax, rows, signals, facets, facets.get(str(gap)), high)
        top += len(rows) * ROW + GAP
    return page.figure


def _headline(table: pd.DataFrame, signals: Mapping[str, Signal], facets: Mapping[str, Facet], high: str) -> str:
    sure = table[(table["q05"] > 0) | (table["q95"] < 0)]
    if sure.empty:
        return "No secondary signal differs surely from its reference: every 90 % interval holds zero"
    row = sure.iloc[int(sure["q50"].abs().argmax())]
    words = (
        (f"more {high}", f"less {high}") if facets[row["facet"]].kind == "share" else ("a larger gap", "a smaller gap")
    )
    most = f"“{signals[row['name']].title}” reads {words[0 if row['q50'] > 0 else 1]}"
    return f"{len(sure)} of {len(table)} sources differ from their reference at 90 %; most of all, {most}"


def _panel(
    ax: Axes,
    rows: pd.DataFrame,
    signals: Mapping[str, Signal],
    facets: Mapping[str, Facet],
    gap: Facet | None,
    high: str,
) -> None:
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    for y, (_, row) in enumerate(rows.iterrows()):
        interval(ax, row, y, OPEN if gap is None else NEUTRAL, backdrop=False)
        signal = signals[row["name"]]
        ax.annotate(signal.title, (0, y), (-10, 4.5), ha="right", fontsize=8.5, **beside)
        count = f"{row['observations']:.0f} observation{'s' if row['observations'] != 1 else ''}"
        note = f"{facets[row['facet']].title}; {count}"
        ax.annotate(note, (0, y), (-10, -6.5), ha="right", fontsize=7.5, color=QUIET, **beside)
        words = f"{signed(row['q50'])}  ({signed(row['q05'])} to {signed(row['q95'])})"
        ax.annotate(words, (1, y), (8, 0), ha="left", fontsize=8, **beside)
    reach = 1.08 * float(rows[["q05", "q95"]].abs().max().max())
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#EDEDED", linewidth=0.6)
    ax.set_title("Shares" if gap is None else gap.title)
    words = f"reads less {high}     logit     reads more {high}"
    if gap is not None:
        words = f"reads a smaller gap     {gap.unit}     a larger one"
    ax.set_xlabel(f"← {words} →")
