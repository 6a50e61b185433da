"""Posterior predictive check (ArviZ): where each observation lies in its forecast from all others."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from stackcast.inference.gates import INTERVAL
from stackcast.likelihoods import FAMILIES
from stackcast.observations.schema import Signal
from stackcast.report.plots.arviz import borrowed, on_sheet
from stackcast.report.plots.style import OPEN, styled
from stackcast.report.wording import percent

ALPHA = 0.01


@styled
def predictive(fitted: pd.DataFrame, signals: dict[str, Signal]) -> Figure:
    """Draw the difference between the distribution of leave-one-out PITs and the uniform one, a panel a likelihood.

    Parameters
    ----------
    fitted
        The table ``fitted`` of a run.
    signals
        Definitions by slug.
    """
    import arviz_plots

    points = fitted[(fitted["side"] == 0) & fitted["loo_pit"].notna()]
    kinds = points["signal"].map(lambda slug: signals[slug].likelihood)
    pits = {name: points.loc[kinds == name, "loo_pit"].to_numpy() for name in FAMILIES if (kinds == name).any()}
    tree = xr.DataTree.from_dict({"pit": xr.Dataset({f"{k}, {len(v)} observations": (k, v) for k, v in pits.items()})})
    with borrowed():
        grid = arviz_plots.plot_ecdf_pit(
            tree, group="pit", sample_dims=list(pits), backend="matplotlib", col_wrap=len(pits),
            envelope_prob=1 - ALPHA, visuals={"ecdf_lines": {"color": OPEN}, "title": {"size": 8}, "xlabel": False},
        )  # fmt: skip
        figure: Figure = grid.viz["figure"].item()
    for ax in figure.axes:
        ax.tick_params(labelsize=7)
        for text in ax.texts:
            text.set_fontsize(7)
        for marks in ax.collections:
            if isinstance(marks, PathCollection):
                marks.set_sizes([4.0])
    every = np.concatenate(list(pits.values()))
    held = float((np.abs(every - 0.5) < INTERVAL / 2).mean())
    return on_sheet(
        figure, f"Leave-one-out {percent(INTERVAL)} intervals hold {percent(held)} of {len(every)} fitted observations",
        "ArviZ: distribution of the probability that all other observations give to a smaller one (LOO-PIT), less the "
        "uniform one. Falling then rising: intervals too wide; rising then falling: too narrow. p: test that it is "
        f"uniform, refused below {ALPHA:g}; points mark what speaks against it.",
        2.0, 0.4,
    )  # fmt: skip
