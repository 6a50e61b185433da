"""Each signal: observations, fit and forecast."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from stackcast.observations.events import Event
from stackcast.observations.schema import Signal
from stackcast.priors.load import Priors
from stackcast.priors.schema import layer_of
from stackcast.report.marks import named
from stackcast.report.plots import fan
from stackcast.report.plots.event_marks import NO_MARKS, Marks
from stackcast.report.plots.style import INK, NEUTRAL, OPEN, hues, panel_title, rows_of, sheet, styled

COLUMNS = 3
STEPS = (1, 2, 5)


def signal_pages(
    table: pd.DataFrame,
    fitted: pd.DataFrame,
    signals: Mapping[str, Signal],
    priors: Priors,
    now: str,
    events: Iterable[Event] = (),
) -> dict[str, Callable[[], Figure]]:
    """Return a function for one page a layer and one a claim, by their names.

    Parameters
    ----------
    table, fitted
        ``signals`` and ``fitted`` of a run.
    signals, priors
        Definitions.
    now
        Last day of the as-of quarter.
    events
        What had happened: a page marks the headlines that bear on its layer or claim.
    """
    known = tuple(events)
    pages: dict[str, list[str]] = {}
    for slug, target in table.drop_duplicates("name").set_index("name")["measures"].items():
        claim = next((name for name, c in priors.claims.items() if target in c.factors(name)), None)
        pages.setdefault(claim or layer_of(str(target)), []).append(str(slug))
    out: dict[str, Callable[[], Figure]] = {}
    for page in [*priors.layers.layers, *priors.claims]:
        if page in pages:
            slugs = sorted(pages[page], key=lambda s: (signals[s].measures.target, signals[s].role != "reference", s))
            chosen = {s: signals[s] for s in slugs}
            out[f"signals-{page}"] = partial(
                signal_page, table, fitted, chosen, priors, page, now, Marks.of(known, layers=(page,), claim=page)
            )
    return out


@styled
def signal_page(
    table: pd.DataFrame,
    fitted: pd.DataFrame,
    signals: Mapping[str, Signal],
    priors: Priors,
    name: str,
    now: str,
    marks: Marks = NO_MARKS,
) -> Figure:
    """Draw one panel a signal of a layer or a claim."""
    claim, seen = priors.claims.get(name), fitted[fitted["signal"].isin(list(signals))]
    subject = f"{name}, {claim.title}" if claim else priors.layers.layers[name].title
    inside = int(_inside(seen).sum())
    count = f"{len(signals)} signal{'s' if len(signals) > 1 else ''}; {inside} of {len(seen)} observations"
    body = rows_of(len(signals), COLUMNS) * 2.42 - 0.05
    max_quarters = fan.one_year(table["date"].min()) - 0.3, fan.one_year(table["date"].max()) + 0.2
    marks = marks.since(max_quarters[0])
    page = sheet(
        f"{subject}: {count} lie inside their own 90 % interval",
        f"What each source publishes, quarter by quarter. {fan.READING} Solid: fit; dashed: forecast. Dots: published "
        f"observations; a line through one spans its period; arrows: only a floor (up) or a ceiling (down) is known. "
        f"{fan.NO_DATA}{marks.reading}",
        body + marks.height,
    )
    places = page.panels(len(signals), COLUMNS, 1.55, top=0.4, down=0.87)
    for i, (ax, (slug, signal)) in enumerate(zip(places, signals.items(), strict=True)):
        ax.tick_params(axis="x", labelbottom=i + COLUMNS >= len(signals))
        mine = table[(table["name"] == slug) & (table["date"] >= _begin(signal, seen, signals))]
        _panel(ax, mine, seen[seen["signal"] == slug], signal, _hue(signal, priors), now, max_quarters)
        marks.on(ax)
    marks.write_key(page, body)
    return page.figure


def _inside(rows: pd.DataFrame) -> pd.Series:
    """Return which observations lie in their 90 % interval; a floor may lie below it, a ceiling above."""
    above = (rows["value"] >= rows["q05"]) | (rows["side"] == fan.FLOOR)
    return above & ((rows["value"] <= rows["q95"]) | (rows["side"] == fan.CEILING))


def _begin(signal: Signal, seen: pd.DataFrame, signals: Mapping[str, Signal]) -> str:
    """Return the first day from which a signal's fan means something: a facet begins with its first observation."""
    if signal.measures.claim:
        return ""
    kin = [s for s, other in signals.items() if other.measures.facet == signal.measures.facet]
    ends = seen.loc[seen["signal"].isin(kin), "period_end"]
    return str(ends.min()) if len(ends) else ""


def _hue(signal: Signal, priors: Priors) -> str:
    target = signal.measures.target
    if signal.measures.claim:
        return hues(priors.debate.sides)[priors.factors[target].side]
    return NEUTRAL if priors.facets[target].kind == "gap" else OPEN


def _panel(
    ax: Axes,
    table: pd.DataFrame,
    rows: pd.DataFrame,
    signal: Signal,
    colour: str,
    now: str,
    max_quarters: tuple[float, float],
) -> None:
    prior_only = bool(table["prior_only"].iloc[0])
    fan.fan(ax, table, now, colour, prior_only=prior_only)
    if len(rows):
        fan.dots(ax, rows, rows["value"].to_numpy())
    fan.time_axis(ax, *max_quarters, now)
    values = np.concatenate([table[["q05", "q95"]].to_numpy().ravel(), rows["value"].to_numpy()])
    value_axis(ax, signal, values)
    title = named(signal.title, {"prior_only": prior_only})
    panel_title(ax, title, f"{signal.unit}; {_role(signal)}", width=40, size=8, hollow=prior_only)


def _role(signal: Signal) -> str:
    if signal.measures.claim:
        return f"{'high' if signal.measures.sign > 0 else 'low'} = more {signal.measures.claim}"
    return f"{signal.role} of {signal.measures.facet}"


def value_axis(ax: Axes, signal: Signal, values: np.ndarray) -> None:
    """Set the y axis for a signal's values."""
    ax.grid(axis="y", color="#EDEDED", linewidth=0.6)
    if signal.is_share:
        top = signal.per_unit if values.max() > 0.55 * signal.per_unit else 1.08 * float(values.max())
        ax.set_ylim(0, top)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %" if signal.per_unit == 1 else f"{y:g}"))
    elif signal.likelihood == "ratio":
        _log_axis(ax, float(values.min()), float(values.max()))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}".replace("-", "−")))
        ax.axhline(0, color=INK, linewidth=0.7)


def _log_axis(ax: Axes, low: float, high: float) -> None:
    low, high = low / 1.15, high * 1.15
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = STEPS if high / low < 200 else (1,)
    every = 1 if high / low < 1e5 else 2
    ticks = [s * 10.0**p for p in powers if p % every == 0 for s in steps]
    ax.yaxis.set_major_locator(FixedLocator([t for t in ticks if low <= t <= high]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
