"""The share of the side ``high`` in each layer and in the whole, from their first quarter to the horizon."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.forecast.age import FORECAST
from stackcast.forecast.openness import STACK
from stackcast.priors.debate import Debate, Side
from stackcast.report.headline import at
from stackcast.report.marks import is_forecast, named
from stackcast.report.plots import fan
from stackcast.report.plots.event_marks import NO_MARKS, Marks
from stackcast.report.plots.style import INK, OPEN, QUIET, leaning, sheet, styled
from stackcast.report.wording import capital, end_of, percent

BODY = 8.0


@styled
def layers(
    table: pd.DataFrame,
    titles: Mapping[str, str],
    horizons: Mapping[str, str],
    debate: Debate,
    marks: Marks = NO_MARKS,
) -> Figure:
    """Draw the shares of the whole and of its layers.

    Parameters
    ----------
    table
        ``layers`` of a run.
    titles
        Title of each layer.
    horizons
        ISO dates by name: ``now``, ``near``, ``far``.
    debate
        The names of the whole and of its sides.
    marks
        Events to mark.
    """
    now = horizons["now"]
    first = float(fan.year_of(table["date"]).min()) - 0.4
    marks = marks.since(first)
    page = sheet(
        _headline(table, horizons, debate),
        f"{capital(debate.share)} (0 to 100 %) at the declared weights. {fan.READING} Solid: history; dashed: "
        f"forecast. Dotted grey: the prior's 90 % interval. Percentages on top: probability of "
        f"{debate.sides.high.title}, that is of the {debate.share} above 50 %. {fan.NO_DATA}{marks.reading}",
        BODY + marks.height,
    )
    names = [STACK, *(n for n in dict.fromkeys(table["name"]) if n != STACK)]
    places = [page.axes(0.6, 0.1, 9.6, 2.1), *page.panels(len(names) - 1, 2, 2.0, top=2.95, left=0.6, down=0.85)]
    for ax, name in zip(places, names, strict=True):
        title = capital(debate.whole) if name == STACK else titles[name]
        _panel(ax, table[table["name"] == name], title, horizons, first, debate.sides.high, large=name == STACK)
        marks.on(ax, "" if name == STACK else name)
    _explain(places[0], table[table["name"] == STACK], now, debate)
    marks.write_key(page, BODY)
    return page.figure


def _headline(table: pd.DataFrame, horizons: Mapping[str, str], debate: Debate) -> str:
    rows, (high, low) = table[table["name"] == STACK], (debate.sides.high, debate.sides.low)
    now, end = at(rows, horizons["now"]), at(rows, horizons["far"])
    p = float(end["p_high"])
    if bool(end["prior_only"]):
        return f"The data hardly narrow {debate.whole}: P({high.title}) = {percent(p)} is prior only"
    word = (
        f"as likely {high.name} as {low.name}"
        if abs(p - 0.5) < 0.05
        else f"likelier {(high if p > 0.5 else low).title}"
    )
    age = f", {FORECAST}" if is_forecast(now) else ""
    return (
        f"{capital(debate.whole)} is {percent(now['q50'])} {high.name} now{age} "
        f"({percent(now['q05'])} to {percent(now['q95'])}); "
        f"by {end_of(horizons['far'])} it is {word}: P({high.title}) = {percent(p)}"
    )


def _panel(
    ax: Axes, table: pd.DataFrame, title: str, horizons: Mapping[str, str], first: float, high: Side, *, large: bool
) -> None:
    prior_only = bool(table["prior_only"].iloc[0])
    fan.fan(ax, table, horizons["now"], OPEN, prior_only=prior_only)
    if not prior_only:
        fan.prior_band(ax, table)
    fan.percent_axis(ax)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.axhline(0.5, color=INK, linewidth=0.8)
    fan.time_axis(ax, first, fan.one_year(horizons["far"]) + 0.25, horizons["now"], step=1)
    ax.set_title(named(title, table.iloc[0]), pad=19, color=QUIET if prior_only else INK)
    for name, day in horizons.items():
        if day in set(table["date"]) and (name == "now" or day > horizons["now"]):
            _probability(ax, name, day, at(table, day), high, prior_only=prior_only, large=large)


def _probability(ax: Axes, name: str, day: str, row: pd.Series, high: Side, *, prior_only: bool, large: bool) -> None:
    p, x = float(row["p_high"]), fan.mid_quarter(day)
    colour = QUIET if prior_only else leaning(p)
    ax.plot([x], [row["q50"]], "o", color=colour, markersize=4.5, markeredgecolor="white", zorder=6)
    when = "now" if name == "now" else end_of(day).removeprefix("the ")
    lead = f"P({high.title if large else high.name}) " if name == "now" else ""
    last = large and x > ax.get_xlim()[1] - 1
    ax.annotate(
        f"{lead}{when}: {percent(p)}" if large else lead + percent(p), (x, 1), (0, 4),
        xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if name == "now" or last else "center", va="bottom", fontsize=9 if large else 8.5, color=colour,
        fontweight="normal" if prior_only else "bold",
    )  # fmt: skip


def _explain(ax: Axes, table: pd.DataFrame, now: str, debate: Debate) -> None:
    here = fan.mid_quarter(now)
    quiet: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "va": "bottom"}
    ax.text(ax.get_xlim()[0] + 0.05, 0.515, f"{debate.sides.high.title} above this line", **quiet)
    ax.text(ax.get_xlim()[0] + 0.05, 0.485, f"{debate.sides.low.title} below", **(quiet | {"va": "top"}))
    ax.text(here - 0.06, 0.02, "history", ha="right", **quiet)
    ax.text(here + 0.06, 0.02, "forecast", ha="left", **quiet)
    if "prior_q95" in table and not table["prior_only"].any():
        last = table.iloc[-1]
        ax.text(ax.get_xlim()[1] - 0.3, last["prior_q95"] + 0.02, "prior, 90 %", ha="right", **quiet)
