"""The questions: probabilities that can be held to account, the first to close on top."""

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap
from types import MappingProxyType
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.observations.markets import Market
from stackcast.priors.debate import Sides
from stackcast.report.plots.style import INK, QUIET, hues, sheet, styled
from stackcast.report.wording import percent

ROW = 0.4
LEFT, ACROSS = 6.6, 3.0
DIAMOND = " Diamonds: the latest probability of a public market that asks the same."


@styled
def questions(
    table: pd.DataFrame,
    side: Callable[[str, str], str],
    sides: Sides,
    others: Mapping[str, Sequence[Market]] = MappingProxyType({}),
) -> Figure:
    """Draw the probability of yes for each question, before and after the evidence.

    Parameters
    ----------
    table
        ``questions`` of a run.
    side
        ``side(signal, direction)``: for which side a yes is evidence.
    sides
        The sides of the debate.
    others
        What public markets say, by the question's id.
    """
    rows = table.sort_values(["closes", "id"], kind="stable", ignore_index=True)
    page = sheet(
        _headline(rows),
        "Probability of yes. Filled dot: now; hollow dot: prior, before any data; the line between them is what the "
        f"evidence did. Blue: yes is evidence for {sides.high.name}; orange: for {sides.low.name}; grey: for neither. "
        "Sorted by closing date." + (DIAMOND if others else ""),
        len(rows) * ROW + 0.55,
    )
    ax = page.axes(LEFT, 0.28, ACROSS, max(len(rows), 1) * ROW)
    for y, row in rows.iterrows():
        _row(ax, int(str(y)), row, hues(sides)[side(row["signal"], row["direction"])])
        _others(ax, int(str(y)), others.get(str(row["id"]), ()))
    _axis(ax, len(rows))
    return page.figure


def _headline(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "No question is asked"
    moved = (rows["probability"] - rows["prior_probability"]).abs()
    sure = ((rows["probability"] < 0.1) | (rows["probability"] > 0.9)).sum()
    return (
        f"{len(rows)} questions: the evidence moves {(moved > 0.1).sum()} by more than ten points; "
        f"{sure} stand below 10 or above 90 %"
    )


def _row(ax: Axes, y: int, row: pd.Series, colour: str) -> None:
    after, before = float(row["probability"]), float(row["prior_probability"])
    prior_only = bool(row["prior_only"])
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
    text = "\n".join(wrap(row["title"] + (" [prior only]" if prior_only else ""), 92))
    ink = QUIET if prior_only else INK
    ax.annotate(text, (0, y), (-72 * (LEFT - 0.35), 0), ha="left", fontsize=8, linespacing=1.15, color=ink, **beside)
    ax.annotate(row["closes"], (0, y), (-10, 0), ha="right", fontsize=8, color=QUIET, **beside)
    dot: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.8}
    ring: dict[str, Any] = {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.2}
    ax.plot([before, after], [y, y], color=colour, linewidth=1.6, alpha=0.5, zorder=3)
    ax.plot([before], [y], "o", markersize=5.5, zorder=4, **ring)
    ax.plot([after], [y], "o", markersize=7, color=QUIET if prior_only else colour, zorder=5, **dot)
    ax.annotate(percent(after), (1, y), (40, 0), ha="right", fontsize=9, fontweight="bold", color=colour, **beside)


def _others(ax: Axes, y: int, said: Sequence[Market]) -> None:
    """Mark what public markets say about the same question."""
    for market in said:
        ax.plot([market.probability], [y], "D", markersize=5, color=INK, markerfacecolor="white", zorder=6)


def _axis(ax: Axes, count: int) -> None:
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.tick_params(axis="x", top=True, labeltop=True)
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.6)
    ax.spines["left"].set_visible(False)
    for y in range(count - 1):
        ax.axhline(y + 0.5, color="#F0F0F0", linewidth=0.6, zorder=0)
    above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
    ax.annotate("closes", (0, 1), (-10, 6), fontsize=8, color=QUIET, **above)
