"""Smooth relatives of the rectifier: z times a gate that opens with z, and softplus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.special import expit, ndtr

from pellucid.maths.activations.base import ACTIVATIONS, Activation
from pellucid.maths.elementary import exp, maximum, minimum, normal_cdf, sigmoid, softplus, tanh
from pellucid.maths.typing import Array

__all__ = ["GELU", "GELUTanh", "Mish", "SiLU", "Softplus"]

_SIGMA = {r"\sigma": r"$\sigma$ is the logistic function $1 / (1 + e^{-z})$"}
_SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
_INV_SQRT_2PI = 1 / math.sqrt(2 * math.pi)


@ACTIVATIONS.register
@dataclass(frozen=True)
class GELU(Activation):
    r"""The Gaussian error linear unit z Φ(z), Φ the standard normal distribution; f′ = Φ(z) + z φ(z).

    This is the exact form; `GELUTanh` is the common approximation.

    Source: Hendrycks, Gimpel, "Gaussian error linear units (GELUs)" (2016), section 2.

    >>> GELU().value(np.array([-1.0, 1.0])).round(4)
    array([-0.1587,  0.8413])
    """

    name: ClassVar[str] = "gelu"
    title: ClassVar[str] = "GELU"
    letters: ClassVar[Mapping[str, str]] = {
        r"\Phi": r"$\Phi$ is the standard normal distribution function",
        r"\varphi": r"$\varphi$ is its density",
    }
    derivative_from: ClassVar[Literal["z", "a"]] = "z"
    formula: ClassVar[str] = r"z\,\Phi(z)"
    derivative_formula: ClassVar[str] = r"\Phi(z) + z\,\varphi(z)"
    second_derivative_formula: ClassVar[str] = r"\varphi(z)\,(2 - z^2)"

    def value(self, Z: Array) -> Array:
        """Z Φ(Z)."""
        return Z * ndtr(Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """Φ(Z) + Z φ(Z)."""
        # φ is 0 to every digit beyond 40 standard deviations; the bound keeps Z² from overflowing.
        bounded = np.clip(Z, -40, 40)
        return ndtr(Z) + bounded * (_INV_SQRT_2PI * np.exp(-0.5 * bounded * bounded))

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """φ(Z) (2 − Z²)."""
        bounded = np.clip(Z, -40, 40)  # as above
        squared = bounded * bounded
        return _INV_SQRT_2PI * np.exp(-0.5 * squared) * (2 - squared)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """z Φ(z)."""
        return z * normal_cdf(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d (Φ(z) + z φ(z))."""
        near = minimum(maximum(z, -40.0), 40.0)
        return d * (normal_cdf(z) + near * (exp(near * near * -0.5) * _INV_SQRT_2PI))


