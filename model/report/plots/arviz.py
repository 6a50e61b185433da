"""ArviZ's plots on our sheets: pyplot is borrowed for as long as ArviZ draws, and given back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import xarray as xr

from model.posterior.tree import read_tree
from model.runs.folder import POSTERIOR


@contextmanager
def borrowed() -> Iterator[None]:
    """Let pyplot draw by Agg; afterwards it holds no figure of ours and has its backend back."""
    from matplotlib import pyplot as plt

    before, held = mpl.get_backend(auto_select=False), set(plt.get_fignums())
    plt.switch_backend("agg")
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - held:
            plt.close(number)
        if before is not None and before.lower() != "agg":
            plt.switch_backend(before)


def posterior(run: Path) -> xr.DataTree:
    """Read the posterior of a run."""
    return read_tree(run / POSTERIOR)
