"""Heat maps: the activation of every unit at every point of the plane, as bytes for the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pellucid.maths.typing import Array
from pellucid.network.forward import forward
from pellucid.network.stack import LayerStack

GRID = 100
"""Points along each side of the boundary; unit maps have every second one."""
NAN_LEVEL = -128


@dataclass(frozen=True)
class Pictures:
    """`maps` (units, g/2, g/2) of all layers in order, each times its scale; `boundary` (outputs, g, g)."""

    maps: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    boundary: npt.NDArray[np.int8] | npt.NDArray[np.uint8]


def as_bytes(values: Array) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Maps (m, …) as −127 … 127 times a scale for each: at least 1, so that nearly silent units look pale.

    >>> bytes_, scales = as_bytes(np.array([[0.5, -1.0], [4.0, np.nan]]))
    >>> bytes_.tolist(), scales.tolist()
    ([[64, -127], [127, -128]], [1.0, 4.0])
    """
    flat = values.reshape(len(values), -1)
    finite = np.isfinite(flat)
    known = flat if finite.all() else np.where(finite, flat, 0)
    scales = np.maximum(np.abs(known).max(axis=1, initial=1.0), 1.0).astype(np.float32)
    scaled = np.rint(known * (127 / scales[:, None]))
    if not finite.all():
        scaled[~finite] = NAN_LEVEL
    return scaled.astype(np.int8).reshape(values.shape), scales


def draw(network: LayerStack, plane: Array, value_range: tuple[float, float] | None) -> Pictures:
    """Activations at the plane's points (g·g, p), first row at the top; `value_range` for regression only."""
    g = round(len(plane) ** 0.5)
    with np.errstate(all="ignore"):
        layers = [A.reshape(g, g, -1) for A in forward(network.layers, plane).A]
        maps, scales = as_bytes(np.concatenate([A[::2, ::2].transpose(2, 0, 1) for A in layers]))
        answer = layers[-1].transpose(2, 0, 1)
        if value_range is None:
            boundary = np.rint(np.nan_to_num(answer) * 255).astype(np.uint8)
            return Pictures(maps, scales, boundary)
        largest = max(abs(value_range[0]), abs(value_range[1])) or 1.0
        shown = np.clip(np.nan_to_num(answer / largest), -1, 1)
        return Pictures(maps, scales, np.rint(shown * 127).astype(np.int8))
