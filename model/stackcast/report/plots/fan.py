"""Paths through time: fans, the line between history and forecast, and observations as dots."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from stackcast.report.plots.style import HAIR, INK, PRIOR, QUIET

HALF_QUARTER = 0.125
FLOOR, CEILING = -1, 1
READING = "Line: median. Dark and light bands: 50 and 90 % intervals."
NO_DATA = "Grey, hatched: prior only."


def year_of(dates: pd.Series) -> np.ndarray:
    """Return ISO dates as decimal years."""
    days = dates.to_numpy().astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    return np.asarray(1970 + years.astype(int) + (days - years.astype("datetime64[D]")).astype(int) / 365.25)


def one_year(day: str) -> float:
    """Return one ISO date as a decimal year."""
    return float(year_of(pd.Series([day]))[0])


def mid_quarter(day: str) -> float:
    """Return the middle of the quarter that ends at an ISO date."""
    return one_year(day) - HALF_QUARTER


def fan(ax: Axes, table: pd.DataFrame, now: str, colour: str, *, prior_only: bool = False, scale: float = 1.0) -> None:
    """Draw median, 50 and 90 % intervals: history strong, forecast pale and dashed.

    Parameters
    ----------
    table
        Rows of one quantity with ``date`` and the quantiles.
    now
        Last day of the as-of quarter.
    colour
        Hue of a quantity that data inform.
    prior_only
        Hatched grey instead.
    scale
        Factor on the values.
    """
    past, future = table[table["date"] <= now], table[table["date"] >= now]
    for part, strength, dash in ((past, 1.0, "-"), (future, 0.62, (0, (4, 1.6)))):
        if part.empty:
            continue
        x = year_of(part["date"]) - HALF_QUARTER
        q = {c: part[c].to_numpy() * scale for c in ("q05", "q25", "q50", "q75", "q95")}
        if prior_only:
            ax.fill_between(x, q["q05"], q["q95"], facecolor="#F4F4F4", edgecolor=HAIR, hatch="////", linewidth=0)
            ax.fill_between(x, q["q25"], q["q75"], facecolor=PRIOR, alpha=0.55 * strength, linewidth=0)
            ax.plot(x, q["q50"], color=QUIET, linestyle=(0, (3, 2)), linewidth=1.3)
        else:
            ax.fill_between(x, q["q05"], q["q95"], color=colour, alpha=0.20 * strength, linewidth=0)
            ax.fill_between(x, q["q25"], q["q75"], color=colour, alpha=0.36 * strength, linewidth=0)
            ax.plot(x, q["q50"], color=colour, linestyle=dash, linewidth=1.7)


def prior_band(ax: Axes, table: pd.DataFrame, scale: float = 1.0) -> None:
    """Outline the prior's 90 % interval with dotted lines."""
    if "prior_q05" not in table:
        return
    x = year_of(table["date"]) - HALF_QUARTER
    for column in ("prior_q05", "prior_q95"):
        ax.plot(x, table[column] * scale, color="#8A8A8A", linewidth=0.9, linestyle=(0, (1, 1.8)))


def time_axis(ax: Axes, first: float, last: float, now: str, *, step: int = 2, word: str = "") -> None:
    """Set whole years as ticks and mark the as-of quarter."""
    ax.set_xlim(first, last)
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    here = mid_quarter(now)
    ax.axvline(here, color=INK, linewidth=0.7, linestyle=(0, (1, 1.5)))
    if word:
        ax.annotate(
            word, (here, 0), (3, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=7.5, color=INK, ha="left", va="bottom",
        )  # fmt: skip


def percent_axis(ax: Axes, low: float = 0.0, high: float = 1.0) -> None:
    """Set a y axis of shares, and its grid."""
    ax.set_ylim(low, high)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
    ax.grid(axis="y", color="#EDEDED", linewidth=0.6)


def dots(
    ax: Axes, rows: pd.DataFrame, values: np.ndarray, marker: str = "o", *, hollow: bool = False, flip: bool = False
) -> None:
    """Draw observations at the middle of their periods; floors and ceilings get an arrow.

    Parameters
    ----------
    rows
        ``period_start``, ``period_end`` and ``side`` of each observation.
    values
        What to draw, in the unit of the axis.
    flip
        The axis shows one minus the value, so a floor is a ceiling.
    """
    begin, end = year_of(rows["period_start"]), year_of(rows["period_end"]) + 1 / 365.25
    middle, side = (begin + end) / 2, rows["side"].to_numpy() * (-1 if flip else 1)
    long = end - begin > 0.3
    if long.any():
        ax.hlines(values[long], begin[long], end[long], color=INK, linewidth=0.7, alpha=0.55)
    face = "white" if hollow else INK
    ax.plot(
        middle, values, marker, markersize=4.2, markerfacecolor=face, markeredgecolor=INK, markeredgewidth=0.8,
        alpha=0.9, zorder=5, linestyle="none",
    )  # fmt: skip
    for bound, up in ((FLOOR, 12), (CEILING, -12)):
        for x, y in zip(middle[side == bound], values[side == bound], strict=True):
            arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.8, "mutation_scale": 7}
            ax.annotate("", (x, y), (0, up), textcoords="offset points", arrowprops=arrow | {"arrowstyle": "<|-"})
