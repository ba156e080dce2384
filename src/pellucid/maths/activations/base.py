"""The base class of activations: a function of Z beside its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pellucid.maths.options import KernelFormula, Option, drop_inherited, no_second_derivative
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

__all__ = ["ACTIVATIONS", "Activation"]


@dataclass(frozen=True, eq=False)
class Activation(Option):
    """An activation A = f(Z), applied to each element, and its derivatives f′(Z) and f″(Z).

    Your own is any object with `value(Z)` and `derivative(Z)` or `derivative(Z, A)` (see `own`), a subclass of this or
    not; `check_gradients` says whether the two belong together. `second_derivative` is optional: training does without
    it. Objects are frozen, so two with equal options are equal.

    Attributes
    ----------
    name, formula, derivative_formula, second_derivative_formula : str
        How it is called; f(z), f′(z) and f″(z) in LaTeX, where `a` stands for f(z).
    image : (float, float)
        The open interval that f maps the real line into (its closure is reached by rounding).
    kinks : tuple of float
        The z at which f or f′ jumps. Central differences across one say nothing about f′. f″ is taken as 0 there.
    elementwise : bool
        False where an output depends on the whole row (softmax); `backward` is then its own.
    derivative_from : "z" or "a"
        Whether the kernel's derivative needs z, or only a = f(z): then a takes the place of z in memory.
    kernel_value, kernel_vjp : function or None
        The compiled engine's statement of the same pair, of `pellucid.maths.elementary`'s functions: f(z), and the
        chain rule through f, d · f′(z) with d = ∂J/∂a ("vector-Jacobian product"):
        `kernel_value(z, *options)` and `kernel_vjp(d, z, a, *options)`, with the numbers that `kernel_options` names.
    """

    formula: ClassVar[str] = r"f(z)"
    derivative_formula: ClassVar[str] = r"f'(z)"
    second_derivative_formula: ClassVar[str] = r"f''(z)"
    image: ClassVar[tuple[float, float]] = (-float("inf"), float("inf"))
    kinks: ClassVar[tuple[float, ...]] = ()
    elementwise: ClassVar[bool] = True
    derivative_from: ClassVar[Literal["z", "a"]] = "a"
    kernel_value: ClassVar[KernelFormula | None] = None
    kernel_vjp: ClassVar[KernelFormula | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        drop_inherited(cls, Activation, ("second_derivative",), of=("value", "derivative"))

    def value(self, Z: Array) -> Array:
        """A = f(Z), of the shape and dtype of Z (n, h)."""
        raise NotImplementedError(f"{type(self).__name__} must define value(Z)")

    def derivative(self, Z: Array, A: Array) -> Array:
        """f′(Z) (n, h); A = f(Z) is given, for the many functions whose derivative is cheaper through it."""
        raise NotImplementedError(f"{type(self).__name__} must define derivative(Z, A)")

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """f″(Z) (n, h), 0 where f is linear and at kinks; A = f(Z) is given.

        NotImplementedError if the class states none, and for functions of a whole row, whose second derivative is no
        matrix (n, h): see `pellucid.losses.CrossEntropy.curvature`.

        >>> import numpy as np
        >>> from pellucid.activations import Tanh
        >>> Z = np.array([[-1.0, 0.0, 1.0]])
        >>> Tanh().second_derivative(Z, Tanh().value(Z)).round(4)  # −2a (1 − a²)
        array([[ 0.6397, -0.    , -0.6397]])
        """
        if not self.elementwise:
            raise NotImplementedError(
                f"{type(self).__name__} has no elementwise second derivative: each output depends on its whole row. "
                "For the second derivative of a loss after it, use curvature(A) of its canonical loss"
            )
        raise NotImplementedError(no_second_derivative(type(self).__name__))

    def backward(self, dA: Array, Z: Array, A: Array) -> Array:
        """The chain rule through f: ∂J/∂Z from ∂J/∂A, all (n, h)."""
        return dA * self.derivative(Z, A)


def _adopt(candidate: object) -> Activation | None:
    from pellucid.maths.activations.own import adopt

    return adopt(candidate)


ACTIVATIONS: Registry[Activation] = Registry(
    "activation",
    Activation,
    aliases={"swish": "silu", "logistic": "sigmoid", "linear": "identity", "exp": "exponential"},
    adopt=_adopt,
)
