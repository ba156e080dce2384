"""A learning rate of its own for every parameter: AdaGrad and RMSProp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.elementary import sqrt
from pellucid.maths.renamed import renamed
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder, State

__all__ = ["AdaGrad", "RMSProp"]


@OPTIMIZERS.register
@dataclass(frozen=True)
class AdaGrad(FirstOrder):
    r"""s ← s + g², θ ← θ − η g/(√s + ε): parameters that have moved much move less.

    Source: Duchi, Hazan, Singer, "Adaptive subgradient methods", JMLR 12 (2011).
    """

    epsilon: float = 1e-10

    name: ClassVar[str] = "adagrad"
    title: ClassVar[str] = "AdaGrad"
    symbols: ClassVar[Mapping[str, str]] = {**FirstOrder.symbols, "epsilon": r"\varepsilon"}
    kernel_vectors: ClassVar[tuple[str, ...]] = ("s",)
    kernel_numbers: ClassVar[tuple[str, ...]] = ("epsilon",)
    formula: ClassVar[str] = (
        r"s \leftarrow s + g^2,\quad \theta \leftarrow \theta - \eta\,\frac{g}{\sqrt{s} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("AdaGrad epsilon", self.epsilon, above=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """The sum of squared gradients, 0."""
        return {"s": np.zeros_like(theta)}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Add the square, then move by the scaled gradient."""
        s = state["s"]
        s += gradient * gradient
        theta -= rate * gradient / (np.sqrt(s) + self.epsilon)

    @staticmethod
    def kernel_step(theta: Any, g: Any, s: Any, rate: Any, epsilon: Any) -> tuple[Any, ...]:
        """s ← s + g², θ − η g/(√s + ε)."""
        s = s + g * g
        return theta - rate * g / (sqrt(s) + epsilon), s


@OPTIMIZERS.register
@renamed(decay="rho")
@dataclass(frozen=True)
class RMSProp(FirstOrder):
    r"""s ← ρ s + (1 − ρ) g², θ ← θ − η g/(√s + ε): AdaGrad that forgets.

    `rho` is ρ, as in Keras; PyTorch calls it `alpha`.

    Source: Tieleman, Hinton, "Neural networks for machine learning", lecture 6.5 (2012).
    """

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8

    name: ClassVar[str] = "rmsprop"
    title: ClassVar[str] = "RMSProp"
    symbols: ClassVar[Mapping[str, str]] = {**FirstOrder.symbols, "rho": r"\rho", "epsilon": r"\varepsilon"}
    kernel_vectors: ClassVar[tuple[str, ...]] = ("s",)
    kernel_numbers: ClassVar[tuple[str, ...]] = ("epsilon", "rho", "one_minus_rho")
    formula: ClassVar[str] = (
        r"s \leftarrow \rho s + (1 - \rho)\,g^2,\quad"
        r"\theta \leftarrow \theta - \eta\,\frac{g}{\sqrt{s} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real("RMSProp rho", self.rho, least=0, below=1)
        check_real("RMSProp epsilon", self.epsilon, above=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """The running mean of squared gradients, 0."""
        return {"s": np.zeros_like(theta)}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Update the running mean, then move by the scaled gradient."""
        s = state["s"]
        s *= self.rho
        s += (1 - self.rho) * (gradient * gradient)
        theta -= rate * gradient / (np.sqrt(s) + self.epsilon)

    def step_numbers(self, state: State, rates: Array) -> list[Any]:
        """ε, ρ and 1 − ρ."""
        return [self.epsilon, self.rho, 1 - self.rho]

    @staticmethod
    def kernel_step(
        theta: Any, g: Any, s: Any, rate: Any, epsilon: Any, rho: Any, one_minus_rho: Any
    ) -> tuple[Any, ...]:
        """s ← ρ s + (1 − ρ) g², θ − η g/(√s + ε)."""
        s = rho * s + one_minus_rho * (g * g)
        return theta - rate * g / (sqrt(s) + epsilon), s
