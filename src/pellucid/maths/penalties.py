r"""Penalties: what is added to the loss for large weights. Biases are never penalised.

>>> import numpy as np
>>> from pellucid import penalties
>>> penalties.L2(0.1).value(np.array([3.0, -4.0]))
1.25
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.elementary import absolute, sign
from pellucid.maths.options import KernelFormula, Option, drop_inherited, no_second_derivative
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

__all__ = ["L1", "L2", "PENALTIES", "ElasticNet", "Penalty"]


@dataclass(frozen=True, eq=False)
class Penalty(Option):
    """A function of the weights, summed over all of them, its gradient and its second derivative. `strength` is λ.

    `second_derivative` is optional in a class of one's own: training does without it.

    Attributes
    ----------
    formula, gradient_formula, second_derivative_formula : str
        P(w), P′(w) and P″(w) in LaTeX.
    kinks : tuple of float
        The w at which P or P′ jumps. P″ is taken as the value beside it there.
    kernel_formula : function or None
        The compiled engine's statement of the same, of `pellucid.maths.elementary`'s functions, for one weight:
        `kernel_formula(w, *options)` is (P, P′), with the numbers that `kernel_options` names.
    """

    strength: float = 0.0

    formula: ClassVar[str] = r"P(w)"
    gradient_formula: ClassVar[str] = r"P'(w)"
    second_derivative_formula: ClassVar[str] = r"P''(w)"
    kinks: ClassVar[tuple[float, ...]] = ()
    symbols: ClassVar[Mapping[str, str]] = {"strength": r"\lambda"}
    kernel_options: ClassVar[tuple[str, ...]] = ("strength",)
    kernel_formula: ClassVar[KernelFormula | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        drop_inherited(cls, Penalty, ("second_derivative",), of=("value", "gradient"))

    def __post_init__(self) -> None:
        check_real(f"{type(self).__name__} strength", self.strength, least=0)

    def value(self, W: Array) -> float:
        """The penalty of all weights in W together."""
        raise NotImplementedError(f"{type(self).__name__} must define value(W)")

    def gradient(self, W: Array) -> Array:
        """Its derivative with respect to each weight, of W's shape."""
        raise NotImplementedError(f"{type(self).__name__} must define gradient(W)")

    def second_derivative(self, W: Array) -> Array:
        """The second derivative for each weight, of W's shape; NotImplementedError if the class states none.

        Between different weights it is 0, as a penalty is a sum over them.

        >>> ElasticNet(0.5, l1_ratio=0.25).second_derivative(np.array([2.0, -4.0]))
        array([0.375, 0.375])
        """
        raise NotImplementedError(no_second_derivative(type(self).__name__))


PENALTIES: Registry[Penalty] = Registry("penalty", Penalty)


def _sum_of_squares(W: Array) -> float:
    """Σ w², in double precision: the square of a float32 weight may be larger than any float32."""
    wide = W.astype(np.float64, copy=False)
    return float(np.vdot(wide, wide))


@PENALTIES.register
@dataclass(frozen=True)
class L2(Penalty):
    r"""λ/2 Σ w², with gradient λ w: shrinks every weight in proportion to its size.

    Source: Hoerl, Kennard, "Ridge regression" (1970); Krogh, Hertz, "A simple weight decay" (1991).

    >>> L2(0.5).gradient(np.array([2.0, -4.0]))
    array([ 1., -2.])
    """

    name: ClassVar[str] = "l2"
    title: ClassVar[str] = "L2"
    formula: ClassVar[str] = r"\frac{\lambda}{2} \sum w^2"
    gradient_formula: ClassVar[str] = r"\lambda w"
    second_derivative_formula: ClassVar[str] = r"\lambda"

    def value(self, W: Array) -> float:
        """λ/2 Σ W²."""
        return float(0.5 * self.strength * _sum_of_squares(W))

    def gradient(self, W: Array) -> Array:
        """λ W."""
        return self.strength * W

    def second_derivative(self, W: Array) -> Array:
        """λ everywhere."""
        return np.full_like(W, self.strength)

    @staticmethod
    def kernel_formula(w: Any, strength: Any) -> tuple[Any, Any]:
        """(λ/2 w², λ w)."""
        return strength * 0.5 * (w * w), strength * w


