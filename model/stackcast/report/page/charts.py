"""Charts of the page in Vega-Lite: functions from tables to Altair charts."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from stackcast.observations.events import Event
from stackcast.observations.schema import Signal
from stackcast.priors.debate import Sides
from stackcast.report.plots.event_marks import on_chart
from stackcast.report.plots.style import CLOSED, NEUTRAL, OPEN, PRIOR, hues

WIDTH, HEIGHT = 640, 300
CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "domain": False, "ticks": False,
             "gridColor": "#DDDDDD", "labelColor": "#555555", "titleColor": "#555555"},
    "view": {"stroke": None},
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelColor": "#222222", "title": None},
}  # fmt: skip
BANDS = (("both", "50 and 90 %"), ("50", "50 %"), ("90", "90 %"))
FAN = ("q05", "q25", "q50", "q75", "q95")
GREY_IF_SILENT = alt.when("datum.prior_only").then(alt.value(NEUTRAL)).otherwise(alt.value(OPEN))
"""What the data have hardly moved is grey."""


def openness(
    table: pd.DataFrame,
    names: Mapping[str, str],
    ends: Mapping[str, str],
    events: Sequence[Event] = (),
    layers: Mapping[str, str] = MappingProxyType({}),
    share: str = "share",
) -> alt.LayerChart:
    """Draw the open share of a selectable layer or facet, as of a selectable run.

    Parameters
    ----------
    table
        ``as_of, name, date``, quantiles, the prior's, and ``prior_only``: grey where it is.
    names
        What may be chosen, by name, with its title; the first is shown at the start.
    ends
        Last day of the as-of quarter of each run, by as-of date; the last is shown at the start.
    events
        What happened; those after the run that is chosen are not shown.
    layers
        Layer of each thing that may be chosen, empty for the whole: its events are marked.
    share
        What a share is called.
    """
    what, day = alt.param(name="what", value=next(iter(names))), alt.param(name="as_of", value=list(ends)[-1])
    band = alt.param(name="band", value=BANDS[0][0])
    now = table["as_of"].map(ends)
    rows = table.assign(past=table["date"] <= now, later=table["date"] >= now, here=table["date"] == now)
    begins = {str(name): str(first) for name, first in table.groupby("name")["date"].min().items()}
    base = alt.Chart(rows).transform_filter("datum.name == what && datum.as_of == as_of")
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    axis = alt.Axis(format=".0%", title=share)
    scale = alt.Scale(domain=[0, 1])

    def ribbon(low: str, high: str, opacity: float, hidden: str) -> alt.Chart:
        shown = alt.when(f"band == '{hidden}'").then(alt.value(0)).otherwise(alt.value(opacity))
        y, y2 = alt.Y(f"{low}:Q", scale=scale, axis=axis), alt.Y2(f"{high}:Q")
        ribbon: alt.Chart = base.mark_area(interpolate="monotone").encode(
            x=x, y=y, y2=y2, opacity=shown, color=GREY_IF_SILENT
        )
        return ribbon

    prior = [
        base.mark_line(color="#8A8A8A", strokeDash=[1, 3], strokeWidth=1.2).encode(x=x, y=alt.Y(f"{q}:Q", scale=scale))
        for q in ("prior_q05", "prior_q95")
    ]
    y = alt.Y("q50:Q", scale=scale)
    line = base.mark_line(strokeWidth=2.5, interpolate="monotone").encode(color=GREY_IF_SILENT)
    tips = [alt.Tooltip("date:T", format="%Y-%m-%d"), *(alt.Tooltip(f"{q}:Q", format=".0%") for q in FAN)]
    middle = alt.Chart(pd.DataFrame({"y": [0.5]})).mark_rule(color=NEUTRAL, strokeDash=[5, 4]).encode(y="y:Q")
    chart: alt.LayerChart = (
        alt.layer(
            ribbon("q05", "q95", 0.18, "50"), ribbon("q25", "q75", 0.34, "90"), *prior, middle,
            line.transform_filter("datum.past").encode(x=x, y=y),
            line.transform_filter("datum.later").encode(x=x, y=y, strokeDash=alt.value([6, 4])),
            base.transform_filter("datum.here").mark_rule(color=NEUTRAL, strokeDash=[2, 2]).encode(x=x),
            base.mark_point(size=220, opacity=0, color=OPEN, filled=True).encode(x=x, y=y, tooltip=tips),
            *on_chart(events, layers, begins, "as_of"),
        )
        .add_params(what, day, band)
        .properties(width=WIDTH, height=HEIGHT)
        .configure(**CONFIG)
    )  # fmt: skip
    return chart


def pulls(table: pd.DataFrame, claims: Mapping[str, str], layers: Mapping[str, str], sides: Sides) -> alt.FacetChart:
    """Draw the effect contribution of each claim to each layer, prior beside posterior.

    Parameters
    ----------
    table
        ``pulls`` of a run.
    claims
        Side of each claim.
    layers
        Titles of the layers.
    sides
        The sides of the debate.
    """
    rows = table[(table["level"] == "layer") & table["target"].isin(list(layers))]
    hue_of = hues(sides)
    rows = rows.assign(layer=rows["target"].map(layers), side=rows["claim"].map(claims))
    hue = alt.Color("side:N", scale=alt.Scale(domain=list(hue_of), range=list(hue_of.values())), legend=None)
    y = alt.Y("claim:N", sort=list(claims), title=None, axis=alt.Axis(grid=False))
    x = alt.X("q05:Q", title="effect contribution to the equilibrium, logit", axis=alt.Axis(tickCount=5))
    tips = ["claim:N", *(alt.Tooltip(f"{q}:Q", format="+.2f") for q in (*FAN, "prior_q05", "prior_q95"))]
    base = alt.Chart(rows)
    one = alt.layer(
        base.mark_rule(color=NEUTRAL).encode(x=alt.datum(0)),
        base.mark_bar(height=11, color=PRIOR, opacity=0.55).encode(x=alt.X("prior_q05:Q"), x2="prior_q95:Q", y=y),
        base.mark_bar(height=2.5).encode(x=x, x2="q95:Q", y=y, color=hue),
        base.mark_bar(height=6).encode(x=alt.X("q25:Q"), x2="q75:Q", y=y, color=hue),
        base.mark_point(size=42, filled=True, opacity=1).encode(x="q50:Q", y=y, color=hue, tooltip=tips),
    ).properties(width=262, height=190)
    faceted = one.facet(facet=alt.Facet("layer:N", sort=list(layers.values())), columns=2)
    chart: alt.FacetChart = faceted.configure(**CONFIG)
    return chart


def signals(table: pd.DataFrame, fitted: pd.DataFrame, definitions: Mapping[str, Signal], now: str) -> alt.LayerChart:
    """Draw the fan of the chosen signal with its published observations.

    Parameters
    ----------
    table, fitted
        ``signals`` and ``fitted`` of a run, of the signals to choose from.
    definitions
        Those signals, in order; the first is shown at the start.
    now
        Last day of the as-of quarter.
    """
    first = next(iter(definitions))
    what = alt.param(name="what", value=first)
    band = alt.param(name="band", value=BANDS[0][0])
    ratios = [slug for slug, signal in definitions.items() if signal.likelihood == "ratio"]
    is_ratio = alt.param(name="ratios", value=ratios)
    is_log = alt.param(name="is_log", expr="indexof(ratios, what) >= 0")
    fans, seen = _on_axis(table, FAN, ratios, "name"), _on_axis(fitted, ("value",), ratios, "signal")
    fans = fans.assign(past=fans["date"] <= now, later=fans["date"] >= now)
    begin, end = (pd.to_datetime(seen[c]) for c in ("period_start", "period_end"))
    seen = seen.assign(middle=(begin + (end - begin) / 2).dt.strftime("%Y-%m-%d"))
    base = alt.Chart(fans[["name", "date", "past", "later", "prior_only", *FAN]]).transform_filter("datum.name == what")
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    word = "is_log ? format(pow(10, datum.value), '~g') : format(datum.value, '~g')"
    axis = alt.Axis(labelExpr=word, title=None, tickCount=5)
    scale = alt.Scale(zero=False)

    def ribbon(low: str, high: str, opacity: float, hidden: str) -> alt.Chart:
        shown = alt.when(f"band == '{hidden}'").then(alt.value(0)).otherwise(alt.value(opacity))
        y = alt.Y(f"{low}:Q", scale=scale, axis=axis)
        ribbon: alt.Chart = base.mark_area(clip=True).encode(
            x=x, y=y, y2=f"{high}:Q", opacity=shown, color=GREY_IF_SILENT
        )
        return ribbon

    line = base.mark_line(strokeWidth=2.2, clip=True).encode(color=GREY_IF_SILENT)
    y = alt.Y("q50:Q", scale=scale)
    dots = alt.Chart(seen[["signal", "middle", "value", "printed", "published"]])
    tips = [alt.Tooltip("middle:T", title="middle of period", format="%Y-%m-%d"),
            alt.Tooltip("printed:Q", title="value"), alt.Tooltip("published:T", format="%Y-%m-%d")]  # fmt: skip
    chart: alt.LayerChart = (
        alt.layer(
            ribbon("q05", "q95", 0.18, "50"), ribbon("q25", "q75", 0.34, "90"),
            line.transform_filter("datum.past").encode(x=x, y=y),
            line.transform_filter("datum.later").encode(x=x, y=y, strokeDash=alt.value([6, 4])),
            dots.transform_filter("datum.signal == what")
            .mark_point(size=46, filled=True, color=CLOSED, opacity=1)
            .encode(x="middle:T", y=alt.Y("value:Q", scale=scale), tooltip=tips),
        )
        .add_params(what, band, is_ratio, is_log)
        .properties(width=WIDTH, height=HEIGHT)
        .configure(**CONFIG)
    )  # fmt: skip
    return chart


def skill(table: pd.DataFrame, baselines: Sequence[str], sets: Sequence[str]) -> alt.FacetChart:
    """Draw relative CRPS with its interval, for sets of observations, beside each baseline.

    Parameters
    ----------
    table
        Rows of a skill table of one variant.
    baselines, sets
        Which to draw, in order.
    """
    rows = table[table["rival"].isin(list(baselines)) & table["name"].isin(list(sets))]
    rows = rows.assign(verdict=np.select([rows["high"] < 1, rows["low"] > 1], ["better", "worse"], "cannot be told"))
    words = alt.Scale(domain=["better", "worse", "cannot be told"], range=[OPEN, CLOSED, NEUTRAL])
    hue = alt.Color("verdict:N", scale=words, legend=None)
    y = alt.Y("name:N", sort=list(sets), title=None, axis=alt.Axis(grid=False))
    scale = alt.Scale(type="log", domain=[0.4, 2])
    axis = alt.Axis(values=[0.5, 0.7, 1, 1.4, 2], format="~g", title="CRPS over the baseline's (below 1 is better)")
    tips = [
        "name:N",
        "rival:N",
        "n:Q",
        *(alt.Tooltip(f"{c}:Q", format=".2f") for c in ("relative_crps", "low", "high")),
    ]
    base = alt.Chart(rows)
    one = alt.layer(
        base.mark_rule(color=NEUTRAL).encode(x=alt.XDatum(1, scale=scale, axis=axis)),
        base.mark_bar(height=3, clip=True).encode(
            x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, color=hue
        ),
        base.mark_point(size=60, filled=True, opacity=1).encode(
            x=alt.X("relative_crps:Q", scale=scale, axis=axis), y=y, color=hue, tooltip=tips
        ),
    ).properties(width=250, height=26 * len(sets))
    faceted = one.facet(facet=alt.Facet("rival:N", sort=list(baselines)), columns=2)
    chart: alt.FacetChart = faceted.configure(**CONFIG)
    return chart


def waterfall(table: pd.DataFrame, unit: str) -> alt.LayerChart:
    """Draw the steps of a quantity's mean from prior to posterior; they add up.

    Parameters
    ----------
    table
        ``step, observations, before, after, change``.
    unit
        Of the quantity.
    """
    rows = table.assign(
        name=[f"{r['step']} ({r['observations']} observations)" for r in table.to_dict("records")],
        way=np.where(table["change"] > 0, "up", "down"),
    )
    start = pd.DataFrame({"name": ["prior"], "after": [table["before"].iloc[0]]})
    order = ["prior", *rows["name"]]
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(grid=False, labelLimit=260))
    scale, axis = alt.Scale(zero=False), alt.Axis(format=".3~f", title=f"mean ({unit})")
    hue = alt.Color("way:N", scale=alt.Scale(domain=["up", "down"], range=[OPEN, CLOSED]), legend=None)
    numbers = [alt.Tooltip(f"{c}:Q", format=f) for c, f in (("before", ".3f"), ("after", ".3f"), ("change", "+.3f"))]
    layers = alt.layer(
        alt.Chart(start)
        .mark_point(size=70, filled=True, opacity=1, color=NEUTRAL)
        .encode(
            x=alt.X("after:Q", scale=scale, axis=axis), y=y, tooltip=["name:N", alt.Tooltip("after:Q", format=".3f")]
        ),
        alt.Chart(rows)
        .mark_bar(height=14)
        .encode(
            x=alt.X("before:Q", scale=scale, axis=axis), x2="after:Q", y=y, color=hue, tooltip=["name:N", *numbers]
        ),
    )
    chart: alt.LayerChart = layers.properties(width=WIDTH - 200, height=28 * len(order)).configure(**CONFIG)
    return chart


def scenarios(table: pd.DataFrame, names: Sequence[str], places: Sequence[str]) -> alt.FacetChart:
    """Draw the paired change that each scenario makes, with its 90 % interval.

    Parameters
    ----------
    table
        ``scenario, quantity, change, q05, q95``.
    names, places
        Scenarios and quantities, in order.
    """
    y = alt.Y("scenario:N", sort=list(names), title=None, axis=alt.Axis(grid=False, labelLimit=330))
    axis = alt.Axis(format="+.0%", title="change of share")
    tips = ["scenario:N", "quantity:N", *(alt.Tooltip(f"{c}:Q", format="+.3f") for c in ("change", "q05", "q95"))]
    base = alt.Chart(table)
    one = alt.layer(
        base.mark_rule(color=NEUTRAL).encode(x=alt.XDatum(0, axis=axis)),
        base.mark_bar(height=3, color=OPEN).encode(x=alt.X("q05:Q", axis=axis), x2="q95:Q", y=y),
        base.mark_point(size=60, filled=True, opacity=1, color=OPEN).encode(
            x=alt.X("change:Q", axis=axis), y=y, tooltip=tips
        ),
    ).properties(width=140, height=24 * len(names))
    faceted = one.facet(facet=alt.Facet("quantity:N", sort=list(places)), columns=2)
    chart: alt.FacetChart = faceted.configure(**CONFIG)
    return chart


def _on_axis(table: pd.DataFrame, columns: Sequence[str], ratios: list[str], key: str) -> pd.DataFrame:
    """Return values as they lie on the axis: logarithms for ratios, and what was printed beside them."""
    is_log = table[key].isin(ratios).to_numpy()
    out = table.assign(printed=table[columns[0]])
    for column in columns:
        values = table[column].to_numpy(float)
        with np.errstate(divide="ignore"):
            out[column] = np.where(is_log, np.log10(np.maximum(values, 1e-12)), values)
    return out
