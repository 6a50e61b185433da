"""The look of every plot: palette, typography, sheets with a headline, and how they are written."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stackcast.files.atomic import replace_bytes
from stackcast.priors.debate import NEUTRAL as NO_SIDE
from stackcast.priors.debate import Sides

OPEN, CLOSED, NEUTRAL = "#0072B2", "#D55E00", "#6E6E6E"
"""The hues of the sides ``high`` and ``low`` (Okabe and Ito's blue and vermillion), and grey for neither."""
SERIES = (OPEN, CLOSED, "#117733", "#AA4499", "#999933", "#332288", "#44AA99", "#882255")
"""Hues of many lines."""
INK, QUIET, HAIR = "#222222", "#6B6B6B", "#CFCFCF"
PRIOR = "#B9B9B9"
DPI = 130
WIDTH = 10.5
MARGIN = 0.35
FOOT = 0.42
RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 8.5,
    "axes.edgecolor": "#9A9A9A",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 6,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 8.5,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": "#9A9A9A",
    "ytick.color": "#9A9A9A",
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "text.color": INK,
    "text.parse_math": False,
    "text.hinting": "none",
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": False,
    "savefig.facecolor": "white",
    "svg.hashsalt": "stackcast",
    "svg.fonttype": "none",
}


def hues(sides: Sides) -> dict[str, str]:
    """Return the hue of each side by its name, and grey for what takes none."""
    return {sides.high.name: OPEN, sides.low.name: CLOSED, NO_SIDE: NEUTRAL}


@contextmanager
def look() -> Iterator[None]:
    """Apply the look, and take it back afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RC)  # type: ignore[arg-type]
        yield


def styled[**P, R](draw: Callable[P, R]) -> Callable[P, R]:
    """Draw under :func:`look`."""

    @wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with look():
            return draw(*args, **kwargs)

    return inner


@dataclass(frozen=True)
class Sheet:
    """A figure with a headline, measured in inches from the top left corner of what lies under it."""

    figure: Figure
    header: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at a place under the headline."""
        w, h = self.figure.get_size_inches()
        return self.figure.add_axes((left / w, 1 - (self.header + top + height) / h, width / w, height / h))

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write at a place under the headline."""
        w, h = self.figure.get_size_inches()
        self.figure.text(left / w, 1 - (self.header + top) / h, text, **({"va": "top"} | style))

    def panels(
        self, count: int, columns: int, height: float, *, top: float = 0.0, left: float = 0.55, down: float = 0.62
    ) -> list[Axes]:
        """Return ``count`` axes of one size, row by row, ``down`` inches between the rows."""
        across = 0.55
        whole = self.figure.get_size_inches()[0] - left - 0.25
        width = (whole - (columns - 1) * across) / columns
        places = (divmod(i, columns) for i in range(count))
        return [self.axes(left + c * (width + across), top + r * (height + down), width, height) for r, c in places]


def sheet(title: str, subtitle: str, body: float, width: float = WIDTH) -> Sheet:
    """Return a figure with a headline above ``body`` inches of drawing.

    Parameters
    ----------
    title
        What one sees.
    subtitle
        What is drawn and how to read it.
    body
        Inches under the headline, the foot line not counted.
    """
    titles = wrap(unbroken(title), int((width - 2 * MARGIN) / 0.106))
    subtitles = wrap(unbroken(subtitle), int((width - 2 * MARGIN) / 0.0635))
    header = 0.3 + 0.24 * len(titles) + 0.17 * len(subtitles) + 0.32
    height = header + body + FOOT
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    x = MARGIN / width
    figure.text(x, 1 - 0.24 / height, "\n".join(titles), fontsize=13, fontweight="bold", va="top", linespacing=1.2)
    top = 0.3 + 0.24 * len(titles)
    figure.text(x, 1 - top / height, "\n".join(subtitles), fontsize=9, color=QUIET, va="top", linespacing=1.3)
    return Sheet(figure, header)


def unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\u00a0%")


def signed(value: float, digits: int = 2) -> str:
    """Write a number with its sign, a true minus, and no sign on zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def rows_of(count: int, columns: int) -> int:
    """Return how many rows of panels hold ``count`` of them."""
    return -(-count // columns)


def panel_title(
    ax: Axes, text: str, note: str = "", *, width: int = 60, size: float = 9.5, hollow: bool = False
) -> None:
    """Write a panel's title, wrapped, with a quiet note under it; ``hollow`` is quiet too: it is prior only."""
    style: dict[str, Any] = {"fontsize": size, "linespacing": 1.15, "color": QUIET if hollow else INK}
    ax.set_title("\n".join(wrap(text, width)[:2]), pad=17 if note else 6, **style)
    if note:
        ax.annotate(
            note, (0, 1), (0, 5), xycoords="axes fraction", textcoords="offset points",
            fontsize=7.5, color=QUIET, va="bottom",
        )  # fmt: skip


def save(figure: Figure, folder: Path, name: str, foot: str = "", warning: str = "", png: bool = True) -> None:
    """Write a figure as ``name.svg``, and as ``name.png`` unless told not to, the same bytes every time.

    Raises
    ------
    WriteFailed
        When the disk is full, or may not be written.
    """
    with look():
        width, height = figure.get_size_inches()
        at = 0.12 / height
        if foot:
            figure.text(MARGIN / width, at, foot, fontsize=7, color=QUIET, va="bottom")
        if warning:
            style: dict[str, Any] = {
                "fontsize": 9,
                "fontweight": "bold",
                "color": "white",
                "ha": "right",
                "va": "bottom",
            }
            figure.text(1 - MARGIN / width, at, f" {warning} ", backgroundcolor="#8B0000", **style)
        svg, raster = io.BytesIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        replace_bytes(folder / f"{name}.svg", svg.getvalue())
        if png:
            figure.savefig(raster, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
            replace_bytes(folder / f"{name}.png", raster.getvalue())


def leaning(p_high: float) -> str:
    """Return the hue of the likelier side."""
    return OPEN if p_high > 0.5 else CLOSED if p_high < 0.5 else NEUTRAL
