"""The contrasts: claims of one side against those of the other that contradict them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stackcast.priors.debate import Sides
from stackcast.report.plots.forest import interval
from stackcast.report.plots.style import CLOSED, INK, OPEN, QUIET, Sheet, sheet, styled
from stackcast.report.wording import percent

BLOCK = 1.75


@styled
def contrasts(table: pd.DataFrame, titles: Mapping[str, str], sides: Sides) -> Figure:
    """Draw how much stronger the side ``high`` of each contrast is now.

    Parameters
    ----------
    table
        ``contrasts`` of a run.
    titles
        Title of each claim.
    sides
        The sides of the debate.
    """
    high, low = sides.names
    page = sheet(
        _headline(table, sides),
        f"Strength of the {high} side less that of the {low} side, in prior standard deviations. Dot: median; thick "
        "and thin line: 50 and 90 % intervals. Bar below: probability that either side is the stronger; black tick: "
        "what it was in the prior.",
        len(table) * BLOCK - 0.05,
    )
    reach = 1.15 * float(table[["q05", "q95"]].abs().max().max())
    for i, row in table.iterrows():
        _block(page, row, int(str(i)) * BLOCK, titles, reach, sides)
    return page.figure


def _headline(table: pd.DataFrame, sides: Sides) -> str:
    def verdict(p: float) -> str:
        if abs(p - 0.5) < 0.1:
            return f"undecided, {sides.high.name} side {percent(p)}"
        return f"{sides.toward(p - 0.5).name} side ahead, {percent(max(p, 1 - p))}"

    return "; ".join(f"{row['title']}: {verdict(float(row['p_high_side']))}" for _, row in table.iterrows())


def _block(page: Sheet, row: pd.Series, top: float, titles: Mapping[str, str], reach: float, sides: Sides) -> None:
    left, width = 2.6, 5.1
    page.text(0.35, top, row["title"], fontsize=10, fontweight="bold")
    ax = page.axes(left, top + 0.3, width, 0.5)
    colour = OPEN if row["q50"] > 0 else CLOSED
    interval(ax, row, 0, colour, backdrop=False)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-0.5, 0.5)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    _sides(page, row, top + 0.55, titles, left, width)
    _bar(page.axes(left, top + 1.1, width, 0.2), row, sides)


def _sides(page: Sheet, row: pd.Series, top: float, titles: Mapping[str, str], left: float, width: float) -> None:
    for names, x, align, colour, arrow in (
        (row["low"], left - 0.15, "right", CLOSED, "← "),
        (row["high"], left + width + 0.15, "left", OPEN, ""),
    ):
        lines = [f"{name} {titles[name]}" for name in str(names).split()]
        lines[0] = arrow + lines[0]
        lines[-1] += "" if arrow else " →"
        page.text(x, top, "\n".join(lines), color=colour, ha=align, va="center", fontsize=8.5, fontweight="bold")


def _bar(ax: Axes, row: pd.Series, sides: Sides) -> None:
    high, low = sides.names
    p, before = float(row["p_high_side"]), float(row["prior_p_high_side"])
    ax.barh(0, 1 - p, left=0, height=1, color=CLOSED, linewidth=0)
    ax.barh(0, p, left=1 - p, height=1, color=OPEN, linewidth=0)
    inside: dict[str, Any] = {"va": "center", "color": "white", "fontweight": "bold", "fontsize": 9}
    ax.text(0.012, 0, f"{low} {percent(1 - p)}", ha="left", **inside)
    ax.text(0.988, 0, f"{high} {percent(p)}", ha="right", **inside)
    ax.plot([1 - before, 1 - before], [-0.75, 0.75], color=INK, linewidth=1.2, clip_on=False)
    ax.annotate(
        f"prior: {high} {percent(before)}", (1 - before, -0.75), (0, -2), textcoords="offset points",
        ha="center", va="top", fontsize=7.5, color=QUIET, annotation_clip=False,
    )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(-0.5, 0.5)
    ax.axis("off")
