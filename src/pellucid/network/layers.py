r"""Layers: a frozen specification, and the same bound to its numbers.

Every layer is a sequence of operations (`ops`). The first one computes Z and has the layer's parameters; an activation
and dropout may follow:

    Aˡ⁻¹ → Zˡ → Hˡ = f(Zˡ) → Aˡ

`Dense` is an affine operation with both. Any other operation is a layer by itself, with Aˡ = Hˡ = Zˡ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import Array
from pellucid.network.ops.affine import Affine
from pellucid.network.ops.dropout import Dropout
from pellucid.network.ops.elementwise import Elementwise
from pellucid.network.ops.operation import Operation, Parameter


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
        f, by name ("tanh"), as an object (`ELU(alpha=2.0)`), or a custom one: any object or class with `value(Z)` and
        `derivative(Z)`.
    dropout : float
        The probability with which an output is set to 0 in a training step, in [0, 1). Not for the last layer.

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
        # The class is frozen: set its fields with object.__setattr__.
        object.__setattr__(self, "n_inputs", check_integer("n_inputs", n_inputs, least=1))
        object.__setattr__(self, "units", check_integer("units", units, least=1))
        object.__setattr__(self, "activation", ACTIVATIONS.resolve(activation))
        object.__setattr__(self, "dropout", check_real("dropout", dropout, least=0, below=1))

    def operations(self) -> tuple[Operation, ...]:
        """The operations of the layer, in order: Z = A W + b, f, and dropout if it has any.

        >>> [operation.name for operation in Dense(2, 3, "tanh", dropout=0.5).operations()]
        ['affine', 'activation', 'dropout']
        """
        return self._lowered[0]

    def parameters(self) -> tuple[Parameter, ...]:
        """W and b."""
        return self._lowered[1]

    @cached_property
    def _lowered(self) -> tuple[tuple[Operation, ...], tuple[Parameter, ...]]:
        """Operations and parameters: asked for many times, and the same each time."""
        affine, learned = _affine(self.n_inputs, self.units)
        made_of: tuple[Operation, ...] = affine, Elementwise(self.units, self.activation)
        if self.dropout:
            made_of = (*made_of, Dropout(self.units, self.dropout))
        return made_of, learned

    def __getstate__(self) -> dict[str, object]:
        """The fields alone."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


Spec: TypeAlias = Dense | Operation
"""The specification of a layer."""


def title(spec: Spec) -> str:
    """Title of a layer in tables and figures: the activation of a `Dense`, else the name of the operation."""
    return spec.activation.name if isinstance(spec, Dense) else spec.name


def written(spec: Spec) -> str:
    """The specification as code, without arguments that have their default.

    >>> written(Dense(2, 3, "tanh"))
    'Dense(2, 3, Tanh())'
    """
    if not isinstance(spec, Dense):
        return repr(spec)
    dropout = f", dropout={spec.dropout}" if spec.dropout else ""
    return f"Dense({spec.n_inputs}, {spec.units}, {spec.activation!r}{dropout})"


