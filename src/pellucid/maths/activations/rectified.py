"""The rectified family: linear for z > 0, and something flatter below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.activations.base import ACTIVATIONS, Activation
from pellucid.maths.checks import check_real
from pellucid.maths.elementary import expm1, indicator, maximum, minimum, select
from pellucid.maths.renamed import renamed
from pellucid.maths.typing import Array

__all__ = ["ELU", "SELU", "LeakyReLU", "ReLU"]


@ACTIVATIONS.register
@dataclass(frozen=True)
class ReLU(Activation):
    r"""The rectified linear unit max(0, z), with slope 1 for z > 0 and 0 elsewhere.

    At z = 0, where no derivative exists, 0 is taken (the subgradient that most libraries take). NaN passes through.

    Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    >>> ReLU().value(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """

    name: ClassVar[str] = "relu"
    title: ClassVar[str] = "ReLU"
    formula: ClassVar[str] = r"\max(0, z)"
    derivative_formula: ClassVar[str] = r"[z > 0]"
    second_derivative_formula: ClassVar[str] = r"0"
    image: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def value(self, Z: Array) -> Array:
        """max(0, Z)."""
        return np.maximum(Z, 0)

    def derivative(self, Z: Array, A: Array) -> Array:
        """1 where Z > 0, else 0."""
        return (Z > 0).astype(Z.dtype)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """Zero everywhere: two straight lines."""
        return np.zeros_like(Z)

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """∂J/∂A where Z > 0, else 0: the mask without its floating-point copy."""
        return dA * (Z > 0)

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """max(z, 0)."""
        return maximum(z, 0.0)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d [a > 0]."""
        return d * indicator(a > 0.0, d)


@ACTIVATIONS.register
@renamed(slope="negative_slope")
@dataclass(frozen=True)
class LeakyReLU(Activation):
    r"""z for z > 0, `negative_slope`·z elsewhere: a rectifier whose units cannot die. `negative_slope` lies in [0, 1).

    The name of the option is PyTorch's and Keras's.

    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).

    >>> LeakyReLU(negative_slope=0.1).value(np.array([-1.0, 2.0]))
    array([-0.1,  2. ])
    """

    negative_slope: float = 0.01

    name: ClassVar[str] = "leaky_relu"
    title: ClassVar[str] = "leaky ReLU"
    symbols: ClassVar[Mapping[str, str]] = {"negative_slope": r"\mathrm{slope}"}
    kernel_options: ClassVar[tuple[str, ...]] = ("negative_slope",)
    formula: ClassVar[str] = r"\max(\mathrm{slope}\,z,\; z)"
    derivative_formula: ClassVar[str] = r"1 \;\mathrm{if}\; z > 0 \;\mathrm{else}\; \mathrm{slope}"
    second_derivative_formula: ClassVar[str] = r"0"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __post_init__(self) -> None:
        check_real("LeakyReLU negative_slope", self.negative_slope, least=0, below=1)

    def value(self, Z: Array) -> Array:
        """The larger of Z and negative_slope·Z (negative_slope < 1)."""
        return np.maximum(Z, self.negative_slope * Z)

    def derivative(self, Z: Array, A: Array) -> Array:
        """1 where Z > 0, else negative_slope."""
        return np.where(Z > 0, Z.dtype.type(1), Z.dtype.type(self.negative_slope))

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """Zero everywhere: two straight lines."""
        return np.zeros_like(Z)

    @staticmethod
    def kernel_value(z: Any, negative_slope: Any) -> Any:
        """max(z, negative_slope·z)."""
        return maximum(z, negative_slope * z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any, negative_slope: Any) -> Any:
        """d where a > 0, else d·negative_slope."""
        return select(a > 0.0, d, d * negative_slope)


@ACTIVATIONS.register
@dataclass(frozen=True)
class ELU(Activation):
    r"""The exponential linear unit: z for z > 0, α (eᶻ − 1) elsewhere; slope 1 for z > 0, α eᶻ elsewhere.

    α = 1 makes the slope continuous at 0. For z ≤ 0 the derivative is A + α.

    Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by ELUs" (2016), equation 15.

    >>> ELU(alpha=2.0).derivative(np.array([-1.0, 1.0]), np.array([-1.2642, 1.0])).round(4)
    array([0.7358, 1.    ])
    """

    alpha: float = 1.0

    name: ClassVar[str] = "elu"
    title: ClassVar[str] = "ELU"
    symbols: ClassVar[Mapping[str, str]] = {"alpha": r"\alpha"}
    kernel_options: ClassVar[tuple[str, ...]] = ("alpha",)
    formula: ClassVar[str] = r"z \;\mathrm{if}\; z > 0 \;\mathrm{else}\; \alpha\,(e^z - 1)"
    derivative_formula: ClassVar[str] = r"1 \;\mathrm{if}\; z > 0 \;\mathrm{else}\; a + \alpha"
    second_derivative_formula: ClassVar[str] = r"0 \;\mathrm{if}\; z \geq 0 \;\mathrm{else}\; a + \alpha"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __post_init__(self) -> None:
        check_real("ELU alpha", self.alpha, above=0)

    def value(self, Z: Array) -> Array:
        """Z where positive, else α·expm1(Z) (expm1: exact near 0); exp sees only what is not positive."""
        return np.where(Z > 0, Z, self.alpha * np.expm1(np.minimum(Z, 0)))

    def derivative(self, Z: Array, A: Array) -> Array:
        """1 where Z > 0, else A + α."""
        return np.where(Z > 0, Z.dtype.type(1), A + Z.dtype.type(self.alpha))

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """0 where Z ≥ 0, else α e^Z = A + α."""
        return np.where(Z >= 0, Z.dtype.type(0), A + Z.dtype.type(self.alpha))

    @staticmethod
    def kernel_value(z: Any, alpha: Any) -> Any:
        """z where positive, else α (e^z − 1)."""
        return select(z > 0.0, z, alpha * expm1(minimum(z, 0.0)))

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any, alpha: Any) -> Any:
        """d where a > 0, else d (a + α)."""
        return select(a > 0.0, d, d * (a + alpha))


