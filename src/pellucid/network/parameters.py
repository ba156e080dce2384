"""Where the numbers live: one flat vector θ, and the groups that it is made of.

θ holds, layer after layer, the weights W (row by row) and then the biases b. Optimizers, gradient checks, L-BFGS and
files see one vector; the formulas see matrices that are views of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.layers import Dense


@dataclass(frozen=True)
class Group:
    """A named stretch of θ: `theta[start:stop]`, of `shape`, belonging to layer number `layer`."""

    layer: int
    name: str
    start: int
    stop: int
    shape: tuple[int, ...]
    penalized: bool

    def of(self, vector: Array) -> Array:
        """The group's part of a vector like θ, as a view of the group's shape."""
        return vector[self.start : self.stop].reshape(self.shape)


def layout(specs: Sequence[Dense]) -> tuple[Group, ...]:
    """The groups of θ in order: W and b of each layer. Weights are penalized, biases are not.

    >>> [(g.layer, g.name, g.start, g.stop) for g in layout([Dense(2, 3), Dense(3, 1)])]
    [(0, 'W', 0, 6), (0, 'b', 6, 9), (1, 'W', 9, 12), (1, 'b', 12, 13)]
    """
    groups: list[Group] = []
    start = 0
    for i, spec in enumerate(specs):
        for name, shape, penalized in (("W", (spec.n_inputs, spec.units), True), ("b", (spec.units,), False)):
            size = int(np.prod(shape))
            groups.append(Group(i, name, start, start + size, shape, penalized))
            start += size
    return tuple(groups)


def pairs(vector: Array, groups: Sequence[Group]) -> list[tuple[Array, Array]]:
    """(W, b) of each layer as views of a vector like θ."""
    return [(W.of(vector), b.of(vector)) for W, b in zip(groups[::2], groups[1::2], strict=True)]


def penalized_mask(groups: Sequence[Group]) -> Array:
    """True at the elements of θ that a penalty or weight decay acts on."""
    mask = np.zeros(groups[-1].stop, dtype=bool)
    for group in groups:
        mask[group.start : group.stop] = group.penalized
    return mask
