"""Updates on batches that the caller chooses."""

from __future__ import annotations

import math

import numpy as np

from pellucid.engines.base import Epochs, Job
from pellucid.engines.reference import ReferenceEngine
from pellucid.maths.metrics import metric_for
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits, State
from pellucid.training.data import Data
from pellucid.training.divergence import divergence
from pellucid.training.state import RandomSource, TrainingState, random_state_of, restore_arrays
from pellucid.training.stepper import begun, draw_seed, never


class OwnBatches:
    """The optimizer's state between the batches, and the number of updates, from which dropout masks are drawn."""

    def __init__(
        self,
        network: LayerStack,
        objective: Objective,
        rule: FirstOrder,
        limits: Limits,
        random: RandomSource,
        optimizer_state: State | None = None,
        resume: TrainingState | None = None,
    ) -> None:
        self._network, self._objective, self._rule, self._limits = network, objective, rule, limits
        self._random = random
        self._optimizer_state = begun(network, rule, optimizer_state)
        self._updates = 0
        if resume is not None:
            self._updates, self._dropout_seed = resume.updates, resume.dropout_seed
            restore_arrays(self._optimizer_state, resume.optimizer)
        else:
            self._dropout_seed = draw_seed(random) if any(spec.dropout for spec in network.specs) else 0

    def step(self, batch: Data, factor: float) -> float:
        """One update on all rows of `batch`, by the readable engine; their mean loss before it."""
        network, before = self._network, self._network.theta.copy()
        job = Job(
            network, self._objective, self._rule, self._optimizer_state, batch.X, batch.Y, batch.weight, len(batch),
            metric_for(network.loss, batch.Y, batch.weight), self._dropout_seed, self._limits,
        )  # fmt: skip
        engine = ReferenceEngine(job)
        engine.step = self._updates
        rate = self._rule.learning_rate * factor
        total = float(engine.run(Epochs(None, np.array([[rate]])), never).total_loss[0])
        if not (math.isfinite(total) and np.isfinite(network.theta).all()):
            raise divergence(network, before, before, batch.X, self._updates, rate)
        self._updates += 1
        return total / batch.total_weight

    def state(self) -> TrainingState:
        """A copy of the state."""
        return TrainingState(
            theta=self._network.theta.copy(),
            optimizer={name: array.copy() for name, array in self._optimizer_state.items()},
            random=random_state_of(self._random),
            updates=self._updates,
            dropout_seed=self._dropout_seed,
        )
