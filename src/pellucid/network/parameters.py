"""The layout of the parameters: one flat vector θ, and the groups that it consists of.

θ holds, layer after layer, the parameters of its operation: of a `Dense` the weights W (row by row) and then the biases
b. Optimizers, gradient checks, L-BFGS and files see one vector; the formulas see matrices that are views of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.layers import Spec


@dataclass(frozen=True)
class Group:
    """A named slice of θ: `theta[start:stop]`, of `shape`, belonging to layer number `layer`.

    `penalized`, `rate_factor` and `decay_factor` are those of the `Parameter`.
    """

    layer: int
    name: str
    start: int
    stop: int
    shape: tuple[int, ...]
    penalized: bool
    rate_factor: float = 1.0
    decay_factor: float = 1.0

    def of(self, vector: Array) -> Array:
        """The group's part of a vector like θ, as a view of the group's shape."""
        return vector[self.start : self.stop].reshape(self.shape)


def layout(specs: Sequence[Spec]) -> tuple[Group, ...]:
    """The groups of θ in order: the parameters of each layer.

    >>> from pellucid import Dense
    >>> [(g.layer, g.name, g.start, g.stop) for g in layout([Dense(2, 3), Dense(3, 1)])]
    [(0, 'W', 0, 6), (0, 'b', 6, 9), (1, 'W', 9, 12), (1, 'b', 12, 13)]
    """
    groups: list[Group] = []
    start = 0
    for i, spec in enumerate(specs):
        for one in spec.parameters():
            stop = start + math.prod(one.shape)
            groups.append(Group(i, one.name, start, stop, one.shape, one.penalized, one.rate_factor, one.decay_factor))
            start = stop
    return tuple(groups)


def by_layer(vector: Array, groups: Sequence[Group], n_layers: int) -> list[tuple[Array, ...]]:
    """The parameters of each layer, (W, b) of a `Dense`, as views of a vector like θ."""
    return [tuple(group.of(vector) for group in groups if group.layer == i) for i in range(n_layers)]


def decay_factors(groups: Sequence[Group]) -> Array:
    """Weight decay per element of θ: True and False, or factors if a parameter has a `decay_factor`."""
    mask = penalized_mask(groups)
    if all(group.decay_factor == 1 for group in groups):
        return mask
    factors = mask.astype(np.float64)
    for group in groups:
        factors[group.start : group.stop] *= group.decay_factor
    return factors


def rate_factors(groups: Sequence[Group], dtype: np.dtype[np.floating]) -> Array | None:
    """The factor on the learning rate of each element of θ; None if all are 1."""
    if all(group.rate_factor == 1 for group in groups):
        return None
    factors = np.empty(groups[-1].stop, dtype=dtype)
    for group in groups:
        factors[group.start : group.stop] = group.rate_factor
    return factors


def penalized_mask(groups: Sequence[Group]) -> Array:
    """True at the elements of θ that a penalty or weight decay acts on."""
    mask = np.zeros(groups[-1].stop, dtype=bool)
    for group in groups:
        mask[group.start : group.stop] = group.penalized
    return mask
