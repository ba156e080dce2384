"""A first-order run, in whole epochs or a few batches at a time: the numbers are the same.

It knows which rows come next, in which order, at which rate, and can go back to any state that it was in.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from pellucid.engines import EngineName, engine_for
from pellucid.engines.base import Engine, EpochResult, EpochResults, Epochs, Job
from pellucid.maths.metrics import Metric
from pellucid.maths.schedules import Schedule
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.parameters import decay_factors
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits, State, checked_state
from pellucid.training.data import Data
from pellucid.training.divergence import DivergenceError, overflow_of_squares
from pellucid.training.rates import Rates
from pellucid.training.state import RandomSource, TrainingState, random_state_of, restore_arrays, set_random_state

NO_LIMITS = Limits()


def never() -> bool:
    """The interruption check of runs that are not interrupted."""
    return False


class BatchStepper:
    """Batch after batch of one job, for a first-order rule; `IterationStepper` does the same for one that searches.

    Attributes
    ----------
    engine, job, rates : Engine, Job, Rates
    epochs, batches : int
        Epochs finished; batches done of the current epoch, 0 between epochs.
    part : EpochResult or None
        Sums over the batches of the current epoch so far; of the last epoch that was finished by batches, all of it.
    last_rate : float
        The learning rate of the last update that `run_batches` made.
    measured_before : bool
        Whether the numbers of an epoch belong to θ as it was before it.
    ended : str
        Why there can be no more updates, "" if there can.
    """

    ended = ""

    def __init__(
        self,
        engine: Engine,
        job: Job,
        rates: Rates,
        random: RandomSource,
        *,
        shuffle: bool,
        owns_state: bool = False,
    ) -> None:
        self.engine, self.job, self.rates = engine, job, rates
        self.epochs = self.batches = 0
        self.part: EpochResult | None = None
        self.last_rate = 0.0
        self._random, self._owns_state = random, owns_state
        # One batch holds every row whatever their order, so there is nothing to shuffle. Else each epoch shuffles the
        # last one's order, as scikit-learn does, and not the rows as they stood: equal seeds then give equal batches.
        self._order = np.arange(len(job.Y)) if shuffle and job.n_batches > 1 else None
        self.measured_before = job.n_batches == 1

    @property
    def n_batches(self) -> int:
        """Batches per epoch."""
        return self.job.n_batches

    @property
    def updates(self) -> int:
        """Updates in all."""
        return self.engine.step

    @property
    def optimizer_state(self) -> State:
        """The optimizer's state, changed in place."""
        return self.job.state

    @property
    def before(self) -> Array:
        """θ before the last epoch."""
        return self.engine.before

    @property
    def watches_loss(self) -> bool:
        """Whether the schedule needs the loss of each epoch before the next."""
        return self.rates.watches_loss

    @property
    def engine_name(self) -> str:
        """ "reference" or "compiled"."""
        return self.engine.name

    @property
    def epochs_per_call(self) -> int:
        """How many epochs the engine prefers to run in one call."""
        return self.engine.epochs_per_call

    def run_epochs(
        self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never
    ) -> tuple[EpochResults, Array | None]:
        """Run whole epochs, between epochs only, rates times `factor`: results, and the last rate of each."""
        if interrupted():  # before the order of an epoch is drawn: a run that continues draws the same
            return EpochResults.none(), None
        orders = None if self._order is None else np.stack([self._shuffle(self._order) for _ in range(count)])
        rates = factor * self.rates.of_epochs(self.epochs, count)
        results = self.engine.run(Epochs(orders, rates), interrupted)
        self.epochs += len(results)
        if len(results):
            self.last_rate = float(rates[len(results) - 1, -1])
        return results, rates[:, -1]

    def run_batches(
        self, count: int, factor: float = 1.0, interrupted: Callable[[], bool] = never
    ) -> EpochResult | None:
        """Run up to `count` batches, not past the end of the current epoch: what they saw, or None if interrupted."""
        if interrupted():
            return None
        job = self.job
        first, last = self.batches, min(self.batches + count, job.n_batches)
        if first == 0 and self._order is not None:
            self._shuffle(self._order)
        rates = factor * self.rates.of_epochs(self.epochs, 1)[:, first:last]
        order = None if job.n_batches == 1 else self._rows(self._order, first, last)[None]
        results = self.engine.run(Epochs(order, rates), interrupted)
        if not len(results):
            return None
        result = results[0]
        self.part = result if first == 0 or self.part is None else _sum(self.part, result)
        self.batches, self.last_rate = last, float(rates[0, -1])
        if last == job.n_batches:
            self.epochs, self.batches = self.epochs + 1, 0
        return result

    def observe(self, loss: float) -> None:
        """Take the loss that a schedule watches."""
        self.rates.observe(loss)

    def next_batch(self) -> tuple[Array, float | None]:
        """The rows of the next update, and its rate; the random source is not moved."""
        order = self._order
        if self.batches == 0 and order is not None:
            order = copy.deepcopy(self._random).permutation(order)
        return self._rows(order, self.batches, self.batches + 1), self.rate

    @property
    def rate(self) -> float:
        """The rate of the next update."""
        return float(self.rates.of_epochs(self.epochs, 1)[0, self.batches])

    def check(self) -> DivergenceError | None:
        """The error for squares of gradients that have overflowed."""
        job = self.job
        return overflow_of_squares(
            job.network, checked_state(job.optimizer, job.state, "step"), job.optimizer, self.epochs, job.X
        )

    def state(self, *, for_good: bool = False) -> TrainingState:
        """A copy of the state. If this stepper is not used again, the arrays that are its own need no copy."""
        own = for_good and self._owns_state
        job, part = self.job, self.part if self.batches else None
        of_rule = checked_state(job.optimizer, job.state, "step")
        return TrainingState(
            theta=job.network.theta.copy(),
            optimizer=of_rule if own else {name: array.copy() for name, array in of_rule.items()},
            random=random_state_of(self._random),
            order=self._order if for_good or self._order is None else self._order.copy(),
            epochs=self.epochs,
            batches=self.batches,
            updates=self.engine.step,
            dropout_seed=job.dropout_seed,
            schedule=self.rates.state(),
            losses={} if part is None else {"loss": float(part.total_loss), "penalty": float(part.penalty)},
            tally=None if part is None else np.array(part.tally),
        )

    def restore(self, state: TrainingState) -> None:
        """Continue from a state of the same job; the random source is moved there, too."""
        self.job.network.theta = state.theta
        restore_arrays(self.job.state, state.optimizer)
        set_random_state(self._random, state.random)
        self._order = None if state.order is None else state.order.copy()
        self.rates.restore(state.schedule)
        self.epochs, self.batches, self.engine.step = state.epochs, state.batches, state.updates
        self.part = None
        if state.losses:
            tally = state.tally
            self.part = EpochResult(state.losses["loss"], state.losses["penalty"], tally)

    def _shuffle(self, order: Array) -> Array:
        """The order of an epoch that begins, drawn from the last one's."""
        self._order = self._random.permutation(order)
        return self._order

    def _rows(self, order: Array | None, first: int, last: int) -> Array:
        rows = slice(first * self.job.batch_size, last * self.job.batch_size)
        return np.arange(len(self.job.Y))[rows] if order is None else order[rows]


