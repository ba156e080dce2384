r"""Z = A ⊙ s: every input has its own learned factor.

Unimportant inputs can be scaled down once, instead of in each weight of the layer above:

    ∂J/∂s = Σᵢ aᵢ ⊙ δᵢ (p,)        ∂J/∂A = δ ⊙ s (n, p)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.initializers import Constant
from pellucid.maths.typing import Array
from pellucid.network.ops.operation import Operation, Parameter


@dataclass(frozen=True, eq=False)
class Scale(Operation):
    r"""Z = A ⊙ s, with one factor s_j for each input, 1 at the start and not penalized.

    Parameters
    ----------
    n_inputs : int
        p.

    Examples
    --------
    >>> from pellucid import Dense, Network
    >>> net = Network([Scale(2), Dense(2, 3, "tanh"), Dense(3, 1)]).initialize(random_state=0)
    >>> net.layers[0].s
    array([1., 1.])

    Source: Holzmüller, Grinsztajn, Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular
    data" (RealMLP), NeurIPS 2024, section 3: the scaling layer before the first linear one.
    """

    name: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scale"
    kernel_name: ClassVar[str | None] = "scale"
    formula: ClassVar[str] = r"Z = A \odot s"
    gradient_formula: ClassVar[dict[str, str]] = {"s": r"\sum_i A_i \odot \delta_i"}
    backward_formula: ClassVar[str] = r"\delta \odot s"

    def parameters(self) -> tuple[Parameter, ...]:
        """s, ones at the start."""
        return (Parameter("s", (self.n_inputs,), Constant(1.0)),)

    def forward(self, parameters: Sequence[Array], A: Array) -> tuple[Array, Array]:
        """Column by column."""
        return A * parameters[0], A

    def gradients(self, parameters: Sequence[Array], cache: Array, dZ: Array, into: Sequence[Array]) -> None:
        """Every sample shares s: a sum over the samples."""
        np.einsum("ij,ij->j", cache, dZ, out=into[0])

    def backward(self, parameters: Sequence[Array], cache: Array, dZ: Array) -> Array:
        """Each input is multiplied by its factor."""
        return dZ * parameters[0]

    def jacobian(self, parameters: Sequence[Array], A: Array, dZ: Array) -> Array:
        """The terms of the sum."""
        return A * dZ
