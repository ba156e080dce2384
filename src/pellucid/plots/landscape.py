"""A path downhill, on the contour lines of the function it descends."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style


def descent(
    function: Callable[[NDArray[np.float64]], float],
    path: ArrayLike,
    *,
    names: tuple[str, str] = ("$x$", "$y$"),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the points a descent went through over the contour lines of a function of two numbers.

    Shapes: `path` ``(steps, 2)``; `function` takes one point ``(2,)`` and returns a number.

    >>> axes = descent(lambda point: float(point @ point), [[1.0, 0.5], [0.5, 0.25], [0.25, 0.125]])
    >>> axes.lines[0].get_xydata().shape
    (3, 2)
    """
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"path has shape {points.shape}; expected (steps, 2): a point for each step")
    ax = style.new_axes(ax, style.SQUARE)

    # Room on every side of the path, with its end, the minimum found, in view as a place and not as a corner.
    reach = 1.25 * max(float(np.abs(points - points[-1]).max()), 1e-12)
    across, up = (np.linspace(points[-1, axis] - reach, points[-1, axis] + reach, 121) for axis in (0, 1))
    heights = np.array([[function(np.array([x, y])) for x in across] for y in up])
    lines = ax.contour(across, up, heights, levels=10, colors=[style.color(7)], linewidths=0.8)
    ax.clabel(lines, fontsize="x-small")

    ax.plot(points[:, 0], points[:, 1], color=style.color(0), marker=".", markersize=5, linewidth=1.0, label="path")
    ax.plot(*points[0], color=style.color(4), marker="s", linestyle="none", markersize=8, label="start")
    ax.plot(*points[-1], color=style.INK, marker="*", linestyle="none", markersize=13, label="end")
    ax.set_aspect("equal")
    style.legend(ax, loc="lower right")
    return style.finish(ax, x=names[0], y=names[1], title=title)