@ACTIVATIONS.register
@dataclass(frozen=True)
class GELUTanh(Activation):
    r"""GELU with Φ(z) replaced by ½(1 + tanh u), u = √(2/π) (z + 0.044715 z³); within 5e-4 of the exact form.

    f′ = ½(1 + tanh u) + ½ z (1 − tanh² u) u′, with u′ = √(2/π) (1 + 3·0.044715 z²).

    Source: Hendrycks, Gimpel (2016), section 2.

    >>> GELUTanh().value(np.array([-1.0, 1.0])).round(4)
    array([-0.1588,  0.8412])
    """

    name: ClassVar[str] = "gelu_tanh"
    title: ClassVar[str] = "GELU (tanh)"
    letters: ClassVar[Mapping[str, str]] = {
        r"u'": r"$u'$ is the derivative of $u$",
        r"u''": r"$u''$ is the derivative of $u'$",
    }
    derivative_from: ClassVar[Literal["z", "a"]] = "z"
    formula: ClassVar[str] = r"\frac{z}{2}\,(1 + \tanh u),\quad u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)"
    derivative_formula: ClassVar[str] = r"\frac{1}{2}(1 + \tanh u) + \frac{z}{2}\,(1 - \tanh^2 u)\,u'"
    second_derivative_formula: ClassVar[str] = (
        r"(1 - \tanh^2 u)\,\left(u' + \frac{z}{2}\,(u'' - 2\,u'^2 \tanh u)\right)"
    )
    cubic: ClassVar[float] = 0.044715

    def _u(self, Z: Array) -> tuple[Array, Array, Array]:
        """Z within bounds, u and u′."""
        # Beyond |z| = 10, tanh u is ±1 to every digit; the bound keeps z³ from overflowing.
        bounded = np.clip(Z, -10, 10)
        squared = bounded * bounded
        u = _SQRT_2_OVER_PI * bounded * (1 + self.cubic * squared)
        slope = _SQRT_2_OVER_PI * (1 + 3 * self.cubic * squared)
        return bounded, u, slope

    def value(self, Z: Array) -> Array:
        """½ Z (1 + tanh u)."""
        _, u, _ = self._u(Z)
        return 0.5 * Z * (1 + np.tanh(u))

    def derivative(self, Z: Array, A: Array) -> Array:
        """½(1 + tanh u) + ½ Z (1 − tanh² u) u′."""
        _, u, slope = self._u(Z)
        T = np.tanh(u)
        return 0.5 * (1 + T) + 0.5 * Z * (1 - T * T) * slope

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """(1 − tanh² u)(u′ + ½ Z (u″ − 2 u′² tanh u)), with u″ = √(2/π) 6·0.044715 Z and 1 − tanh² u = 1 / cosh² u."""
        bounded, u, slope = self._u(Z)
        bend = _SQRT_2_OVER_PI * 6 * self.cubic * bounded
        # 1 − tanh² u would cancel, and u′² makes much of what is lost. cosh u stays below 10¹⁹ here.
        C = np.cosh(u)
        return (slope + 0.5 * bounded * (bend - 2 * slope * slope * np.tanh(u))) / (C * C)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """½ z (1 + tanh u)."""
        t, _ = _kernel_tanh_u(z)
        return z * 0.5 * (t + 1.0)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d (½(1 + t) + ½ z (1 − t²) u′), t = tanh u."""
        t, slope = _kernel_tanh_u(z)
        return d * ((t + 1.0) * 0.5 + z * 0.5 * (1.0 - t * t) * slope)


@ACTIVATIONS.register
@dataclass(frozen=True)
class SiLU(Activation):
    r"""The sigmoid linear unit z σ(z), also called swish; f′ = σ(z) (1 + z (1 − σ(z))) = σ + a (1 − σ).

    Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units" (2018); Ramachandran et al. (2017) as swish.

    >>> SiLU().value(np.array([-1.0, 1.0])).round(4)
    array([-0.2689,  0.7311])
    """

    name: ClassVar[str] = "silu"
    title: ClassVar[str] = "SiLU"
    letters: ClassVar[Mapping[str, str]] = _SIGMA
    derivative_from: ClassVar[Literal["z", "a"]] = "z"
    formula: ClassVar[str] = r"z\,\sigma(z)"
    derivative_formula: ClassVar[str] = r"\sigma(z) + a\,(1 - \sigma(z))"
    second_derivative_formula: ClassVar[str] = r"\sigma(z)\,(1 - \sigma(z))\,(2 + z\,(1 - 2\sigma(z)))"

    def value(self, Z: Array) -> Array:
        """Z σ(Z)."""
        return Z * expit(Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """σ(Z) + A (1 − σ(Z))."""
        S: Array = expit(Z)
        return S + A * (1 - S)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """σ (1 − σ)(2 + Z (1 − 2σ)), with 1 − σ(Z) = σ(−Z)."""
        S, C = expit(Z), expit(-Z)
        return S * C * (2 + Z * (C - S))

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """z σ(z)."""
        return z * sigmoid(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d (σ + a (1 − σ))."""
        s = sigmoid(z)
        return d * (s + a * (1.0 - s))


