"""A task and a few settings become layers, a loss and first weights: for the command, the estimators and the page.

===========================  ==================  =================================
task                         output              loss
===========================  ==================  =================================
one of two classes           1 sigmoid unit      binary cross-entropy
one of k classes             k units, softmax    cross-entropy
k yes-or-no labels           k sigmoid units     binary cross-entropy
k numbers                    k units, identity   squared error, or another
k counts (`Poisson`)         k units, exp        Poisson
===========================  ==================  =================================

Two classes may have a softmax over two units, too, so that each class has an output to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from pellucid.maths.activations import ACTIVATIONS, Activation, Exponential, Identity, Sigmoid, Softmax
from pellucid.maths.losses import BinaryCrossEntropy, CrossEntropy, Loss, SquaredError
from pellucid.model import Network
from pellucid.network.layers import Dense

Binary = Literal["sigmoid", "softmax"]
"""The output for two classes: one unit, or one for each class."""


@dataclass(frozen=True)
class Head:
    """The last layer of a network, `units` outputs after an `activation`, and the loss that follows."""

    units: int
    activation: Activation
    loss: Loss


def head_for_classes(n_classes: int, *, label_smoothing: float = 0.0, binary: Binary = "softmax") -> Head:
    """One of `n_classes` classes a row.

    >>> head_for_classes(3).units, head_for_classes(2, binary="sigmoid").units
    (3, 1)
    """
    if binary == "sigmoid" and n_classes <= 2:
        return Head(1, Sigmoid(), BinaryCrossEntropy(label_smoothing))
    return Head(n_classes, Softmax(), CrossEntropy(label_smoothing))


def head_for_labels(n_labels: int, *, label_smoothing: float = 0.0) -> Head:
    """`n_labels` binary labels per row, any number of them 1."""
    return Head(n_labels, Sigmoid(), BinaryCrossEntropy(label_smoothing))


def head_for_values(n_values: int = 1, loss: Loss | None = None) -> Head:
    """`n_values` numbers per row, with exponential outputs if the loss requires them.

    >>> head_for_values().loss.name, head_for_values().activation.name
    ('squared_error', 'identity')
    """
    loss = SquaredError() if loss is None else loss
    return Head(n_values, Exponential() if loss.canonical == "exponential" else Identity(), loss)


def hidden_layers(
    n_inputs: int, units: Sequence[int], activations: Sequence[str | Activation], dropout: Sequence[float]
) -> list[Dense]:
    """A layer for each of `units`, with its activation and dropout."""
    return [
        Dense(p, h, activation, dropout=rate)
        for (p, h), activation, rate in zip(pairwise([n_inputs, *units]), activations, dropout, strict=True)
    ]


def build_network(hidden: Sequence[Dense], head: Head, *, n_inputs: int, dtype: Any = "float64") -> Network:
    """The hidden layers with the head on top; `n_inputs` are those of the first layer.

    >>> build_network(hidden_layers(4, [5], ["relu"], [0.0]), head_for_classes(3), n_inputs=4).loss.name
    'cross_entropy'
    """
    before = hidden[-1].units if hidden else n_inputs
    return Network([*hidden, Dense(before, head.units, head.activation)], head.loss, dtype)


def suitable_initializer(activation: str | Activation) -> str:
    """The name of the first weights that suit a hidden activation.

    He's spread makes up for the half of its inputs that a rectifier silences; Xavier's suits bounded functions.

    >>> suitable_initializer("tanh"), suitable_initializer("relu")
    ('xavier_uniform', 'he_normal')
    """
    bounded = bool(np.isfinite(ACTIVATIONS.resolve(activation).image).all())
    return "xavier_uniform" if bounded else "he_normal"
