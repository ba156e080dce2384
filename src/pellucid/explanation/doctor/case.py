"""What the doctor looks at: a network, its data, one pass up and down, and the history of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pellucid.explanation.doctor.probe import Probe, probe
from pellucid.explanation.doctor.remedies import Place, Remedy, joined
from pellucid.explanation.names import shortened
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.forward import Forward
from pellucid.network.stack import Gradient, LayerStack
from pellucid.training.history import History

MOSTLY_ONE = 0.8
"""The share of one class beyond which the others drown."""


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
    remedies : tuple of Remedy
        What to change, the best first.
    evidence : dict of str to float
        The numbers that `what` is made of.
    place : str
        In whose words `advice` is written.
    """

    name: str
    what: str
    why: str
    remedies: tuple[Remedy, ...]
    evidence: Mapping[str, float] = field(default_factory=dict)
    place: Place = "network"

    @property
    def advice(self) -> str:
        """What to try, in the words of the place where the doctor was called."""
        return joined(self.remedies, self.place)

    def __str__(self) -> str:
        return f"{self.name}: {self.what} {self.why} Try: {self.advice}"


@dataclass(frozen=True)
class Case:
    """The evidence. `passed` and `gradient` are None where numbers are not finite; `history` where none was given.

    `scales_itself` says that inputs and targets are scaled on their way into the network; `alpha` is an estimator's
    own strength of its penalty.
    """

    network: LayerStack
    X: Array
    Y: Array
    weight: Array | None
    passed: Forward | None
    gradient: Gradient | None
    history: History | None
    penalty: Penalty | None = None
    scales_itself: bool = False
    alpha: float | None = None
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None

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

    def column(self, i: int) -> str:
        """What an input column is called: by its name, or by its number from 1."""
        if self.feature_names is not None and len(self.feature_names) == self.X.shape[1]:
            return f"'{shortened(self.feature_names[i])}'"
        return f"{i + 1} (X[:, {i}])"

    def class_name(self, number: int) -> str:
        """What a class is called."""
        if self.class_names is not None and number < len(self.class_names):
            return f"'{shortened(self.class_names[number])}'"
        return str(number)

    @cached_property
    def probe(self) -> Probe | None:
        """How well these rows can be told from each other by the plainest other means; None where numbers fail."""
        if not (np.isfinite(self.X).all() and np.isfinite(self.Y).all()):
            return None
        return probe(self.X, self.Y, self.classes)

    @property
    def is_imbalanced(self) -> bool:
        """Whether nearly all rows are of one class, so that accuracies say little."""
        classes = self.classes
        return classes is not None and bool(np.bincount(classes).max() > MOSTLY_ONE * self.n)

    @cached_property
    def signal(self) -> Probe | None:
        """`probe`, on as many rows of the frequent classes as do not drown the rare ones."""
        classes = self.classes
        if classes is None or not self.is_imbalanced or not (np.isfinite(self.X).all() and np.isfinite(self.Y).all()):
            return self.probe
        frequent = int(np.bincount(classes).argmax())
        rare = np.flatnonzero(classes != frequent)
        others = np.flatnonzero(classes == frequent)
        random = np.random.default_rng(0)
        kept = random.choice(others, min(len(others), max(2 * len(rare), 1)), replace=False)
        rows = np.sort(np.r_[rare, kept])
        return probe(self.X[rows], self.Y[rows], classes[rows])

    @cached_property
    def loss(self) -> float | None:
        """The mean loss at rest, without penalty and dropout; None where it is not finite."""
        if self.passed is None:
            return None
        with np.errstate(all="ignore"):
            total = self.network.objective().value(self.network.layers, self.passed, self.Y, self.weight)
        return float(total)

    @cached_property
    def explained(self) -> float | None:
        """The share of the targets' variance that the outputs explain on these rows (R², of one-hot rows too)."""
        if self.passed is None or not np.isfinite(self.passed.output).all():
            return None
        truth, answers = self.Y.astype(np.float64), self.passed.output.astype(np.float64)
        with np.errstate(all="ignore"):
            total = float(((truth - truth.mean(axis=0)) ** 2).sum())
            wrong = float(((truth - answers) ** 2).sum())
        return 1 - wrong / total if total > 0 and np.isfinite(wrong) else None

    @cached_property
    def accuracy(self) -> float | None:
        """The share of rows whose class is answered right; None for other tasks."""
        truth = self.classes
        if truth is None or self.passed is None or not np.isfinite(self.passed.output).all():
            return None
        answers = np.asarray(self.network.decide(self.passed.output)).reshape(-1)
        return float((answers == truth).mean())


def examine(
    network: LayerStack,
    X: Array,
    y: object,
    weight: Array | None,
    penalty: Penalty | None,
    history: History | None,
    *,
    scales_itself: bool = False,
    alpha: float | None = None,
    feature_names: tuple[str, ...] | None = None,
    class_names: tuple[str, ...] | None = None,
) -> Case:
    """One pass up and down, where numbers are finite."""
    Y = network.encode(y)
    passed = gradient = None
    if np.isfinite(network.theta).all() and np.isfinite(X).all():
        with np.errstate(all="ignore"):
            passed = network.forward(X)
            gradient = network.backward(passed, y, weight, penalty=penalty)
    return Case(
        network, X, Y, weight, passed, gradient, history, penalty,
        scales_itself, alpha, feature_names, class_names,
    )  # fmt: skip
