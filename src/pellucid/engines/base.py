"""The interface between the training loop and an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from pellucid.maths.metrics import Metric
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits, State


@dataclass(frozen=True)
class Job:
    """The part of a run that is the same in all epochs.

    Attributes
    ----------
    network : LayerStack
        Its θ is updated in place.
    objective : Objective
    optimizer, state : FirstOrder, State
        The optimizer and its state, which is updated in place.
    X, Y : arrays (n, p), (n, k)
        Inputs and encoded targets; X may be a CSR array, for the reference engine.
    weight : array (n,) or None
    batch_size : int
        At most n.
    metric : Metric
        Built from Y and weight.
    dropout_seed : int
        Masks are a function of this seed and of the number of the step.
    limits : Limits
        Gradient clipping before each update, and max-norm after it.
    """

    network: LayerStack
    objective: Objective
    optimizer: FirstOrder
    state: State
    X: Array
    Y: Array
    weight: Array | None
    batch_size: int
    metric: Metric
    dropout_seed: int
    limits: Limits = field(default_factory=Limits)

    @property
    def n_batches(self) -> int:
        """Batches per epoch; the last one may be smaller."""
        return -(-len(self.Y) // self.batch_size)


@dataclass(frozen=True)
class Epoch:
    """One pass over the data: the order of the rows (None: the order in X) and the learning rate of each batch.

    An order with fewer rows is a part of a pass: some of its batches.
    """

    order: Array | None
    rates: Sequence[float]


@dataclass(frozen=True)
class EpochResult:
    """Results of an epoch; those of each batch are computed before its update.

    Attributes
    ----------
    total_loss : float
        Σᵢ wᵢ ℓᵢ over all samples.
    penalty : float
        The penalty, averaged over the batches by their sample weight.
    tally : number or array
        The argument of the metric's `value`.
    """

    total_loss: float
    penalty: float
    tally: Any


@dataclass(frozen=True)
class Epochs:
    """Several consecutive epochs: `orders` (m, n) or None, and `rates` (m, n_batches); see `Epoch`."""

    orders: Array | None
    rates: Array

    def __len__(self) -> int:
        return len(self.rates)

    def __iter__(self) -> Iterator[Epoch]:
        for i, rates in enumerate(self.rates.tolist()):
            yield Epoch(None if self.orders is None else self.orders[i], rates)


@dataclass(frozen=True)
class EpochResults:
    """Results of several epochs: each number of `EpochResult` as an array with one element (or row) per epoch."""

    total_loss: Array
    penalty: Array
    tally: Array

    @classmethod
    def none(cls) -> EpochResults:
        """The results of no epoch."""
        return cls(np.zeros(0), np.zeros(0), np.zeros(0))

    def __len__(self) -> int:
        return len(self.total_loss)

    def __getitem__(self, i: int) -> EpochResult:
        return EpochResult(float(self.total_loss[i]), float(self.penalty[i]), self.tally[i])


class Evaluator(Protocol):
    """J and its gradient on all data, at the current θ of the network: for second-order rules.

    Attributes
    ----------
    gradient : array
        ∂J/∂θ of the last evaluation that computed it.
    """

    @property
    def gradient(self) -> Array:
        """See above."""
        ...

    def evaluate(self, *, with_gradient: bool) -> EpochResult:
        """The total loss, the penalty and the metric's tally."""
        ...


class Engine(Protocol):
    """Runs epochs of a job.

    Attributes
    ----------
    name : str
        "reference" or "compiled".
    step : int
        The number of updates so far: the dropout masks of the next one are drawn for this number.
    epochs_per_call : int
        The preferred number of epochs per call.
    before : array
        θ before the last epoch.
    """

    name: ClassVar[str]
    step: int

    @property
    def epochs_per_call(self) -> int:
        """See above."""
        ...

    @property
    def before(self) -> Array:
        """See above."""
        ...

    def run(self, epochs: Epochs, interrupted: Callable[[], bool]) -> EpochResults:
        """Run epochs in order. Stops early once `interrupted()` is true, without a result for an unfinished epoch, and
        after an epoch with a non-finite loss or θ, which is then the last result.
        """
        ...
