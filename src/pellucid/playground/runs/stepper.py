"""A call of `fit` that runs a few updates at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.engines.choice import EngineName, evaluator_for, missing_kernel
from pellucid.maths.metrics import metric_for
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.optimizers import FirstOrder, SecondOrder, State
from pellucid.playground.settings import Settings
from pellucid.training.data import Data
from pellucid.training.divergence import divergence
from pellucid.training.iterations import IterationStepper
from pellucid.training.state import TrainingState
from pellucid.training.stepper import BatchStepper, begin_batches


@dataclass(frozen=True)
class Progress:
    """Results of some updates: their number, samples seen, and the mean loss of each finished epoch."""

    updates: int
    samples: int
    losses: Array

    @classmethod
    def none(cls) -> Progress:
        """No updates."""
        return cls(0, 0, np.zeros(0))


def engine_name(network: Network, settings: Settings) -> EngineName:
    """The engine of a run: compiled if there are kernels, so that short and long calls give the same bits."""
    lacks = missing_kernel(network, network.objective(settings.penalty), settings.optimizer)
    return "reference" if lacks else "compiled"


class CallStepper:
    """A running call of `fit`; it updates the network's θ."""

    def __init__(
        self,
        network: Network,
        data: Data,
        settings: Settings,
        random: np.random.Generator,
        optimizer_state: State | None,
        batch_size: int,
    ) -> None:
        self._network, self._data = network, data
        self._planned: int = settings["epochs"]
        self._batch_size = batch_size
        self.stepper = _new_stepper(network, data, settings, random, optimizer_state, batch_size)
        self.updates_per_epoch = self.stepper.n_batches

    @property
    def into_epoch(self) -> int:
        """Updates done of the current epoch; 0 between epochs."""
        return self.stepper.batches

    @property
    def ended(self) -> str:
        """The reason why it cannot continue, "" while it can."""
        if self.stepper.epochs >= self._planned:
            return f"the planned {self._planned:,} {'epochs' if self._by_batches else 'iterations'} are done"
        reason = self.stepper.ended
        return f"L-BFGS has ended after {self.stepper.epochs} iterations: {reason}" if reason else ""

    @property
    def optimizer_state(self) -> State | None:
        """The optimizer's state, if another call can continue with it."""
        return self.stepper.optimizer_state if self._by_batches else None

    def run_updates(self, count: int) -> Progress:
        """Run up to `count` updates, not past the end of the current epoch."""
        stepper, n = self.stepper, len(self._data)
        first = stepper.batches
        result = stepper.run_batches(count)
        if result is None:
            return Progress.none()
        self._check(result.total_loss)
        last = stepper.batches or self.updates_per_epoch
        samples = min(last * self._batch_size, n) - first * self._batch_size
        if stepper.batches:
            return Progress(last - first, samples, np.zeros(0))
        seen = stepper.part or result
        return Progress(last - first, samples, self._finished(np.array([seen.total_loss])))

    def run_epochs(self, count: int) -> Progress:
        """Run up to `count` whole epochs; one at a time if the schedule needs their loss. Call it between epochs."""
        stepper = self.stepper
        count = min(count, self._planned - stepper.epochs, 1 if stepper.watches_loss else count)
        if count <= 0:
            return Progress.none()
        results, _ = stepper.run_epochs(count)
        done = len(results)
        if not done:
            return Progress.none()
        self._check(float(results.total_loss[-1]))
        return Progress(done * self.updates_per_epoch, done * len(self._data), self._finished(results.total_loss))

    def peek(self) -> Array:
        """θ after the next update, which is not made."""
        now = self.state()
        self.stepper.run_batches(1)
        after = self._network.theta.copy()
        self.restore(now)
        return after

    def state(self) -> TrainingState:
        """The current state."""
        return self.stepper.state()

    def restore(self, state: TrainingState) -> None:
        """Restore a state."""
        self.stepper.restore(state)

    @property
    def _by_batches(self) -> bool:
        return isinstance(self.stepper, BatchStepper)

    def _finished(self, total_losses: Array) -> Array:
        losses = total_losses / len(self._data)
        self.stepper.observe(float(losses[-1]))
        return losses

    def _check(self, total_loss: float) -> None:
        """Raise the error of `fit` if numbers are no longer finite."""
        stepper, network = self.stepper, self._network
        if not (np.isfinite(total_loss) and np.isfinite(network.theta).all()):
            before = stepper.before.copy()
            with np.errstate(all="ignore"):
                raise divergence(network, before, before, self._data.X, stepper.epochs, stepper.last_rate)


def _new_stepper(
    network: Network,
    data: Data,
    settings: Settings,
    random: np.random.Generator,
    optimizer_state: State | None,
    batch_size: int,
) -> BatchStepper | IterationStepper:
    rule, engine, planned = settings.optimizer, engine_name(network, settings), settings["epochs"]
    objective, metric = network.objective(settings.penalty), metric_for(network.loss, data.Y)
    if isinstance(rule, SecondOrder):
        evaluator = evaluator_for(network, objective, data.X, data.Y, None, metric, rule, engine, epochs=planned)
        return IterationStepper(network, objective, rule, evaluator, data.total_weight, len(data), random)
    assert isinstance(rule, FirstOrder)
    return begin_batches(
        network, objective, rule, data, metric, random, epochs=planned, batch_size=batch_size,
        schedule=settings.schedule, state=optimizer_state, engine=engine,
    )  # fmt: skip
