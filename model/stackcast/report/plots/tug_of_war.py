"""Effect contributions of claims to layers, now."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.priors.debate import Sides
from stackcast.report.plots.forest import interval
from stackcast.report.plots.style import CLOSED, INK, OPEN, QUIET, hues, sheet, signed, styled

ROW = 0.46
NOTHING = 0.1
"""Half width of the axis where every effect is off."""


@styled
def tug_of_war(
    table: pd.DataFrame, claims: Mapping[str, tuple[str, str]], layers: Mapping[str, str], sides: Sides
) -> Figure:
    """Draw each claim's effect contribution to each layer, posterior over prior.

    Parameters
    ----------
    table
        ``pulls`` of a run.
    claims
        Title and side of each claim, by name.
    layers
        Title of each layer, by name.
    sides
        The sides of the debate.
    """
    rows = table[table["level"] == "layer"].set_index(["target", "claim"])
    page = sheet(
        _headline(rows, claims, layers, sides),
        "Effect contribution of each claim to the equilibrium of a layer, now, in logit (0.4 is 10 percentage "
        "points around 50 %). Dot: median; thick and thin line: 50 and 90 % intervals. Grey bars behind: the prior's.",
        len(claims) * ROW + 0.65,
    )
    left, across = 2.7, 0.22
    width = (page.figure.get_size_inches()[0] - left - 0.3 - (len(layers) - 1) * across) / len(layers)
    reach = 1.06 * max(float(rows[["q05", "q95", "prior_q05", "prior_q95"]].abs().max().max()), NOTHING)
    for i, (layer, title) in enumerate(layers.items()):
        ax = page.axes(left + i * (width + across), 0.1, width, len(claims) * ROW)
        mine = rows[rows.index.get_level_values(0) == layer].droplevel(0)
        _panel(ax, mine, claims, reach, sides)
        ax.set_title(title)
        if i == 0:
            _names(ax, claims, hues(sides))
    return page.figure


def _headline(
    rows: pd.DataFrame, claims: Mapping[str, tuple[str, str]], layers: Mapping[str, str], sides: Sides
) -> str:
    sure = rows[(rows["q05"] > 0) | (rows["q95"] < 0)]
    strongest = rows["q50"].to_numpy()[(place := int(rows["q50"].abs().argmax()))]
    layer, claim = rows.index[place]
    way = sides.toward(strongest).name
    lead = f"The largest contribution is that of {claims[claim][0]} on {layers[layer].lower()}, towards {way}"
    count = f"{len(sure) or 'none'} of {len(rows)} pulls {'has' if len(sure) == 1 else 'have'}"
    return f"{lead} ({signed(float(strongest))} logit); {count} a sign that is sure at 90 %"


def _panel(ax: Axes, rows: pd.DataFrame, claims: Mapping[str, tuple[str, str]], reach: float, sides: Sides) -> None:
    hue = hues(sides)
    for y, (name, (_, side)) in enumerate(claims.items()):
        if name not in rows.index:
            style: dict[str, Any] = {"color": "#A8A8A8", "fontsize": 6.5, "ha": "center", "va": "center"}
            ax.text(0, y, "no effect declared", backgroundcolor="white", zorder=2, **style)
            continue
        interval(ax, rows[rows.index == name].iloc[0], y, hue[side])
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(claims) - 0.5, -0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#EDEDED", linewidth=0.6)
    below: dict[str, Any] = {"fontsize": 8, "xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    ax.annotate(f"← {sides.low.name}", (0.5, 0), (-8, -19), color=CLOSED, ha="right", **below)
    ax.annotate(f"{sides.high.name} →", (0.5, 0), (8, -19), color=OPEN, ha="left", **below)


def _names(ax: Axes, claims: Mapping[str, tuple[str, str]], hue: Mapping[str, str]) -> None:
    order: Sequence[str] = [side for _, side in claims.values()]
    for y, (name, (title, side)) in enumerate(claims.items()):
        ax.annotate(
            f"{name}  {title}", (0, y), (-8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            ha="right", va="center", fontsize=8.5, color=hue[side], fontweight="bold",
        )  # fmt: skip
    for y in range(1, len(order)):
        if order[y] != order[y - 1]:
            ax.annotate(
                "", (-0.0, y - 0.5), (-158, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.5},
            )  # fmt: skip
