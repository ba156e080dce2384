r"""A = H ⊙ M/(1 − rate): in each training step, some outputs are set to 0 at random.

M has zeros and ones, drawn in every training step; otherwise A = H. The derivative is the same mask:

    ∂J/∂H = ∂J/∂A ⊙ M/(1 − rate)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.dropout import dropout_mask
from pellucid.maths.typing import Array
from pellucid.network.ops.operation import Operation


@dataclass(frozen=True, eq=False)
class Dropout(Operation):
    """A = H ⊙ M/(1 − rate), where each element of M is 0 with probability `rate`, else 1.

    >>> Dropout(3, 0.5).draw(2, seed=0, step=0, layer=0, dtype=np.dtype("float64")).shape
    (2, 3)
    """

    rate: float

    name: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    formula: ClassVar[str] = r"A = H \odot M"
    backward_formula: ClassVar[str] = r"\frac{\partial J}{\partial A} \odot M"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("rate", self.rate, least=0, below=1)

    def draw(self, n_rows: int, *, seed: int, step: int, layer: int, dtype: np.dtype[np.floating]) -> Array:
        """M/(1 − rate) (n, h) of one training step: a pure function of seed, step, layer and shape."""
        return dropout_mask(seed, step, layer, (n_rows, self.n_inputs), self.rate, dtype)

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, Array]:
        """`parameters` is the mask alone."""
        (mask,) = parameters
        return A * mask, mask

    def backward(self, parameters: Sequence[Array], cache: Array, dZ: Array) -> Array:
        """A dropped unit does not affect J."""
        return dZ * cache
