"""Prior against posterior of each claim, at the as-of date."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.forecast.claims import reads
from stackcast.priors.debate import Debate
from stackcast.report.plots.forest import interval
from stackcast.report.plots.style import INK, QUIET, hues, sheet, styled
from stackcast.report.wording import percent

ROW = 0.5
LEFT, ACROSS = 2.95, 3.6


@styled
def claims(table: pd.DataFrame, titles: Mapping[str, str], now: str, debate: Debate, *, history: bool) -> Figure:
    """Draw the strength of every claim and sub-claim now.

    Parameters
    ----------
    table
        ``claims`` of a run.
    titles
        Title of each claim and sub-claim, by name.
    now
        Last day of the as-of quarter.
    debate
        Its sides, and when it began.
    history
        Whether the run stands on earlier stacks.
    """
    sides, word = debate.sides, reads(debate, history=history)
    rows, hue = table[table["date"] == now].set_index("name"), hues(sides)
    page = sheet(
        _headline(rows, titles, word),
        "Strength of each claim now, in prior standard deviations: above zero it {word}. Dot: median; "
        f"thick and thin line: 50 and 90 % intervals; grey bars behind: the prior's. Blue: for {sides.high.name}; "
        f"orange: for {sides.low.name}; grey: for neither. Thin: under two families of signals, or none with three "
        "dates.",
        len(rows) * ROW + 0.75,
    )
    ax = page.axes(LEFT, 0.3, ACROSS, len(rows) * ROW)
    for y, (name, row) in enumerate(rows.iterrows()):
        interval(ax, row, y, hue[row["side"]], height=0.56)
        _words(ax, y, str(name), row, titles, hue[row["side"]])
    _axis(ax, rows, word)
    return page.figure


def _headline(rows: pd.DataFrame, titles: Mapping[str, str], word: str) -> str:
    whole = rows[~rows.index.str.contains(".", regex=False)]
    moved = (whole["p_operates"] - whole["prior_p_operates"]).abs()
    name = str(moved.idxmax())
    before, after = float(whole["prior_p_operates"][name]), float(whole["p_operates"][name])
    return f"The evidence moved {name}, {titles[name]}, most: P(it {word}) from {percent(before)} to {percent(after)}"


def _words(ax: Axes, y: float, name: str, row: pd.Series, titles: Mapping[str, str], colour: str) -> None:
    part = "." in name
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    label = "\n".join(wrap(f"part: {titles[name]}", 42)) if part else f"{name}  {titles[name]}"
    ax.annotate(
        label, (0, y), (-10, 0), ha="right", fontsize=8 if part else 9, color=colour,
        fontweight="normal" if part else "bold", **beside,
    )  # fmt: skip
    ax.annotate(percent(row["prior_p_operates"]), (1, y), (34, 0), ha="right", color=QUIET, fontsize=9, **beside)
    ax.annotate("→", (1, y), (43, 0), ha="center", color=QUIET, fontsize=9, **beside)
    ax.annotate(
        percent(row["p_operates"]), (1, y), (98, 0), ha="right", color=colour, fontsize=10, fontweight="bold", **beside,
    )  # fmt: skip
    backing = f"{_count(row['signals'], 'signal')}, {_count(row['families'], 'family')}, {_count(row['dates'], 'date')}"
    thin = bool(row["thin"])
    ax.annotate(
        backing + (" · thin" if thin else ""), (1, y), (110, 0), ha="left", fontsize=7.5,
        color=INK if thin else QUIET, fontweight="bold" if thin else "normal", **beside,
    )  # fmt: skip


def _count(number: float, word: str) -> str:
    plural = word.removesuffix("y") + "ies" if word.endswith("y") else word + "s"
    return f"{number:.0f} {word if number == 1 else plural}"


def _axis(ax: Axes, rows: pd.DataFrame, word: str) -> None:
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    reach = 1.05 * float(rows[["q05", "q95", "prior_q05", "prior_q95"]].abs().max().max())
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#EDEDED", linewidth=0.6)
    ax.set_xlabel(f"←  weaker          strength          {word}  →")
    above: dict[str, Any] = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "fontsize": 8,
        "va": "bottom",
        "color": QUIET,
    }
    ax.annotate(f"P({word}): prior → now", (1, 1), (6, 6), ha="left", **above)
