"""What every optimizer is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from pellucid.maths.checks import check_real
from pellucid.maths.options import Option
from pellucid.maths.registry import Registry
from pellucid.maths.typing import Array

State: TypeAlias = dict[str, Array]
"""What a rule remembers between steps: arrays, by name. Counters are arrays of one element."""


@dataclass(frozen=True, eq=False)
class Optimizer(Option):
    """A way to minimise. `formula` is its update in LaTeX, with g = ∂J/∂θ and η the learning rate."""

    name: ClassVar[str] = "own"
    formula: ClassVar[str] = r"\theta \leftarrow \ldots"


OPTIMIZERS: Registry[Optimizer] = Registry(
    "optimizer", Optimizer, aliases={"sgd": "gradient_descent", "gd": "gradient_descent", "l_bfgs_b": "lbfgs"}
)


@dataclass(frozen=True, eq=False)
class FirstOrder(Optimizer):
    """A rule that moves θ a step at a time by its gradient.

    Your own has an option of its own as a field, and moves θ in place; it runs on the reference engine:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from pellucid import Network
    >>> from pellucid.optimizers import FirstOrder
    >>> @dataclass(frozen=True)
    ... class SignDescent(FirstOrder):
    ...     scale: float = 1.0
    ...
    ...     def init(self, theta, decayed=None):
    ...         return {}  # what it remembers between steps: arrays, by name
    ...
    ...     def step(self, theta, gradient, state, rate):
    ...         theta -= rate * self.scale * np.sign(gradient)  # in place; nothing is returned
    >>> net = Network([1, 1])
    >>> net.layers[0].W = [[1.0]]
    >>> history = net.fit([[1.0]], [2.0], optimizer=SignDescent(0.1, scale=2.0), epochs=3, engine="reference")
    >>> net.layers[0].W.round(3)
    array([[1.6]])
    """

    learning_rate: float = 0.01

    def __post_init__(self) -> None:
        check_real(f"{type(self).__name__} learning_rate", self.learning_rate, above=0)

    def init(self, theta: Array, decayed: Array | None = None) -> State:
        """A fresh state for a vector like `theta`. `decayed` is True where weight decay acts; None: everywhere."""
        raise NotImplementedError(f"{type(self).__name__} must define init(theta, decayed)")

    def step(self, theta: Array, gradient: Array, state: State, rate: float) -> None:
        """Move `theta` and `state`, in place, with learning rate `rate`. `gradient` is left as it is."""
        raise NotImplementedError(f"{type(self).__name__} must define step(theta, gradient, state, rate)")
