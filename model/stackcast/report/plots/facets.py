"""Each facet through time, beside its observations."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.forecast.age import FORECAST, in_facet_terms
from stackcast.observations.schema import Signal
from stackcast.priors.debate import Debate
from stackcast.priors.schema import Facet, layer_of
from stackcast.report.marks import FORECAST_MEANS, THIN_MEANS, is_forecast, named
from stackcast.report.plots import fan
from stackcast.report.plots.event_marks import NO_MARKS, Marks
from stackcast.report.plots.style import CLOSED, INK, NEUTRAL, OPEN, panel_title, rows_of, sheet, styled
from stackcast.report.wording import in_unit, percent

MARKERS = ("o", "s", "^", "D")
GLYPHS = {("o", False): "●", ("s", True): "□", ("^", True): "△", ("D", True): "◇"}
COLUMNS = 3
HARD = "\u00a0"


@styled
def facets(
    table: pd.DataFrame,
    fitted: pd.DataFrame,
    signals: Mapping[str, Signal],
    given: Mapping[str, Facet],
    now: str,
    debate: Debate,
    marks: Marks = NO_MARKS,
) -> Figure:
    """Draw one panel a facet.

    Parameters
    ----------
    table, fitted
        ``facets`` and ``fitted`` of a run.
    signals, given
        Definitions of signals and facets.
    now
        Last day of the as-of quarter.
    debate
        The names of the sides.
    marks
        Events to mark, each on the facets of its layer.
    """
    names = list(dict.fromkeys(table["name"]))
    body = rows_of(len(names), COLUMNS) * 3.05 + 0.1
    first = float(fan.year_of(table["date"]).min()) - 0.4
    marks = marks.since(first)
    page = sheet(
        _headline(table, given, now, debate),
        f"{fan.READING} Solid: history; dashed: forecast. Dotted grey: the prior's 90 % interval. {fan.NO_DATA} "
        "● the facet's reference signal; hollow marks: secondary signals, which differ from it by a house effect; "
        f"a line through a mark spans its period.{marks.reading} Now, {FORECAST_MEANS}; {THIN_MEANS}.",
        body + marks.height,
    )
    for ax, name in zip(page.panels(len(names), COLUMNS, 2.0, top=0.35, down=1.05), names, strict=True):
        mine = table[table["name"] == name]
        _panel(ax, mine, given[name], now, first, debate)
        mine = fitted[[signals[s].measures.facet == name for s in fitted["signal"]]]
        _observed(ax, mine, signals, given[name])
        marks.on(ax, layer_of(name))
    marks.write_key(page, body)
    return page.figure


def _headline(table: pd.DataFrame, given: Mapping[str, Facet], now: str, debate: Debate) -> str:
    here = table[(table["date"] == now) & (table["kind"] == "share")].set_index("name")
    moved = here[~here["prior_only"].astype(bool)]
    lead = f"Data inform {len(moved)} of {len(here)} shares"
    if moved.empty:
        return f"{lead}: the rest is prior"
    low, high = str(moved["q50"].idxmin()), str(moved["q50"].idxmax())
    ends = [f"{given[n].title} ({percent(float(moved['q50'][n]))})" for n in (low, high)]
    return f"{lead}; of these, the {debate.share} runs from {ends[0]} to {ends[1]}"


def _panel(ax: Axes, table: pd.DataFrame, facet: Facet, now: str, first: float, debate: Debate) -> None:
    hollow, gap, scale = bool(table["prior_only"].iloc[0]), facet.kind == "gap", facet.printed
    fan.fan(ax, table, now, NEUTRAL if gap else OPEN, prior_only=hollow, scale=scale.per_unit)
    if not hollow:
        fan.prior_band(ax, table, scale.per_unit)
    fan.time_axis(ax, first, fan.one_year(table["date"].max()) + 0.2, now)
    here = table[table["date"] == now].iloc[0]
    word = f"now, {FORECAST}" if is_forecast(here) else "now"
    if gap:
        _gap_axis(ax, debate)
        low, mid, high = (in_unit(here[q], scale, plus=False).replace("-", "−") for q in ("q05", "q50", "q95"))
        reading = f"{word} {mid} {scale.unit} ({low} to {high})"
    else:
        fan.percent_axis(ax)
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
        reading = f"{word} {percent(here['q50'])} ({percent(here['q05'])} to {percent(here['q95'])})"
    unit = f"{debate.sides.low.name} minus {debate.sides.high.name}" if gap else facet.unit
    note = f"{unit}; {reading}"
    panel_title(ax, named(facet.title, here), note, hollow=hollow)


def _gap_axis(ax: Axes, debate: Debate) -> None:
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.grid(axis="y", color="#EDEDED", linewidth=0.6)
    style: dict[str, Any] = {"fontsize": 7.5, "ha": "right", "xycoords": "axes fraction", "textcoords": "offset points"}
    ax.annotate(f"{debate.sides.low.name} ahead ↑", (1, 1), (-2, -9), color=CLOSED, **style)
    ax.annotate(f"{debate.sides.high.name} ahead ↓", (1, 0), (-2, 4), color=OPEN, **style)


def _observed(ax: Axes, rows: pd.DataFrame, signals: Mapping[str, Signal], facet: Facet) -> None:
    slugs = sorted(rows["signal"].unique(), key=lambda s: signals[s].role != "reference")
    names = []
    for slug, marker in zip(slugs, MARKERS, strict=False):
        signal, mine = signals[slug], rows[rows["signal"] == slug]
        values = in_facet_terms(signal, mine["value"].to_numpy()) * facet.printed.per_unit
        fan.dots(ax, mine, np.asarray(values), marker, hollow=marker != "o", flip=signal.measures.sign < 0)
        names.append(f"{GLYPHS[marker, marker != 'o']} {_source(signal, [signals[s] for s in slugs])}")
    ax.annotate(
        _lines(names), (0, 0), (0, -22), xycoords="axes fraction", textcoords="offset points",
        fontsize=7.5, color=INK, va="top",
    )  # fmt: skip


def _lines(names: list[str]) -> str:
    whole = "   ".join(name.replace(" ", HARD) for name in names)
    return "\n".join(wrap(whole, 56)).replace(HARD, " ")


def _source(signal: Signal, others: list[Signal]) -> str:
    name = signal.publisher.name.replace(" (", ";").replace(",", ";").split(";")[0]
    if sum(o.publisher.name == signal.publisher.name for o in others) > 1:
        end = signal.title if len(signal.title) < 42 else "…" + signal.title[-40:].partition(" ")[2]
        return f"{name}: {end}"
    reference = next((o for o in others if o.role == "reference"), signal)
    return name if signal.per_unit == reference.per_unit else f"{name} (rescaled)"
