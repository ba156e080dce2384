"""Points in a plane, with one colour and one marker per class."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style
from pellucid.plots.models import axis_names

MAX_CLASSES = 64  # the number of different pairs of colour and marker


def dataset(
    X: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw labelled points of two features.

    Shapes: ``X (n, 2)``; ``y (n,)`` of any labels that can be sorted, or one-hot rows ``(n, k)``.
    `names` label the two axes (default: the columns of a data frame, else x₁ and x₂).

    >>> axes = dataset([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]], ["no", "yes", "no"])
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['no', 'yes']
    """
    points, labels = plane(X), class_labels(y, len(np.asarray(X)))
    ax = style.new_axes(ax, style.SQUARE)
    scatter(ax, points, labels, np.unique(labels))
    x, up = axis_names(names, X)
    style.finish(ax, x=x, y=up, title=title)
    style.legend(ax)
    return ax


def scatter(
    ax: Axes,
    X: NDArray[np.float64],
    labels: NDArray[Any],
    classes: NDArray[Any],
    size: float | None = None,
    *,
    kept_back: bool = False,
) -> None:
    """Add the points of each class to the Axes, as one collection per class, named in the legend.

    Held-out points are larger and hollow.
    """
    if size is None:
        size = float(np.clip(9_000.0 / len(X), 8.0, 36.0))  # many points are drawn smaller, so that they overlap less
    for index, name in enumerate(classes):
        members = X[labels == name]
        if len(members):
            ax.scatter(
                members[:, 0],
                members[:, 1],
                s=1.6 * size if kept_back else size,
                facecolors="white" if kept_back else style.color(index),
                marker=style.marker(index),
                edgecolors=style.color(index) if kept_back else style.INK,
                linewidths=1.3 if kept_back else 0.5,
                label=f"{style.plain(name)}, test" if kept_back else style.plain(name),
                zorder=3,
            )


def plane(X: ArrayLike) -> NDArray[np.float64]:
    """`X` as an array of points in a plane; ValueError for another shape or for non-finite values."""
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) == 0:
        raise ValueError(f"X has shape {points.shape}; a plane needs (n, 2): two features for each sample")
    if not np.isfinite(points).all():
        raise ValueError("X holds NaN or infinite values; they cannot be drawn in a plane")
    return points


def reach(points: NDArray[np.float64], margin: float | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The limits of a plot around points: `margin` beyond them, by default a seventh of their extent."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    # Identical points, or points on a line along an axis, need a plot of positive size, too.
    narrow = extent.max() / 2 or np.maximum(0.5, 1e-3 * np.abs(low))
    room = np.where(extent > 0, extent / 7, narrow) if margin is None else margin
    return low - room, high + room


def class_labels(y: ArrayLike, n_samples: int) -> NDArray[Any]:
    """`y` as one label per sample: one-hot rows ``(n, k)`` become column numbers, a column ``(n, 1)`` becomes flat."""
    labels = np.asarray(y)
    if labels.ndim == 2:
        labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
    if labels.shape != (n_samples,):
        raise ValueError(f"y has shape {np.shape(y)}; expected ({n_samples},), one label for each row of X")
    found = len(np.unique(labels))
    if found > MAX_CLASSES:
        raise ValueError(f"y holds {found} different values; these plots are for classes, at most {MAX_CLASSES}")
    return labels
