"""What the training loop asks of an engine, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

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
        The rule, and what it remembers; the state is moved in place.
    X, Y : arrays (n, p), (n, k)
        Inputs and encoded targets.
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
        return -(-len(self.X) // self.batch_size)


@dataclass(frozen=True)
class Epoch:
    """One pass over the data: the order of its rows (None: as they stand) and the learning rate of each batch."""

    order: Array | None
    rates: Sequence[float]


@dataclass(frozen=True)
class EpochResult:
    """What an epoch saw, each batch before its update.

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


class Engine(Protocol):
    """Runs epochs of a job."""

    name: ClassVar[str]

    def run(self, epochs: Sequence[Epoch], interrupted: Callable[[], bool]) -> list[EpochResult]:
        """Run epochs in order; stop early, without a result for a broken-off epoch, once `interrupted()` is true."""
        ...
