"""Losses for numbers: squared, absolute, Huber, quantile, Poisson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import xlogy

from pellucid.maths.checks import check_real
from pellucid.maths.elementary import absolute, bits, equals, exp, log, maximum, minimum, select, sign
from pellucid.maths.losses.base import LOSSES, Loss, check_targets, over_square
from pellucid.maths.typing import Array

__all__ = ["AbsoluteError", "Huber", "Poisson", "Quantile", "SquaredError"]

_LEAST_MEAN = {8 * kind().itemsize: float(np.sqrt(np.finfo(kind).tiny)) for kind in (np.float64, np.float32)}
"""The bound on Poisson's mean a, by precision: the root of the smallest normal number."""


@LOSSES.register
@dataclass(frozen=True)
class SquaredError(Loss):
    r"""Half the squared error, ℓ = ½ Σⱼ (aⱼ − yⱼ)², with gradient a − y: an estimate of the conditional mean.

    The half is there for the gradient's sake (Bishop 2006, equation 5.11). The sum over outputs, not the mean:
    scikit-learn reports the mean over the k outputs and yet descends the gradient of the sum.

    >>> SquaredError().value(np.array([[1.0, 2.0]]), np.array([[3.0, 2.0]]))
    array([2.])
    """

    name: ClassVar[str] = "squared_error"
    title: ClassVar[str] = "squared error"
    formula: ClassVar[str] = r"\frac{1}{2} \sum_j (a_j - y_j)^2"
    gradient_formula: ClassVar[str] = r"a_j - y_j"
    second_derivative_formula: ClassVar[str] = r"1"
    canonical: ClassVar[str | None] = "identity"

    def value(self, Y: Array, A: Array) -> Array:
        """½ Σⱼ (A − Y)²."""
        R = A - Y
        return 0.5 * (R * R).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """A − Y."""
        return A - Y

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """One everywhere."""
        return np.ones_like(A)

    def curvature(self, A: Array) -> Array:
        """One everywhere: A = Z."""
        return np.ones_like(A)

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """The same: A = Z."""
        return self.value(Y, Z)

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """(½ r², r) with r = a − y."""
        r = a - y
        return r * r * 0.5, r

    @staticmethod
    def kernel_from_logits(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """The same: a = z."""
        return SquaredError.kernel_formula(y, a, z)


@LOSSES.register
@dataclass(frozen=True)
class AbsoluteError(Loss):
    r"""The absolute error ℓ = Σⱼ |aⱼ − yⱼ|, with gradient sign(a − y) (0 at 0): an estimate of the median.

    Source: Koenker, Bassett, "Regression quantiles" (1978), the case ½.

    >>> AbsoluteError().gradient(np.array([[1.0, 2.0]]), np.array([[3.0, 2.0]]))
    array([[1., 0.]])
    """

    name: ClassVar[str] = "absolute_error"
    title: ClassVar[str] = "absolute error"
    formula: ClassVar[str] = r"\sum_j |a_j - y_j|"
    gradient_formula: ClassVar[str] = r"\mathrm{sign}(a_j - y_j)"
    second_derivative_formula: ClassVar[str] = r"0"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def value(self, Y: Array, A: Array) -> Array:
        """Σⱼ |A − Y|."""
        return np.abs(A - Y).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """Sign(A − Y)."""
        return np.sign(A - Y)

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Zero everywhere: two straight lines."""
        return np.zeros_like(A)

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """(|r|, sign r) with r = a − y."""
        r = a - y
        return absolute(r), sign(r)


@LOSSES.register
@dataclass(frozen=True)
class Huber(Loss):
    r"""Huber's loss: ½ r² for |r| ≤ `delta`, delta (|r| − ½ delta) beyond, r = a − y: squared error that outliers
    cannot rule. Its gradient is r, cut off at ± delta.

    Source: Huber, "Robust estimation of a location parameter" (1964).

    >>> Huber(delta=1.0).value(np.array([[0.0, 0.0]]), np.array([[0.5, 10.0]]))
    array([9.625])
    """

    delta: float = 1.0

    name: ClassVar[str] = "huber"
    title: ClassVar[str] = "Huber"
    symbols: ClassVar[Mapping[str, str]] = {"delta": "d"}
    kernel_options: ClassVar[tuple[str, ...]] = ("delta",)
    formula: ClassVar[str] = (
        r"\sum_j \frac{1}{2} r_j^2 \;\mathrm{if}\; |r_j| \leq d \;\mathrm{else}\; d\,(|r_j| - \frac{d}{2}),"
        r"\quad r_j = a_j - y_j"
    )
    gradient_formula: ClassVar[str] = r"\max(-d, \min(d, a_j - y_j))"
    second_derivative_formula: ClassVar[str] = r"[|a_j - y_j| < d]"

    def __post_init__(self) -> None:
        check_real("Huber delta", self.delta, above=0)

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        """± delta, where the gradient bends."""
        return (-self.delta, self.delta)

    def value(self, Y: Array, A: Array) -> Array:
        """½ min(|r|, d)² + d (|r| − d)₊, summed over outputs: one expression for both branches."""
        R = np.abs(A - Y)
        inner = np.minimum(R, self.delta)
        return (0.5 * inner * inner + self.delta * (R - inner)).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """A − Y, clipped to ± delta."""
        return np.clip(A - Y, -self.delta, self.delta)

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """1 where |A − Y| < delta, else 0."""
        return (np.abs(A - Y) < self.delta).astype(A.dtype)

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any, delta: Any) -> tuple[Any, Any]:
        """(½ min(|r|, d)² + d (|r| − d)₊, r clipped to ± d) with r = a − y."""
        r = a - y
        size = absolute(r)
        inner = minimum(size, delta)
        return inner * inner * 0.5 + delta * (size - inner), minimum(maximum(r, -delta), delta)


@LOSSES.register
@dataclass(frozen=True)
class Quantile(Loss):
    r"""The quantile (pinball) loss: q (y − a) where a is too low, (1 − q)(a − y) where it is too high. Its minimum is
    the conditional q-quantile. `level` is q, in (0, 1).

    Source: Koenker, Bassett, "Regression quantiles", Econometrica 46 (1978).

    >>> Quantile(level=0.9).value(np.array([[1.0], [1.0]]), np.array([[0.0], [2.0]]))
    array([0.9, 0.1])
    """

    level: float = 0.5

    name: ClassVar[str] = "quantile"
    title: ClassVar[str] = "quantile"
    symbols: ClassVar[Mapping[str, str]] = {"level": "q"}
    kernel_options: ClassVar[tuple[str, ...]] = ("level",)
    formula: ClassVar[str] = r"\sum_j \max(q\,(y_j - a_j),\; (1 - q)\,(a_j - y_j))"
    gradient_formula: ClassVar[str] = r"1 - q \;\mathrm{if}\; a_j > y_j,\quad -q \;\mathrm{if}\; a_j < y_j"
    second_derivative_formula: ClassVar[str] = r"0"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __post_init__(self) -> None:
        check_real("Quantile level", self.level, above=0, below=1)

    def value(self, Y: Array, A: Array) -> Array:
        """The larger of q (Y − A) and (1 − q)(A − Y), summed over outputs."""
        R = A - Y
        return np.maximum(-self.level * R, (1 - self.level) * R).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """1 − q above the target, −q below, 0 on it."""
        R = A - Y
        return (1 - self.level) * (R > 0).astype(R.dtype) - self.level * (R < 0).astype(R.dtype)

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Zero everywhere: two straight lines."""
        return np.zeros_like(A)

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any, level: Any) -> tuple[Any, Any]:
        """(max(−q r, (1 − q) r), 1 − q above the target, −q below, 0 on it) with r = a − y."""
        r = a - y
        over = 1.0 - level
        return maximum(over * r, -level * r), select(r > 0.0, over, select(r < 0.0, -level, r * 0.0))


