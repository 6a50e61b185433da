"""Charts of earlier stacks: effects before and after, predictions of stacks left out, and paths from their start."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from stackcast.report.page.charts import CONFIG, WIDTH
from stackcast.report.plots.style import CLOSED, NEUTRAL, OPEN, PRIOR

ROW = 24
"""Height of a line of a forest, in pixels."""
FAN = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.3))
"""Quantiles of earlier stacks between which the fan lies, and its opacity."""
TOLD = ("q05", "q50", "q95", "outcome")
ABOVE = alt.Legend(orient="top", columns=2, labelLimit=280)
LEAST = 10
"""Series that a year of the fan needs."""
MOVED = "change in log-odds since the first figure"
REACH = (-4, 4)
"""Log-odds that the chart of paths shows."""


def effects(table: pd.DataFrame, titles: Mapping[str, str]) -> alt.LayerChart:
    """Draw the size of each force's effect before and after the earlier stacks.

    Parameters
    ----------
    table
        ``force, prior_q05, prior_q50, prior_q95, q05, q50, q95``: logit a unit of rating.
    titles
        Of the forces.
    """
    rows = table.assign(title=table["force"].map(lambda force: f"{force} {titles[force]}"))
    y = alt.Y("title:N", title=None, sort=None, axis=alt.Axis(labelLimit=220))
    x = alt.X("prior_q05:Q", title="logit for one sd of the force between earlier stacks")
    base = alt.Chart(rows)
    before = base.mark_bar(color=PRIOR, opacity=0.35, height=12).encode(y=y, x=x, x2="prior_q95:Q")
    after = base.mark_rule(color=OPEN, strokeWidth=2).encode(y=y, x="q05:Q", x2="q95:Q")
    middle = base.mark_circle(color=OPEN, size=60, opacity=1).encode(
        y=y,
        x="q50:Q",
        tooltip=[
            alt.Tooltip("title:N", title="force"),
            *(alt.Tooltip(f"{q}:Q", format=".2f") for q in ("q05", "q50", "q95")),
        ],
    )
    return _finished(alt.layer(before, after, middle), ROW * len(rows))


def predictions(table: pd.DataFrame, share: str) -> alt.LayerChart:
    """Draw each earlier stack as predicted from the others, and as it came.

    Parameters
    ----------
    table
        ``title, layer, q05, q25, q50, q75, q95, outcome``: shares.
    share
        What a share is called.
    """
    held = (table["outcome"] >= table["q05"]) & (table["outcome"] <= table["q95"])
    rows = table.assign(held=held.map({True: "inside 90 %", False: "outside"})).sort_values("outcome", ascending=False)
    y = alt.Y("title:N", title=None, sort=None, axis=alt.Axis(labelLimit=220))
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("q05:Q", title=share, scale=scale, axis=alt.Axis(format=".0%"))
    base = alt.Chart(rows)
    colour = alt.Color(
        "held:N", title=None, scale=alt.Scale(domain=["inside 90 %", "outside"], range=[OPEN, CLOSED]),
        legend=alt.Legend(orient="top"),
    )  # fmt: skip
    outer = base.mark_rule(color=PRIOR, strokeWidth=2, opacity=0.5).encode(y=y, x=x, x2="q95:Q")
    inner = base.mark_rule(color=PRIOR, strokeWidth=6, opacity=0.6).encode(y=y, x="q25:Q", x2="q75:Q")
    came = base.mark_circle(size=60, opacity=1).encode(
        y=y, x="outcome:Q", color=colour,
        tooltip=["title:N", "layer:N", *(alt.Tooltip(f"{q}:Q", format=".0%") for q in TOLD)],
    )  # fmt: skip
    return _finished(alt.layer(outer, inner, came), 16 * len(rows))


def paths(past: pd.DataFrame, facets: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """Draw how far shares of earlier stacks had moved from their first figure, and those of today's facets.

    Parameters
    ----------
    past
        ``series, title, age, change``: years since the first figure, log-odds since then.
    facets
        ``title, age, change``: medians of today's facets up to the as-of quarter.
    """
    fan = moved_fan(past)
    last = float((fan if len(fan) else past)["age"].max())
    x = alt.X("age:Q", title="years since the first figure", scale=alt.Scale(domain=[0, last]))
    y = alt.Y("change:Q", title=MOVED, scale=alt.Scale(domain=REACH, clamp=True))
    ribbons = [
        alt.Chart(fan)
        .mark_area(color=PRIOR, opacity=opacity, interpolate="monotone")
        .encode(x=x, y=alt.Y(f"q{100 * low:02.0f}:Q", title=MOVED), y2=f"q{100 * high:02.0f}:Q")
        for low, high, opacity in FAN
    ]
    lines = (
        alt.Chart(past[past["age"] <= last])
        .mark_line(color=NEUTRAL, opacity=0.35, strokeWidth=1)
        .encode(x=x, y=y, detail="series:N", tooltip=["title:N", alt.Tooltip("change:Q", format="+.1f")])
    )
    names = list(dict.fromkeys(facets["title"]))
    colour = alt.Color("title:N", title=None, scale=alt.Scale(domain=names, scheme="dark2"), legend=ABOVE)
    today = (
        alt.Chart(facets)
        .mark_line(strokeWidth=3)
        .encode(x=x, y=y, color=colour, tooltip=["title:N", alt.Tooltip("change:Q", format="+.1f")])
    )
    return _finished(alt.layer(*ribbons, lines, today), 340)


def moved_fan(past: pd.DataFrame) -> pd.DataFrame:
    """Return quantiles of the changes at whole years, each series on the line between its figures.

    Years that fewer than :data:`LEAST` series reach are left out; ``age`` and a column for each end of :data:`FAN`.
    """
    rows = []
    series = [rows.sort_values("age") for _, rows in past.groupby("series")]
    for age in range(int(past["age"].max()) + 1):
        there = [np.interp(age, one["age"], one["change"]) for one in series if one["age"].iloc[-1] >= age]
        if len(there) < LEAST:
            break
        ends = (q for low, high, _ in FAN for q in (low, high))
        rows.append({"age": age} | {f"q{100 * q:02.0f}": float(np.quantile(there, q)) for q in ends})
    return pd.DataFrame(rows, columns=["age", *(f"q{100 * q:02.0f}" for low, high, _ in FAN for q in (low, high))])


def _finished(chart: alt.LayerChart | alt.FacetChart, height: int) -> alt.LayerChart:
    finished: alt.LayerChart = chart.properties(width=WIDTH, height=height).configure(**CONFIG)
    return finished
