"""What the doctor looks at: a network, its data, one pass up and down, and the history of the run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pellucid.explanation.doctor.trials import Trials
from pellucid.explanation.doctor.words import Remedy, Speaker
from pellucid.explanation.names import Names
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
        What to try, in the words of whoever called.
    remedies : tuple of Remedy
        The same for programs: what to change, and to what.
    """

    name: str
    what: str
    why: str
    advice: str
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.what} {self.why} Try: {self.advice}"


@dataclass(frozen=True)
class Case:
    """The evidence. `passed` and `gradient` are None where numbers are not finite; `history` where none was given.

    `scales_itself` says that inputs and targets are scaled on their way into the network, `speaker` in whose words
    advice is given; `trials` is None where nothing may be tried out.
    """

    network: LayerStack
    X: Array
    Y: Array
    weight: Array | None
    passed: Forward | None
    gradient: Gradient | None
    history: History | None
    scales_itself: bool = False
    penalty: Penalty | None = None
    names: Names = field(default_factory=Names)
    speaker: Speaker = "network"
    trials: Trials | None = None

    def finding(self, name: str, what: str, why: str, *remedies: Remedy, text: str = "") -> Finding:
        """A finding whose remedies are said in the caller's words; `text` stands before them, or alone."""
        said = [remedy.said(self.speaker) for remedy in remedies]
        advice = ", or ".join([text.removesuffix("."), *said] if text else said) + "."
        return Finding(name, what, why, advice, remedies)

    def column(self, i: int) -> str:
        """What the column i of X, counted from 0, is called."""
        return f'"{self.names.inputs[i]}"' if self.names.inputs is not None else f"column {i + 1}"

    def label(self, number: int) -> str:
        """What a class, counted from 0, is called."""
        names = self.names.outputs
        if names is None or number >= len(names):
            return f"class {number}"
        return f'class "{names[number]}"'

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
    names: Names | None = None,
    speaker: Speaker = "network",
    trials: bool = True,
) -> Case:
    """One pass up and down, where numbers are finite."""
    Y = network.encode(y)
    passed = gradient = None
    if np.isfinite(network.theta).all() and np.isfinite(X).all():
        with np.errstate(all="ignore"):
            passed = network.forward(X)
            gradient = network.backward(passed, y, weight, penalty=penalty)
    tried = Trials(network, X, Y, weight) if trials else None
    return Case(
        network, X, Y, weight, passed, gradient, history, scales_itself, penalty, names or Names(), speaker, tried
    )
