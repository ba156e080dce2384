"""An activation of one's own: any object, or class, with `value` and `derivative`.

It may look at Z alone, `derivative(Z)`, or take A = f(Z) as well, `derivative(Z, A)`. Whatever is not as it must be is
named here, when the layer is made, and not in the middle of a training run.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pellucid.maths.activations.base import Activation
from pellucid.maths.options import no_second_derivative, same_options
from pellucid.maths.typing import Array

TRIAL = np.array([[-1.5, -0.25, 0.5], [0.75, 1.25, 2.0]])
"""The Z that an own activation is tried on. No round numbers at which functions tend to have kinks."""


@dataclass(frozen=True, eq=False)
class OwnActivation(Activation):
    """Somebody's object with `value` and `derivative`, as an `Activation`.

    `formula`, `derivative_formula`, `second_derivative_formula`, `image`, `kinks` and `second_derivative` are the
    object's if it has them. Two are equal if their objects are of one class and hold the same values.

    >>> from pellucid import Dense
    >>> class Square:
    ...     def value(self, Z):
    ...         return Z**2
    ...
    ...     def derivative(self, Z):
    ...         return 2 * Z
    >>> Dense(2, 3, Square).activation.derivative(np.array([3.0]), np.array([9.0]))
    array([6.])
    """

    function: Any
    takes_output: bool

    # What stands on the class of a registered activation, an own object may have as well.

    @property
    def name(self) -> str:  # type: ignore[override]
        """The name of the object's class after "own", so that it is never taken for a registered one."""
        return f"own {type(self.function).__name__}"

    @property
    def formula(self) -> str:  # type: ignore[override]
        """f(z) in LaTeX."""
        return getattr(self.function, "formula", Activation.formula)

    @property
    def derivative_formula(self) -> str:  # type: ignore[override]
        """f′(z) in LaTeX."""
        return getattr(self.function, "derivative_formula", Activation.derivative_formula)

    @property
    def second_derivative_formula(self) -> str:  # type: ignore[override]
        """f″(z) in LaTeX."""
        return getattr(self.function, "second_derivative_formula", Activation.second_derivative_formula)

    @property
    def image(self) -> tuple[float, float]:  # type: ignore[override]
        """The open interval of the values."""
        return getattr(self.function, "image", Activation.image)

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        """The z at which f or f′ jumps."""
        return tuple(getattr(self.function, "kinks", Activation.kinks))

    @property
    def derivative_from(self) -> Literal["z", "a"]:  # type: ignore[override]
        """Whether the kernel's derivative needs z; if the object does not say, it does."""
        return getattr(self.function, "derivative_from", "z")

    def value(self, Z: Array) -> Array:
        """The object's value(Z)."""
        return np.asarray(self.function.value(Z), dtype=Z.dtype)

    def derivative(self, Z: Array, A: Array) -> Array:
        """The object's derivative(Z), or derivative(Z, A)."""
        given = self.function.derivative(Z, A) if self.takes_output else self.function.derivative(Z)
        return np.asarray(given, dtype=Z.dtype)

    def second_derivative(self, Z: Array, A: Array) -> Array:
        """The object's second_derivative(Z), or second_derivative(Z, A); NotImplementedError if it states none."""
        function = self.function
        if not _states_second_derivative(function):
            raise NotImplementedError(no_second_derivative(type(function).__name__))
        takes_output = _how_many(function, "second_derivative") == 2
        return np.asarray(
            function.second_derivative(Z, A) if takes_output else function.second_derivative(Z), dtype=Z.dtype
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OwnActivation):
            return NotImplemented
        mine, theirs = self.function, other.function
        return mine is theirs or (type(mine) is type(theirs) and same_options(mine, theirs))

    def __hash__(self) -> int:
        return hash(type(self.function))

    def __repr__(self) -> str:
        shown = repr(self.function)
        return f"{type(self.function).__name__}()" if " object at 0x" in shown else shown


def adopt(candidate: object) -> Activation | None:
    """An `Activation` made of an object with `value` and `derivative`; None where it has no such methods.

    Raises TypeError or ValueError, with what to write, where a method takes other arguments or answers something else
    than an array of Z's shape.
    """
    if not callable(getattr(candidate, "value", None)) or not callable(getattr(candidate, "derivative", None)):
        if callable(candidate):
            raise TypeError(
                f"activation must be a name or an object with value(Z) and derivative(Z), got the function "
                f"{getattr(candidate, '__name__', candidate)!r}: a function alone does not say its derivative. Write a "
                "class with both methods"
            )
        return None
    if isinstance(candidate, Activation):
        if not candidate.elementwise:  # it has a `backward` of its own, and nothing is asked of `derivative`
            return candidate
        if _how_many(candidate, "derivative") == 2:
            _check_answers(candidate, candidate)
            return candidate
    takes_output = _how_many(candidate, "derivative") == 2
    _how_many(candidate, "value", most=1)
    own = OwnActivation(candidate, takes_output)
    _check_answers(own, candidate)
    return own


def _states_second_derivative(candidate: Any) -> bool:
    """Whether an object has a second derivative, other than the one of `Activation`, which refuses."""
    if isinstance(candidate, OwnActivation):
        candidate = candidate.function
    return callable(getattr(candidate, "second_derivative", None)) and (
        getattr(type(candidate), "second_derivative", None) is not Activation.second_derivative
    )


def _how_many(candidate: Any, method: str, most: int = 2) -> int:
    """How many arrays a method takes, 1 or 2 (as many as it can); TypeError where it is another number."""
    wanted = f"{method}(self, Z)" + (f" or {method}(self, Z, A)" if most == 2 else "")
    try:
        signature = inspect.signature(getattr(candidate, method))
    except (TypeError, ValueError):  # written in C: NumPy's functions do not always say
        return 1
    for count in range(most, 0, -1):
        try:
            signature.bind(*[TRIAL] * count)
        except TypeError:
            continue
        return count
    owner = type(candidate).__name__
    given = ", ".join(["self", *signature.parameters])
    raise TypeError(f"activation {owner}: {method}({given}) must be {wanted}, where Z is an array (n, h)")


def _check_answers(activation: Activation, candidate: object) -> None:
    """Try the methods on a small Z; an error here says more than one in the middle of a forward pass."""
    owner = type(candidate).__name__
    Z = TRIAL.copy()
    methods = ["value", "derivative", *["second_derivative"] * _states_second_derivative(candidate)]
    for method in methods:
        try:
            with np.errstate(all="ignore"):
                A = activation.value(Z)
                answer = A if method == "value" else getattr(activation, method)(Z, A)
        except Exception as error:
            raise TypeError(
                f"activation {owner}: {method} must take an array Z of any shape and return one of that shape, but for "
                f"Z {TRIAL.shape} it raised {type(error).__name__}: {error}. Use NumPy's functions (np.sin, np.where), "
                "not those of math, and no if on Z"
            ) from error
        if np.shape(answer) != TRIAL.shape:
            raise ValueError(
                f"activation {owner}: {method} must keep the shape of Z {TRIAL.shape}, got {np.shape(answer)}"
            )
        if not np.array_equal(Z, TRIAL):
            raise ValueError(f"activation {owner}: {method} must not write to Z; return a new array")
