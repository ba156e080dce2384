"""Cross-entropy, for one of k classes and for yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.special import xlogy

from pellucid.maths.checks import check_real
from pellucid.maths.elementary import absolute, exp, log1p, maximum
from pellucid.maths.losses.base import LOSSES, Loss, check_targets, over_square
from pellucid.maths.rows import row_max, row_sum
from pellucid.maths.typing import Array

__all__ = ["BinaryCrossEntropy", "CrossEntropy"]


@LOSSES.register
@dataclass(frozen=True)
class CrossEntropy(Loss):
    r"""Categorical cross-entropy ℓ = −Σⱼ yⱼ ln aⱼ after softmax, the negative log-likelihood of the true class.

    From the pre-activations, ℓ = ln Σⱼ e^{zⱼ} − Σⱼ yⱼ zⱼ (rows of Y sum to 1), with each row's maximum subtracted:
    exact for confident mistakes, where ln(0) would have been taken. δ = A − Y.

    Targets: class numbers 0 … k−1 of shape (n,), or rows of k probabilities (one-hot rows among them).
    `label_smoothing` s mixes them with the uniform distribution: (1 − s) Y + s/k (Szegedy et al. 2016, section 7).

    Source: Bishop, "Pattern recognition and machine learning" (2006), section 4.3.4.

    >>> CrossEntropy().value_from_logits(np.array([[1.0, 0.0]]), np.array([[-1000.0, 0.0]]))
    array([1000.])
    """

    label_smoothing: float = 0.0

    name: ClassVar[str] = "cross_entropy"
    title: ClassVar[str] = "cross-entropy"
    formula: ClassVar[str] = r"-\sum_j y_j \ln a_j"
    gradient_formula: ClassVar[str] = r"-y_j / a_j"
    second_derivative_formula: ClassVar[str] = r"y_j / a_j^2"
    canonical: ClassVar[str | None] = "softmax"
    canonical_only: ClassVar[bool] = True
    domain: ClassVar[tuple[float, float]] = (0.0, 1.0)
    task: ClassVar[Literal["classification", "regression"]] = "classification"

    def __post_init__(self) -> None:
        check_real("CrossEntropy label_smoothing", self.label_smoothing, least=0, below=1)

    def value(self, Y: Array, A: Array) -> Array:
        """−Σⱼ Y ln A; infinite where an A that should not be is rounded to 0, which `value_from_logits` is not."""
        return -xlogy(Y, A).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """−Y / A."""
        return -Y / A

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Y / A²; 0 where Y is, even at A = 0. The largest number of the dtype stands for what is beyond it."""
        return over_square(Y, A)

    def curvature(self, A: Array) -> Array:
        """The matrix diag(a) − a aᵀ of each sample (n, k, k), symmetric and positive semidefinite."""
        blocks: Array = -A[:, :, None] * A[:, None, :]
        diagonal = np.arange(A.shape[1])
        blocks[:, diagonal, diagonal] = A * (1 - A)
        return blocks

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """Ln Σⱼ e^{zⱼ} − Σⱼ yⱼ zⱼ, both shifted by max z."""
        shifted = Z - row_max(Z)[:, None]
        # A difference of two finite numbers may overflow to −inf, and 0·(−inf) is NaN.
        np.maximum(shifted, np.finfo(Z.dtype).min, out=shifted)
        return np.log(row_sum(np.exp(shifted))) - row_sum(Y * shifted)

    def encode(self, y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
        """Class numbers or rows of probabilities as smoothed rows (n, k)."""
        raw = np.asarray(y)
        if raw.ndim == 2 and raw.shape[1] == n_outputs and n_outputs > 1:
            Y = check_targets(raw, n_outputs, dtype)
            wrong = (Y < 0).any(axis=1) | (np.abs(Y.sum(axis=1) - 1) > 1e-3)
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                raise ValueError(f"rows of y must be probabilities that sum to 1, got {raw[row]} in row {row + 1}")
        else:
            Y = np.eye(n_outputs, dtype=dtype)[check_class_numbers(raw, n_outputs)]
        if self.label_smoothing:
            Y = (1 - self.label_smoothing) * Y + self.label_smoothing / n_outputs
        return Y


@LOSSES.register
@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    r"""Binary cross-entropy ℓ = −Σⱼ [yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ)] after a sigmoid: each output a yes or no.

    From the pre-activations, ℓ = Σⱼ max(zⱼ, 0) − yⱼ zⱼ + ln(1 + e^{−|zⱼ|}), exact for every finite z. δ = A − Y.

    Targets: 0 or 1 (or a probability between) of shape (n,) for one output, (n, k) for k independent labels.
    `label_smoothing` s: (1 − s) Y + s/2.

    Source: Bishop, "Pattern recognition and machine learning" (2006), section 4.3.2.

    >>> BinaryCrossEntropy().value_from_logits(np.array([[1.0]]), np.array([[-1000.0]]))
    array([1000.])
    """

    label_smoothing: float = 0.0

    name: ClassVar[str] = "binary_cross_entropy"
    title: ClassVar[str] = "binary cross-entropy"
    formula: ClassVar[str] = r"-\sum_j \left[y_j \ln a_j + (1 - y_j) \ln(1 - a_j)\right]"
    gradient_formula: ClassVar[str] = r"\frac{a_j - y_j}{a_j\,(1 - a_j)}"
    second_derivative_formula: ClassVar[str] = r"\frac{y_j}{a_j^2} + \frac{1 - y_j}{(1 - a_j)^2}"
    canonical: ClassVar[str | None] = "sigmoid"
    canonical_only: ClassVar[bool] = True
    domain: ClassVar[tuple[float, float]] = (0.0, 1.0)
    task: ClassVar[Literal["classification", "regression"]] = "classification"

    def __post_init__(self) -> None:
        check_real("BinaryCrossEntropy label_smoothing", self.label_smoothing, least=0, below=1)

    def value(self, Y: Array, A: Array) -> Array:
        """−Σⱼ Y ln A + (1 − Y) ln(1 − A); infinite where A is rounded to 0 or 1, which `value_from_logits` is not."""
        return -(xlogy(Y, A) + xlogy(1 - Y, 1 - A)).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """(A − Y) / (A (1 − A))."""
        return (A - Y) / (A * (1 - A))

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Y / A² + (1 − Y) / (1 − A)². The largest number of the dtype stands for what is beyond it."""
        with np.errstate(over="ignore"):  # a sum of two largest numbers
            total = over_square(Y, A) + over_square(1 - Y, 1 - A)
        return np.minimum(total, np.finfo(A.dtype).max)

    def curvature(self, A: Array) -> Array:
        """A (1 − A)."""
        return A * (1 - A)

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """Σⱼ max(z, 0) − y z + ln(1 + e^{−|z|})."""
        return row_sum(np.maximum(Z, 0) - Y * Z + np.log1p(np.exp(-np.abs(Z))))

    def encode(self, y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
        """Zeros and ones as a smoothed matrix (n, k)."""
        Y = check_targets(y, n_outputs, dtype)
        wrong = (Y < 0) | (Y > 1)
        if wrong.any():
            row = int(np.flatnonzero(wrong.any(axis=1))[0])
            raise ValueError(f"y must be 0 or 1 (or between), got {Y[row][wrong[row]][0]:g} in row {row + 1}")
        if self.label_smoothing:
            Y = (1 - self.label_smoothing) * Y + self.label_smoothing / 2
        return Y

    @staticmethod
    def kernel_from_logits(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """(max(z, 0) − y z + ln(1 + e^{−|z|}), a − y)."""
        return maximum(z, 0.0) - y * z + log1p(exp(-absolute(z))), a - y


def check_class_numbers(y: Array, n_classes: int) -> Array:
    """Class numbers 0 … n_classes − 1 as integers (n,), or ValueError naming the first that is none."""
    flat = y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y
    if flat.ndim != 1:
        raise ValueError(
            f"y must be class numbers of shape (n,) or probabilities of shape (n, {n_classes}), got shape {y.shape}"
        )
    if flat.dtype.kind not in "biuf":
        raise ValueError(
            f"y must hold class numbers 0 to {n_classes - 1}, got {flat[:1]!r}: "
            "turn labels into numbers first, for instance with numpy.unique(labels, return_inverse=True)"
        )
    with np.errstate(invalid="ignore"):  # NaN has no integer; it is caught by the comparison
        numbers = flat.astype(np.int64)
    wrong = (numbers != flat) | (numbers < 0) | (numbers >= n_classes)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"y must hold class numbers 0 to {n_classes - 1}, got {flat[row]} in row {row + 1}")
    return numbers
