r"""Several softmaxes in one output layer, for targets of several columns with classes each.

These are a custom activation and a custom loss: the k outputs are divided into groups with one softmax each, and the
loss is the sum of the groups' cross-entropies. They are a canonical pair: δ = A − Y.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from pellucid.maths.activations import Activation, Softmax
from pellucid.maths.losses import CrossEntropy, Loss
from pellucid.maths.losses.base import check_targets
from pellucid.maths.typing import Array


def _slices(sizes: Sequence[int]) -> list[slice]:
    ends = np.cumsum(sizes)
    return [slice(int(end - size), int(end)) for size, end in zip(sizes, ends, strict=True)]


@dataclass(frozen=True)
class GroupedSoftmax(Activation):
    r"""One softmax per group of columns; `sizes` are the widths of the groups.

    >>> GroupedSoftmax((2, 1)).value(np.array([[0.0, 0.0, 5.0]]))
    array([[0.5, 0.5, 1. ]])
    """

    sizes: tuple[int, ...] = (1,)

    name: ClassVar[str] = "grouped_softmax"
    formula: ClassVar[str] = r"\frac{e^{z_j}}{\sum_{i \in g(j)} e^{z_i}}"
    derivative_formula: ClassVar[str] = r"a_j\,([i = j] - a_i),\; i \in g(j)"
    image: ClassVar[tuple[float, float]] = (0.0, 1.0)
    elementwise: ClassVar[bool] = False

    def value(self, Z: Array) -> Array:
        """Group by group."""
        return np.hstack([Softmax().value(Z[:, group]) for group in _slices(self.sizes)])

    def derivative(self, Z: Array, A: Array) -> Array:
        """The diagonal of the Jacobian, as for `Softmax`."""
        return A * (1 - A)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """Group by group."""
        parts = [Softmax().backward(dA[:, g], Z[:, g], A[:, g]) for g in _slices(self.sizes)]
        return np.hstack(parts)


@dataclass(frozen=True)
class GroupedCrossEntropy(Loss):
    r"""The sum over groups of −Σⱼ yⱼ ln aⱼ, after `GroupedSoftmax` of the same `sizes`.

    >>> loss = GroupedCrossEntropy((2, 2))
    >>> loss.value_from_logits(np.array([[1.0, 0.0, 0.0, 1.0]]), np.zeros((1, 4))).round(4)  # 2 ln 2
    array([1.3863])
    """

    sizes: tuple[int, ...] = (1,)
    label_smoothing: float = 0.0

    name: ClassVar[str] = "grouped_cross_entropy"
    formula: ClassVar[str] = r"-\sum_g \sum_{j \in g} y_j \ln a_j"
    gradient_formula: ClassVar[str] = r"-y_j / a_j"
    second_derivative_formula: ClassVar[str] = r"y_j / a_j^2"
    canonical: ClassVar[str | None] = "grouped_softmax"
    canonical_only: ClassVar[bool] = True
    domain: ClassVar[tuple[float, float]] = (0.0, 1.0)
    task: ClassVar[Literal["classification", "regression"]] = "classification"

    def value(self, Y: Array, A: Array) -> Array:
        """The cross-entropy of all columns together is the sum over groups."""
        return CrossEntropy().value(Y, A)

    def gradient(self, Y: Array, A: Array) -> Array:
        """−Y / A."""
        return CrossEntropy().gradient(Y, A)

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Y / A²."""
        return CrossEntropy().second_derivative(Y, A)

    def curvature(self, A: Array) -> Array:
        """A matrix of each sample (n, k, k), with the blocks of the groups on its diagonal."""
        blocks = np.zeros((*A.shape, A.shape[1]), dtype=A.dtype)
        for g in _slices(self.sizes):
            blocks[:, g, g] = CrossEntropy().curvature(A[:, g])
        return blocks

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """Group by group, each with its own maximum subtracted."""
        parts = [CrossEntropy().value_from_logits(Y[:, g], Z[:, g]) for g in _slices(self.sizes)]
        return np.sum(parts, axis=0)

    def encode(self, y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
        """One-hot rows of the groups side by side, smoothed within each group."""
        Y = check_targets(y, n_outputs, dtype)
        if not self.label_smoothing:
            return Y
        uniform = np.concatenate([np.full(size, 1 / size) for size in self.sizes]).astype(dtype)
        return (1 - self.label_smoothing) * Y + self.label_smoothing * uniform
