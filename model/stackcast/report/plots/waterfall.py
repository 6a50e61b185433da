"""The path of a quantity from prior to posterior as a waterfall, and influences as bars."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.report.plots.style import CLOSED, INK, NEUTRAL, OPEN, QUIET, sheet, styled

ROW = 0.34
LEFT, ACROSS = 3.4, 6.3


@styled
def waterfall(table: pd.DataFrame, label: str, unit: str) -> Figure:
    """Draw the steps from prior to posterior; they add up.

    Parameters
    ----------
    table
        ``step, observations, before, after, change``.
    label, unit
        Of the quantity.
    """
    first, last = float(table["before"].iloc[0]), float(table["after"].iloc[-1])
    page = sheet(
        f"{label}: from {first:.2f} before any data to {last:.2f}",
        f"Mean of the quantity ({unit}) with what was published by each date. Blue: up; vermillion: down; they add up.",
        (len(table) + 1) * ROW + 0.6,
    )
    ax = page.axes(LEFT, 0.05, ACROSS, (len(table) + 1) * ROW)
    ax.plot(first, 0, "o", color=NEUTRAL, markersize=5)
    for y, row in enumerate(table.to_dict("records"), 1):
        hue = OPEN if row["change"] > 0 else CLOSED
        ax.plot([row["before"], row["before"]], [y - 1, y], color=QUIET, linewidth=0.6)
        ax.barh(y, row["change"], 0.55, left=row["before"], color=hue)
    names = [f"{r['step']} ({r['observations']} observations)" for r in table.to_dict("records")]
    _rows(ax, ["prior", *names])
    ax.use_sticky_edges = False
    ax.margins(x=0.04)
    ax.set_xlabel(unit)
    return page.figure


@styled
def influences(table: pd.DataFrame, label: str, unit: str) -> Figure:
    """Draw the influence of each item on a quantity.

    Parameters
    ----------
    table
        ``name, influence, error, method``, the largest first.
    label, unit
        Of the quantity.
    """
    page = sheet(
        f"What pulls {label}",
        f"The quantity with the item less the quantity without it ({unit}), and two Monte Carlo standard errors. "
        "Filled: by weights; hollow: by a refit.",
        len(table) * ROW + 0.6,
    )
    ax = page.axes(LEFT, 0.05, ACROSS, len(table) * ROW)
    for y, row in enumerate(table.to_dict("records")):
        hue = OPEN if row["influence"] > 0 else CLOSED
        ax.plot([0, row["influence"]], [y, y], color=hue, linewidth=1.5, alpha=0.5)
        ax.errorbar(row["influence"], y, xerr=2 * row["error"], color=hue, linewidth=0.8)
        face = "white" if row["method"] == "refit" else hue
        ax.plot(row["influence"], y, "o", markerfacecolor=face, markeredgecolor=hue, markersize=5)
    ax.axvline(0, color=INK, linewidth=0.8)
    _rows(ax, [str(name) for name in table["name"]])
    ax.set_xlabel(unit)
    return page.figure


def _rows(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(range(len(names)), [name if len(name) < 56 else f"{name[:54]}…" for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
