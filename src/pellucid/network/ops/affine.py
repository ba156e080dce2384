r"""Z = A W + b: every output is a weighted sum of all inputs.

Z is linear in each of its parts, so the derivatives are the other part:

    ∂J/∂W = Aᵀ δ (p, h)        ∂J/∂b = Σᵢ δᵢ (h,)        ∂J/∂A = δ Wᵀ (n, p)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_integer
from pellucid.maths.rows import product_over_rows, sum_over_rows
from pellucid.maths.typing import Array
from pellucid.network.ops.operation import Operation, Parameter


@dataclass(frozen=True, eq=False)
class Affine(Operation):
    """Z = A W + b, with W (p, h) and b (h,). A may be a sparse matrix.

    >>> Z, _ = Affine(2, 1).forward((np.array([[1.0], [2.0]]), np.array([0.5])), np.array([[3.0, 4.0]]))
    >>> Z
    array([[11.5]])
    """

    n_units: int

    name: ClassVar[str] = "affine"
    title: ClassVar[str] = "Affine"
    formula: ClassVar[str] = r"Z = A\,W + b"
    gradient_formula: ClassVar[dict[str, str]] = {"W": r"A^{\top} \delta", "b": r"\sum_i \delta_i"}
    backward_formula: ClassVar[str] = r"\delta\, W^{\top}"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "n_units", check_integer("n_units", self.n_units, least=1))

    @property
    def units(self) -> int:
        """h."""
        return self.n_units

    def parameters(self) -> tuple[Parameter, ...]:
        """W, on which penalties act, and b, on which they do not."""
        return Parameter("W", (self.n_inputs, self.units), penalized=True), Parameter("b", (self.units,))

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, Array]:
        """The bias is added to each of the n rows."""
        W, b = parameters
        Z = A @ W
        Z += b
        return Z, A

    def gradients(self, parameters: Sequence[Array], cache: Array, dZ: Array, into: Sequence[Array]) -> None:
        """Every sample has its own Z but shares W and b: sums over the samples."""
        dW, db = into
        product_over_rows(cache, dZ, out=dW)
        sum_over_rows(dZ, out=db)

    def backward(self, parameters: Sequence[Array], cache: Array, dZ: Array) -> Array:
        """A reaches J through every unit."""
        return dZ @ parameters[0].T

    def slopes(self, parameters: Sequence[Array]) -> Array:
        """W, everywhere."""
        return parameters[0]

    def jacobian(self, parameters: Sequence[Array], A: Array, dZ: Array) -> Array:
        """The outer product of each row of A and of dZ, and that of dZ itself."""
        return np.hstack([(A[:, :, None] * dZ[:, None, :]).reshape(len(A), -1), dZ])
