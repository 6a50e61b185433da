"""Rank histograms of a simulation-based calibration."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.evaluate.calibration.ranks import BAND, BINS, band, histogram
from stackcast.report.plots.style import CLOSED, HAIR, NEUTRAL, rows_of, sheet, styled
from stackcast.report.wording import percent

COLUMNS = 5
HEIGHT = 0.95


@styled
def rank_histograms(table: pd.DataFrame, names: Sequence[str], what: str) -> Figure:
    """Draw one histogram of ranks a quantity, with the band that holds whole flat histograms.

    Parameters
    ----------
    table
        ``index, kind, name, rank``.
    names
        The quantities to draw.
    what
        What they are, for the title.
    """
    by = {str(name): part["rank"].to_numpy() for name, part in table.groupby("name")}
    counts = {name: histogram(by[name]) for name in names}
    limits = {name: band(len(by[name])) for name in names}
    out = [n for n in names if (counts[n] < limits[n][0]).any() or (counts[n] > limits[n][1]).any()]
    page = sheet(
        f"{what}: {len(out)} of {len(names)} leave the band that holds {percent(BAND)} of flat histograms",
        "Where the true value of a simulated data set ranks among the draws of its refit, over "
        f"{table['index'].nunique()} worlds; flat is right. A hill: draws too wide; a bowl: too narrow; a slope: draws "
        "to one side. Vermillion: bins beyond the band, which is simultaneous over the bins of one panel, not over "
        "the panels.",
        rows_of(len(names), COLUMNS) * (HEIGHT + 0.5),
    )
    panels = page.panels(len(names), COLUMNS, HEIGHT, top=0.1, left=0.4, down=0.5)
    for ax, name in zip(panels, names, strict=True):
        _histogram(ax, counts[name], limits[name])
        ax.set_title(name, fontsize=7.5, fontweight="normal", pad=3)
    return page.figure


def _histogram(ax: Axes, counts: np.ndarray, limits: tuple[int, int]) -> None:
    least, most = limits
    beyond = (counts < least) | (counts > most)
    ax.axhspan(least, most, color=HAIR, alpha=0.55, linewidth=0)
    ax.bar(np.arange(BINS) + 0.5, counts, 0.9, color=np.where(beyond, CLOSED, NEUTRAL), linewidth=0)
    ax.set_xlim(0, BINS)
    ax.set_ylim(0, max(most, counts.max()) * 1.1)
    ax.set_xticks([])
    ax.set_yticks([0, int(counts.sum() // BINS)])
    ax.tick_params(labelsize=6.5)


@styled
def rank_summary(found: pd.DataFrame) -> Figure:
    """Draw each quantity's mean and spread of ranks, by kind, beside what is due to chance.

    Parameters
    ----------
    found
        Verdicts by quantity: ``kind, name, n, mean_rank, sd_rank``.
    """
    n = int(found["n"].median())
    page = sheet(
        "Over all quantities: do the draws lie to one side, are they too narrow or too wide?",
        f"A dot a quantity, {n} ranks each. Left: mean rank (0.5 is right; above: draws too low). Right: spread of "
        "ranks about the middle (1 is right; above: draws too narrow). Grey: where 95 % lie by chance.",
        2.6,
    )
    kinds = list(dict.fromkeys(found["kind"]))
    sides = (("mean_rank", 0.5, 12**-0.5 / np.sqrt(n)), ("sd_rank", 1.0, 0.45 / np.sqrt(n)))
    for i, (column, right, error) in enumerate(sides):
        ax = page.axes(1.2 + 4.7 * i, 0.1, 3.9, 2.1)
        ax.axvspan(right - 1.96 * error, right + 1.96 * error, color=HAIR, alpha=0.55, linewidth=0)
        ax.axvline(right, color=NEUTRAL, linewidth=0.8)
        for y, kind in enumerate(kinds):
            values = found.loc[found["kind"] == kind, column].to_numpy()
            spread = np.random.default_rng(y).uniform(-0.28, 0.28, len(values))
            ax.plot(values, y + spread, ".", color=NEUTRAL, markersize=3.5, alpha=0.6)
        ax.set_yticks(range(len(kinds)), kinds if i == 0 else [""] * len(kinds))
        ax.set_ylim(len(kinds) - 0.5, -0.5)
        ax.set_xlabel("mean rank" if i == 0 else "spread of ranks")
    return page.figure
