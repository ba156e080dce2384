"""A run of a second-order rule: each epoch is one iteration on the full batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.engines.base import EpochResult, EpochResults, Evaluator
from pellucid.engines.reference import ReferenceEvaluator
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import SecondOrder, State
from pellucid.training.state import RandomSource, TrainingState, random_state_of, restore_arrays, set_random_state
from pellucid.training.stepper import never


class IterationStepper:
    """Iteration after iteration of a rule that searches, with the methods of `BatchStepper`."""

    n_batches, batches, epochs_per_call = 1, 0, 1
    rate = last_rate = part = None
    watches_loss = measured_before = False

    def __init__(
        self,
        network: LayerStack,
        objective: Objective,
        rule: SecondOrder,
        evaluator: Evaluator,
        total_weight: float,
        n_rows: int,
        random: RandomSource,
        resume: TrainingState | None = None,
    ) -> None:
        self._network, self._objective, self._rule = network, objective, rule
        self._evaluator, self._total_weight, self._n_rows = evaluator, total_weight, n_rows
        self._random = random
        self.engine_name = "reference" if isinstance(evaluator, ReferenceEvaluator) else "compiled"
        self._seen: EpochResult | None = None
        self.epochs = 0
        self.ended = ""
        self.before = network.theta.copy()
        self.optimizer_state: State = rule.init(network.theta)
        if resume is not None:
            self.restore(resume)
            self._begin_anew_if_objective_changed()

    @property
    def updates(self) -> int:
        """One per iteration."""
        return self.epochs

    def run_epochs(
        self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never
    ) -> tuple[EpochResults, Array | None]:
        """Up to `count` iterations; fewer if the rule ends."""
        results: list[EpochResult] = []
        while len(results) < count and not self.ended and not interrupted():
            result = self._iterate()
            if result is None:
                break
            results.append(result)
        if not results:
            return EpochResults.none(), None
        columns = ([getattr(r, name) for r in results] for name in ("total_loss", "penalty", "tally"))
        return EpochResults(*(np.array(column) for column in columns)), None

    def run_batches(
        self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never
    ) -> EpochResult | None:
        """One iteration, whose one batch is all rows."""
        return None if self.ended or interrupted() else self._iterate()

    def measure(self) -> EpochResult:
        """The numbers at θ, without an iteration."""
        return self._evaluator.evaluate(with_gradient=False)

    def observe(self, loss: float) -> None:
        """There is no schedule."""

    def next_batch(self) -> tuple[Array, float | None]:
        """All rows, and no rate."""
        return np.arange(self._n_rows), None

    def state(self, *, for_good: bool = False) -> TrainingState:
        """A copy of the state; if this is not used again, its own arrays need none."""
        return TrainingState(
            theta=self._network.theta.copy(),
            optimizer=self.optimizer_state
            if for_good
            else {name: array.copy() for name, array in self.optimizer_state.items()},
            random=random_state_of(self._random),
            epochs=self.epochs,
            updates=self.epochs,
        )

    def restore(self, state: TrainingState) -> None:
        """Continue from a state of the same run."""
        self._network.theta = state.theta
        restore_arrays(self.optimizer_state, state.optimizer)
        set_random_state(self._random, state.random)
        self.epochs, self.ended = state.epochs, ""

    def _begin_anew_if_objective_changed(self) -> None:
        """The state holds J and its gradient at θ: with another penalty or other data they would be wrong."""
        known = self.optimizer_state.get("value")
        if known is not None and np.isfinite(known).all():
            seen = self.measure()
            if self._objective.combine(seen.total_loss, self._total_weight, seen.penalty) != known[0]:
                self.optimizer_state = self._rule.init(self._network.theta)

    def _iterate(self) -> EpochResult | None:
        """One step of the rule, which chooses the points at which it evaluates J; None if it found no new point."""
        network = self._network
        np.copyto(self.before, network.theta)
        theta = self.before.copy()
        self.ended = self._rule.step(self._problem, theta, self.optimizer_state)
        network.theta = theta
        if self.ended and np.array_equal(theta, self.before):
            return None
        self.epochs += 1
        # The point that a search ends at is the last that it tried.
        assert self._seen is not None
        return self._seen

    def _problem(self, point: Array) -> tuple[float, Array]:
        self._network.theta = point
        self._seen = seen = self._evaluator.evaluate(with_gradient=True)
        value = self._objective.combine(seen.total_loss, self._total_weight, seen.penalty)
        return value, self._evaluator.gradient  # used again by the next evaluation: the rule makes a copy
