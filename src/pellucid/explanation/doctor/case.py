"""The evidence of a diagnosis: a network, its data, one forward and one backward pass, and the history."""

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

IMBALANCED = 0.8
"""Share of the most frequent class above which accuracy says little about the others."""


@dataclass(frozen=True)
class Finding:
    """A problem that was found.

    Attributes
    ----------
    name : str
        "dead units", "rate too high", …
    what : str
        The observation, with its numbers.
    why : str
        Why it matters.
    remedies : tuple of Remedy
        Advised changes, the best first.
    evidence : dict of str to float
        The numbers in `what`.
    place : str
        The interface that `advice` is written for.
    """

    name: str
    what: str
    why: str
    remedies: tuple[Remedy, ...]
    evidence: Mapping[str, float] = field(default_factory=dict)
    place: Place = "network"

    @property
    def advice(self) -> str:
        """The advised changes, written for the interface that asked for the diagnosis."""
        return joined(self.remedies, self.place)

    def __str__(self) -> str:
        return f"{self.name}: {self.what} {self.why} Try: {self.advice}"


@dataclass(frozen=True)
class Case:
    """The evidence. `passed` and `gradient` are None if parameters or inputs are not finite.

    `scales_itself`: the model standardises its inputs and targets. `alpha`: the penalty strength of an estimator.
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
        """The class number of each row (n,); None for regression and for several labels per row."""
        if self.network.loss.task != "classification":
            return None
        if self.network.n_outputs == 1:
            return (self.Y[:, 0] >= 0.5).astype(np.int64)
        return self.Y.argmax(axis=1) if self.network.loss.canonical == "softmax" else None

    def column(self, i: int) -> str:
        """An input column's name, or its number, counted from 1."""
        if self.feature_names is not None and len(self.feature_names) == self.X.shape[1]:
            return f"'{shortened(self.feature_names[i])}'"
        return f"{i + 1} (X[:, {i}])"

    def class_name(self, number: int) -> str:
        """A class's name, or its number."""
        if self.class_names is not None and number < len(self.class_names):
            return f"'{shortened(self.class_names[number])}'"
        return str(number)

    @cached_property
    def probe(self) -> Probe | None:
        """Scores of simple reference models on these rows; None if numbers are not finite."""
        if not (np.isfinite(self.X).all() and np.isfinite(self.Y).all()):
            return None
        return probe(self.X, self.Y, self.classes)

    @property
    def is_imbalanced(self) -> bool:
        """Whether nearly all rows belong to one class, so that accuracies say little."""
        classes = self.classes
        return classes is not None and bool(np.bincount(classes).max() > IMBALANCED * self.n)

    @cached_property
    def signal(self) -> Probe | None:
        """`probe`, with the frequent class subsampled to at most twice the other rows if classes are imbalanced."""
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
        """The mean loss in evaluation mode, without penalty and dropout; None without a forward pass."""
        if self.passed is None:
            return None
        with np.errstate(all="ignore"):
            total = self.network.objective().value(self.network.layers, self.passed, self.Y, self.weight)
        return float(total)

    @cached_property
    def explained(self) -> float | None:
        """R²: the share of the targets' variance that the outputs explain on these rows (also for one-hot targets)."""
        if self.passed is None or not np.isfinite(self.passed.output).all():
            return None
        truth, outputs = self.Y.astype(np.float64), self.passed.output.astype(np.float64)
        with np.errstate(all="ignore"):
            total = float(((truth - truth.mean(axis=0)) ** 2).sum())
            residual = float(((truth - outputs) ** 2).sum())
        return 1 - residual / total if total > 0 and np.isfinite(residual) else None

    @cached_property
    def accuracy(self) -> float | None:
        """The share of rows whose class is predicted correctly; None for other tasks."""
        truth = self.classes
        if truth is None or self.passed is None or not np.isfinite(self.passed.output).all():
            return None
        predicted = np.asarray(self.network.decide(self.passed.output)).reshape(-1)
        return float((predicted == truth).mean())


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
    """Gather the evidence: one forward and one backward pass if parameters and inputs are finite."""
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
