"""House effects: how far each source reads from its facet's reference signal."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.observations.schema import Signal
from model.priors.schema import Facet
from model.report.plots.style import INK, NEUTRAL, OPEN, QUIET, sheet, styled
from model.report.plots.tug_of_war import interval

ROW, GAP = 0.42, 0.95
LEFT, ACROSS = 5.3, 3.6


@styled
def houses(table: pd.DataFrame, signals: Mapping[str, Signal], facets: Mapping[str, Facet]) -> Figure:
    """Draw a forest of the house effects, shares above, gaps in their own panel.

    Parameters
    ----------
    table
        ``houses`` of a run.
    signals, facets
        Definitions.
    """
    kinds = table["facet"].map(lambda name: facets[name].kind)
    groups = [(kind, table[kinds == kind].sort_values("facet", kind="stable")) for kind in ("share", "gap") if (kinds == kind).any()]
    page = sheet(
        _headline(table, signals),
        "Lasting offset of each source from the reference signal of its facet, whose own is zero by definition. "
        "Dot: median; thick and thin line: 50 and 90 % intervals.",
        sum(len(rows) * ROW + GAP for _, rows in groups),
    )
    top = 0.25
    for kind, rows in groups:
        ax = page.axes(LEFT, top, ACROSS, len(rows) * ROW)
        _panel(ax, rows, signals, facets, kind)
        top += len(rows) * ROW + GAP
    return page.figure


def _headline(table: pd.DataFrame, signals: Mapping[str, Signal]) -> str:
    sure = table[(table["q05"] > 0) | (table["q95"] < 0)]
    if sure.empty:
        return "No source differs from its reference beyond doubt"
    row = sure.loc[sure["q50"].abs().idxmax()]
    word = "more" if row["q50"] > 0 else "less"
    return f"{len(sure)} of {len(table)} sources differ from their reference beyond doubt; most of all, “{signals[row['name']].title}” reads {word}"


def _panel(ax: Axes, rows: pd.DataFrame, signals: Mapping[str, Signal], facets: Mapping[str, Facet], kind: str) -> None:
    beside = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    for y, (_, row) in enumerate(rows.iterrows()):
        interval(ax, row, y, OPEN if kind == "share" else NEUTRAL, backdrop=False)
        signal = signals[row["name"]]
        ax.annotate(signal.title, (0, y), (-10, 4.5), ha="right", fontsize=8.5, **beside)  # type: ignore[arg-type]
        note = f"{facets[row['facet']].title}; {row['observations']:.0f} figure{'s' if row['observations'] != 1 else ''}"
        ax.annotate(note, (0, y), (-10, -6.5), ha="right", fontsize=7.5, color=QUIET, **beside)  # type: ignore[arg-type]
        words = f"{row['q50']:+.2f}  ({row['q05']:+.2f} to {row['q95']:+.2f})".replace("-", "−")
        ax.annotate(words, (1, y), (8, 0), ha="left", fontsize=8, **beside)  # type: ignore[arg-type]
    reach = 1.08 * float(rows[["q05", "q95"]].abs().max().max())
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#EDEDED", linewidth=0.6)
    ax.set_title("Shares" if kind == "share" else "Capability gap")
    what = ("less open", "more open", "logit") if kind == "share" else ("smaller gap", "larger gap", "Arena log-odds")
    ax.set_xlabel(f"← shows a {what[0]} field     {what[2]}     {what[1]} →".replace("a smaller gap field", "a smaller gap"))
