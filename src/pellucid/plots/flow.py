"""Norms of the gradients and of the updates of each layer during training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from pellucid.maths.penalties import Penalty
from pellucid.network.layers import Dense, Layer
from pellucid.network.objective import Reduction
from pellucid.plots import style
from pellucid.plots.trail import Trail, check_trail

MAX_RAW = 20  # longest trail that is drawn without smoothing


def gradient_norms(
    trail: Trail,
    X: object,
    y: object,
    *,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw the size of each layer's gradient, √(mean (∂J/∂W)²), against epochs, on a logarithmic scale.

    It is the mean over the weights of a layer, not their sum, so that layers of different sizes can be compared. It is
    computed on all of X and y, without dropout, at each θ of the trail. A gradient of exactly 0 leaves a gap in the
    line. For a long trail the line is a running geometric mean over a tenth of the points, which are drawn faintly
    behind it.

    >>> from pellucid import Dense, Network
    >>> trail, X, y = Trail(), [[0.0, 1.0], [1.0, 0.0]], [0, 1]
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")])
    >>> history = net.fit(X, y, epochs=4, random_state=0, callbacks=[trail])
    >>> [line.get_label() for line in gradient_norms(trail, X, y).lines]
    ['layer 1 (2 → 3 tanh)', 'layer 2 (3 → 2 softmax)']
    """
    check_trail(trail)
    rows = []
    for position in range(len(trail)):
        network = trail.network_at(position)
        gradient = network.backward(network.forward(X), y, penalty=penalty, reduction=reduction)
        rows.append(
            [_size(_weights(layer, arrays)) for layer, arrays in zip(network.layers, gradient.layers, strict=True)]
        )
    label = r"size of the gradient,  $\sqrt{\mathrm{mean}\,(\partial J / \partial W)^2}$"
    return _by_layer(trail, trail.epochs, np.array(rows), label, title, ax)


def update_ratios(trail: Trail, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    r"""Draw the relative change of each layer's weights from one θ of the trail to the next.

    It is ‖ΔW‖/‖W‖, with W before the change, on a logarithmic scale. For a single update, about 0.001 is a common rule
    of thumb: with much less a layer hardly learns, with much more training is unstable. Changes over an epoch of many
    updates, or over ten epochs, are larger; the label says how many epochs a change spans.

    >>> from pellucid import Dense, Network
    >>> trail = Trail()
    >>> history = Network([Dense(1, 1)], "squared_error").fit([[1.0]], [2.0], epochs=4, callbacks=[trail])
    >>> update_ratios(trail).lines[0].get_xdata().tolist()
    [1, 2, 3, 4]
    """
    check_trail(trail)
    if len(trail) < 2:
        raise ValueError(f"a trail of {len(trail)} points holds no step: train for at least one epoch")
    rows = []
    for position in range(1, len(trail)):
        before, after = trail.network_at(position - 1), trail.network_at(position)
        old, new = ([_weights(layer, layer.parameters) for layer in each.layers] for each in (before, after))
        moved = [_size(now - then) for then, now in zip(old, new, strict=True)]
        sizes = [_size(weights) for weights in old]
        rows.append([step / size if size else np.nan for step, size in zip(moved, sizes, strict=True)])
    span = "one epoch" if trail.every == 1 else f"{trail.every} epochs"
    label = rf"change of the weights in {span},  $\|\Delta W\| / \|W\|$"
    return _by_layer(trail, trail.epochs[1:], np.array(rows), label, title, ax)


def _weights(layer: Layer, arrays: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Of arrays like the layer's parameters the one like W; all of them for a layer that is no `Dense`."""
    if isinstance(layer.spec, Dense):
        return arrays[0]
    return np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(1)


def _size(W: NDArray[np.floating]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(W))))


def _by_layer(
    trail: Trail, epochs: NDArray[np.int64], rows: NDArray[np.float64], label: str, title: str | None, ax: Axes | None
) -> Axes:
    """One line per layer, each in its own colour: a running mean, with the single values drawn faintly behind it."""
    ax = style.new_axes(ax, style.WIDE if len(rows.T) > 4 else style.SMALL)
    for number, (layer, values) in enumerate(zip(trail.network.layers, rows.T, strict=True)):
        positive = np.where(values > 0, values, np.nan)
        shade, means = style.shade(number, len(rows.T)), smooth(positive)
        if len(epochs) > MAX_RAW:
            ax.plot(epochs, positive, color=shade, linewidth=0.8, alpha=0.3, label="_each")
        ax.plot(
            epochs,
            means,
            color=shade,
            linestyle=style.DASHES[number % len(style.DASHES)],
            marker=style.marker(number),
            markevery=(number * max(1, len(epochs) // 8) // len(rows.T), max(1, len(epochs) // 8)),
            markersize=5,
            linewidth=1.8,
            label=f"layer {number + 1} ({layer.n_inputs} → {layer.units} {layer.title})",
        )
    style.logarithmic(ax)
    style.whole_numbers(ax)
    style.finish(ax, x="epoch", y=label, title=title, grid=True)
    style.legend(ax, "beside" if len(rows.T) > 4 else None)
    return ax


def smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running geometric mean over a tenth of the values; few values are not changed.

    >>> smooth(np.array([1.0, 100.0])).tolist()
    [1.0, 100.0]
    """
    if len(values) <= MAX_RAW:
        return values
    reach = max(1, len(values) // 20)
    windows = (values[max(0, place - reach) : place + reach + 1] for place in range(len(values)))
    means = [np.exp(np.mean(np.log(window[window > 0]))) if np.any(window > 0) else np.nan for window in windows]
    return np.where(np.isnan(values), np.nan, means)
