"""A slice of the loss surface, with the path of training."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from pellucid.maths.penalties import Penalty
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack
from pellucid.plots import style
from pellucid.plots.trail import Trail, check_trail

MARGIN = 0.25  # distance from the path to the edge of the slice, as a share of the path's extent
FLAT = 1e-6  # a path whose second principal component is below this share of its length counts as straight


class Slice(NamedTuple):
    """A plane in the space of θ: its origin, its two directions ``(2, P)``, and their labels."""

    origin: NDArray[np.float64]
    directions: NDArray[np.float64]
    labels: tuple[str, str]
    shift: tuple[float, float]  # coordinates of the origin on the axes


def loss_surface(
    trail: Trail,
    X: object,
    y: object,
    *,
    parameters: tuple[int, int] | None = None,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    resolution: int = 60,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw contour lines of J on a plane through the last θ of the trail, with the path of training.

    The plane is spanned by the first two principal components of θₜ − θ_end; the axis labels give the share of the
    squared distances that each explains. With `parameters`, it is spanned by two elements of θ, given by their index
    in ``network.theta``, and all others have their final values.
    The path is projected onto the plane: except at its end, J at a point of the path may differ from the contour
    lines there.

    Shapes: X and y as `Network.loss_value` takes them.
    Source: H. Li et al., "Visualizing the loss landscape of neural nets" (2018), section 7.

    >>> from pellucid import Dense, Network
    >>> trail, X, y = Trail(), [[0.0], [1.0]], [1.0, 3.0]
    >>> history = Network([Dense(1, 1)], "squared_error").fit(X, y, epochs=30, random_state=0, callbacks=[trail])
    >>> axes = loss_surface(trail, X, y, parameters=(0, 1))
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('layer 1, weight $w_{1,1}$', 'layer 1, bias $b_{1}$')
    """
    check_trail(trail)
    if len(trail) < 2:
        raise ValueError(f"a trail of {len(trail)} points is no path: train for at least one epoch")
    if resolution < 2:
        raise ValueError(f"resolution={resolution!r}: expected 2 or more points along each axis")
    network, thetas = trail.network, trail.thetas.astype(np.float64)
    cut = _principal(thetas) if parameters is None else _coordinates(network, parameters)
    path = (thetas - cut.origin) @ cut.directions.T

    low, high = path.min(axis=0), path.max(axis=0)
    room = MARGIN * np.maximum(high - low, 0.2 * (high - low).max() or 1.0)
    across, up = (np.linspace(low[axis] - room[axis], high[axis] + room[axis], resolution) for axis in (0, 1))
    heights = np.empty((resolution, resolution))
    for row, b in enumerate(up):
        for column, a in enumerate(across):
            network.theta = cut.origin + a * cut.directions[0] + b * cut.directions[1]
            heights[row, column] = network.loss_value(X, y, penalty=penalty, reduction=reduction)

    ax = style.new_axes(ax, style.SQUARE)
    across, up, path = across + cut.shift[0], up + cut.shift[1], path + np.array(cut.shift)
    _contours(ax, across, up, heights)
    ax.plot(
        path[:, 0], path[:, 1], color=style.color(4), linewidth=1.4, marker=".", markersize=4, label="path", zorder=4
    )
    ax.plot(*path[0], color="white", markeredgecolor=style.INK, marker="s", linestyle="none", label="start", zorder=5)
    ax.plot(*path[-1], color=style.INK, marker="*", linestyle="none", markersize=13, label="end", zorder=5)
    style.legend(ax)
    return style.finish(ax, x=cut.labels[0], y=cut.labels[1], title=title)


def _principal(thetas: NDArray[np.float64]) -> Slice:
    """The plane through the path's end spanned by its two first principal components."""
    moves = thetas - thetas[-1]
    _, sizes, components = np.linalg.svd(moves, full_matrices=False)
    if sizes[0] == 0:
        raise ValueError(
            "θ never moved along this trail, so there is no direction to cut along; give parameters=(i, j)"
        )
    if len(sizes) < 2 or sizes[1] < FLAT * sizes[0]:
        raise ValueError(
            "the path is a straight line, so it has one direction only; give two parameters to cut along, "
            "such as parameters=(0, 1)"
        )
    shares = sizes**2 / np.sum(sizes**2)
    # The sign of a component is arbitrary; choose those for which the path starts at the lower left.
    directions = components[:2] * -np.where(moves[0] @ components[:2].T > 0, 1.0, -1.0)[:, np.newaxis]
    first, second = (
        f"along the path's {rank} direction ({share:.0%} of its spread)"
        for rank, share in zip(("1st", "2nd"), shares[:2], strict=True)
    )
    return Slice(thetas[-1], directions, (first, second), (0.0, 0.0))


def _coordinates(network: LayerStack, parameters: tuple[int, int]) -> Slice:
    """The plane of two elements of θ; its axes show their values."""
    first, second = parameters
    size = network.theta.size
    if first == second or not all(0 <= index < size for index in parameters):
        raise ValueError(f"parameters={parameters!r}: expected two different positions in θ, from 0 to {size - 1}")
    origin = network.theta.astype(np.float64)
    labels = (_parameter_name(network, first), _parameter_name(network, second))
    return Slice(origin, np.eye(size)[[first, second]], labels, (float(origin[first]), float(origin[second])))


def _parameter_name(network: LayerStack, index: int) -> str:
    """The name of an element of θ, counted from 1 as in the mathematics."""
    group = next(group for group in network.groups if group.start <= index < group.stop)
    place = np.unravel_index(index - group.start, group.shape)
    subscript = ",".join(str(number + 1) for number in place)
    kind = {"W": "weight $w", "b": "bias $b"}.get(group.name, f"parameter ${group.name}")
    return f"layer {group.layer + 1}, {kind}_{{{subscript}}}$"


def _contours(ax: Axes, across: NDArray[np.float64], up: NDArray[np.float64], heights: NDArray[np.float64]) -> None:
    """Contour lines of J, shaded darker for larger J, so that minima are light also in black and white."""
    finite = heights[np.isfinite(heights)]
    low, high = float(finite.min()), float(finite.max())
    # Values that span decades get logarithmic levels, others linear ones.
    levels = np.geomspace(low, high, 14) if low > 0 and high > 5 * low else np.linspace(low, high, 14)
    shades = LinearSegmentedColormap.from_list("valley to ridge", [style.tint(0, 0.0), style.tint(0, 0.75)])
    filled = ax.contourf(across, up, heights, levels=levels, colors=shades(np.linspace(0, 1, len(levels) - 1)))
    filled.set_edgecolor("face")
    lines = ax.contour(across, up, heights, levels=levels[1:-1], colors=[style.INK], linewidths=0.5, alpha=0.7)
    ax.clabel(lines, fontsize="x-small", fmt=lambda height: f"{height:.3g}")
