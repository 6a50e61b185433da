"""Plot of the prior predictive check: simulated series beside the real ones, and their statistics."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from stackcast.evaluate.prior_predictive import STATISTICS, PriorReplicates, outside
from stackcast.report.plots.fan import year_of
from stackcast.report.plots.style import CLOSED, HAIR, INK, NEUTRAL, panel_title, rows_of, sheet, styled
from stackcast.report.wording import percent

SHOWN = 25
"""Number of simulated series drawn."""
COLUMNS = 5
HEIGHT = 1.15
LEAST = 3
"""Least number of observations of a reference that is drawn."""
MARGIN = 0.3
"""Years left free at both ends of a panel."""
MASS = 0.9


@styled
def prior_worlds_plot(found: PriorReplicates, checked: pd.DataFrame) -> Figure:
    """Draw the references' series under the prior, then each statistic's rank among the data sets.

    Parameters
    ----------
    found
        The simulated data sets, and the real one.
    checked
        Where each statistic lies: ``statistic, signal, below``.
    """
    size = found.rows["signal"].value_counts(sort=False)
    shown = [str(slug) for slug in size.index[size >= LEAST] if found.signals[str(slug)].role == "reference"]
    far, very = (int(outside(checked, mass).sum()) for mass in (MASS, 0.99))
    down = rows_of(len(shown), COLUMNS) * (HEIGHT + 0.62)
    page = sheet(
        f"{far} of {len(checked)} statistics of real series lie outside the prior's central {percent(MASS)}, {very} "
        "outside its 99 %",
        f"Above: the observations of references that have {LEAST} or more (black) beside those of {SHOWN} data "
        "sets drawn from the prior (grey). Below: share of data sets whose statistic is smaller, a dot a series. For "
        "data from the prior, dots would be uniform, one in ten outside the grey; dots crowding the middle: the prior "
        "is wider than the data.",
        down + 0.95,
    )
    for ax, slug in zip(page.panels(len(shown), COLUMNS, HEIGHT, top=0.1), shown, strict=True):
        _histories(ax, found, slug)
        signal = found.signals[slug]
        unit = "" if signal.is_share else f", {signal.unit}"
        panel_title(ax, f"{signal.measures.target}{unit}", width=30, size=8)
    for i, (statistic, part) in enumerate(checked.groupby("statistic", sort=False)):
        _places(page.axes(0.55 + 3.25 * i, down + 0.25, 2.9, 0.55), str(statistic), part)
    return page.figure


def _histories(ax: Axes, found: PriorReplicates, slug: str) -> None:
    signal, where = found.signals[slug], (found.rows["signal"] == slug).to_numpy()
    middle = year_of(found.rows.loc[where, "middle"])
    drawn, real = found.drawn[:SHOWN, where].T, found.rows.loc[where, "value"].to_numpy()
    ax.plot(middle, drawn, ".-", color=NEUTRAL, alpha=0.35, linewidth=0.6, markersize=2)
    ax.plot(middle, real, "o-", color=INK, linewidth=1.4, markersize=2.5)
    if signal.is_share:
        ax.set_ylim(0, signal.per_unit)
        ax.yaxis.set_major_formatter(PercentFormatter(signal.per_unit, decimals=0, symbol="\u00a0%"))
    first, last = middle.min() - MARGIN, middle.max() + MARGIN
    ax.set_xlim(first, last)
    years = np.arange(np.ceil(first), last)
    ax.set_xticks(years, [f"{year:.0f}" for year in years])


def _places(ax: Axes, statistic: str, part: pd.DataFrame) -> None:
    beyond = outside(part, MASS)
    scatter = np.random.default_rng(list(STATISTICS).index(statistic)).uniform(-1, 1, len(part))
    ax.axvspan((1 - MASS) / 2, (1 + MASS) / 2, color=HAIR, alpha=0.55, linewidth=0)
    ax.scatter(part["below"], scatter, s=9, c=np.where(beyond, CLOSED, NEUTRAL), linewidths=0)
    ax.set_xlim(0, 1)
    ax.set_ylim(-1.6, 1.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    panel_title(ax, statistic.capitalize(), f"{len(part)} series, {int(beyond.sum())} outside 90 %", size=8)
