"""Optimization paths on the contour lines of a function of two numbers."""

from collections.abc import Callable, Mapping

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
    """Draw the points of a descent on the contour lines of a function of two numbers.

    Shapes: `path` ``(steps, 2)``; `function` takes one point ``(2,)`` and returns a number.

    >>> axes = descent(lambda point: float(point @ point), [[1.0, 0.5], [0.5, 0.25], [0.25, 0.125]])
    >>> axes.lines[0].get_xydata().shape
    (3, 2)
    """
    points = _points("path", path)
    ax = style.new_axes(ax, style.SQUARE)

    # Leave space on every side of the path, so that its end, the minimum found, is not in a corner.
    reach = 1.25 * max(float(np.abs(points - points[-1]).max()), 1e-12)
    across, up = (np.linspace(points[-1, axis] - reach, points[-1, axis] + reach, 121) for axis in (0, 1))
    lines = ax.contour(across, up, _heights(function, across, up), levels=10, colors=[style.color(7)], linewidths=0.8)
    ax.clabel(lines, fontsize="x-small")

    ax.plot(points[:, 0], points[:, 1], color=style.color(0), marker=".", markersize=5, linewidth=1.0, label="path")
    ax.plot(*points[0], color=style.color(4), marker="s", linestyle="none", markersize=8, label="start")
    ax.plot(*points[-1], color=style.INK, marker="*", linestyle="none", markersize=13, label="end")
    ax.set_aspect("equal")
    style.legend(ax, loc="lower right")
    return style.finish(ax, x=names[0], y=names[1], title=title)


def descents(
    function: Callable[[NDArray[np.float64]], float],
    paths: Mapping[str, ArrayLike],
    *,
    names: tuple[str, str] = ("$x$", "$y$"),
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw several paths on the contour lines of one function of two numbers, to compare optimizers.

    Shapes: each path ``(steps, 2)``; `function` takes one point ``(2,)`` and returns a number. The levels of the
    contour lines are spaced logarithmically above the smallest value.

    >>> def bowl(point):
    ...     return float(point @ point)
    >>> axes = descents(bowl, {"slow": [[1.0, 0.5], [0.9, 0.45]], "fast": [[1.0, 0.5], [0.1, 0.05]]})
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['slow', 'fast', 'start']
    """
    if not paths:
        raise ValueError("paths is empty: a comparison needs at least one path")
    walks = {name: _points(f"paths[{name!r}]", path) for name, path in paths.items()}
    ax = style.new_axes(ax, style.SQUARE)

    everywhere = np.concatenate(list(walks.values()))
    low, high = everywhere.min(axis=0), everywhere.max(axis=0)
    room = 0.15 * np.maximum(high - low, 1e-12)
    across, up = (np.linspace(low[axis] - room[axis], high[axis] + room[axis], 121) for axis in (0, 1))
    heights = _heights(function, across, up)
    above = heights - heights.min()
    levels = heights.min() + above.max() * 2.0 ** np.arange(-9.0, 0.0)
    if above.max() > 0:
        ax.contour(across, up, heights, levels=levels, colors=[style.color(7)], linewidths=0.6)

    for number, (name, points) in enumerate(walks.items()):
        ax.plot(
            points[:, 0],
            points[:, 1],
            color=style.color(number),
            linestyle=style.DASHES[number % len(style.DASHES)],
            marker=style.marker(number),
            markevery=max(1, len(points) // 12),
            markersize=4.5,
            linewidth=1.4,
            label=name,
        )
    first = next(iter(walks.values()))[0]
    ax.plot(*first, color="white", markeredgecolor=style.INK, marker="s", linestyle="none", markersize=9, label="start")
    style.legend(ax)
    return style.finish(ax, x=names[0], y=names[1], title=title)


def _points(argument: str, path: ArrayLike) -> NDArray[np.float64]:
    """A path as an array ``(steps, 2)``; ValueError for another shape."""
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"{argument} has shape {points.shape}; expected (steps, 2): a point for each step")
    return points


def _heights(
    function: Callable[[NDArray[np.float64]], float], across: NDArray[np.float64], up: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The function on a grid, with one row per y."""
    return np.array([[function(np.array([x, y])) for x in across] for y in up])
