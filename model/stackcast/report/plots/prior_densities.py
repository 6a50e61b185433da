"""Prior densities of scales and equilibria, with the elicited intervals."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from scipy.special import expit, logit

from stackcast.priors.elicit import Distribution, from_elicited, normal
from stackcast.priors.latent import equilibrium_prior
from stackcast.priors.load import Priors
from stackcast.priors.resting import resting_draws, resting_interval
from stackcast.priors.schema import Elicited, Facet, Scales
from stackcast.report.plots.arviz import borrowed
from stackcast.report.plots.style import INK, NEUTRAL, OPEN, panel_title, rows_of, sheet, styled
from stackcast.report.wording import in_unit, percent

COLUMNS = 4
SHARES = (0.01, 0.1, 0.5, 0.9, 0.99)
ALMOST = 0.01
EDGE = 3
TINY = 1e-9
EDGE_OF_SHARES = 5.6
"""Logit at which the axes of shares end."""


@styled
def scale_priors(scales: Scales) -> Figure:
    """Draw the prior of every scale and speed that was elicited.

    Parameters
    ----------
    scales
        The scales of ``measurement.yaml``.
    """
    given = {name: value for name, value in scales if isinstance(value, Elicited)}
    page = sheet(
        f"{len(given)} scales and speeds, each from an elicited interval",
        "Density. Shaded: the interval that was given, with the probability it was given. Scales of shares "
        "are in logit, of gaps on their latent scale, of ratios in logarithms; half-lives in quarters.",
        rows_of(len(given), COLUMNS) * 1.95 + 0.05,
    )
    places = page.panels(len(given), COLUMNS, 1.05, top=0.35, left=0.35, down=0.9)
    with borrowed():
        for ax, (name, prior) in zip(places, given.items(), strict=True):
            high = prior.high if prior.high is not None else prior.upper
            assert high is not None
            ax.set_xlim(0, 1.9 * high)
            _density(ax, from_elicited(prior), prior.low or 0.0, high, NEUTRAL)
            ax.xaxis.set_major_locator(MaxNLocator(4))
            panel_title(ax, name.replace("_", " "), f"{percent(prior.mass)} between {prior.low or 0:g} and {high:g}")
    return page.figure


@styled
def equilibria(priors: Priors) -> Figure:
    """Draw the prior of each facet's equilibrium, over the last shares of the reference classes."""
    facets, classes = priors.facets, priors.reference_classes
    page = sheet(
        "The equilibrium of each facet while every claim is neutral"
        + (", and where earlier cases ended" if len(classes) else ""),
        "Density on the logit scale. Shaded: the elicited interval, with its probability."
        + (
            " Marks below: the last known share of each earlier case in the class that the prior cites."
            * bool(len(classes))
        ),
        rows_of(len(facets), 3) * 2.35,
    )
    places = page.panels(len(facets), 3, 1.2, top=0.4, left=0.4, down=1.12)
    with borrowed():
        for ax, (name, facet) in zip(places, facets.items(), strict=True):
            if priors.history is not None and facet.kind == "share":
                _rested(ax, priors, name)
            else:
                _equilibrium(ax, facet, classes)
    return page.figure


def _rested(ax: Axes, priors: Priors, name: str) -> None:
    """Draw where earlier stacks would bring a share to rest: a normal with the moments of its draws."""
    draws, (low, _, high) = resting_draws(priors, name), resting_interval(priors, name)
    ax.set_xlim(-EDGE_OF_SHARES, EDGE_OF_SHARES)
    _density(ax, normal(draws.mean(), draws.std()), low, high, OPEN)
    _of_shares(ax)
    ends = f"{percent(float(expit(low)))} and {percent(float(expit(high)))}"
    panel_title(ax, priors.facets[name].title, f"{percent(0.9)} between {ends}, by earlier stacks")


def _of_shares(ax: Axes) -> None:
    ax.xaxis.set_major_locator(FixedLocator([float(logit(s)) for s in SHARES]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * expit(x):.0f} %"))


def _equilibrium(ax: Axes, facet: Facet, classes: pd.DataFrame) -> None:
    e, share = facet.equilibrium, facet.kind == "share"
    low, high = (float(logit(x)) for x in (e.low, e.high)) if share else (e.low, e.high)
    margin = 0.5 * (high - low)
    ax.set_xlim(*((-EDGE_OF_SHARES, EDGE_OF_SHARES) if share else (low - margin, high + margin)))
    _density(ax, equilibrium_prior(facet), low, high, OPEN if share else NEUTRAL)
    if not share:
        scale = facet.printed
        ax.axvline(0, color=INK, linewidth=0.7)
        ticks = MaxNLocator(6).tick_values(scale.per_unit * (low - margin), scale.per_unit * (high + margin))
        ax.xaxis.set_major_locator(FixedLocator([tick / scale.per_unit for tick in ticks]))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: in_unit(x, scale, plus=False).replace("-", "−")))
        ends = " and ".join(in_unit(x, scale, plus=False).replace("-", "−") for x in (low, high))
        panel_title(ax, facet.title, f"{percent(e.mass)} between {ends} {scale.unit}")
        return
    _of_shares(ax)
    panel_title(ax, facet.title, f"{percent(e.mass)} between {percent(e.low)} and {percent(e.high)}")
    _rug(ax, last_points(classes, e.source.partition(",")[2].strip()))


def last_points(classes: pd.DataFrame, name: str) -> pd.Series:
    """Return the last share of each case of a class: a layer's, one case's, or ``all``."""
    last = classes.sort_values("year", kind="stable").groupby("stack").tail(1)
    chosen = (last["layer_analogue"] == name) | (last["stack"] == name) | (name == "all")
    return last[chosen].set_index("stack")["open_share"].astype(float).sort_values()


def _rug(ax: Axes, points: pd.Series) -> None:
    if points.empty:
        return
    at = logit(np.clip(points.to_numpy(), ALMOST, 1 - ALMOST))
    style: dict[str, Any] = {"color": INK, "markersize": 9, "clip_on": False}
    ax.plot(at, np.full(len(at), -0.22), "|", transform=ax.get_xaxis_transform(), **style)
    ends = dict.fromkeys(range(len(at)), "center")
    if len(at) > 1:
        ends = {0: "right", -1: "right" if at[-1] > EDGE else "left"}
    for i, side in ends.items():
        ax.annotate(
            str(points.index[i]), (at[i], -0.22), (0, -8), xycoords=("data", "axes fraction"),
            textcoords="offset points", fontsize=7, ha=side, va="top",
        )  # fmt: skip
    ax.tick_params(axis="x", pad=1)


def _density(ax: Axes, prior: Distribution, low: float, high: float, colour: str) -> None:
    """Draw a density over the axis as it is limited, shaded over the elicited interval."""
    x = np.linspace(*ax.get_xlim(), 400)
    x = x if prior.name == "Normal" else np.maximum(x, TINY)
    density = np.exp(prior.logpdf(x))
    ax.plot(x, density, color=colour, linewidth=1.5)
    ax.fill_between(x, 0, density, (x >= low) & (x <= high), color=colour, alpha=0.25, linewidth=0)
    ax.set_ylim(0, None)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("")