@PENALTIES.register
@dataclass(frozen=True)
class L1(Penalty):
    r"""λ Σ |w|, with gradient λ sign(w) (0 at 0): pulls every weight towards 0 with the same force.

    Source: Tibshirani, "Regression shrinkage and selection via the lasso" (1996).

    >>> L1(0.5).gradient(np.array([2.0, 0.0, -4.0]))
    array([ 0.5,  0. , -0.5])
    """

    name: ClassVar[str] = "l1"
    title: ClassVar[str] = "L1"
    formula: ClassVar[str] = r"\lambda \sum |w|"
    gradient_formula: ClassVar[str] = r"\lambda\,\mathrm{sign}(w)"
    second_derivative_formula: ClassVar[str] = r"0"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def value(self, W: Array) -> float:
        """λ Σ |W|."""
        return float(self.strength * np.abs(W).sum(dtype=np.float64))

    def gradient(self, W: Array) -> Array:
        """λ sign(W)."""
        return self.strength * np.sign(W)

    def second_derivative(self, W: Array) -> Array:
        """Zero everywhere: two straight lines."""
        return np.zeros_like(W)

    @staticmethod
    def kernel_formula(w: Any, strength: Any) -> tuple[Any, Any]:
        """(λ |w|, λ sign w)."""
        return strength * absolute(w), strength * sign(w)


@PENALTIES.register
@dataclass(frozen=True)
class ElasticNet(Penalty):
    r"""λ Σ (ρ |w| + (1 − ρ)/2 w²), a mixture of L1 and L2; `l1_ratio` is ρ, in [0, 1].

    Source: Zou, Hastie, "Regularization and variable selection via the elastic net" (2005).

    >>> ElasticNet(0.5, l1_ratio=0.5).gradient(np.array([2.0, -4.0]))
    array([ 0.75, -1.25])
    """

    l1_ratio: float = 0.5

    name: ClassVar[str] = "elastic_net"
    title: ClassVar[str] = "L1 + L2"
    symbols: ClassVar[Mapping[str, str]] = {"strength": r"\lambda", "l1_ratio": r"\rho"}
    kernel_options: ClassVar[tuple[str, ...]] = ("l1", "l2")
    formula: ClassVar[str] = r"\lambda \sum \left(\rho\,|w| + \frac{1 - \rho}{2} w^2\right)"
    gradient_formula: ClassVar[str] = r"\lambda\,(\rho\,\mathrm{sign}(w) + (1 - \rho)\,w)"
    second_derivative_formula: ClassVar[str] = r"\lambda\,(1 - \rho)"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("ElasticNet l1_ratio", self.l1_ratio, least=0, most=1)

    def value(self, W: Array) -> float:
        """λ Σ (ρ |W| + (1 − ρ)/2 W²)."""
        return float(
            self.strength
            * (self.l1_ratio * np.abs(W).sum(dtype=np.float64) + 0.5 * (1 - self.l1_ratio) * _sum_of_squares(W))
        )

    def gradient(self, W: Array) -> Array:
        """λ (ρ sign(W) + (1 − ρ) W)."""
        return self.strength * (self.l1_ratio * np.sign(W) + (1 - self.l1_ratio) * W)

    def second_derivative(self, W: Array) -> Array:
        """λ (1 − ρ) everywhere, that of the squares."""
        return np.full_like(W, self.l2)

    @property
    def l1(self) -> float:
        """λ ρ: the strength of |w|."""
        return self.strength * self.l1_ratio

    @property
    def l2(self) -> float:
        """λ (1 − ρ): the strength of w²/2."""
        return self.strength * (1 - self.l1_ratio)

    @staticmethod
    def kernel_formula(w: Any, l1: Any, l2: Any) -> tuple[Any, Any]:
        """(λρ |w| + λ(1 − ρ)/2 w², λρ sign w + λ(1 − ρ) w)."""
        return l1 * absolute(w) + l2 * 0.5 * (w * w), l1 * sign(w) + l2 * w
