"""ArviZ's plots in the style of the others; pyplot's state is restored afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from stackcast.report.plots.style import sheet

CHAINS = ("#117733", "#AA4499", "#999933", "#332288", "#88CCEE", "#882255")
"""Hues of chains (Tol's muted palette): none that stands for a side."""


@contextmanager
def borrowed() -> Iterator[None]:
    """Let pyplot draw by Agg; afterwards its figures are closed and its backend restored."""
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


def on_sheet(figure: Figure, title: str, subtitle: str, height: float, down: float) -> Figure:
    """Give a figure that ArviZ drew our size and a headline.

    Parameters
    ----------
    height
        Inches of the drawing under the headline.
    down
        Space between the rows of panels, in panel heights.
    """
    ours = sheet(title, subtitle, height)
    w, h = ours.figure.get_size_inches()
    figure.set_layout_engine("none")
    figure.set_size_inches(w, h)
    top, bottom = 1 - (ours.header + 0.25) / h, 0.75 / h
    figure.subplots_adjust(left=0.05, right=0.98, top=top, bottom=bottom, hspace=down, wspace=0.14)
    for text in ours.figure.texts:
        x, y = text.get_position()
        style: dict[str, Any] = {"fontproperties": text.get_fontproperties(), "color": text.get_color(), "va": "top"}
        figure.text(x, y, text.get_text(), linespacing=1.25, **style)
    return figure
