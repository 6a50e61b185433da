"""Energy plot (ArviZ)."""

from pathlib import Path

from matplotlib.figure import Figure

from model.report.plots.arviz import borrowed, posterior
from model.report.plots.style import styled


@styled
def energy(run: Path) -> Figure:
    """Draw the marginal energy against its transitions.

    Parameters
    ----------
    run
        A run's folder.
    """
    import arviz_plots

    with borrowed():
        grid = arviz_plots.plot_energy(posterior(run), backend="matplotlib")
        return grid.viz["figure"].item()  # type: ignore[no-any-return]