class Layer:
    """A specification bound to its parameters, which are views of the network's θ.

    Each parameter is an attribute: `W` and `b` of a `Dense`, `s` of a `Scale`. Reading it gives the view; writing to
    its elements, or assigning an array of the same shape, changes θ.

    Attributes
    ----------
    spec : Dense or Operation
    n_inputs, units, activation, dropout
        Those of `spec`.
    W : array (n_inputs, units)
    b : array (units,)
    transform : Operation
        Aˡ⁻¹ → Zˡ; it has the parameters.
    activate : Elementwise or None
        Zˡ → Hˡ.
    drop : Dropout
        Hˡ → Aˡ, in training; of rate 0 for a layer without.
    parameters : tuple of arrays
        In the order of θ.
    penalized : tuple of int
        The places in `parameters` of those that penalties act on.
    """

    spec: Spec
    n_inputs: int
    units: int
    activation: Activation
    dropout: float
    transform: Operation
    activate: Elementwise | None
    drop: Dropout
    parameters: tuple[Array, ...]
    penalized: tuple[int, ...]
    W: Array
    b: Array

    def __init__(self, spec: Spec, parameters: Sequence[Array]) -> None:
        named = spec.parameters()
        transform, *after = spec.operations()
        # `__setattr__` is for the parameters only.
        self.__dict__.update(
            {parameter.name: array for parameter, array in zip(named, parameters, strict=True)},
            spec=spec,
            n_inputs=spec.n_inputs,
            units=spec.units,
            activation=spec.activation,
            dropout=spec.dropout,
            transform=transform,
            activate=next((one for one in after if isinstance(one, Elementwise)), None),
            drop=next((one for one in after if isinstance(one, Dropout)), None) or _no_dropout(spec.units),
            parameters=tuple(parameters),
            penalized=tuple(i for i, parameter in enumerate(named) if parameter.penalized),
        )

    @property
    def weights(self) -> tuple[Array, ...]:
        """Matrices with a column of incoming weights per unit, W of a `Dense`, to which max-norm applies."""
        return tuple(self.parameters[i] for i in self.penalized if self.parameters[i].ndim == 2)

    @property
    def title(self) -> str:
        """Title in tables and figures: the activation of a `Dense`, else the name of the operation."""
        return title(self.spec)

    def __getattr__(self, name: str) -> Array:
        """Called for missing attributes only: parameters, or an error."""
        if name.startswith("__") or "spec" not in self.__dict__:
            raise AttributeError(name)
        names = ", ".join(parameter.name for parameter in self.spec.parameters()) or "none"
        raise AttributeError(f"this layer, {self.spec!r}, has no {name!r}: its parameters are {names}")

    def __setattr__(self, name: str, values: object) -> None:
        if name not in {parameter.name for parameter in self.spec.parameters()}:
            raise AttributeError(f"{name!r} of a layer cannot be set: only its parameters can")
        view = self.__dict__[name]
        view[...] = _of_shape(name, values, view)

    def __repr__(self) -> str:
        shapes = "".join(f", {parameter.name} {parameter.shape}" for parameter in self.spec.parameters())
        return f"Layer({self.spec!r}{shapes})"


@lru_cache(maxsize=256)  # thousands of networks have layers of the same few shapes
def _affine(n_inputs: int, units: int) -> tuple[Affine, tuple[Parameter, ...]]:
    affine = Affine(n_inputs, units)
    return affine, affine.parameters()


@lru_cache(maxsize=256)
def _no_dropout(units: int) -> Dropout:
    return Dropout(units, 0.0)


def _of_shape(name: str, values: object, view: Array) -> Array:
    new = np.asarray(values)
    if new.shape != view.shape:
        raise ValueError(f"{name} must have shape {view.shape}, got {new.shape}")
    return new


PARTS_OF_DENSE = (Affine, Elementwise, Dropout)
"""Operations that cannot be layers by themselves."""


def check_layers(layers: Iterable[Spec]) -> tuple[Spec, ...]:
    """The layers as a tuple; ValueError or TypeError if they do not fit together."""
    specs = tuple(layers)
    if not specs:
        raise ValueError("layers must hold at least one Dense layer, got none")
    for i, spec in enumerate(specs):
        if isinstance(spec, Operation):
            _check_operation(i, spec)
            continue
        if not isinstance(spec, Dense):
            raise TypeError(f"layers[{i}] must be a Dense layer, got {spec!r}")
        own = [name for name in vars(type(spec)) if not name.startswith("__")] if type(spec) is not Dense else []
        if own:
            raise TypeError(
                f"layers[{i}] is a {type(spec).__name__}, a subclass of Dense, whose {own[0]} would never be used: the "
                "network computes f(A W + b). Write an activation of your own, an object with value and derivative"
            )
    if not any(spec.parameters() for spec in specs):
        raise ValueError("layers must hold one that learns, such as a Dense layer: none of these has parameters")
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


def _check_operation(i: int, spec: Operation) -> None:
    """Check that an operation can be a layer."""
    if isinstance(spec, PARTS_OF_DENSE):
        raise TypeError(
            f"layers[{i}] is {spec!r}, a part of a Dense layer: write Dense(n_inputs, units, activation, dropout=…)"
        )
    names = [parameter.name for parameter in spec.parameters()]
    for name in names:
        if name in Layer.__annotations__ and name not in ("W", "b"):
            raise ValueError(f"layers[{i}]: a parameter of {type(spec).__name__} cannot be called {name!r}")
        if names.count(name) > 1:
            raise ValueError(f"layers[{i}]: two parameters of {type(spec).__name__} are called {name!r}")
