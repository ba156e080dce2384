"""The learning rate of every update of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.maths.schedules import Constant, ReduceOnPlateau, Schedule
from pellucid.maths.typing import Array
from pellucid.training.stopping import PlateauDetector


class Rates:
    """A base rate, a schedule and the number of batches in an epoch, as one list of rates per epoch."""

    def __init__(self, base: float, schedule: Schedule, epochs: int, n_batches: int) -> None:
        schedule = schedule.for_rate(base)
        self._base, self._schedule, self._epochs, self._n_batches = base, schedule, epochs, n_batches
        self._lowered = 1.0
        self._plateau: PlateauDetector | None = None
        if isinstance(schedule, ReduceOnPlateau):
            self._plateau = PlateauDetector(-1, schedule.patience, schedule.min_delta)

    def of_epoch(self, epoch: int) -> list[float]:
        """The rate of each batch of an epoch."""
        base = self._base * self._lowered
        if isinstance(self._schedule, (Constant, ReduceOnPlateau)):
            return [base] * self._n_batches
        return [base * self._schedule.factor(epoch + b / self._n_batches, self._epochs) for b in range(self._n_batches)]

    def of_epochs(self, first: int, count: int) -> Array:
        """The rates of some consecutive epochs, (count, n_batches)."""
        if isinstance(self._schedule, (Constant, ReduceOnPlateau)):
            return np.full((count, self._n_batches), self._base * self._lowered)
        return np.array([self.of_epoch(epoch) for epoch in range(first, first + count)])

    @property
    def watches_loss(self) -> bool:
        """Whether `observe` needs the loss of each epoch before the rates of the next are known."""
        return self._plateau is not None

    def observe(self, loss: float) -> None:
        """Take the loss of an epoch; after a plateau, lower all later rates."""
        if self._plateau is None:
            return
        self._plateau.improved(loss)
        if self._plateau.out_of_patience:
            assert isinstance(self._schedule, ReduceOnPlateau)
            self._lowered = self._schedule.lowered(self._lowered)
            self._plateau.waited = 0

    def state(self) -> dict[str, Any]:
        """The state of a schedule that watches the loss, as JSON; empty for the others."""
        return {} if self._plateau is None else {"lowered": self._lowered, **self._plateau.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from such a state; one of another schedule is not used."""
        if self._plateau is not None and state:
            assert isinstance(self._schedule, ReduceOnPlateau)
            # A run that continues with another learning rate has another smallest share of it.
            self._lowered = max(self._schedule.min_factor, state["lowered"])
            self._plateau.restore(state)
