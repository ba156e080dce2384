"""What every activation is: a function of Z beside its derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pellucid.maths.options import Option
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array


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
    """

    name: ClassVar[str] = "own"
    formula: ClassVar[str] = r"f(z)"
    derivative_formula: ClassVar[str] = r"f'(z)"
    image: ClassVar[tuple[float, float]] = (-float("inf"), float("inf"))
    kinks: ClassVar[tuple[float, ...]] = ()
    elementwise: ClassVar[bool] = True

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
