"""Energy plot (ArviZ): whether the sampler moves through the posterior's energies."""

from typing import Any

import xarray as xr
from matplotlib.figure import Figure

from stackcast.report.plots.arviz import CHAINS, borrowed, on_sheet
from stackcast.report.plots.style import QUIET, styled

THRESHOLD = 0.3
QUIETLY: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "va": "bottom"}


@styled
def energy(tree: xr.DataTree) -> Figure:
    """Draw the marginal energy, its transitions, and the chains' BFMI.

    Parameters
    ----------
    tree
        The DataTree of a run.
    """
    import arviz_plots
    from arviz_stats import bfmi

    values = bfmi(tree)
    lowest = float(values["energy"].min()) if hasattr(values, "data_vars") else float(values.min())
    with borrowed():
        grid = arviz_plots.plot_energy(
            tree, backend="matplotlib", threshold=THRESHOLD, color=list(CHAINS[:2]),
            visuals={"title": False, "legend": False},
        )  # fmt: skip
        figure: Figure = grid.viz["figure"].item()
    left, right = figure.axes[:2]
    left.set_title("BFMI of each chain", pad=16)
    left.set_yticks(range(values.sizes["chain"]) if hasattr(values, "sizes") else [])
    left.set_xlim(0, None)
    left.text(THRESHOLD, 1.02, f"must exceed {THRESHOLD:g}", transform=left.get_xaxis_transform(), **QUIETLY)
    right.set_title("Energies, centred", pad=16)
    for i, (word, colour) in enumerate(zip(("marginal", "transitions"), CHAINS, strict=False)):
        right.text(0.99, 0.95 - 0.1 * i, word, transform=right.transAxes, color=colour, ha="right", fontweight="bold")
    verdict = "moves freely" if lowest > THRESHOLD else "hardly moves"
    return on_sheet(
        figure, f"The lowest BFMI is {lowest:.2f}: the sampler {verdict} between energies",
        "ArviZ: the wider the transitions against the marginal energy, the better; BFMI compares the two by chain.",
        2.7, 0.3,
    )  # fmt: skip
