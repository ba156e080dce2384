"""What every activation is: a function of Z beside its derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pellucid.maths.options import KernelFormula, Option
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

__all__ = ["ACTIVATIONS", "Activation"]


@dataclass(frozen=True, eq=False)
class Activation(Option):
    """An activation A = f(Z), applied to each element, and its derivative f′(Z).

    Your own is any object with `value(Z)` and `derivative(Z)` or `derivative(Z, A)` (see `own`), a subclass of this or
    not; `check_gradients` says whether the two belong together. Objects are frozen, so two with equal options are
    equal.

    Attributes
    ----------
    name, formula, derivative_formula : str
        How it is called; f(z) and f′(z) in LaTeX, where `a` stands for f(z).
    image : (float, float)
        The open interval that f maps the real line into (its closure is reached by rounding).
    kinks : tuple of float
        The z at which f or f′ jumps. Central differences across one say nothing about f′.
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
    image: ClassVar[tuple[float, float]] = (-float("inf"), float("inf"))
    kinks: ClassVar[tuple[float, ...]] = ()
    elementwise: ClassVar[bool] = True
    derivative_from: ClassVar[Literal["z", "a"]] = "a"
    kernel_value: ClassVar[KernelFormula | None] = None
    kernel_vjp: ClassVar[KernelFormula | None] = None

    def value(self, Z: Array) -> Array:
        """A = f(Z), of the shape and dtype of Z (n, h)."""
        raise NotImplementedError(f"{type(self).__name__} must define value(Z)")

    def derivative(self, Z: Array, A: Array) -> Array:
        """f′(Z) (n, h); A = f(Z) is given, for the many functions whose derivative is cheaper through it."""
        raise NotImplementedError(f"{type(self).__name__} must define derivative(Z, A)")

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
