"""Prior predictive plot: shares now, and how fast they move."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import logit

from stackcast.priors.debate import Debate
from stackcast.report.plots.style import CLOSED, INK, NEUTRAL, OPEN, QUIET, panel_title, sheet, styled
from stackcast.report.wording import percent

BINS = np.linspace(0, 1, 41)
FASTEST = 1.0
ALMOST = 0.005
LEAST_YEARS = 2
CLEAR: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
HATCHED: dict[str, Any] = {"alpha": 0.45, "linewidth": 0, "hatch": "////", "edgecolor": "white"}


@styled
def prior_predictive(
    openness: Mapping[str, np.ndarray], speeds: np.ndarray, classes: pd.DataFrame, debate: Debate
) -> Figure:
    """Draw histograms of draws from the prior.

    Parameters
    ----------
    openness
        Draws of the share now of each layer and of the whole, by title.
    speeds
        Draws of the speed of share facets, absolute, in logit a year.
    classes
        The reference classes: ``stack, metric, year, open_share``.
    debate
        The names of the sides.
    """
    known, high, low = reference_speeds(classes), debate.sides.high.title, debate.sides.low.title
    inside = int(np.sum((known > np.quantile(speeds, 0.05)) & (known < np.quantile(speeds, 0.95))))
    chances = [float(np.mean(draws > 0.5)) for draws in openness.values()]
    page = sheet(
        f"Before any data, P({high}) runs from {percent(min(chances))} to {percent(max(chances))}"
        + (
            f"; {inside} of {len(known)} reference cases moved at a speed inside the priors' 90 %" if len(known) else ""
        ),
        f"Prior only: draws from the neutral prior scenario. Bars: draws of the {debate.share} now; left of 50 % "
        f"{low}, right of it {high}. Dot: median; thick and thin line: 50 and 90 % intervals.",
        5.05,
    )
    places = page.panels(len(openness), len(openness), 1.25, top=0.4, left=0.35)
    for ax, (title, draws) in zip(places, openness.items(), strict=True):
        _openness(ax, title, draws, high)
    _speeds(page.axes(0.35, 2.45, 9.8, 2.1), speeds, known)
    return page.figure


def reference_speeds(classes: pd.DataFrame) -> pd.Series:
    """Return the mean speed of each reference case, absolute, in logit a year, by name; series of two years or more."""
    found = {}
    for (stack, _), rows in classes.sort_values("year", kind="stable").groupby(["stack", "metric"], sort=False):
        years = int(rows["year"].iloc[-1] - rows["year"].iloc[0])
        if years >= LEAST_YEARS:
            ends = logit(rows["open_share"].iloc[[0, -1]].clip(ALMOST, 1 - ALMOST).to_numpy())
            name = stack if stack not in found else f"{stack}, another"
            found[name] = abs(float(ends[1] - ends[0])) / years
    return pd.Series(found, dtype=float).sort_values()


def _openness(ax: Axes, title: str, draws: np.ndarray, high: str) -> None:
    counts, _ = np.histogram(draws, BINS)
    middle = (BINS[1:] + BINS[:-1]) / 2
    hues = np.where(middle > 0.5, OPEN, CLOSED)
    ax.bar(middle, counts, width=BINS[1] - BINS[0], color=hues, **HATCHED)
    ax.axvline(0.5, color=INK, linewidth=0.7)
    _summary(ax, draws)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    panel_title(ax, title, f"P({high}) {percent(float(np.mean(draws > 0.5)))}")


def _speeds(ax: Axes, speeds: np.ndarray, known: pd.Series) -> None:
    ax.hist(np.minimum(speeds, FASTEST), np.linspace(0, FASTEST, 51).tolist(), color=NEUTRAL, **HATCHED)
    _summary(ax, speeds)
    ax.tick_params(axis="x", pad=12)
    ax.set_xlim(0, FASTEST)
    ax.set_xlabel("logit a year (0.4 is ten percentage points around 50 %); last bar: and faster", labelpad=2)
    lines = "; lines: how fast the reference cases did" if len(known) else ""
    panel_title(ax, f"How fast shares move, mean of four years{lines}", width=100)
    top = 2.3 * ax.get_ylim()[1]
    ax.set_ylim(0, top)
    for i, (stack, speed) in enumerate(known.items()):
        height = top * (1 - 0.55 * (1 - (i + 1) / len(known)))
        ax.plot([speed, speed], [0, height], color=INK, linewidth=0.6, alpha=0.6)
        ax.text(speed + 0.004, height, str(stack), fontsize=7.5, color=INK, va="top", bbox=CLEAR)


def _summary(ax: Axes, draws: np.ndarray) -> None:
    q05, q25, q50, q75, q95 = np.quantile(draws, [0.05, 0.25, 0.5, 0.75, 0.95])
    below: dict[str, Any] = {"color": QUIET, "transform": ax.get_xaxis_transform(), "clip_on": False}
    for low, high, width in ((q05, q95, 1.2), (q25, q75, 3.6)):
        ax.plot([low, high], [-0.05, -0.05], linewidth=width, solid_capstyle="butt", **below)
    ax.plot([q50], [-0.05], "o", markersize=5, markeredgecolor="white", **below)
    ax.set_ylim(0, None)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", length=0, pad=8)
