"""Plots of a backtest: skill, coverage, and log scores of the variants through time."""

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from stackcast.evaluate.score import LEVELS
from stackcast.evaluate.skill import FAMILIES_NEEDED
from stackcast.priors.debate import SEEN, UNSEEN
from stackcast.report.plots.style import CLOSED, HAIR, INK, NEUTRAL, OPEN, QUIET, SERIES, Sheet, sheet, styled
from stackcast.report.wording import percent

ROW = 0.26
LEFT, ACROSS = 3.0, 6.2
SHOWN = ("overall", UNSEEN, SEEN, "kind", "horizon", "target")
VARIANT_HUES = {"full": INK, "without claims": NEUTRAL}
BINS = 10
NORMAL_90 = norm.ppf(0.95)


@styled
def skill(table: pd.DataFrame, rival: str) -> Figure:
    """Draw relative CRPS and its interval for each set of observations.

    Parameters
    ----------
    table
        A skill table of one variant.
    rival
        The baseline that it is relative to.
    """
    rows = table[(table["rival"] == rival) & table["kind"].isin(SHOWN)].reset_index(drop=True)
    first = rows.iloc[0]
    word = "beats" if first["high"] < 1 else "loses to" if first["low"] > 1 else "cannot be told from"
    page = sheet(
        f"Over {first['n']:.0f} forecasts the model {word} {rival}: relative CRPS {first['relative_crps']:.2f}",
        f"Mean scaled CRPS over that of {rival}; below 1 is better. Dot: all origins; line: 90 % paired bootstrap "
        f"interval that draws whole families, where there are {FAMILIES_NEEDED} or more. In grey: number of forecasts.",
        len(rows) * ROW + 0.6,
    )
    ax = page.axes(LEFT, 0.1, ACROSS, len(rows) * ROW)
    for y, row in enumerate(rows.to_dict("records")):
        better = OPEN if row["high"] < 1 else CLOSED if row["low"] > 1 else NEUTRAL
        ax.plot([row["low"], row["high"]], [y, y], color=better, linewidth=1.6, solid_capstyle="round")
        ax.plot(row["relative_crps"], y, "o", color=better, markersize=4.5)
        style: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center"}
        ax.annotate(str(row["name"]), (0, y), (-44, 0), ha="right", fontsize=8, color=INK, **style)
        ax.annotate(f"{row['n']:.0f}", (0, y), (-8, 0), ha="right", fontsize=8, color=QUIET, **style)
    ax.axvline(1, color=INK, linewidth=0.8)
    ax.set_xscale("log")
    ticks = [0.25, 0.5, 0.8, 1, 1.25, 2, 4]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks([])
    ax.set_xlabel(f"CRPS relative to {rival}")
    return page.figure


@styled
def calibration(figures: pd.DataFrame) -> Figure:
    """Draw the PIT of every scored observation, and coverage by horizon.

    Parameters
    ----------
    figures
        Scored observations of one variant, with ``pit``, ``in_50``, ``in_80``, ``in_90``.
    """
    covered = float(figures["in_90"].mean())
    page = sheet(
        f"90 % intervals held {percent(covered)} of {len(figures)} later figures",
        "Left: probability that the forecast gave to a smaller value (PIT); flat is right, a hill too wide, a bowl "
        "too narrow. The band holds nine bins in ten, were it flat and all observations independent. Right: coverage "
        "by origin.",
        3.0,
    )
    _pit(page.axes(0.6, 0.15, 4.3, 2.4), figures["pit"].to_numpy(float))
    _coverage(page, figures)
    return page.figure


def _pit(ax: Axes, pit: np.ndarray) -> None:
    counts, edges = np.histogram(pit, BINS, (0, 1))
    n, p = len(pit), 1 / BINS
    half = NORMAL_90 * np.sqrt(n * p * (1 - p))
    ax.axhspan(n * p - half, n * p + half, color=HAIR, alpha=0.5, linewidth=0)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=OPEN, alpha=0.75, linewidth=0.4, edgecolor="white")
    ax.set_xlabel("PIT")
    ax.set_ylabel("figures")
    ax.set_xlim(0, 1)


def _coverage(page: Sheet, figures: pd.DataFrame) -> None:
    ax = page.axes(5.6, 0.15, 4.4, 2.4)
    by = figures.groupby("origin")
    for level, shade in zip(LEVELS, (0.35, 0.65, 1.0), strict=True):
        held = by[f"in_{int(level * 100)}"].mean()
        ax.axhline(level, color=HAIR, linewidth=0.8)
        ax.plot(range(len(held)), held, "o-", color=OPEN, alpha=shade, linewidth=1.2, markersize=3.5)
        style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8, "color": QUIET}
        ax.annotate(f"{level:.0%}", (1, level), (4, 0), xycoords=("axes fraction", "data"), **style)
    ax.set_xticks(range(len(by)), [f"{o}\n{len(part)}" for o, part in by], fontsize=6.5)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("origin, and observations scored")


@styled
def evidence_through_time(table: pd.DataFrame, against: str) -> Figure:
    """Draw the cumulative log predictive score of each variant over one of them.

    Parameters
    ----------
    table
        ``published, variant, log_score``.
    against
        The variant that stands at zero.
    """
    last = table.groupby("variant")["log_score"].last().drop(against).sort_values(ascending=False)
    page = sheet(
        f"Later observations: {last.index[0]} {last.iloc[0]:+.1f} nats beside {against}",
        f"Cumulative log predictive score less that of '{against}': each observation once and by itself, at the latest "
        "origin before it. Up: it predicted better. Observations forecast together are not independent, so this is no "
        "Bayes factor.",
        3.2,
    )
    ax = page.axes(0.6, 0.1, 8.3, 2.6)
    ax.axhline(0, color=INK, linewidth=0.8)
    argued = sorted(set(table["variant"]) - set(VARIANT_HUES))
    hue_of = VARIANT_HUES | dict(zip(argued, cycle(SERIES[2:]), strict=False))
    for name, part in table.groupby("variant"):
        if name == against:
            continue
        hue = hue_of[str(name)]
        days = pd.to_datetime(part["published"])
        ax.step(days, part["log_score"], where="post", color=hue, linewidth=1.5)
        at = (days.iloc[-1], part["log_score"].iloc[-1])
        ax.annotate(str(name), at, (6, 0), textcoords="offset points", va="center", color=hue, fontsize=8)
    ax.set_ylabel("nats")
    return page.figure
