"""What the doctor looks at: a network, its data, one pass up and down, and the history of the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.forward import Forward
from pellucid.network.stack import Gradient, LayerStack
from pellucid.training.history import History


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    name : str
        "dead units", "rate too high", …
    what : str
        What was seen, with the numbers.
    why : str
        Why it matters.
    advice : str
        What to try.
    """

    name: str
    what: str
    why: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what} {self.why} Try: {self.advice}"


@dataclass(frozen=True)
class Case:
    """The evidence. `passed` and `gradient` are None where numbers are not finite; `history` where none was given.

    `scales_itself` says that inputs and targets are scaled on their way into the network.
    """

    network: LayerStack
    X: Array
    Y: Array
    weight: Array | None
    passed: Forward | None
    gradient: Gradient | None
    history: History | None
    scales_itself: bool = False

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.X)

    @property
    def classes(self) -> Array | None:
        """The class number of each row (n,); None for regression and for several labels a row."""
        if self.network.loss.task != "classification":
            return None
        if self.network.n_outputs == 1:
            return (self.Y[:, 0] >= 0.5).astype(np.int64)
        return self.Y.argmax(axis=1) if self.network.loss.canonical == "softmax" else None


def examine(
    network: LayerStack,
    X: Array,
    y: object,
    weight: Array | None,
    penalty: Penalty | None,
    history: History | None,
    *,
    scales_itself: bool = False,
) -> Case:
    """One pass up and down, where numbers are finite."""
    Y = network.encode(y)
    passed = gradient = None
    if np.isfinite(network.theta).all() and np.isfinite(X).all():
        with np.errstate(all="ignore"):
            passed = network.forward(X)
            gradient = network.backward(passed, y, weight, penalty=penalty)
    return Case(network, X, Y, weight, passed, gradient, history, scales_itself)
