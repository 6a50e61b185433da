"""One quantity in a forest: dot, 50 and 90 % lines, the prior behind."""

import pandas as pd
from matplotlib.axes import Axes

from stackcast.report.plots.style import PRIOR


def interval(ax: Axes, row: pd.Series, y: float, colour: str, *, height: float = 0.56, backdrop: bool = True) -> None:
    """Draw one quantity: dot, 50 and 90 % lines, and the prior's 50 and 90 % as bars behind."""
    if backdrop:
        for low, high, alpha in (("prior_q05", "prior_q95", 0.28), ("prior_q25", "prior_q75", 0.42)):
            ax.barh(y, row[high] - row[low], left=row[low], height=height, color=PRIOR, alpha=alpha, linewidth=0)
    ax.plot([row["q05"], row["q95"]], [y, y], color=colour, linewidth=1.3, solid_capstyle="butt", zorder=3)
    ax.plot([row["q25"], row["q75"]], [y, y], color=colour, linewidth=4.2, solid_capstyle="butt", zorder=4)
    ax.plot(
        [row["q50"]], [y], "o", color=colour, markersize=5.6, markeredgecolor="white", markeredgewidth=0.9, zorder=5
    )