def begin_batches(
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
    resume: TrainingState | None = None,
    engine: EngineName = "auto",
    effort_epochs: int | None = None,
    threads: int = 1,
) -> BatchStepper:
    """A first-order run at its start, or where `resume` stands.

    `effort_epochs`, by default `epochs`, are what engine="auto" goes by. Of `random`, the seed of the dropout masks is
    drawn, and then the order of each epoch; with `resume`, it is moved to that state instead.
    """
    has_dropout = any(spec.dropout for spec in network.specs)
    job = Job(
        network=network,
        objective=objective,
        optimizer=rule,
        state=begun(network, rule, state),
        X=data.X,
        Y=data.Y,
        weight=data.weight,
        batch_size=min(batch_size or len(data), len(data)),
        metric=metric,
        dropout_seed=resume.dropout_seed if resume else draw_seed(random) if has_dropout else 0,
        limits=limits,
    )
    rates = Rates(rule.learning_rate, schedule, epochs, job.n_batches)
    chosen = engine_for(job, engine, epochs=effort_epochs or epochs, threads=threads)
    stepper = BatchStepper(chosen, job, rates, random, shuffle=shuffle, owns_state=state is None)
    if resume is not None:
        stepper.restore(resume)
    return stepper


def new_state(network: LayerStack, rule: FirstOrder) -> State:
    """The state of a rule before its first step on this network. Decay acts on weights, not on biases."""
    return checked_state(rule, rule.init(network.theta, decay_factors(network.groups)))


def draw_seed(random: RandomSource) -> int:
    """A seed for dropout masks."""
    if isinstance(random, np.random.RandomState):
        return int(random.randint(2**31 - 1))
    return int(random.integers(2**63))


def begun(network: LayerStack, rule: FirstOrder, state: State | None) -> State:
    """A state to continue with: the one that is given, filled if it is empty."""
    state = {} if state is None else state
    if not state:
        state.update(new_state(network, rule))
    return state


def _sum(a: EpochResult, b: EpochResult) -> EpochResult:
    return EpochResult(a.total_loss + b.total_loss, a.penalty + b.penalty, a.tally + b.tally)
