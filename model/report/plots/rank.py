"""Rank plot (ArviZ): do the chains agree on scales and speeds?"""

from pathlib import Path

from matplotlib.figure import Figure

from model.report.plots.arviz import borrowed, posterior
from model.report.plots.style import styled

NAMES = ("step_share", "step_gap", "slope_response", "lag_shift", "family_sd", "noise", "house_sd", "half_life")


@styled
def rank(run: Path) -> Figure:
    """Draw the fractional ranks of every scale and speed, one line a chain.

    Parameters
    ----------
    run
        A run's folder.
    """
    import arviz_plots

    with borrowed():
        grid = arviz_plots.plot_rank(posterior(run), var_names=list(NAMES), backend="matplotlib", col_wrap=6)
        return grid.viz["figure"].item()  # type: ignore[no-any-return]
