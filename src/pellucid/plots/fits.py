"""Fitted functions of one input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from pellucid.plots import style
from pellucid.plots.models import check_mapping, check_predicts, like, predictions


def fitted_curves(
    models: Mapping[str, Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, str] = ("$x$", "$y$"),
    margin: float = 0.0,
    resolution: int = 400,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each model's prediction as a function of the single input, as one line per model, over the data points.

    `margin` is how far the lines extend beyond the points, in the units of X: the range of extrapolation.

    Shapes: ``X (n, 1)``; ``y (n,)`` or ``(n, 1)``; `models` maps the name for the legend to a model with ``predict``.

    >>> class Doubles:
    ...     def predict(self, X):
    ...         return 2.0 * X[:, 0]
    >>> axes = fitted_curves({"twice": Doubles()}, [[0.0], [1.0]], [0.1, 2.1], margin=1.0)
    >>> axes.lines[0].get_xydata()[-1].tolist()
    [2.0, 4.0]
    """
    check_mapping(models, '{"a model": model}')
    for name, model in models.items():
        check_predicts(f"models[{name!r}]", model)
    points, values = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64).reshape(-1)
    if points.ndim != 2 or points.shape[1] != 1 or len(points) == 0:
        raise ValueError(f"X has shape {points.shape}; a curve needs (n, 1): one feature for each sample")
    if len(values) != len(points):
        raise ValueError(f"y holds {len(values)} numbers; expected one for each of {len(points)} rows of X")
    if not models:
        raise ValueError("models is empty: give at least one")
    ax = style.new_axes(ax, style.SMALL)
    ax.scatter(points[:, 0], values, s=14, color=style.GRID, edgecolors=style.INK, linewidths=0.4, label="data")
    along = np.linspace(points.min() - margin, points.max() + margin, resolution)
    for number, (name, model) in enumerate(models.items()):
        ax.plot(
            along,
            predictions(model, like(X, along.reshape(-1, 1))).reshape(-1),
            color=style.color(number),
            linestyle=style.DASHES[number % len(style.DASHES)],
            linewidth=1.8,
            label=style.plain(name),
        )
    style.finish(ax, x=names[0], y=names[1], title=title, grid=True)
    style.legend(ax)
    return ax
