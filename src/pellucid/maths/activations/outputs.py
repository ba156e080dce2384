"""Activations for the last layer: softmax for class probabilities, the exponential for positive means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.activations.base import ACTIVATIONS, Activation
from pellucid.maths.elementary import exp
from pellucid.maths.rows import row_max, row_sum
from pellucid.maths.typing import Array

__all__ = ["Exponential", "Softmax"]


@ACTIVATIONS.register
@dataclass(frozen=True)
class Softmax(Activation):
    r"""Class probabilities aⱼ = e^{zⱼ} / Σᵢ e^{zᵢ}, row by row: positive, with rows that sum to 1. For outputs only.

    Each row's maximum is subtracted first: the result is the same and nothing overflows. An output depends on its
    whole row, so the derivative is a matrix, ∂aⱼ/∂zᵢ = aⱼ ([i = j] − aᵢ); `backward` multiplies by it without
    forming it: ∂J/∂z = a ⊙ (∂J/∂a − Σⱼ ∂J/∂aⱼ aⱼ).

    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990).

    >>> Softmax().value(np.array([[5.0, 1.0, 1.0]]))
    array([[0.96466316, 0.01766842, 0.01766842]])
    """

    name: ClassVar[str] = "softmax"
    title: ClassVar[str] = "softmax"
    formula: ClassVar[str] = r"\frac{e^{z_j}}{\sum_i e^{z_i}}"
    derivative_formula: ClassVar[str] = r"a_j\,([i = j] - a_i)"
    image: ClassVar[tuple[float, float]] = (0.0, 1.0)
    elementwise: ClassVar[bool] = False

    def value(self, Z: Array) -> Array:
        """Row by row, e^{z − max z} over its sum."""
        E = np.exp(Z - row_max(Z)[:, None])
        E /= row_sum(E)[:, None]
        return E

    def derivative(self, Z: Array, A: Array) -> Array:
        """The diagonal ∂aⱼ/∂zⱼ = aⱼ (1 − aⱼ) alone; `backward` uses the whole matrix."""
        return A * (1 - A)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """A ⊙ (∂J/∂A − the row sums of ∂J/∂A ⊙ A)."""
        return A * (dA - row_sum(dA * A)[:, None])


@ACTIVATIONS.register
@dataclass(frozen=True)
class Exponential(Activation):
    r"""eᶻ, its own derivative: the inverse of Poisson's logarithmic link. For outputs.

    Overflows to infinity above z ≈ 709 (float64) or 88 (float32): such a mean has no floating-point number.

    Source: McCullagh, Nelder, "Generalized linear models" (2nd edition, 1989), section 2.2.

    >>> Exponential().value(np.array([0.0, 1.0])).round(4)
    array([1.    , 2.7183])
    """

    name: ClassVar[str] = "exponential"
    title: ClassVar[str] = "exponential"
    formula: ClassVar[str] = r"e^z"
    derivative_formula: ClassVar[str] = r"a"
    second_derivative_formula: ClassVar[str] = r"a"
    image: ClassVar[tuple[float, float]] = (0.0, float("inf"))

    def value(self, Z: Array) -> Array:
        """e^Z."""
        return np.exp(Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """A."""
        return A

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """A."""
        return A

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """e^z."""
        return exp(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d a."""
        return d * a
