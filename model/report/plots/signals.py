"""Each signal: what was published, how the model reads it, what its source will publish next."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from model.observations.schema import Signal
from model.priors.load import Priors, layer_of
from model.report.plots import fan
from model.report.plots.style import INK, QUIET, SIDES, panel_title, rows_of, sheet, styled

COLUMNS = 3
STEPS = (1, 2, 5)


def signal_pages(
    table: pd.DataFrame, fitted: pd.DataFrame, signals: Mapping[str, Signal], priors: Priors, now: str
) -> Iterator[tuple[str, Figure]]:
    """Yield one page a layer and one a claim, with their names.

    Parameters
    ----------
    table, fitted
        ``signals`` and ``fitted`` of a run.
    signals, priors
        Definitions.
    now
        Last day of the as-of quarter.
    """
    pages: dict[str, list[str]] = {}
    for slug, target in table.drop_duplicates("name").set_index("name")["measures"].items():
        claim = next((name for name, c in priors.claims.items() if target in c.strands(name)), None)
        pages.setdefault(claim or layer_of(str(target)), []).append(str(slug))
    for page in [*priors.layers.layers, *priors.claims]:
        if page in pages:
            slugs = sorted(pages[page], key=lambda s: (signals[s].measures.target, signals[s].role != "reference", s))
            yield f"signals-{page}", signal_page(table, fitted, {s: signals[s] for s in slugs}, priors, page, now)


@styled
def signal_page(
    table: pd.DataFrame, fitted: pd.DataFrame, signals: Mapping[str, Signal], priors: Priors, name: str, now: str
) -> Figure:
    """Draw one panel a signal of a layer or a claim."""
    claim, seen = priors.claims.get(name), fitted[fitted["signal"].isin(list(signals))]
    subject = f"{name}, {claim.title}" if claim else priors.layers.layers[name].title
    colour = SIDES[claim.side if claim else "open"]
    rows = rows_of(len(signals), COLUMNS)
    inside = float(((seen["value"] >= seen["q05"]) & (seen["value"] <= seen["q95"])).mean()) if len(seen) else float("nan")
    count = f"{len(signals)} signal{'s' if len(signals) > 1 else ''}, {len(seen)} figures"
    page = sheet(
        f"{subject}: {count}, {100 * inside:.0f} % of them inside their own 90 % interval",
        f"What each source publishes, quarter by quarter. {fan.READING} Solid: fit; dashed: forecast. Dots: published "
        f"figures; a line through one spans its period; arrows: only a floor (up) or a ceiling (down) is known. {fan.NO_DATA}",
        rows * 2.62 + 0.05,
    )
    places = page.panels(len(signals), COLUMNS, 1.55, top=0.4, down=1.07)
    for ax, (slug, signal) in zip(places, signals.items(), strict=True):
        hue = SIDES[priors.strands[signal.measures.target].side] if claim else colour
        _panel(ax, table[table["name"] == slug], seen[seen["signal"] == slug], signal, hue, now)
    return page.figure


def _panel(ax: Axes, table: pd.DataFrame, rows: pd.DataFrame, signal: Signal, colour: str, now: str) -> None:
    hollow = bool(table["prior_only"].iloc[0])
    fan.fan(ax, table, now, colour, prior_only=hollow)
    if len(rows):
        fan.dots(ax, rows, rows["value"].to_numpy())
    first, last = fan.one_year(table["date"].min()), fan.one_year(table["date"].max())
    fan.time_axis(ax, first - 0.3, last + 0.2, now)
    values = np.concatenate([table[["q05", "q95"]].to_numpy().ravel(), rows["value"].to_numpy()])
    _value_axis(ax, signal, values)
    speaks = "" if signal.measures.claim is None else f"{'higher' if signal.measures.sign > 0 else 'lower'} speaks for {signal.measures.target}"
    if signal.measures.facet:
        speaks = {"reference": "reference of ", "source": "source of "}.get(signal.role, "") + signal.measures.facet
    panel_title(ax, signal.title + (" · prior only" if hollow else ""), f"{signal.unit}; {speaks}", width=42)
    ax.title.set_color(QUIET if hollow else INK)
    ax.title.set_fontsize(8.5)


def _value_axis(ax: Axes, signal: Signal, values: np.ndarray) -> None:
    ax.grid(axis="y", color="#EDEDED", linewidth=0.6)
    if signal.is_share:
        top = signal.per_unit if values.max() > 0.55 * signal.per_unit else 1.08 * float(values.max())
        ax.set_ylim(0, top)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y / signal.per_unit:g} %"))
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
