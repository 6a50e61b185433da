"""Scenarios beside the baseline, through time."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from stackcast.quarters import Grid
from stackcast.report.plots.fan import percent_axis
from stackcast.report.plots.style import HAIR, INK, QUIET, SERIES, rows_of, sheet, styled

COLUMNS = 2


@styled
def scenarios(
    baseline: Mapping[str, np.ndarray],
    found: Mapping[str, Mapping[str, np.ndarray]],
    grid: Grid,
    now: int,
    share: str,
) -> Figure:
    """Draw the mean of each quantity under each scenario over the baseline's 90 % interval.

    Parameters
    ----------
    baseline
        (draw, quarter) by title of the panel.
    found
        The same, by scenario.
    grid
        Quarters.
    now
        Place of the as-of quarter.
    share
        What a share is called.
    """
    page = sheet(
        "What would follow if somebody did it",
        f"Lines: mean {share} under each scenario; black: the baseline, grey: its 90 % interval. Interventions, not "
        "observations: what is set is set from outside, and nothing is learned from it.",
        rows_of(len(baseline), COLUMNS) * 2.5 + 0.25 * len(found),
    )
    years = np.array([(q.number + 0.5) / 4 for q in grid.quarters])
    later = slice(max(0, now - 4), grid.size)
    for ax, (title, base) in zip(page.panels(len(baseline), COLUMNS, 1.8, top=0.2), baseline.items(), strict=True):
        low, high = np.quantile(base[:, later], [0.05, 0.95], axis=0)
        ax.fill_between(years[later], low, high, color=HAIR, alpha=0.5, linewidth=0)
        for hue, paths in zip(SERIES * 4, found.values(), strict=False):
            ax.plot(years[later], paths[title][:, later].mean(axis=0), color=hue, linewidth=1.4)
        ax.plot(years[later], base[:, later].mean(axis=0), color=INK, linewidth=1.2)
        percent_axis(ax)
        ax.set_title(title)
    top = rows_of(len(baseline), COLUMNS) * 2.5
    for i, (hue, name) in enumerate(zip(SERIES * 4, found, strict=False)):
        page.text(0.55, top + 0.22 * i, f"— {name}", color=hue, fontsize=8.5)
    page.text(6.5, top, "— baseline", color=QUIET, fontsize=8.5)
    return page.figure
