"""How an event is drawn, in one place: a triangle at the upper edge, on static plots and on the page's charts alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from stackcast.observations.events import WEB, Event
from stackcast.report.plots.style import INK, QUIET, Sheet

if TYPE_CHECKING:
    import altair as alt
    from matplotlib.axes import Axes

READING = "Numbered triangles: events, listed at the foot; shown, never fitted."
KEY_LINE, KEY_TOP = 0.15, 0.3
ROWS, STEP, FIRST = 3, 11, 7
"""On the page events lie in so many rows, pixels apart, from the upper edge down: so close ones stay apart."""
SMALL, LARGE = 34, 80
HUE = "#5E5E63"
"""Of the marks; the page's style knows it by this value, and turns it light in the dark."""
DAYS = 365.25


def until(events: Iterable[Event], day: str) -> tuple[Event, ...]:
    """Return the events that had happened on an ISO date."""
    return tuple(e for e in events if e.date.isoformat() <= day)


def year_of(event: Event) -> float:
    """Return an event's date as a decimal year, as the time axes of static plots have it."""
    return event.date.year + (event.date - event.date.replace(month=1, day=1)).days / DAYS


@dataclass(frozen=True)
class Marks:
    """The few events that one static plot shows, by date; each is known by its number."""

    events: tuple[Event, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Event], layers: Sequence[str] = (), claim: str = "") -> "Marks":
        """Return the headlines that bear on some layers, or on a claim or one of its sub-claims."""
        bear = (e for e in events if e.layer in layers or any(c.partition(".")[0] == claim for c in e.claims))
        return cls(tuple(e for e in bear if e.headline))

    def since(self, year: float) -> "Marks":
        """Return the marks that an axis from a decimal year on shows."""
        return Marks(tuple(e for e in self.events if year_of(e) >= year))

    @property
    def height(self) -> float:
        """Inches that the list of events needs under the panels."""
        return KEY_TOP + KEY_LINE * len(self._lines()) if self.events else 0.0

    @property
    def reading(self) -> str:
        """How to read the marks, or nothing where there is none."""
        return f" {READING}" if self.events else ""

    def on(self, ax: "Axes", layer: str = "") -> None:
        """Mark, on a time axis in decimal years, the events of a layer; all of them where none is given."""
        from matplotlib.patheffects import withStroke

        low, high = ax.get_xlim()
        across = ax.get_xaxis_transform()
        for number, event in zip(count(1), self.events, strict=False):
            x = year_of(event)
            if layer not in ("", event.layer) or not low <= x <= high:
                continue
            ax.plot([x], [1], "v", transform=across, markersize=4.5, color=HUE, clip_on=False, zorder=7)
            halo = [withStroke(linewidth=2, foreground="white")]
            ax.annotate(
                str(number), (x, 1), (0, -3.5), xycoords=("data", "axes fraction"), textcoords="offset points",
                fontsize=7.5, color=INK, ha="center", va="top", zorder=7, path_effects=halo,
            )  # fmt: skip

    def write_key(self, page: Sheet, top: float) -> None:
        """List the events under the panels, ``top`` inches below the headline."""
        for i, line in enumerate(self._lines()):
            page.text(0.55, top + KEY_TOP / 2 + i * KEY_LINE, line, fontsize=8, color=QUIET)

    def _lines(self) -> list[str]:
        listed = (f"{i}  {e.date.day} {e.date:%b %Y}: {e.title}" for i, e in enumerate(self.events, 1))
        return [line for text in listed for line in wrap(text, 150)]


NO_MARKS = Marks()


def on_chart(
    events: Sequence[Event], layers: Mapping[str, str], begins: Mapping[str, str], shown: str
) -> "list[alt.Chart]":
    """Return a layer of a page's chart with the events that bear on what is chosen; each leads to its source.

    Parameters
    ----------
    events
        By date.
    layers
        Layer of each thing that the chart's parameter ``what`` may choose; empty for one that all layers bear on.
    begins
        First day, in ISO form, on which each thing is drawn: nothing is marked before.
    shown
        Vega expression of the last day to show.
    """
    import altair as alt

    if not events:
        return []
    table = pd.DataFrame([_row(i, event) for i, event in enumerate(events)])
    bears, starts = alt.param(name="bearing", value=dict(layers)), alt.param(name="begins", value=dict(begins))
    tips = [alt.Tooltip("title:N", title="event"), alt.Tooltip("on:N", title="date"), alt.Tooltip("claims:N")]
    when = f"datum.on >= begins[what] && datum.on <= {shown}"
    marks: Any = (
        alt.Chart(table)
        .transform_filter(f"{when} && (!bearing[what] || bearing[what] == datum.layer)")
        .mark_point(shape="triangle-down", filled=True, color=HUE, opacity=0.9, cursor="pointer")
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("height:Q", scale=None, axis=None),
            size=alt.Size("size:Q", scale=None),
            tooltip=tips,
            href="url:N",
        )
        .add_params(bears, starts)
    )
    return [marks]


def _row(i: int, event: Event) -> dict[str, Any]:
    return {
        "day": event.date.isoformat(),
        "on": event.date.isoformat(),
        "title": event.title,
        "claims": ", ".join(event.claims),
        "layer": event.layer,
        "url": event.source_url if WEB.match(event.source_url) else "",
        "height": FIRST + STEP * (i % ROWS),
        "size": LARGE if event.headline else SMALL,
    }
