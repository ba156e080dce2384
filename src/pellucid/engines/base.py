"""Interface between the training loop and an engine."""

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
    """Everything that stays the same from epoch to epoch.

    Attributes
    ----------
    network : LayerStack
        Its θ is moved in place.
    objective : Objective
    optimizer, state : FirstOrder, State
        The update rule and its state, which is updated in place.
    X, Y : arrays (n, p), (n, k)
        Inputs and encoded targets; X may be a CSR array, for the reference engine.
    weight : array (n,) or None
    batch_size : int
        At most n.
    metric : Metric
        Made from Y and weight.
    dropout_seed : int
        Masks are a function of it and of the step's number.
    limits : Limits
        What is done to the gradient before each update, and to the weights after it.
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
        """Batches in an epoch; the last may be smaller."""
        return -(-len(self.Y) // self.batch_size)


@dataclass(frozen=True)
class Epoch:
    """One pass over the data: the order of its rows (None: as they stand) and the learning rate of each batch.

    An order of fewer rows is a part of a pass: some of its batches.
    """

    order: Array | None
    rates: Sequence[float]


@dataclass(frozen=True)
class EpochResult:
    """Results of one epoch; each batch is measured before its update.

    Attributes
    ----------
    total_loss : float
        Σᵢ wᵢ ℓᵢ over all samples.
    penalty : float
        The penalty, averaged over the batches by their sample weight.
    tally : number or array
        For the metric's `value`.
    """

    total_loss: float
    penalty: float
    tally: Any


@dataclass(frozen=True)
class Epochs:
    """Some epochs in a row: `orders` (m, n) or None, and `rates` (m, n_batches); see `Epoch`."""

    orders: Array | None
    rates: Array

    def __len__(self) -> int:
        return len(self.rates)

    def __iter__(self) -> Iterator[Epoch]:
        for i, rates in enumerate(self.rates.tolist()):
            yield Epoch(None if self.orders is None else self.orders[i], rates)


@dataclass(frozen=True)
class EpochResults:
    """Results of several epochs: each number of `EpochResult` as an array with an element (or row) per epoch."""

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
    """J and its gradient on all data at once, at the θ that a network has at the time: for L-BFGS.

    Attributes
    ----------
    gradient : array
        ∂J/∂θ of the last evaluation that was asked for it.
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
        How many updates it has made: the dropout masks of the next one are drawn for this number.
    epochs_per_call : int
        How many epochs it likes to run in one call.
    before : array
        θ before the last epoch that was run.
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
        """Run epochs in order. Stops early, without a result for a broken-off epoch, once `interrupted()` is true;
        and after an epoch whose loss is not finite or that leaves a θ that is not, which is the last result then.
        """
        ...
