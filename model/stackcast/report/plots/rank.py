"""Rank plot (ArviZ): whether the chains agree on scales and speeds."""

import numpy as np
import xarray as xr
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from stackcast.report.plots.arviz import CHAINS, borrowed, on_sheet
from stackcast.report.plots.style import styled

NAMES = (
    "innovation_sd_share",
    "innovation_sd_gap",
    "slope_response",
    "lag_shift",
    "family_sd",
    "noise",
    "house_sd",
    "half_life",
)
COLUMNS = 6
ALPHA = 0.01
MOST = 400
"""At most so many draws of each chain are ranked, evenly spaced: time, not looks, sets the limit."""


@styled
def rank(tree: xr.DataTree) -> Figure:
    """Draw the fractional ranks of scales and speeds, one line a chain.

    Parameters
    ----------
    tree
        The DataTree of a run.
    """
    import arviz_plots

    names = [name for name in NAMES if name in tree["posterior"].dataset]
    draws = tree["posterior"].dataset[names]
    step = -(-draws.sizes["draw"] // MOST)
    few = xr.DataTree.from_dict({"posterior": draws.isel(draw=slice(None, None, step))})
    with borrowed():
        grid = arviz_plots.plot_rank(
            few, var_names=names, backend="matplotlib", col_wrap=COLUMNS, color=list(CHAINS),
            envelope_prob=1 - ALPHA, visuals={"title": {"size": 7.5}, "xlabel": False, "ecdf_lines": {"width": 1.0}},
        )  # fmt: skip
        figure: Figure = grid.viz["figure"].item()
    used, odd = [ax for ax in figure.axes if ax.lines], 0
    for ax in used:
        ax.tick_params(labelsize=7)
        ax.axhline(0, color="#BBBBBB", linewidth=0.6, zorder=0)
        for text in ax.texts:
            text.set_fontsize(7)
            text.set_text(text.get_text().partition("(")[0].replace("=", " = "))
        for points in ax.collections:
            if isinstance(points, PathCollection):
                odd += len(np.asarray(points.get_offsets())) > 0
                points.set_sizes([4.0])
    verdict = f"agree in {len(used) - odd} of {len(used)}"
    shown = few["posterior"].sizes["draw"]
    return on_sheet(
        figure, f"Ranks of scales and speeds: the chains {verdict}",
        "ArviZ: difference between the empirical distribution of each chain's fractional ranks and the uniform one; "
        f"one line a chain, {shown} evenly spaced draws each. p: test that all are uniform, refused below {ALPHA:g}; "
        "points mark what speaks against it.",
        -(-len(used) // COLUMNS) * 1.25, 0.75,
    )  # fmt: skip
