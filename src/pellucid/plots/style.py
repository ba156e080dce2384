"""One look for every figure: light, labelled, and legible without colour.

Classes are told apart twice, by colour and by marker. The colours are those of Okabe and Ito, which stay distinct
for colour-blind eyes, in an order whose neighbours also differ in lightness, so that they survive a black and white
printer. Lines are told apart by colour and by dashes.

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
MOST_INSIDE = 5  # entries of a legend that stands inside the Axes
_OWN_WIDTH: WeakKeyDictionary[object, float] = WeakKeyDictionary()  # of figures that were made here
LETTERS = 14  # of a title on an inch, about

SMALL = (6.4, 4.4)  # inches: one plain plot
WIDE = (8.6, 4.4)  # with a long legend beside it
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


def shade(number: int, of: int) -> tuple[float, float, float]:
    """The colour of the layer `number` of `of`: from dark blue, the first, to a light green, so that order shows."""
    red, green, blue, _ = plt.get_cmap("viridis")(0.85 * number / max(1, of - 1))
    return red, green, blue


def plain(text: object, most: int = 40) -> str:
    """A name that comes with the data, as matplotlib draws it letter by letter: no formulas, one line, not too long.

    >>> plain("price in $ or US$"), plain("two\\nlines"), plain("_hidden"), plain("")
    ('price in \\\\$ or US\\\\$', 'two lines', ' _hidden', '(empty)')
    """
    words = " ".join(str(text).split()) or "(empty)"
    if len(words) > most:
        words = f"{words[: most - 1]}…"
    # matplotlib takes what stands between two $ for a formula, and leaves labels that begin with _ out of a legend.
    return (" " if words.startswith("_") else "") + words.replace("$", r"\$")


def readable(text: str, width: float) -> str:
    """A title or label in lines that fit on so many inches; formulas that cannot be set are shown as they stand."""
    if "$" in text.replace(r"\$", ""):
        try:
            MathTextParser("path").parse(text)
        except ValueError:
            return text.replace(r"\$", "$").replace("$", r"\$")
        return text
    letters = max(20, int(LETTERS * width))
    return "\n".join(line for part in text.split("\n") for line in textwrap.wrap(part, letters) or [""])


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
    if ax is not None:
        return ax
    figure = new_figure(size)
    _OWN_WIDTH[figure] = size[0]
    return figure.add_subplot()


def finish(ax: Axes, *, x: str, y: str, title: str | None = None, grid: bool = False) -> Axes:
    """Label the axes and take away all ink that says nothing."""
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
    """Axis labels once for panels that share their axes: on the left, and below.

    Below all panels, where the last row is not full: labels on some panels of a row and not on others would read as a
    difference between them.
    """
    full = len(panels) % columns == 0
    for panel in panels:
        below = panel.get_xlabel()
        panel.label_outer()
        if not full:
            panel.tick_params(labelbottom=True)
            panel.set_xlabel(below)


def legend(ax: Axes, loc: Corner | Literal["beside"] | None = None) -> None:
    """A legend in the corner `loc`, or in one where nothing is drawn so far, or else beside the Axes.

    For Axes with something named in them. It stands beside, too, when it has more than five entries.
    """
    entries = len(ax.get_legend_handles_labels()[1])
    if not entries:
        return
    if loc is None:
        loc = emptiest_corner(ax) if entries <= MOST_INSIDE else "beside"
    place: dict[str, Any] = {"loc": loc}
    if loc == "beside":
        columns = 1 + entries // 24
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "ncols": columns}
        figure, width = ax.figure, _OWN_WIDTH.get(ax.figure)
        if width is not None and isinstance(figure, Figure):  # a figure of ours grows, the Axes in it do not shrink
            figure.set_figwidth(width + columns * legend_width(ax.get_legend_handles_labels()[1]))
    ax.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize="small", **place)


def legend_width(labels: Sequence[str]) -> float:
    """About how many inches a column of a legend is wide."""
    return 0.075 * max(map(len, labels), default=5) + 0.65


def emptiest_corner(ax: Axes) -> Corner | Literal["beside"]:
    """The corner of the Axes without lines and scatters in it, the upper right first; "beside" if there is none.

    Matplotlib's own loc="best" looks at everything, region borders included, and takes seconds with many points.
    """
    drawn = [_dense(line) for line in ax.lines]
    drawn += [np.asarray(marks.get_offsets()) for marks in ax.collections if isinstance(marks, PathCollection)]
    points = np.concatenate([np.zeros((0, 2)), *(np.asarray(part, dtype=float) for part in drawn)])
    points = points[np.isfinite(points).all(axis=1)]
    ax.autoscale_view()
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 has no place on a logarithmic axis
        x, y = ax.transAxes.inverted().transform(ax.transData.transform(points)).T
    labels = ax.get_legend_handles_labels()[1]
    width, height = ax.bbox.width / ax.figure.dpi, ax.bbox.height / ax.figure.dpi
    # About what the legend takes up: a handle and its longest label across, a line for each entry.
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
    """The points of a line, with some more between them: a straight piece crosses a corner without a point in it."""
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
    """The labels of a logarithmic axis as 0.1 and not 10⁻¹, with 0.2 and 0.5 between where there is room."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def whole_numbers(ax: Axes) -> None:
    """An x axis of things that are counted."""
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
