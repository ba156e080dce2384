"""Outputs of single units over the plane of two inputs."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pellucid.estimators.inside import innermost
from pellucid.maths.renamed import renamed_arguments
from pellucid.plots import style
from pellucid.plots.models import axis_names, like, network_and_inputs, network_in
from pellucid.plots.points import class_labels, plane, reach, scatter

PANEL = (2.5, 2.3)  # inches
POINT = 11.0  # the area of a marker, in points squared
STEPS = 12  # levels of shade, from the lowest output of the layer to the highest


@renamed_arguments(most="max_units")
def unit_maps(
    network: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    layer: int = 1,
    columns: int | None = None,
    max_units: int = 16,
    resolution: int = 120,
    margin: float | None = None,
    names: tuple[str, str] | None = None,
    title: str | None = None,
    figure: Figure | None = None,
) -> NDArray[Any]:
    """Draw the output of each unit of one layer over the plane of a network's two inputs: dark low, light high.

    All panels share the scale of the colour bar; the dashed line is where the unit's pre-activation z is 0. With
    `y`, the points of X are drawn by class. Of a layer with more than `max_units` units, the first ones are drawn.
    Layers and units count from 1; −1 is the last layer. For a fitted estimator or pipeline, the plane is that of its
    inputs, before scaling.
    Returns the Axes of the units, a flat array.

    Shapes: ``X (n, 2)``; ``y (n,)`` or one-hot rows ``(n, k)``.

    >>> from pellucid import Dense, Network
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    >>> [panel.get_title() for panel in unit_maps(net, [[0.0, 0.0], [1.0, 1.0]])]
    ['unit 1', 'unit 2', 'unit 3']
    """
    inner = network_in("network", network)
    if network is inner and inner.n_inputs != 2:
        raise ValueError(f"a map over the plane needs a network of 2 inputs, this one has {inner.n_inputs}")
    points = plane(X)
    labels = None if y is None else class_labels(y, len(points))
    if not (layer == -1 or 1 <= layer <= len(inner.layers)):
        raise ValueError(f"layer={layer!r}: the network has {len(inner.layers)} layers, counted from 1; -1 is the last")
    if max_units < 1 or (columns is not None and columns < 1):
        raise ValueError(f"columns={columns!r}, max_units={max_units!r}: expected 1 or more")
    low, high = reach(points, margin)
    across, up = (np.linspace(low[axis], high[axis], resolution) for axis in (0, 1))
    columns_needed = getattr(innermost(network), "n_features_in_", 2) if network is innermost(network) else 2
    if columns_needed != 2:
        raise ValueError(f"a map over the plane needs a model of 2 inputs, this one has {columns_needed}")
    grid = like(X, np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2))
    inner, inputs = network_and_inputs("network", network, grid)
    forward_pass = inner.forward(inputs)
    index = layer - 1 if layer > 0 else layer  # Python's index counts from 0
    Z, A = (values[index].reshape(resolution, resolution, -1) for values in (forward_pass.Z, forward_pass.A))

    units = min(max_units, A.shape[-1])
    if columns is None:  # at most four per row, in rows of nearly equal length
        columns = ceil(units / ceil(units / 4))
    columns = min(columns, units)
    rows = ceil(units / columns)
    if figure is None:
        figure = style.new_figure((PANEL[0] * columns + 0.9, PANEL[1] * rows + (0.3 if title else 0.0)))
    levels = _levels(A[..., :units])
    panels = []
    for unit in range(units):
        panel = figure.add_subplot(rows, columns, unit + 1)
        shades = panel.contourf(across, up, A[..., unit], levels=levels, cmap="cividis")
        if Z[..., unit].min() < 0.0 < Z[..., unit].max():
            panel.contour(across, up, Z[..., unit], levels=[0.0], colors=["white"], linewidths=1.6, linestyles="--")
        if labels is not None:
            scatter(panel, points, labels, np.unique(labels), POINT)
            for collection in panel.collections[-len(np.unique(labels)) :]:
                collection.set_edgecolor("white")  # visible on the dark parts as well
        panel.set_xlim(low[0], high[0])
        panel.set_ylim(low[1], high[1])
        x, y_name = axis_names(names, X)
        style.finish(panel, x=x, y=y_name, title=f"unit {unit + 1}")
        panels.append(panel)
    style.label_outer(panels, columns)
    bar = figure.colorbar(shades, ax=panels, label=f"output $a$ ({inner.layers[index].title})")
    bar.ax.tick_params(labelsize="small")
    if title:
        figure.suptitle(title, color=style.INK, fontsize="medium")
    return np.array(panels, dtype=object)


def _levels(A: NDArray[np.floating]) -> NDArray[np.float64]:
    """Equal steps from the lowest output to the highest; a small interval if all are equal."""
    low, high = float(A.min()), float(A.max())
    room = max(1e-9, 1e-9 * abs(low)) if high - low < 1e-12 * max(1.0, abs(low)) else 0.0
    return np.linspace(low - room, high + room, STEPS + 1)
