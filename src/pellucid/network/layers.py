"""What a layer is: a frozen specification, and the same bound to its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import Array


@dataclass(frozen=True, init=False)
class Dense:
    r"""A fully connected layer, A' = f(A W + b): its shape, its activation and its dropout, but no numbers.

    Parameters
    ----------
    n_inputs : int
        p, the columns of A (n, p).
    units : int
        h, the columns of A' (n, h); W is (p, h) and b is (h,).
    activation : str or Activation
        f, by name ("tanh"), as an object (`ELU(alpha=2.0)`), or your own: any object or class with `value(Z)` and
        `derivative(Z)`.
    dropout : float
        The share of this layer's outputs silenced in each training step, in [0, 1). Not for the last layer.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, its value and what was expected.

    Examples
    --------
    >>> Dense(2, 3, "tanh")
    Dense(n_inputs=2, units=3, activation=Tanh(), dropout=0.0)
    """

    n_inputs: int
    units: int
    activation: Activation
    dropout: float

    def __init__(
        self,
        n_inputs: int,
        units: int,
        activation: str | Activation | type[Activation] | object = "identity",
        *,
        dropout: float = 0.0,
    ) -> None:
        if isinstance(units, str):
            raise TypeError(
                f"units must be a whole number >= 1, got {units!r}: a layer says how many inputs it has first, "
                f"Dense(n_inputs, {n_inputs!r}, {units!r}); or write Network([n_inputs, {n_inputs!r}, n_outputs], "
                f"{units!r})"
            )
        # The class is frozen: its fields are set past the guard, once.
        object.__setattr__(self, "n_inputs", check_integer("n_inputs", n_inputs, least=1))
        object.__setattr__(self, "units", check_integer("units", units, least=1))
        object.__setattr__(self, "activation", ACTIVATIONS.resolve(activation))
        object.__setattr__(self, "dropout", check_real("dropout", dropout, least=0, below=1))


class Layer:
    """A `Dense` specification bound to its weights and biases, which are views of the network's θ.

    Reading `W` or `b` gives the view; writing to its elements, or assigning an array of the same shape, changes θ.

    Attributes
    ----------
    spec : Dense
    n_inputs, units, activation, dropout
        Those of `spec`.
    W : array (n_inputs, units)
    b : array (units,)
    """

    __slots__ = ("_W", "_b", "activation", "dropout", "n_inputs", "spec", "units")

    def __init__(self, spec: Dense, W: Array, b: Array) -> None:
        self.spec = spec
        self.n_inputs, self.units = spec.n_inputs, spec.units
        self.activation, self.dropout = spec.activation, spec.dropout
        self._W, self._b = W, b

    @property
    def W(self) -> Array:
        """The weights (n_inputs, units), a writable view of θ."""
        return self._W

    @W.setter
    def W(self, values: Array) -> None:
        self._W[...] = _of_shape("W", values, self._W)

    @property
    def b(self) -> Array:
        """The biases (units,), a writable view of θ."""
        return self._b

    @b.setter
    def b(self, values: Array) -> None:
        self._b[...] = _of_shape("b", values, self._b)

    def __repr__(self) -> str:
        return f"Layer({self.spec!r}, W {self._W.shape}, b {self._b.shape})"


def _of_shape(name: str, values: Array, view: Array) -> Array:
    new = np.asarray(values)
    if new.shape != view.shape:
        raise ValueError(f"{name} must have shape {view.shape}, got {new.shape}")
    return new


def check_layers(layers: Iterable[Dense]) -> tuple[Dense, ...]:
    """The layers as a tuple, or an error if they do not fit together."""
    specs = tuple(layers)
    if not specs:
        raise ValueError("layers must hold at least one Dense layer, got none")
    for i, spec in enumerate(specs):
        if not isinstance(spec, Dense):
            raise TypeError(f"layers[{i}] must be a Dense layer, got {spec!r}")
        own = [name for name in vars(type(spec)) if not name.startswith("__")] if type(spec) is not Dense else []
        if own:
            raise TypeError(
                f"layers[{i}] is a {type(spec).__name__}, a subclass of Dense, whose {own[0]} would never be used: the "
                "network computes f(A W + b). Write an activation of your own, an object with value and derivative"
            )
    for i, (before, after) in enumerate(pairwise(specs)):
        if after.n_inputs != before.units:
            raise ValueError(
                f"layers[{i + 1}].n_inputs must be {before.units}, the units of layers[{i}], got {after.n_inputs}"
            )
        if not before.activation.elementwise:
            raise ValueError(
                f"layers[{i}].activation {before.activation.name!r} is for the last layer only, "
                f"and layers[{i}] is hidden: use an elementwise one such as 'tanh'"
            )
    if specs[-1].dropout:
        raise ValueError(f"dropout of the last layer must be 0, its outputs are the answer: got {specs[-1].dropout}")
    return specs