@LOSSES.register
@dataclass(frozen=True)
class Poisson(Loss):
    r"""Half the Poisson deviance without its constant, ℓ = Σⱼ aⱼ − yⱼ ln aⱼ, for counts y ≥ 0 and means a > 0.

    Left out is ln(y!), which does not depend on a; the loss may be negative. With exponential outputs, ln a = z and
    δ = A − Y. With other positive outputs (softplus) a is bounded from below by √(the smallest normal number), so
    that neither ln a nor y/a overflows; below the bound the gradient is 0, as the bounded loss has it.

    Source: McCullagh, Nelder, "Generalized linear models" (2nd edition, 1989), chapter 6.

    >>> Poisson().value_from_logits(np.array([[3.0]]), np.array([[0.0]]))
    array([1.])
    """

    name: ClassVar[str] = "poisson"
    title: ClassVar[str] = "Poisson"
    formula: ClassVar[str] = r"\sum_j a_j - y_j \ln a_j"
    gradient_formula: ClassVar[str] = r"1 - y_j / a_j"
    second_derivative_formula: ClassVar[str] = r"y_j / a_j^2"
    canonical: ClassVar[str | None] = "exponential"
    domain: ClassVar[tuple[float, float]] = (0.0, float("inf"))

    def value(self, Y: Array, A: Array) -> Array:
        """Σⱼ A − Y ln A, with A bounded from below."""
        A = np.maximum(A, _LEAST_MEAN[bits(A)])
        return (A - xlogy(Y, A)).sum(axis=1)

    def gradient(self, Y: Array, A: Array) -> Array:
        """1 − Y / A where A is above its bound, else 0."""
        floor = _LEAST_MEAN[bits(A)]
        return (1 - Y / np.maximum(A, floor)) * (floor < A)

    def second_derivative(self, Y: Array, A: Array) -> Array:
        """Y / A² where A is above its bound, else 0. The largest number of the dtype stands for what is beyond it."""
        floor = _LEAST_MEAN[bits(A)]
        return over_square(Y, np.maximum(A, floor)) * (floor < A)

    def curvature(self, A: Array) -> Array:
        """A."""
        return A

    def value_from_logits(self, Y: Array, Z: Array) -> Array:
        """Σⱼ e^z − y z."""
        return (np.exp(Z) - Y * Z).sum(axis=1)

    def encode(self, y: object, n_outputs: int, dtype: np.dtype[np.floating]) -> Array:
        """Counts (or other numbers ≥ 0) as a matrix (n, k)."""
        Y = check_targets(y, n_outputs, dtype)
        if (Y < 0).any():
            row = int(np.flatnonzero((Y < 0).any(axis=1))[0])
            raise ValueError(f"y must be >= 0 for loss 'poisson', got {Y[row].min():g} in row {row + 1}")
        return Y

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """(a − y ln a, 1 − y/a) with a bounded from below."""
        floor = _LEAST_MEAN[bits(a)]
        bounded = maximum(a, floor)
        value = bounded - select(equals(y, 0.0), y, y * log(bounded))
        return value, select(a > floor, 1.0 - y / bounded, a * 0.0)

    @staticmethod
    def kernel_from_logits(y: Any, a: Any, z: Any) -> tuple[Any, Any]:
        """(e^z − y z, a − y)."""
        return exp(z) - y * z, a - y
