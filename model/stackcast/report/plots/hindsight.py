"""An old run's fans beside what was published after it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from stackcast.observations.schema import Signal
from stackcast.report.plots import fan
from stackcast.report.plots.signals import value_axis
from stackcast.report.plots.style import CLOSED, NEUTRAL, panel_title, rows_of, sheet, styled
from stackcast.report.wording import percent

COLUMNS = 3
YEARS_BEFORE, YEARS_AFTER = 2.5, 0.4


@styled
def hindsight(
    table: pd.DataFrame, fitted: pd.DataFrame, later: pd.DataFrame, signals: Mapping[str, Signal], now: str
) -> Figure:
    """Draw one panel a signal with later observations: the fan of the day, earlier and later observations.

    Parameters
    ----------
    table, fitted
        ``signals`` and ``fitted`` of the run.
    later
        Its scored observations: ``signal, period_start, period_end, value, in_90``.
    signals
        Definitions.
    now
        Last day of the as-of quarter.
    """
    names = [slug for slug in signals if slug in set(later["signal"])]
    page = sheet(
        f"Drawn on {now}: {percent(later['in_90'].mean())} of {len(later)} later figures fell inside the 90 % interval",
        f"{fan.READING} White: what was known on the day; vermillion: what was first published later.",
        rows_of(len(names), COLUMNS) * 2.3,
    )
    first, last = fan.one_year(now) - YEARS_BEFORE, fan.one_year(str(later["period_end"].max())) + YEARS_AFTER
    for ax, slug in zip(page.panels(len(names), COLUMNS, 1.5, top=0.35, down=0.8), names, strict=True):
        dates = fan.year_of(table["date"])
        mine = table[(table["name"] == slug) & (dates >= first) & (dates <= last)]
        known = fitted[(fitted["signal"] == slug) & (fan.year_of(fitted["period_end"]) >= first)]
        came = later[later["signal"] == slug]
        fan.fan(ax, mine, now, NEUTRAL)
        fan.dots(ax, known, known["value"].to_numpy(), hollow=True)
        middle = (fan.year_of(came["period_start"]) + fan.year_of(came["period_end"])) / 2
        ax.plot(middle, came["value"], "o", color=CLOSED, markersize=4.5, zorder=6)
        fan.time_axis(ax, first, last, now, step=1)
        inside = pd.concat([mine[["q05", "q95"]].stack(), known["value"], came["value"]])
        value_axis(ax, signals[slug], np.asarray(inside, float))
        panel_title(
            ax, signals[slug].title, f"{len(came)} later figures, {came['in_90'].sum()} inside", width=40, size=8
        )
    return page.figure
