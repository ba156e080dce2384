"""Common style of all figures: light, labelled, and readable without colour.

Classes differ in colour and in marker. The colours are those of Okabe and Ito, which colour-blind readers can
distinguish, in an order whose neighbours also differ in lightness, so that they remain distinct in black and white.
Lines differ in colour and in dash pattern.

Source: M. Okabe and K. Ito, "Color Universal Design", 2008.
"""

import textwrap
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias
from weakref import WeakKeyDictionary

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import LogFormatter, MaxNLocator
from numpy.typing import NDArray

COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#555555")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
DASHES = ("-", "--", ":", "-.")

Corner: TypeAlias = Literal["upper right", "upper left", "lower right", "lower left"]

INK = "#222222"
GRID = "#DDDDDD"
MAX_INSIDE = 5  # entries of a legend inside the Axes; longer ones are placed beside them
_OWN_WIDTH: WeakKeyDictionary[object, float] = WeakKeyDictionary()  # of figures that were made here
LETTERS = 14  # letters of a title per inch, approximately

SMALL = (6.4, 4.4)  # inches: one plain plot
WIDE = (8.6, 4.4)  # with a long legend beside it
SQUARE = (6.0, 5.2)  # a plane with points in it


def color(index: int) -> str:
    """The colour of class or line number `index`; colours repeat after eight."""
    return COLORS[index % len(COLORS)]