@ACTIVATIONS.register
@dataclass(frozen=True)
class SELU(Activation):
    r"""The self-normalising ELU: λ z for z > 0, λ α (eᶻ − 1) elsewhere, with λ and α chosen so that a unit's mean 0
    and variance 1 are a fixed point from layer to layer (with LeCun-normal weights).

    Source: Klambauer et al., "Self-normalizing neural networks" (2017), equation 2 and appendix A.

    >>> SELU().value(np.array([-1.0, 1.0])).round(4)
    array([-1.1113,  1.0507])
    """

    name: ClassVar[str] = "selu"
    title: ClassVar[str] = "SELU"
    symbols: ClassVar[Mapping[str, str]] = {"scale": r"\lambda", "alpha": r"\alpha"}
    formula: ClassVar[str] = r"\lambda\,(z \;\mathrm{if}\; z > 0 \;\mathrm{else}\; \alpha\,(e^z - 1))"
    derivative_formula: ClassVar[str] = r"\lambda \;\mathrm{if}\; z > 0 \;\mathrm{else}\; a + \lambda\alpha"
    second_derivative_formula: ClassVar[str] = r"0 \;\mathrm{if}\; z \geq 0 \;\mathrm{else}\; a + \lambda\alpha"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    alpha: ClassVar[float] = 1.6732632423543772848170429916717
    scale: ClassVar[float] = 1.0507009873554804934193349852946

    def value(self, Z: Array) -> Array:
        """λ Z where positive, else λ α expm1(Z)."""
        return np.where(Z > 0, self.scale * Z, self.scale * self.alpha * np.expm1(np.minimum(Z, 0)))

    def derivative(self, Z: Array, A: Array) -> Array:
        """λ where Z > 0, else A + λ α."""
        return np.where(Z > 0, Z.dtype.type(self.scale), A + Z.dtype.type(self.scale * self.alpha))

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """0 where Z ≥ 0, else λ α e^Z = A + λ α."""
        return np.where(Z >= 0, Z.dtype.type(0), A + Z.dtype.type(self.scale * self.alpha))

    @staticmethod
    def kernel_value(z: Any) -> Any:
        """λ z where positive, else λ α (e^z − 1)."""
        return select(z > 0.0, z * SELU.scale, expm1(minimum(z, 0.0)) * (SELU.scale * SELU.alpha))

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        """d λ where a > 0, else d (a + λ α)."""
        return d * select(a > 0.0, SELU.scale, a + SELU.scale * SELU.alpha)
