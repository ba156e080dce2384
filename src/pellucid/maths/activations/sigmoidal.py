"""The classic activations: identity, sigmoid and tanh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit

from pellucid.maths.activations.base import ACTIVATIONS, Activation
from pellucid.maths.elementary import sigmoid, tanh
from pellucid.maths.typing import Array

__all__ = ["Identity", "Sigmoid", "Tanh"]


@ACTIVATIONS.register
@dataclass(frozen=True)
class Identity(Activation):
    r"""No activation: f(z) = z, f′(z) = 1. A network of these alone is a linear model.

    >>> Identity().value(np.array([-2.0, 3.0]))
    array([-2.,  3.])
    """

    name: ClassVar[str] = "identity"
    title: ClassVar[str] = "linear"
    formula: ClassVar[str] = r"z"
    derivative_formula: ClassVar[str] = r"1"
    second_derivative_formula: ClassVar[str] = r"0"

    def value(self, Z: Array) -> Array:
        """Z itself, not a copy."""
        return Z

    def derivative(self, Z: Array, A: Array) -> Array:
        """One everywhere."""
        return np.ones_like(Z)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """Zero everywhere."""
        return np.zeros_like(Z)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """∂J/∂Z = ∂J/∂A."""
        return dA

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """z."""
        return z

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d."""
        return d


@ACTIVATIONS.register
@dataclass(frozen=True)
class Sigmoid(Activation):
    r"""The logistic function σ(z) = 1 / (1 + e⁻ᶻ), σ′ = σ (1 − σ). Maps the real line into (0, 1).

    σ(0) = 0.5 and σ(0.5) ≈ 0.62; it is within 1 % of its ends only beyond |z| ≈ 4.6, and is there nearly flat:
    a unit with such Z learns slowly ("saturates"). Computed without overflow for every finite z.

    Source: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", Nature 323 (1986).

    >>> Sigmoid().value(np.array([0.0, 0.5])).round(4)
    array([0.5   , 0.6225])
    """

    name: ClassVar[str] = "sigmoid"
    title: ClassVar[str] = "sigmoid"
    formula: ClassVar[str] = r"\frac{1}{1 + e^{-z}}"
    derivative_formula: ClassVar[str] = r"a\,(1 - a)"
    second_derivative_formula: ClassVar[str] = r"a\,(1 - a)\,(1 - 2a)"
    image: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def value(self, Z: Array) -> Array:
        """σ(Z)."""
        return expit(Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """A (1 − A)."""
        return A * (1 - A)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """A (1 − A)(1 − 2A)."""
        return A * (1 - A) * (1 - 2 * A)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """σ(z)."""
        return sigmoid(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d a (1 − a)."""
        return d * (a * (1.0 - a))


@ACTIVATIONS.register
@dataclass(frozen=True)
class Tanh(Activation):
    r"""The hyperbolic tangent, f′ = 1 − tanh². Maps into (−1, 1), centred on zero; tanh z = 2σ(2z) − 1.

    Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp" (1998), section 4.4.

    >>> Tanh().value(np.array([0.0, 1.0])).round(4)
    array([0.    , 0.7616])
    """

    name: ClassVar[str] = "tanh"
    title: ClassVar[str] = "tanh"
    formula: ClassVar[str] = r"\tanh z"
    derivative_formula: ClassVar[str] = r"1 - a^2"
    second_derivative_formula: ClassVar[str] = r"-2a\,(1 - a^2)"
    image: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def value(self, Z: Array) -> Array:
        """tanh Z."""
        return np.tanh(Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """1 − A²."""
        return 1 - A * A

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """−2A (1 − A²)."""
        return -2 * A * (1 - A * A)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """tanh z."""
        return tanh(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d (1 − a²)."""
        return d * (1.0 - a * a)
