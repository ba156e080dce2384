r"""H = f(Z): the activation, element by element; softmax, which needs the whole row, is the exception.

∂J/∂Z = f′(Z) ⊙ ∂J/∂H
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.typing import Array
from pellucid.network.ops.operation import Operation


@dataclass(frozen=True, eq=False)
class Elementwise(Operation):
    """H = f(Z) with an activation f, by name or as an object.

    >>> import numpy as np
    >>> Elementwise(2, "relu").forward((), np.array([[-1.0, 2.0]]))[0]
    array([[0., 2.]])
    """

    function: Activation

    name: ClassVar[str] = "activation"
    title: ClassVar[str] = "Activation"
    formula: ClassVar[str] = r"H = f(Z)"
    backward_formula: ClassVar[str] = r"f'(Z) \odot \frac{\partial J}{\partial H}"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "function", ACTIVATIONS.resolve(self.function))

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, tuple[Array, Array]]:
        """f of each element, or of each row."""
        H = self.function.value(A)
        return H, (A, H)

    def backward(self, parameters: Sequence[Array], cache: tuple[Array, Array], dZ: Array) -> Array:
        """The chain rule through f."""
        return self.function.backward(dZ, *cache)
