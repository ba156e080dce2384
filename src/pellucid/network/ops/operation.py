r"""`Operation`: a function of a batch with its derivatives, and the parameters that it learns.

An operation maps A (n, p) to Z (n, h), row by row. Given ∂J/∂Z, the chain rule needs two methods:

    ∂J/∂θ = Σᵢ ∂J/∂zᵢ ∂zᵢ/∂θ        `gradients`: all samples share the parameters, so their terms are summed
    ∂J/∂aᵢ = ∂J/∂zᵢ ∂zᵢ/∂aᵢ         `backward`: for the operation below

Objects are frozen and have no numbers except options: the parameters are passed to each call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.activations import Activation, Identity
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.initializers import Initializer
from pellucid.maths.options import Option
from pellucid.maths.typing import Array


@dataclass(frozen=True)
class Parameter:
    """An array that an operation learns.

    Attributes
    ----------
    name : str
        Its letter: "W". The array is `net.layers[i].W`, or whatever the name is.
    shape : tuple of int
        One or two dimensions.
    initializer : Initializer or None
        The initial values; None uses those of `net.initialize`: `weights` for a matrix, `biases` for a vector.
    penalized : bool
        Whether penalties and weight decay act on it.
    rate_factor : float
        Factor on the optimizer's learning rate; ignored by L-BFGS, which has none.
    decay_factor : float
        Factor on the optimizer's weight decay.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, its value and what was expected.
    """

    name: str
    shape: tuple[int, ...]
    initializer: Initializer | None = None
    penalized: bool = False
    rate_factor: float = 1.0
    decay_factor: float = 1.0

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"name of a parameter must be a Python name such as 'W', got {self.name!r}")
        if len(self.shape) not in (1, 2):
            raise ValueError(f"shape of parameter {self.name!r} must have one or two dimensions, got {self.shape}")
        for length in self.shape:
            check_integer(f"shape of parameter {self.name!r}", length, least=1)
        check_real(f"rate_factor of parameter {self.name!r}", self.rate_factor, above=0)
        check_real(f"decay_factor of parameter {self.name!r}", self.decay_factor, least=0)


@dataclass(frozen=True, eq=False)
class Operation(Option):
    r"""A function of a batch, A (n, p) → Z (n, h), row by row, with its derivatives.

    It can be used as a layer: `Network([Scale(2), Dense(2, 3, "tanh"), Dense(3, 1)])`. A custom operation is a frozen
    dataclass that defines `parameters`, `forward`, `gradients` and `backward`, and runs on the reference engine;
    `check_gradients` checks its derivatives.

    Attributes
    ----------
    n_inputs : int
        p, the columns of A.
    units : int
        h, the columns of Z; those of A unless an operation says otherwise.
    name : str
        Its name in tables and sentences.
    formula, gradient_formula, backward_formula : str
        Z, ∂J/∂(each parameter), by its name, and ∂J/∂A in LaTeX, where A is the input and δ = ∂J/∂Z.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from pellucid import Dense, Network, check_gradients
    >>> from pellucid.operations import Operation, Parameter
    >>> @dataclass(frozen=True)
    ... class Shift(Operation):
    ...     name = "shift"
    ...     formula = r"Z = A + c"
    ...
    ...     def parameters(self):
    ...         return (Parameter("c", (self.n_inputs,)),)
    ...
    ...     def forward(self, parameters, A):
    ...         (c,) = parameters
    ...         return A + c, None  # the second result is the cache for the backward pass
    ...
    ...     def gradients(self, parameters, cache, dZ, into):
    ...         into[0][...] = dZ.sum(axis=0)
    ...
    ...     def backward(self, parameters, cache, dZ):
    ...         return dZ
    >>> net = Network([Shift(2), Dense(2, 1)])
    >>> check_gradients(net, np.eye(2), [1.0, 2.0]).passed
    True
    >>> net.layers[0].c
    array([0., 0.])
    """

    n_inputs: int

    name: ClassVar[str] = "own"
    formula: ClassVar[str] = r"Z = z(A)"
    gradient_formula: ClassVar[dict[str, str]] = {}
    backward_formula: ClassVar[str] = r"\sum_j \delta_j \frac{\partial z_j}{\partial A}"

    kernel_name: ClassVar[str | None] = None
    """The compiled kernel that computes the same; None if there is none, as for custom operations. A name does not
    count for subclasses, which may compute something else."""

    activation: ClassVar[Activation] = Identity()
    """Of the operation as a layer: none."""
    dropout: ClassVar[float] = 0.0
    """Of the operation as a layer: none."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_inputs", check_integer("n_inputs", self.n_inputs, least=1))

    @property
    def units(self) -> int:
        """h, the columns of Z."""
        return self.n_inputs

    def operations(self) -> tuple[Operation, ...]:
        """The operations of this layer: itself."""
        return (self,)

    def parameters(self) -> tuple[Parameter, ...]:
        """The arrays that it learns, in the order of θ."""
        return ()

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, Any]:
        """Z (n, h), and a cache for the backward pass."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(parameters, A)")

    def gradients(self, parameters: Sequence[Array], cache: Any, dZ: Array, into: Sequence[Array]) -> None:
        """Write ∂J/∂θ of each parameter into the arrays `into`, from dZ = ∂J/∂Z (n, h)."""
        if into:
            raise NotImplementedError(f"{type(self).__name__} must define gradients(parameters, cache, dZ, into)")

    def backward(self, parameters: Sequence[Array], cache: Any, dZ: Array) -> Array:
        """∂J/∂A (n, p) from dZ = ∂J/∂Z (n, h)."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(parameters, cache, dZ)")

    def slopes(self, parameters: Sequence[Array]) -> Array:
        """∂zⱼ/∂aᵢ (p, h), for diagrams; by default at inputs of 1."""
        A = np.ones((self.units, self.n_inputs), dtype=parameters[0].dtype if parameters else np.float64)
        _, cache = self.forward(parameters, A)
        return self.backward(parameters, cache, np.eye(self.units, dtype=A.dtype)).T

    def jacobian(self, parameters: Sequence[Array], A: Array, dZ: Array) -> Array:
        """Σⱼ dZᵢⱼ ∂zᵢⱼ/∂θ of each sample i, one row per sample (n, size of θ), which `gradients` sums.

        The default calls `gradients` once per row, which is correct for every operation, but slow.
        """
        rows = np.empty((len(A), sum(parameter.size for parameter in parameters)), dtype=dZ.dtype)
        into = [np.empty_like(parameter) for parameter in parameters]
        for i, row in enumerate(rows):
            _, cache = self.forward(parameters, A[i : i + 1])
            self.gradients(parameters, cache, dZ[i : i + 1], into)
            row[:] = np.concatenate([part.ravel() for part in into]) if into else 0.0
        return rows
