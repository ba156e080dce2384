"""Diagram of a network's units and weights."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from pellucid.maths.renamed import renamed_arguments
from pellucid.network.layers import Dense, Layer
from pellucid.plots import style
from pellucid.plots.models import names_known, network_in

RADIUS = 0.17  # of a unit; units of a column are 0.5 apart, columns 1.6
ROW, COLUMN = 0.5, 1.6
THICKEST = 5.0  # points
POSITIVE, NEGATIVE = style.color(0), style.color(4)

# The displayed units of a column, from the top; None marks the omitted ones.
Column = list[int | None]


@renamed_arguments(most="max_units")
def network_diagram(
    network: Any,
    *,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    max_units: int = 12,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every unit as a circle and every weight as a line, thicker for larger weights; blue and solid if positive,
    red and dashed if negative.

    The number in a circle is the unit's bias. Thickness is relative to the layer: its largest weight is drawn at full
    width, and its size is written below. Of a layer with more than `max_units` units, the first and last are drawn.
    In a layer other than `Dense`, lines are the derivatives ∂z/∂a, and circles are empty.
    `network` is a Network, a fitted estimator, or a fitted pipeline or search around one. `inputs` and `outputs` are
    names of inputs and outputs (default: an estimator's column and class names).

    >>> from pellucid import Dense, Network
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 1, "sigmoid")], "binary_cross_entropy")
    >>> axes = network_diagram(net.initialize(random_state=0), inputs=["height", "weight"])
    >>> [text.get_text() for text in axes.texts if text.get_text() in ("height", "weight")]
    ['height', 'weight']
    """
    if max_units < 3:
        raise ValueError(
            f"max_units={max_units!r}: expected 3 or more, to show the first and the last unit with a gap between"
        )
    model, network = network, network_in("network", network)
    known_inputs, known_outputs = names_known(model)
    inputs = _names("inputs", known_inputs if inputs is None else inputs, network.n_inputs, "x")
    outputs = _names("outputs", known_outputs if outputs is None else outputs, network.n_outputs, "a")
    columns = [_column(size, max_units) for size in (network.n_inputs, *(layer.units for layer in network.layers))]
    tallest = max(map(len, columns))
    ax = style.new_axes(ax, (2.0 * len(columns) + 1.2, max(3.2, 0.55 * tallest + 1.5)))

    below = -ROW * tallest / 2 - 0.12
    for number, layer in enumerate(network.layers):
        _weights(ax, layer, number, columns[number], columns[number + 1])
        _caption(ax, (number + 1) * COLUMN, below, f"{layer.units} {layer.title}")
        largest = np.abs(layer.transform.slopes(layer.parameters)).max()
        letter = "w" if isinstance(layer.spec, Dense) else r"$\partial z/\partial a$"
        _caption(ax, (number + 0.5) * COLUMN, below - 0.3, f"largest |{letter}| {largest:.2g}")
    _caption(ax, 0.0, below, f"{network.n_inputs} input{'s' if network.n_inputs > 1 else ''}")

    for number, column in enumerate(columns):
        for place, unit in enumerate(column):
            x, y = number * COLUMN, _height(place, len(column))
            if unit is None:
                ax.text(x, y, "⋮", ha="center", va="center", color=style.INK, fontsize="large", zorder=4)
                continue
            has_bias = number > 0 and isinstance(network.specs[number - 1], Dense)
            bias = float(network.layers[number - 1].b[unit]) if has_bias else None
            _unit(ax, x, y, bias)
            if number == 0:
                ax.text(x - RADIUS - 0.08, y, inputs[unit], ha="right", va="center", color=style.INK, fontsize="small")
            if number == len(columns) - 1:
                ax.text(x + RADIUS + 0.08, y, outputs[unit], ha="left", va="center", color=style.INK, fontsize="small")

    ax.legend(
        handles=[
            Line2D([], [], color=POSITIVE, linewidth=2.5, label="positive weight"),
            Line2D([], [], color=NEGATIVE, linewidth=2.5, linestyle=(0, (2.4, 1.2)), label="negative weight"),
            Line2D(
                [],
                [],
                linestyle="none",
                marker="o",
                markersize=11,
                markerfacecolor="white",
                color=style.INK,
                label="unit, with its bias",
            ),
        ],
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=3,
        frameon=False,
        fontsize="small",
    )
    # Leave space for the names on both sides; a letter is about 0.1 wide.
    left, right = (max(0.6, 0.1 * max(map(_letters, names))) for names in (inputs, outputs))
    ax.set_xlim(-0.3 - left, (len(columns) - 1) * COLUMN + 0.3 + right)
    ax.set_ylim(below - 0.45, ROW * tallest / 2 + 0.1)
    ax.set_aspect("equal")
    ax.axis("off")
    if title:
        ax.set_title(style.readable(title, ax.bbox.width / ax.figure.dpi), color=style.INK, fontsize="medium")
    return ax


def _letters(name: str) -> int:
    """Width of a name in letters; a formula such as $x_{12}$ is short."""
    return 3 if name.startswith("$") else len(name)


def _names(argument: str, names: Sequence[str] | None, size: int, letter: str) -> Sequence[str]:
    if names is None:
        return [f"${letter}_{{{unit + 1}}}$" for unit in range(size)]
    if len(names) != size:
        raise ValueError(f"{argument} holds {len(names)} names; the network has {size} {argument}")
    return [style.plain(name, 24) for name in names]


def _column(size: int, most: int) -> Column:
    """The displayed units of a layer: all, or the first and the last ones with a gap."""
    if size <= most:
        return list(range(size))
    first = ceil((most - 1) / 2)
    last = most - 1 - first
    return [*range(first), None, *range(size - last, size)]


def _height(place: int, length: int) -> float:
    """Vertical position of the unit at this place of a column; all columns are centred."""
    return ROW * ((length - 1) / 2 - place)


def _weights(ax: Axes, layer: Layer, number: int, left: Column, right: Column) -> None:
    """The lines between two columns, thin ones first so that thick ones are on top."""
    W = layer.transform.slopes(layer.parameters)
    largest = float(np.abs(W).max()) or 1.0
    for positive in (True, False):
        lines, widths = [], []
        for here, source in enumerate(left):
            for there, target in enumerate(right):
                if source is None or target is None or (W[source, target] > 0) != positive:
                    continue
                if W[source, target] == 0 and not isinstance(layer.spec, Dense):
                    continue  # the two are not connected
                start = (number * COLUMN + RADIUS, _height(here, len(left)))
                end = ((number + 1) * COLUMN - RADIUS, _height(there, len(right)))
                lines.append((start, end))
                widths.append(THICKEST * abs(W[source, target]) / largest)
        ax.add_collection(
            LineCollection(
                lines,
                linewidths=widths,
                colors=POSITIVE if positive else NEGATIVE,
                linestyles="solid" if positive else (0, (2.4, 1.2)),
                label=f"layer {number + 1}, {'positive' if positive else 'negative'}",
                zorder=2,
            )
        )


def _unit(ax: Axes, x: float, y: float, bias: float | None) -> None:
    ax.add_patch(Circle((x, y), RADIUS, facecolor="white", edgecolor=style.INK, linewidth=1.0, zorder=3))
    if bias is not None:
        text = f"{bias:.1f}" if abs(bias) < 99.5 else f"{bias:.0e}"
        ax.text(x, y, text.replace("-", "−"), ha="center", va="center", color=style.INK, fontsize="x-small", zorder=4)


def _caption(ax: Axes, x: float, y: float, text: str) -> None:
    ax.text(x, y, text, ha="center", va="center", color=style.INK, fontsize="small")
