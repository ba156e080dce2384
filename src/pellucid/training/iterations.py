"""A run of a second-order rule: each epoch is one iteration on the full batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.engines.base import EpochResult, EpochResults, Evaluator
from pellucid.engines.movement import MANY_UPDATES
from pellucid.engines.reference import ReferenceEvaluator
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import SecondOrder, State, checked_state
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
        state: State | None = None,
    ) -> None:
        self._network, self._objective, self._rule = network, objective, rule
        self._evaluator, self._total_weight, self._n_rows = evaluator, total_weight, n_rows
        self._random = random
        self.engine_name = "reference" if isinstance(evaluator, ReferenceEvaluator) else "compiled"
        self._seen: EpochResult | None = None
        self.epochs = 0
        self.ended = ""
        self.before = network.theta.copy()
        self._owns_state = state is None
        self.optimizer_state: State = {} if state is None else state
        continues = bool(self.optimizer_state)
        if not continues:
            self._begin_anew()
        self._has_moved, self._idle = False, 0
        if resume is not None:
            self.restore(resume)
        if resume is not None or continues:
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
            if for_good and self._owns_state
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
        """A state that holds J or its gradient at θ would be wrong with another penalty or other data."""
        known = self._rule.value_of(self.optimizer_state)
        if known is not None and self._value(self.measure()) != known:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """A fresh state, in the dictionary of the old one: it may be the caller's."""
        fresh = checked_state(self._rule, self._rule.init(self._network.theta))
        self.optimizer_state.clear()
        self.optimizer_state.update(fresh)

    def _iterate(self) -> EpochResult | None:
        """One step of the rule, which chooses the points at which it evaluates J; None if it found no new point."""
        network = self._network
        np.copyto(self.before, network.theta)
        theta = self.before.copy()
        self._seen = None
        returned: object = self._rule.step(self._problem, theta, self.optimizer_state)
        checked_state(self._rule, self.optimizer_state, "step")
        self.ended = self._reason(returned)
        # Most searches end at the last point that they tried; others need one more evaluation, for the history.
        seen = self._seen if np.array_equal(network.theta, theta) else None
        network.theta = theta
        moved = not np.array_equal(theta, self.before)
        if self.ended and not moved:
            return None
        self._has_moved = self._has_moved or moved
        if not self._has_moved and self._evaluator.gradient.any():
            self._idle += 1
            if self._idle >= MANY_UPDATES:
                raise TypeError(self.idle_words)
        self.epochs += 1
        return self.measure() if seen is None else seen

    def _problem(self, point: Array) -> tuple[float, Array]:
        self._network.theta = point
        self._seen = seen = self._evaluator.evaluate(with_gradient=True)
        # A copy: the next evaluation uses the array again, and a rule may keep the gradients of several points.
        return self._value(seen), self._evaluator.gradient.astype(np.float64)

    @property
    def idle_words(self) -> str:
        """The error for a rule that changed θ in none of several steps; "" if it changed θ, or made one step only."""
        if self._has_moved or self._idle < 2:
            return ""
        return (
            f"{type(self._rule).__name__}.step moved no parameter in {self._idle} steps with a gradient that is not 0, "
            "and gave no reason to end: step(problem, theta, state) must change theta in place, as in "
            "`theta -= alpha * gradient`"
        )

    def _value(self, seen: EpochResult) -> float:
        return self._objective.combine(seen.total_loss, self._total_weight, seen.penalty)

    def _reason(self, returned: object) -> str:
        """The reason to end that a step returned; None counts as ""."""
        if returned is None or isinstance(returned, str):
            return returned or ""
        raise TypeError(
            f'{type(self._rule).__name__}.step must return "" or the reason why there can be no other step, got '
            f"{type(returned).__name__}: step(problem, theta, state) changes theta in place"
        )