def marker(index: int) -> str:
    """The marker of class `index`.

    After eight classes the markers shift by one against the colours, so that the pairs are unique up to 64 classes.
    """
    return MARKERS[(index + index // len(COLORS)) % len(MARKERS)]


def tint(index: int, strength: float) -> tuple[float, float, float]:
    """The colour of class `index` mixed with white: strength 0 is white, 1 the full colour."""
    red, green, blue = (1.0 - strength * (1.0 - channel) for channel in to_rgb(color(index)))
    return red, green, blue


def shade(number: int, of: int) -> tuple[float, float, float]:
    """The colour of layer `number` of `of`, from dark blue for the first layer to light green for the last."""
    red, green, blue, _ = plt.get_cmap("viridis")(0.85 * number / max(1, of - 1))
    return red, green, blue


def plain(text: object, most: int = 40) -> str:
    """Escape a name from the data so that matplotlib draws it literally: no formulas, one line, at most `most` letters.

    >>> plain("price in $ or US$"), plain("two\\nlines"), plain("_hidden"), plain("")
    ('price in \\\\$ or US\\\\$', 'two lines', ' _hidden', '(empty)')
    """
    words = " ".join(str(text).split()) or "(empty)"
    if len(words) > most:
        words = f"{words[: most - 1]}…"
    # matplotlib reads text between two $ as a formula, and omits labels that begin with _ from legends.
    return (" " if words.startswith("_") else "") + words.replace("$", r"\$")


def readable(text: str, width: float) -> str:
    """Wrap a title or label to a width in inches; formulas that cannot be typeset are shown as plain text."""
    if "$" in text.replace(r"\$", ""):
        try:
            MathTextParser("path").parse(text)
        except ValueError:
            return text.replace(r"\$", "$").replace("$", r"\$")
        return text
    letters = max(20, int(LETTERS * width))
    return "\n".join(line for part in text.split("\n") for line in textwrap.wrap(part, letters) or [""])


def new_figure(size: tuple[float, float]) -> Figure:
    """An empty figure, which notebooks show as usual, made without a window if there is no display.

    Without an explicit backend, pyplot already falls back to drawing in memory. If an explicit backend cannot open
    (``MPLBACKEND=tkagg`` on a server), pyplot raises ImportError; then the figure is made without pyplot.
    """
    try:
        return plt.figure(figsize=size, layout="constrained")
    except ImportError:
        return Figure(figsize=size, layout="constrained")


def new_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The given Axes, or those of a new figure."""
    if ax is not None:
        return ax
    figure = new_figure(size)
    _OWN_WIDTH[figure] = size[0]
    return figure.add_subplot()


def finish(ax: Axes, *, x: str, y: str, title: str | None = None, grid: bool = False) -> Axes:
    """Label the axes and remove frames and ticks that carry no information."""
    width, height = ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi
    ax.set_xlabel(readable(x, width), color=INK)
    ax.set_ylabel(readable(y, height), color=INK)
    if title:
        ax.set_title(readable(title, width), color=INK, fontsize="medium")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK)
    ax.tick_params(color=INK, labelcolor=INK)
    if grid:
        ax.grid(visible=True, color=GRID, linewidth=0.8)
        ax.set_axisbelow(True)
    return ax


def label_outer(panels: Sequence[Axes], columns: int) -> None:
    """Label panels that share their axes only once: on the left and at the bottom.

    If the last row is not full, the bottom labels go below all panels: labels on only some panels of a row would look
    like a difference between them.
    """
    full = len(panels) % columns == 0
    for panel in panels:
        below = panel.get_xlabel()
        panel.label_outer()
        if not full:
            panel.tick_params(labelbottom=True)
            panel.set_xlabel(below)


def legend(ax: Axes, loc: Corner | Literal["beside"] | None = None) -> None:
    """Add a legend in the corner `loc`, else in an empty corner, else beside the Axes.

    The Axes must have labelled artists. A legend of more than five entries is placed beside the Axes.
    """
    entries = len(ax.get_legend_handles_labels()[1])
    if not entries:
        return
    if loc is None:
        loc = emptiest_corner(ax) if entries <= MAX_INSIDE else "beside"
    place: dict[str, Any] = {"loc": loc}
    if loc == "beside":
        columns = 1 + entries // 24
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "ncols": columns}
        figure, width = ax.figure, _OWN_WIDTH.get(ax.figure)
        if width is not None and isinstance(figure, Figure):  # widen our own figure, so that its Axes do not shrink
            figure.set_figwidth(width + columns * legend_width(ax.get_legend_handles_labels()[1]))
    ax.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize="small", **place)


def legend_width(labels: Sequence[str]) -> float:
    """Approximate width of a legend column, in inches."""
    return 0.075 * max(map(len, labels), default=5) + 0.65


def emptiest_corner(ax: Axes) -> Corner | Literal["beside"]:
    """A corner of the Axes without lines and points, the upper right first; "beside" if there is none.

    Matplotlib's loc="best" considers all artists, region borders included, and takes seconds with many points.
    """
    drawn = [_dense(line) for line in ax.lines]
    drawn += [np.asarray(marks.get_offsets()) for marks in ax.collections if isinstance(marks, PathCollection)]
    points = np.concatenate([np.zeros((0, 2)), *(np.asarray(part, dtype=float) for part in drawn)])
    points = points[np.isfinite(points).all(axis=1)]
    ax.autoscale_view()
    with np.errstate(divide="ignore", invalid="ignore"):  # the logarithm of 0
        x, y = ax.transAxes.inverted().transform(ax.transData.transform(points)).T
    labels = ax.get_legend_handles_labels()[1]
    width, height = ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi
    # Approximate size of the legend: a handle and its longest label wide, one line per entry high.
    across = min(0.9, legend_width(labels) / width)
    up = min(0.9, (0.19 * len(labels) + 0.15) / height)
    right, left, upper, lower = x > 1 - across, x < across, y > 1 - up, y < up
    held: dict[Corner, np.intp] = {
        "upper right": np.count_nonzero(upper & right),
        "upper left": np.count_nonzero(upper & left),
        "lower right": np.count_nonzero(lower & right),
        "lower left": np.count_nonzero(lower & left),
    }
    corner = min(held, key=lambda place: held[place])
    return corner if held[corner] == 0 else "beside"


def _dense(line: Line2D) -> NDArray[np.float64]:
    """The points of a line with interpolated ones between them, because a segment may cross a corner with no point."""
    points = np.asarray(line.get_xydata(), dtype=np.float64)
    if len(points) < 2 or len(points) > 500:
        return points
    between = np.linspace(0.0, 1.0, 20, endpoint=False)[:, np.newaxis, np.newaxis]
    with np.errstate(invalid="ignore"):
        return (points[:-1] + between * (points[1:] - points[:-1])).reshape(-1, 2)


def logarithmic(ax: Axes) -> None:
    """A logarithmic y axis with plain numbers on it."""
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(_PlainNumbers())
    ax.yaxis.set_minor_formatter(_PlainNumbers(minor_thresholds=(2, 0.5)))


class _PlainNumbers(LogFormatter):
    """Labels of a logarithmic axis as 0.1 instead of 10⁻¹, with 0.2 and 0.5 between them if there is space."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def whole_numbers(ax: Axes) -> None:
    """Restrict the ticks of the x axis to whole numbers."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
