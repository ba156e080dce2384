"""Rows of X drawn as images."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from pellucid.plots import style


def pictures(
    images: ArrayLike,
    captions: Sequence[str] | None = None,
    *,
    columns: int = 8,
    title: str | None = None,
    figure: Figure | None = None,
) -> NDArray[Any]:
    """Draw small grey images, dark for large values, each with a caption above it.

    Shapes: `images` ``(n, height, width)``; ``(n, pixels)`` is read as square images.
    Returns the Axes, a flat array.

    >>> axes = pictures([[0, 1, 1, 0], [1, 0, 0, 1]], ["a", "b"])
    >>> [panel.get_title() for panel in axes]
    ['a', 'b']
    """
    stack = _stack(images)
    if captions is not None and len(captions) != len(stack):
        raise ValueError(f"{len(captions)} captions for {len(stack)} images; expected one for each")
    if columns < 1:
        raise ValueError(f"columns={columns!r}: expected 1 or more")
    columns = min(columns, len(stack))
    rows = ceil(len(stack) / columns)
    if figure is None:
        figure = style.new_figure((1.25 * columns, 1.5 * rows + (0.4 if title else 0.0)))

    panels = []
    for position, image in enumerate(stack):
        panel = figure.add_subplot(rows, columns, position + 1)
        panel.imshow(image, cmap="Greys", vmin=stack.min(), vmax=stack.max(), interpolation="nearest")
        panel.set_xticks([])
        panel.set_yticks([])
        for spine in panel.spines.values():
            spine.set_color(style.GRID)
        if captions is not None:
            panel.set_title(style.plain(captions[position]), color=style.INK, fontsize="small")
        panels.append(panel)
    if title:
        figure.suptitle(title, color=style.INK, fontsize="medium")
    return np.array(panels, dtype=object)


def _stack(images: ArrayLike) -> NDArray[np.float64]:
    """The images as ``(n, height, width)``."""
    stack = np.asarray(images, dtype=np.float64)
    if stack.ndim == 2:
        side = round(stack.shape[1] ** 0.5)
        if side * side == stack.shape[1]:
            stack = stack.reshape(-1, side, side)
    if stack.ndim != 3 or stack.size == 0:
        raise ValueError(f"images has shape {stack.shape}; expected (n, height, width) or (n, side * side)")
    return stack
