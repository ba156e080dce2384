"""A first-order run as it is under way: which rows come next, in which order, at which rate.

`fit` takes it many epochs at a time, whoever wants to watch closely a batch at a time: the numbers are the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.engines import EngineName, engine_for
from pellucid.engines.base import Engine, EpochResult, EpochResults, Epochs, Job
from pellucid.maths.metrics import Metric
from pellucid.maths.schedules import Schedule
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.parameters import decay_factors
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits, State
from pellucid.training.data import Data
from pellucid.training.rates import Rates

RandomSource = np.random.Generator | np.random.RandomState

NO_LIMITS = Limits()


def never() -> bool:
    """For runs that nothing interrupts."""
    return False


@dataclass(frozen=True)
class Moment:
    """Copies of all that a descent goes on from, but for its random source, which belongs to whoever gave it."""

    theta: Array
    state: State
    order: Array | None
    rates: Rates
    step: int
    epochs: int
    batches: int


class Descent:
    """Batch after batch of one job.

    Attributes
    ----------
    engine, job, rates : Engine, Job, Rates
    epochs : int
        How many are finished.
    batches : int
        How many of the epoch at hand are done; 0 between epochs.
    """

    def __init__(self, engine: Engine, job: Job, rates: Rates, shuffling: RandomSource | None) -> None:
        self.engine, self.job, self.rates = engine, job, rates
        self.epochs = self.batches = 0
        # One batch holds every row whatever their order, so there is nothing to shuffle. Else each epoch shuffles the
        # last one's order, as scikit-learn does, and not the rows as they stood: equal seeds then give equal batches.
        self._shuffling = None if job.n_batches == 1 else shuffling
        self._order = None if self._shuffling is None else np.arange(len(job.Y))

    def run_epochs(self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never) -> EpochResults:
        """Run whole epochs, with their rates times `factor`; see `Engine.run`. To be called between epochs only."""
        orders = None if self._order is None else np.stack([self._shuffle(self._order) for _ in range(count)])
        epochs = Epochs(orders, factor * self.rates.of_epochs(self.epochs, count))
        results = self.engine.run(epochs, interrupted)
        self.epochs += len(results)
        return results

    def run_batches(
        self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never
    ) -> EpochResult | None:
        """Run up to `count` batches, not past the end of the epoch at hand; what they saw, or None if interrupted."""
        job = self.job
        first, last = self.batches, min(self.batches + count, job.n_batches)
        if first == 0 and self._order is not None:
            self._shuffle(self._order)
        rates = factor * self.rates.of_epochs(self.epochs, 1)[:, first:last]
        order = None if job.n_batches == 1 else self._rows(self._order, first, last)[None]
        results = self.engine.run(Epochs(order, rates), interrupted)
        if not len(results):
            return None
        self.batches = last
        if last == job.n_batches:
            self.epochs, self.batches = self.epochs + 1, 0
        return results[0]

    def next_batch(self) -> tuple[Array, float]:
        """The rows that the next update will see, and its rate; nothing is drawn for it from the random source."""
        order = self._order
        if self.batches == 0 and order is not None:
            order = copy.deepcopy(self._shuffling).permutation(order)  # type: ignore[union-attr]
        return self._rows(order, self.batches, self.batches + 1), self.rate

    @property
    def rate(self) -> float:
        """The rate of the next update."""
        return float(self.rates.of_epochs(self.epochs, 1)[0, self.batches])

    def moment(self) -> Moment:
        """Where the descent stands."""
        job = self.job
        state = {name: array.copy() for name, array in job.state.items()}
        return Moment(
            job.network.theta.copy(), state, self._order, copy.deepcopy(self.rates), self.engine.step, self.epochs,
            self.batches,
        )  # fmt: skip

    def return_to(self, moment: Moment) -> None:
        """Be as at a `moment` of this descent: with the random source set back too, what follows is the same again."""
        self.job.network.theta = moment.theta
        for name, array in moment.state.items():
            self.job.state[name][...] = array
        self._order, self.rates = moment.order, copy.deepcopy(moment.rates)
        self.engine.step, self.epochs, self.batches = moment.step, moment.epochs, moment.batches

    def _shuffle(self, order: Array) -> Array:
        """The order of an epoch that begins, drawn from the last one's."""
        assert self._shuffling is not None
        self._order = self._shuffling.permutation(order)
        return self._order

    def _rows(self, order: Array | None, first: int, last: int) -> Array:
        rows = slice(first * self.job.batch_size, last * self.job.batch_size)
        return np.arange(len(self.job.Y))[rows] if order is None else order[rows]


def begin_descent(
    network: LayerStack,
    objective: Objective,
    rule: FirstOrder,
    data: Data,
    metric: Metric,
    random: RandomSource,
    *,
    epochs: int,
    batch_size: int | None = None,
    schedule: Schedule,
    shuffle: bool = True,
    limits: Limits = NO_LIMITS,
    state: State | None = None,
    engine: EngineName = "auto",
    threads: int = 1,
) -> Descent:
    """A descent at its start. Of `random`, the seed of the dropout masks is drawn, and then the order of each epoch."""
    job = Job(
        network=network,
        objective=objective,
        optimizer=rule,
        state=_begun(network, rule, state),
        X=data.X,
        Y=data.Y,
        weight=data.weight,
        batch_size=min(batch_size or len(data), len(data)),
        metric=metric,
        dropout_seed=_draw_seed(random) if any(spec.dropout for spec in network.specs) else 0,
        limits=limits,
    )
    rates = Rates(rule.learning_rate, schedule, epochs, job.n_batches)
    return Descent(engine_for(job, engine, epochs=epochs, threads=threads), job, rates, random if shuffle else None)


def new_state(network: LayerStack, rule: FirstOrder) -> State:
    """What a rule remembers, before its first step on this network. Decay acts on weights, not on biases."""
    state: State | None = rule.init(network.theta, decay_factors(network.groups))
    if state is None:
        return {}  # a rule of one's own that remembers nothing
    if not isinstance(state, dict):
        raise TypeError(
            f"{type(rule).__name__}.init must return a dictionary of arrays, what it remembers between steps, got "
            f"{type(state).__name__}"
        )
    return state


def _draw_seed(random: RandomSource) -> int:
    if isinstance(random, np.random.RandomState):
        return int(random.randint(2**31 - 1))
    return int(random.integers(2**63))


def _begun(network: LayerStack, rule: FirstOrder, state: State | None) -> State:
    """A state to go on with: the one that is given, filled where it is empty."""
    state = {} if state is None else state
    if not state:
        state.update(new_state(network, rule))
    return state
