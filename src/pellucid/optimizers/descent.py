"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pellucid.maths.checks import check_real
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder, State

__all__ = ["GradientDescent", "Momentum", "Nesterov"]


@OPTIMIZERS.register
@dataclass(frozen=True)
class GradientDescent(FirstOrder):
    r"""θ ← θ − η g. With batches it is stochastic gradient descent.

    Source: Cauchy (1847); Robbins, Monro, "A stochastic approximation method" (1951).
    """

    name: ClassVar[str] = "gradient_descent"
    title: ClassVar[str] = "gradient descent"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\,g"

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """No state."""
        return {}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """θ ← θ − η g."""
        theta -= rate * gradient

    @staticmethod
    def kernel_step(theta: Any, g: Any, rate: Any) -> tuple[Any, ...]:
        """θ − η g."""
        return (theta - rate * g,)


@OPTIMIZERS.register
@dataclass(frozen=True)
class Momentum(FirstOrder):
    r"""The heavy ball: v ← μ v − η g, θ ← θ + v. In a steady gradient the steps grow to 1/(1 − μ) times η g.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """

    momentum: float = 0.9

    name: ClassVar[str] = "momentum"
    title: ClassVar[str] = "momentum"
    symbols: ClassVar[Mapping[str, str]] = {**FirstOrder.symbols, "momentum": r"\mu"}
    kernel_vectors: ClassVar[tuple[str, ...]] = ("v",)
    kernel_numbers: ClassVar[tuple[str, ...]] = ("momentum",)
    formula: ClassVar[str] = r"v \leftarrow \mu v - \eta\,g,\quad \theta \leftarrow \theta + v"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_real(f"{type(self).__name__} momentum", self.momentum, least=0, most=1)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """The velocity v, at rest."""
        return {"v": np.zeros_like(theta)}

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Move the velocity, then θ by it."""
        v = state["v"]
        v *= self.momentum
        v -= rate * gradient
        theta += v

    @staticmethod
    def kernel_step(theta: Any, g: Any, v: Any, rate: Any, mu: Any) -> tuple[Any, ...]:
        """v ← μ v − η g, θ + v."""
        v = mu * v - rate * g
        return theta + v, v


@OPTIMIZERS.register
@dataclass(frozen=True)
class Nesterov(Momentum):
    r"""Momentum that looks ahead: v ← μ v − η g, θ ← θ + μ v − η g.

    In Sutskever's form, where θ is the point looked ahead to, so that g is taken at θ itself.

    Source: Nesterov (1983); Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in
    deep learning" (2013), section 2.
    """

    name: ClassVar[str] = "nesterov"
    title: ClassVar[str] = "Nesterov"
    formula: ClassVar[str] = r"v \leftarrow \mu v - \eta\,g,\quad \theta \leftarrow \theta + \mu v - \eta\,g"

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Move the velocity, then θ by the velocity that comes next."""
        v = state["v"]
        moved = rate * gradient
        v *= self.momentum
        v -= moved
        theta += self.momentum * v
        theta -= moved

    @staticmethod
    def kernel_step(theta: Any, g: Any, v: Any, rate: Any, mu: Any) -> tuple[Any, ...]:
        """v ← μ v − η g, θ + μ v − η g."""
        moved = rate * g
        v = mu * v - moved
        return theta + mu * v - moved, v
