"""Cost against size, one panel a measure, on logarithmic axes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.peers import RECIPE
from stackcast.report.plots.style import CLOSED, HAIR, NEUTRAL, OPEN, panel_title, save, sheet, styled

HUES = {"signals": OPEN, "steps": CLOSED, "rows": NEUTRAL}
WORDS = {"signals": "signals", "steps": "quarters", "rows": "rows a quarter"}
TITLES = {
    "gradient_us": ("A gradient", "µs"),
    "gradients_an_effective_draw": ("Gradients a draw", "effective, slowest; no warm-up"),
    "metric_s": ("The metric of a fit", "seconds"),
    "sample_s": ("Sampling", "seconds, warm-up included"),
    "added_mb": ("Memory", "MB that sampling adds"),
}
HEIGHT = 2.6


def growth_plot(found: pd.DataFrame, slopes: pd.DataFrame, measures: Sequence[str], path: Path) -> None:
    """Draw the growth and write it as SVG.

    Parameters
    ----------
    found
        Measured rows: ``sampler``, ``axis``, ``times`` and the measures.
    slopes
        Slope of each measure, by ``sampler`` and ``axis``.
    measures
        One panel each, of those that were measured.
    path
        Ends in ``.svg``.
    """
    save(draw(found, slopes, measures), path.parent, path.stem, png=False)


@styled
def draw(found: pd.DataFrame, slopes: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Return the figure; the recipe in full lines, any other sampler dashed."""
    rivals = ", ".join(s for s in found["sampler"].unique() if s != RECIPE)
    page = sheet(
        _headline(slopes),
        "Times the shipped design, one axis at a time, simulated figures; both scales logarithmic. Numbers: slope of "
        f"the recipe (1 is linear, the hairline).{f' Dashed: {rivals}.' if rivals else ''}",
        HEIGHT + 0.9,
    )
    shown = [measure for measure in measures if found[measure].notna().any()]
    for ax, measure in zip(page.panels(len(shown), len(shown), HEIGHT, top=0.35), shown, strict=True):
        panel_title(ax, *TITLES[measure])
        for (sampler, axis), part in found.groupby(["sampler", "axis"], sort=False):
            style: dict[str, Any] = {"color": HUES[str(axis)], "linewidth": 1.6 if sampler == RECIPE else 0.9}
            ax.plot(part["times"], part[measure], "o-" if sampler == RECIPE else "o--", markersize=3, **style)
        _linear(ax, found[found["sampler"] == RECIPE], measure)
        _ticks(ax, sorted(found["times"].unique()))
        _legend(ax, slopes[slopes["sampler"] == RECIPE], measure)
    return page.figure


def _headline(slopes: pd.DataFrame) -> str:
    mine = slopes[slopes["sampler"] == RECIPE].set_index("axis")["sample_s"]
    powers = ", ".join(f"{WORDS[str(axis)]} to the power {value:.1f}" for axis, value in mine.items())
    return f"Seconds of sampling grow as {powers}" if powers else "Growth of the cost of sampling"


def _linear(ax: Axes, mine: pd.DataFrame, measure: str) -> None:
    start = mine.loc[mine["times"] == 1, measure].dropna()
    if len(start):
        times = [1, mine["times"].max()]
        ax.plot(times, [start.iloc[0] * t for t in times], color=HAIR, linewidth=0.8, zorder=0)


def _ticks(ax: Axes, times: Sequence[int]) -> None:
    ax.set_xscale("log", base=2)
    ax.set_yscale("log", base=2)
    ax.set_xticks(times, [f"{t}x" for t in times])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:.2g}")
    ax.minorticks_off()
    ax.grid(axis="y", color=HAIR, linewidth=0.3)


def _legend(ax: Axes, slopes: pd.DataFrame, measure: str) -> None:
    for i, row in enumerate(slopes.to_dict("records")):
        text = f"{WORDS[row['axis']]} {row[measure]:.2f}"
        ax.annotate(
            text, (0.0, -0.11 - 0.065 * i), xycoords="axes fraction", fontsize=7.5, va="top", color=HUES[row["axis"]]
        )
