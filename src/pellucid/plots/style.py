"""One look for every figure: light, labelled, and legible without colour.

Classes are told apart twice, by colour and by marker. The colours are those of Okabe and Ito, which stay distinct
for colour-blind eyes, in an order whose neighbours also differ in lightness, so that they survive a black and white
printer. Lines are told apart by colour and by dashes.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008.
"""

from typing import Any, Literal, TypeAlias

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#555555")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
DASHES = ("-", "--", ":", "-.")

Corner: TypeAlias = Literal["upper right", "upper left", "lower right", "lower left"]

INK = "#222222"
GRID = "#DDDDDD"

SMALL = (6.4, 4.4)  # inches: one plain plot
SQUARE = (6.0, 5.2)  # a plane with points in it


def color(index: int) -> str:
    """The colour of class or line number `index`; they repeat after eight."""
    return COLORS[index % len(COLORS)]


def marker(index: int) -> str:
    """The marker of class `index`.

    Past eight classes the markers shift by one against the colours, so that the pair stays unique up to 64 classes.
    """
    return MARKERS[(index + index // len(COLORS)) % len(MARKERS)]


def tint(index: int, strength: float) -> tuple[float, float, float]:
    """The colour of class `index` mixed with white: strength 0 is white, 1 the full colour."""
    red, green, blue = (1.0 - strength * (1.0 - channel) for channel in to_rgb(color(index)))
    return red, green, blue


def new_figure(size: tuple[float, float]) -> Figure:
    """An empty figure, shown by a notebook as usual, and made without a window where there is no display.

    Pyplot already falls back to drawing in memory when no backend was asked for. Where one was asked for and cannot
    open (``MPLBACKEND=tkagg`` on a server), it raises ImportError: then the figure is made without pyplot.
    """
    try:
        return plt.figure(figsize=size, layout="constrained")
    except ImportError:
        return Figure(figsize=size, layout="constrained")


def new_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The Axes given, or those of a new figure."""
    return new_figure(size).add_subplot() if ax is None else ax


def finish(ax: Axes, *, x: str, y: str, title: str | None = None, grid: bool = False) -> Axes:
    """Label the axes and take away all ink that says nothing."""
    ax.set_xlabel(x, color=INK)
    ax.set_ylabel(y, color=INK)
    if title:
        ax.set_title(title, color=INK, fontsize="medium")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK)
    ax.tick_params(color=INK, labelcolor=INK)
    if grid:
        ax.grid(visible=True, color=GRID, linewidth=0.8)
        ax.set_axisbelow(True)
    return ax


def legend(ax: Axes, loc: Corner | Literal["beside"] | None = None) -> None:
    """A legend in the corner `loc`, or where least is drawn so far, or beside Axes that are full of lines.

    For Axes with something named in them.
    """
    if ax.get_legend_handles_labels()[1]:
        place: dict[str, Any] = {"loc": emptiest_corner(ax) if loc is None else loc}
        if loc == "beside":
            place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
        ax.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize="small", **place)


def emptiest_corner(ax: Axes) -> Corner:
    """The corner of the Axes with the fewest points of lines and scatters in it; of equals, the upper right first.

    Matplotlib's own loc="best" looks at everything, region borders included, and takes seconds with many points.
    """
    drawn = [line.get_xydata() for line in ax.lines]
    drawn += [marks.get_offsets() for marks in ax.collections if isinstance(marks, PathCollection)]
    points = np.concatenate([np.zeros((0, 2)), *(np.asarray(part, dtype=float) for part in drawn)])
    ax.autoscale_view()
    x, y = ax.transAxes.inverted().transform(ax.transData.transform(points)).T
    right, left, upper, lower = x > 0.72, x < 0.28, y > 0.72, y < 0.28
    held: dict[Corner, np.intp] = {
        "upper right": np.count_nonzero(upper & right),
        "upper left": np.count_nonzero(upper & left),
        "lower right": np.count_nonzero(lower & right),
        "lower left": np.count_nonzero(lower & left),
    }
    return min(held, key=lambda corner: held[corner])


def logarithmic(ax: Axes) -> None:
    """A logarithmic y axis with plain numbers on it."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(_PlainNumbers())
    ax.yaxis.set_minor_formatter(_PlainNumbers(minor_thresholds=(2, 0.5)))


class _PlainNumbers(LogFormatter):
    """The labels of a logarithmic axis as 0.1 and not 10⁻¹, with 0.2 and 0.5 between where there is room."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def whole_numbers(ax: Axes) -> None:
    """An x axis of things that are counted."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