@ACTIVATIONS.register
@dataclass(frozen=True)
class Mish(Activation):
    r"""z tanh(softplus(z)); with t = tanh(softplus(z)), f′ = t + z (1 − t²) σ(z).

    Source: Misra, "Mish: a self regularized non-monotonic activation function" (2020).

    >>> Mish().value(np.array([-1.0, 1.0])).round(4)
    array([-0.3034,  0.8651])
    """

    name: ClassVar[str] = "mish"
    title: ClassVar[str] = "Mish"
    letters: ClassVar[Mapping[str, str]] = _SIGMA
    derivative_from: ClassVar[Literal["z", "a"]] = "z"
    formula: ClassVar[str] = r"z \tanh(\ln(1 + e^z))"
    derivative_formula: ClassVar[str] = r"t + z\,(1 - t^2)\,\sigma(z),\quad t = \tanh(\ln(1 + e^z))"
    second_derivative_formula: ClassVar[str] = (
        r"(1 - t^2)\,\sigma(z)\,(2 + z\,(1 - \sigma(z) - 2t\,\sigma(z))),\quad t = \tanh(\ln(1 + e^z))"
    )

    def value(self, Z: Array) -> Array:
        """Z tanh(softplus(Z))."""
        return Z * np.tanh(np.logaddexp(0, Z))

    def derivative(self, Z: Array, A: Array) -> Array:
        """T + Z (1 − T²) σ(Z), T = tanh(softplus(Z))."""
        T = np.tanh(np.logaddexp(0, Z))
        return T + Z * (1 - T * T) * expit(Z)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """(1 − T²) σ (2 + Z (1 − σ − 2Tσ)); with c = 1 − σ, T = σ (1 + c) / (1 + c²) and 1 − T² = 4c² / (1 + c²)²."""
        S, C = expit(Z), expit(-Z)
        shared = 1 + C * C
        T = S * (1 + C) / shared
        slope = 4 * (C / shared) ** 2 * S  # of T
        return 2 * slope + slope * Z * (C - 2 * T * S)  # slope · Z first: Z alone, times 3, may overflow

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """z t, t = tanh(softplus(z))."""
        return z * _kernel_tanh_softplus(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d (t + z (1 − t²) σ(z))."""
        t = _kernel_tanh_softplus(z)
        return d * (t + z * (1.0 - t * t) * sigmoid(z))


@ACTIVATIONS.register
@dataclass(frozen=True)
class Softplus(Activation):
    r"""ln(1 + eᶻ), a smooth rectifier; f′ = σ(z). Positive, so also an output for a positive mean.

    Source: Dugas et al., "Incorporating second-order functional knowledge for better option pricing" (2001).

    >>> Softplus().value(np.array([-1000.0, 0.0, 1000.0])).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """

    name: ClassVar[str] = "softplus"
    title: ClassVar[str] = "softplus"
    letters: ClassVar[Mapping[str, str]] = _SIGMA
    derivative_from: ClassVar[Literal["z", "a"]] = "z"
    formula: ClassVar[str] = r"\ln(1 + e^z)"
    derivative_formula: ClassVar[str] = r"\sigma(z)"
    second_derivative_formula: ClassVar[str] = r"\sigma(z)\,(1 - \sigma(z))"
    image: ClassVar[tuple[float, float]] = (0.0, float("inf"))

    def value(self, Z: Array) -> Array:
        """Log(e⁰ + eᶻ), which cannot overflow."""
        return np.logaddexp(0, Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """σ(Z)."""
        return expit(Z)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """σ(Z) (1 − σ(Z)), with 1 − σ(Z) = σ(−Z)."""
        slope: Array = expit(Z)
        return slope * expit(-Z)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """ln(1 + e^z)."""
        return softplus(z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d σ(z)."""
        return d * sigmoid(z)


def _kernel_tanh_u(z: Any) -> tuple[Any, Any]:
    """(tanh u, u′) of `GELUTanh`; beyond |z| = 10, tanh u is ±1 to every digit."""
    near = minimum(maximum(z, -10.0), 10.0)
    square = near * near
    u = near * (square * GELUTanh.cubic + 1.0) * _SQRT_2_OVER_PI
    return tanh(u), (square * (3 * GELUTanh.cubic) + 1.0) * _SQRT_2_OVER_PI


def _kernel_tanh_softplus(z: Any) -> Any:
    """tanh(ln(1 + e^z)) = w/(w + 2) with w = e^z (e^z + 2): no logarithm. It is 1 to every digit beyond 30."""
    e = exp(minimum(z, 30.0))
    w = e * (e + 2.0)
    return w / (w + 2.0)
