"""How open each layer and the stack are, from their first quarter to the horizon."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.forecast.age import FORECAST
from stackcast.report.headline import at
from stackcast.report.marks import is_forecast, named
from stackcast.report.plots import fan
from stackcast.report.plots.event_marks import NO_MARKS, Marks
from stackcast.report.plots.style import INK, OPEN, QUIET, leaning, percent, sheet, styled

STACK = "stack"
BODY = 8.0


@styled
def layers(
    table: pd.DataFrame, titles: Mapping[str, str], horizons: Mapping[str, str], marks: Marks = NO_MARKS
) -> Figure:
    """Draw the openness of the stack and of its layers.

    Parameters
    ----------
    table
        ``layers`` of a run.
    titles
        Title of each layer.
    horizons
        ISO dates by name: ``now``, ``2027``, ``2030``.
    marks
        Events to mark.
    """
    now = horizons["now"]
    first = float(fan.year_of(table["date"]).min()) - 0.4
    marks = marks.since(first)
    page = sheet(
        _headline(table, horizons),
        f"Openness (0 to 100 %) at the declared weights. {fan.READING} Solid: history; dashed: forecast. "
        "Dotted grey: the prior's 90 % interval. Percentages on top: probability of default open, "
        f"that is of openness above 50 %. {fan.NO_DATA}{marks.reading}",
        BODY + marks.height,
    )
    names = [STACK, *(n for n in dict.fromkeys(table["name"]) if n != STACK)]
    places = [page.axes(0.6, 0.1, 9.6, 2.1), *page.panels(len(names) - 1, 2, 2.0, top=2.95, left=0.6, down=0.85)]
    for ax, name in zip(places, names, strict=True):
        _panel(ax, table[table["name"] == name], titles.get(name, "The stack"), horizons, first, large=name == STACK)
        marks.on(ax, "" if name == STACK else name)
    _explain(places[0], table[table["name"] == STACK], now)
    marks.write_key(page, BODY)
    return page.figure


def _headline(table: pd.DataFrame, horizons: Mapping[str, str]) -> str:
    rows = table[table["name"] == STACK]
    now, end = at(rows, horizons["now"]), at(rows, horizons["2030"])
    p = float(end["p_open"])
    if bool(end["prior_only"]):
        return f"The figures hardly narrow the stack as a whole: P(default open) = {percent(p)} is prior only"
    word = "as likely open as not" if abs(p - 0.5) < 0.05 else "likelier open" if p > 0.5 else "likelier proprietary"
    age = f", {FORECAST}" if is_forecast(now) else ""
    return (
        f"The stack is {percent(now['q50'])} open now{age} ({percent(now['q05'])} to {percent(now['q95'])}); "
        f"by the end of 2030 it is {word} by default: P(default open) = {percent(p)}"
    )


def _panel(
    ax: Axes, table: pd.DataFrame, title: str, horizons: Mapping[str, str], first: float, *, large: bool
) -> None:
    hollow = bool(table["prior_only"].iloc[0])
    fan.fan(ax, table, horizons["now"], OPEN, prior_only=hollow)
    if not hollow:
        fan.prior_band(ax, table)
    fan.percent_axis(ax)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.axhline(0.5, color=INK, linewidth=0.8)
    fan.time_axis(ax, first, fan.one_year(horizons["2030"]) + 0.25, horizons["now"], step=1)
    ax.set_title(named(title, table.iloc[0]), pad=19, color=QUIET if hollow else INK)
    for name, day in horizons.items():
        if day in set(table["date"]) and (name == "now" or day > horizons["now"]):
            _probability(ax, name, fan.mid_quarter(day), at(table, day), hollow=hollow, large=large)


def _probability(ax: Axes, name: str, x: float, row: pd.Series, *, hollow: bool, large: bool) -> None:
    p = float(row["p_open"])
    colour = QUIET if hollow else leaning(p)
    ax.plot([x], [row["q50"]], "o", color=colour, markersize=4.5, markeredgecolor="white", zorder=6)
    when = "now" if name == "now" else f"end of {name}"
    lead = "P(default open) " if large and name == "now" else "P(open) " if name == "now" else ""
    last = large and x > ax.get_xlim()[1] - 1
    ax.annotate(
        f"{lead}{when}: {percent(p)}" if large else lead + percent(p), (x, 1), (0, 4),
        xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if name == "now" or last else "center", va="bottom", fontsize=9 if large else 8.5, color=colour,
        fontweight="normal" if hollow else "bold",
    )  # fmt: skip


def _explain(ax: Axes, table: pd.DataFrame, now: str) -> None:
    here = fan.mid_quarter(now)
    quiet: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "va": "bottom"}
    ax.text(ax.get_xlim()[0] + 0.05, 0.515, "default open above this line", **quiet)
    ax.text(ax.get_xlim()[0] + 0.05, 0.485, "default proprietary below", **(quiet | {"va": "top"}))
    ax.text(here - 0.06, 0.02, "history", ha="right", **quiet)
    ax.text(here + 0.06, 0.02, "forecast", ha="left", **quiet)
    if "prior_q95" in table and not table["prior_only"].any():
        last = table.iloc[-1]
        ax.text(ax.get_xlim()[1] - 0.3, last["prior_q95"] + 0.02, "prior, 90 %", ha="right", **quiet)
