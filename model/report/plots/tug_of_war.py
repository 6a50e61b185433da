"""The tug of war: how far each claim pulls each layer now."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.report.plots.style import CLOSED, INK, OPEN, PRIOR, QUIET, SIDES, sheet, styled

ROW = 0.46


@styled
def tug_of_war(table: pd.DataFrame, claims: Mapping[str, tuple[str, str]], layers: Mapping[str, str]) -> Figure:
    """Draw each claim's pull on each layer, posterior before a backdrop of the prior.

    Parameters
    ----------
    table
        ``pulls`` of a run.
    claims
        Title and side of each claim, by name.
    layers
        Title of each layer, by name.
    """
    rows = table[table["level"] == "layer"].set_index(["target", "claim"])
    page = sheet(
        _headline(rows, claims, layers),
        "Pull of each claim on the point where a layer comes to rest, now, in logit (0.4 is 10 percentage points around "
        "50 %). Dot: median; thick and thin line: 50 and 90 % intervals. Grey bars behind: the prior's 50 and 90 %.",
        len(claims) * ROW + 0.9,
    )
    left, across = 2.35, 0.22
    width = (page.figure.get_size_inches()[0] - left - 0.3 - (len(layers) - 1) * across) / len(layers)
    reach = 1.06 * float(rows[["q05", "q95", "prior_q05", "prior_q95"]].abs().max().max())
    for i, (layer, title) in enumerate(layers.items()):
        ax = page.axes(left + i * (width + across), 0.1, width, len(claims) * ROW)
        mine = rows.loc[layer] if layer in rows.index else rows.iloc[:0].droplevel(0)
        _panel(ax, mine, claims, reach)
        ax.set_title(title)
        if i == 0:
            _names(ax, claims)
    return page.figure


def _headline(rows: pd.DataFrame, claims: Mapping[str, tuple[str, str]], layers: Mapping[str, str]) -> str:
    sure = rows[(rows["q05"] > 0) | (rows["q95"] < 0)]
    layer, claim = rows["q50"].abs().idxmax()
    pull = float(rows.loc[(layer, claim), "q50"])
    lead = f"The strongest pull is that of {claims[claim][0]} on {layers[layer].lower()}, towards {'open' if pull > 0 else 'closed'}"
    count = "no pull is" if sure.empty else f"{len(sure)} of {len(rows)} pulls are"
    return f"{lead} ({pull:+.2f} logit); {count} beyond doubt in sign at 90 %"


def _panel(ax: Axes, rows: pd.DataFrame, claims: Mapping[str, tuple[str, str]], reach: float) -> None:
    for y, (name, (_, side)) in enumerate(claims.items()):
        if name not in rows.index:
            ax.text(0, y, "·", color=PRIOR, ha="center", va="center", fontsize=11)
            continue
        interval(ax, rows.loc[name], y, SIDES[side])
    ax.axvline(0, color=INK, linewidth=0.8, zorder=1)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(claims) - 0.5, -0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#EDEDED", linewidth=0.6)
    style = {"fontsize": 8, "xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
    ax.annotate("← closes", (0.5, 0), (-8, -19), color=CLOSED, ha="right", **style)  # type: ignore[arg-type]
    ax.annotate("opens →", (0.5, 0), (8, -19), color=OPEN, ha="left", **style)  # type: ignore[arg-type]


def interval(ax: Axes, row: pd.Series, y: float, colour: str, *, height: float = 0.56, backdrop: bool = True) -> None:
    """Draw one quantity: dot, 50 and 90 % lines, and the prior's 50 and 90 % as bars behind."""
    if backdrop:
        for low, high, alpha in (("prior_q05", "prior_q95", 0.28), ("prior_q25", "prior_q75", 0.42)):
            ax.barh(y, row[high] - row[low], left=row[low], height=height, color=PRIOR, alpha=alpha, linewidth=0)
    ax.plot([row["q05"], row["q95"]], [y, y], color=colour, linewidth=1.3, solid_capstyle="butt", zorder=3)
    ax.plot([row["q25"], row["q75"]], [y, y], color=colour, linewidth=4.2, solid_capstyle="butt", zorder=4)
    ax.plot([row["q50"]], [y], "o", color=colour, markersize=5.6, markeredgecolor="white", markeredgewidth=0.9, zorder=5)


def _names(ax: Axes, claims: Mapping[str, tuple[str, str]]) -> None:
    sides: Sequence[str] = [side for _, side in claims.values()]
    for y, (name, (title, side)) in enumerate(claims.items()):
        ax.annotate(
            f"{name}  {title}", (0, y), (-8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            ha="right", va="center", fontsize=8.5, color=SIDES[side], fontweight="bold",
        )  # fmt: skip
    for y in range(1, len(sides)):
        if sides[y] != sides[y - 1]:
            ax.annotate(
                "", (-0.0, y - 0.5), (-170, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.5},
            )  # fmt: skip
