"""`Trainer`: a training that can be run in parts, saved and continued. `fit` uses one; users can write own loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any
from weakref import WeakMethod

import numpy as np

from pellucid.defaults import NETWORK
from pellucid.engines import EngineName, evaluator_for
from pellucid.maths.alone import alone
from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.metrics import Metric, metric_for
from pellucid.maths.notices import warn
from pellucid.maths.penalties import Penalty
from pellucid.maths.schedules import SCHEDULES, Constant, Schedule
from pellucid.maths.typing import Array, RandomState
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack, as_generator
from pellucid.optimizers import OPTIMIZERS, FirstOrder, Limits, Optimizer, SecondOrder, State, check_capabilities
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto, check_counts, chosen_counts
from pellucid.training.callbacks import Callback, Run, as_callbacks
from pellucid.training.data import Data, check_data, split_validation
from pellucid.training.epochs import check_movement, run_to_end
from pellucid.training.history import History
from pellucid.training.interruption import Interruption, TrainingInterruptedWarning, interruptible
from pellucid.training.iterations import IterationStepper
from pellucid.training.observer import Observer
from pellucid.training.own_batches import OwnBatches
from pellucid.training.state import RandomSource, TrainingState, check_fits, in_words, random_source
from pellucid.training.stepper import BatchStepper, begin_batches
from pellucid.training.stopping import EarlyStopping, EarlyStoppingState, as_early_stopping

SURELY_COMPILED = 10**9
"""A number of epochs for which engine="auto" selects the compiled engine, if it is available."""


class Trainer:
    """Trains a network in place, in as many parts as you like: the parts give the same bits as the whole.

    With data, `run` trains epochs on it; `step` makes one update on a batch of your own, with or without data. The
    arguments are those of `Network.fit`.

    Attributes
    ----------
    network : Network
    history : History
        One row per epoch of `run`.
    rate_factor : float
        What the learning rate is multiplied by; may be set.
    state : TrainingState
        A copy of all that continuing needs; set it to continue from there.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import Network, Trainer
    >>> X, y = np.arange(8.0).reshape(-1, 1) / 8, [0, 0, 0, 0, 1, 1, 1, 1]
    >>> trainer = Trainer(Network([1, 3, 2], "tanh"), X, y, epochs=20, batch_size=4, random_state=0)
    >>> len(trainer.run(5))
    5
    >>> saved = trainer.state
    >>> first = trainer.run().last["loss"]
    >>> trainer.state = saved  # back to epoch 5
    >>> trainer.run().last["loss"] == first
    True

    A loop of your own:

    >>> trainer = Trainer(Network([1, 3, 2], "tanh"), optimizer="momentum", random_state=0)
    >>> losses = [trainer.step(X[rows], np.array(y)[rows]) for rows in ([0, 7], [3, 4], [1, 6])]
    >>> trainer.state.updates
    3
    """

    def __init__(
        self,
        network: LayerStack,
        X: object = None,
        y: object = None,
        *,
        optimizer: str | Optimizer | type[Optimizer] = DEFAULT_OPTIMIZER,
        epochs: int | Auto = NETWORK.epochs,
        batch_size: int | Auto | None = NETWORK.batch_size,
        schedule: str | Schedule | type[Schedule] | None = None,
        penalty: Penalty | None = None,
        reduction: Reduction = "mean",
        sample_weight: object = None,
        shuffle: bool = True,
        random_state: RandomState = None,
        validation: Any = None,
        early_stopping: EarlyStopping | bool | None = None,
        callbacks: Iterable[Callback | Callable[[Run], object]] = (),
        engine: EngineName = "auto",
        threads: int = 1,
        clip_norm: float | None = None,
        max_norm: float | None = None,
        optimizer_state: State | None = None,
        max_updates: int | None = None,
        resume: TrainingState | None = None,
    ) -> None:
        # Validate all arguments first.
        self.network = network
        self._rule = rule = OPTIMIZERS.resolve(optimizer)
        self._schedule = SCHEDULES.resolve("constant" if schedule is None else schedule)
        self._objective = network.objective(penalty, reduction)
        self._limits = Limits(clip_norm, max_norm)
        check_counts(epochs, batch_size)
        check_integer("threads", threads, least=1)
        if max_updates is not None:
            check_integer("max_updates", max_updates, least=1)
        if not isinstance(rule, (FirstOrder, SecondOrder)):
            raise TypeError(f"optimizer must be a FirstOrder or SecondOrder rule, got {rule!r}")
        check_capabilities(
            rule, batch_size=None if batch_size == "auto" else batch_size, schedule=self._schedule,
            limits=self._limits, max_updates=max_updates, dropout=max(spec.dropout for spec in network.specs),
        )  # fmt: skip
        if isinstance(rule, FirstOrder):
            self._schedule.for_rate(rule.learning_rate)  # refuses a min_lr above it before anything is drawn
        self._stopping = as_early_stopping(early_stopping, validation)
        self._callbacks = as_callbacks(callbacks)
        self._asked_for, self._max_updates = (epochs, batch_size), max_updates
        self._shuffle, self._validation = shuffle, validation
        self._engine, self._threads = engine, threads
        if resume is not None and (optimizer_state is not None or random_state is not None):
            raise ValueError("optimizer_state and random_state must be None with resume, which has both")
        with alone(network.theta.ctypes.data, "this network"):
            relative = self._objective.reduction == "mean"
            self._data = None if X is None else check_data(network, X, y, sample_weight, relative=relative)
            self._begin(as_generator(random_state), optimizer_state, resume)

    def _begin(
        self, random: RandomSource, optimizer_state: State | None = None, resume: TrainingState | None = None
    ) -> None:
        """Everything at its start, or where `resume` stands. Random numbers are drawn in this order: held-out rows,
        parameters, masks, shuffles.
        """
        network, data = self.network, self._data
        if resume is not None:
            check_fits(resume, self._made_for())
            random = random_source(resume.random)
        self._held_out: Array | None = None
        if data is not None:
            training, validating, self._held_out = split_validation(
                network, data, self._validation, random, None if resume is None else resume.held_out
            )
            self._epochs, self._batch_size = chosen_counts(*self._asked_for, len(training), self._rule)
        else:
            self._epochs, self._batch_size = 1, None  # batches of your own belong to no epoch
        if resume is not None:
            if data is not None and resume.epochs > self._epochs:
                raise ValueError(
                    f"epochs counts all epochs, and resume has done {resume.epochs}: it must be at least as many, got "
                    f"{self._epochs}"
                )
            network.theta = resume.theta
        if not network.initialized:
            network.initialize(random_state=random)
        self._early_stopping = None if self._stopping is None else EarlyStoppingState(self._stopping)
        self._run = run = Run(network, History(""), self._epochs)
        run.state_maker = WeakMethod(self._state_now)
        if resume is not None:
            run.rate_factor = resume.rate_factor
            if self._early_stopping is not None:
                self._early_stopping.restore(resume.stopping, resume.best_theta)
        self._ended_at: TrainingState | None = None
        self._stepper: BatchStepper | IterationStepper | None = None
        self._own_batches: OwnBatches | None = None
        if data is None:
            self._own_batches = self._new_own_batches(random, optimizer_state, resume)
            return
        metric = metric_for(network.loss, training.Y, training.weight)
        run.history = History(metric.name)
        if resume is not None and resume.history:
            run.history = History.from_data(resume.history)
        self._stepper = self._new_stepper(training, metric, random, optimizer_state, resume)
        self._observer = Observer(
            run, self._objective, metric, training, validating, self._callbacks, self._early_stopping
        )

    def _new_stepper(
        self,
        training: Data,
        metric: Metric,
        random: RandomSource,
        optimizer_state: State | None,
        resume: TrainingState | None,
    ) -> BatchStepper | IterationStepper:
        network, rule, objective = self.network, self._rule, self._objective
        # With engine="auto", a run that continues stays on its engine: the other gives the same up to rounding only.
        engine, effort = self._engine, self._epochs
        if resume is not None and engine == "auto":
            engine, effort = ("reference", effort) if resume.engine == "reference" else ("auto", SURELY_COMPILED)
        if isinstance(rule, SecondOrder):
            evaluator = evaluator_for(
                network, objective, training.X, training.Y, training.weight, metric, rule, engine, epochs=effort,
                threads=self._threads,
            )  # fmt: skip
            return IterationStepper(
                network, objective, rule, evaluator, training.total_weight, len(training), random, resume,
                optimizer_state,
            )  # fmt: skip
        assert isinstance(rule, FirstOrder)
        return begin_batches(
            network, objective, rule, training, metric, random, epochs=self._epochs, batch_size=self._batch_size,
            schedule=self._schedule, shuffle=self._shuffle, limits=self._limits, state=optimizer_state, resume=resume,
            engine=engine, effort_epochs=effort, threads=self._threads,
        )  # fmt: skip

    def _new_own_batches(
        self, random: RandomSource, optimizer_state: State | None, resume: TrainingState | None
    ) -> OwnBatches:
        rule = self._rule
        if not isinstance(rule, FirstOrder):
            raise ValueError(f"optimizer {rule.name!r} needs the full batch: give X and y, and use run()")
        if not isinstance(self._schedule, Constant):
            raise ValueError(
                f"schedule must be None without data, as the number of updates is not known, got {self._schedule!r}: "
                "set trainer.rate_factor"
            )
        return OwnBatches(self.network, self._objective, rule, self._limits, random, optimizer_state, resume)

    # ---------------------------------------------------------------- training

    def run(self, epochs: int | None = None) -> History:
        """Train `epochs` more epochs; None: all that are planned. Returns the history of all so far.

        Ctrl-C ends it after the current batch and keeps what was learned.
        """
        if self._stepper is None:
            raise ValueError("run needs data: give X and y to the Trainer, or use step(X, y)")
        planned = self._epochs
        if epochs is not None:
            check_integer("epochs", epochs, least=1)
            planned = min(planned, self._stepper.epochs + epochs)
        return self.run_until(planned, stacklevel=4)

    def run_until(
        self,
        planned: int | None,
        interruption: Interruption | None = None,
        *,
        stacklevel: int = 3,
        for_good: bool = False,
    ) -> History:
        """Train until `planned` epochs are done (None: all), or a reason to end. `interruption`: see `loop.fit`.

        After a run `for_good` this trainer is not used again: its arrays become those of the state, without a copy.
        """
        planned = self._epochs if planned is None else planned
        stepper, observer, run = self._stepper, self._observer, self._run
        assert stepper is not None
        interrupt_guard = interruptible() if interruption is None else nullcontext(interruption)
        # NaN and infinity are looked for after each epoch; NumPy need not warn of each on the way there.
        with (
            alone(self.network.theta.ctypes.data, "this network"),
            interrupt_guard as interrupted,
            blas_threads(self._threads),
            np.errstate(all="ignore"),
        ):
            if self._ended_at is not None:
                self._continue()
            observer.begin(stepper.observe if stepper.watches_loss else None)
            reason = run_to_end(stepper, observer, planned, self._max_updates, interrupted)
            check_movement(stepper, stacklevel=stacklevel + 1)
            run.history.state = self._ended_at = self._state_now(for_good=for_good)
            observer.end("interrupted" if interrupted() else reason)
        if interrupted() and interruption is None:
            warn(
                f"training was interrupted after {len(run.history)} of {planned} epochs; what was learned is kept",
                TrainingInterruptedWarning,
                stacklevel=stacklevel,
            )
        return run.history

    def _continue(self) -> None:
        """Undo the end of an earlier part: if early stopping gave back the best parameters, take the last ones."""
        run, ended_at = self._run, self._ended_at
        best = None if self._early_stopping is None else self._early_stopping.best_theta
        if ended_at is not None and best is not None and np.array_equal(best, self.network.theta):
            self.network.theta = ended_at.theta
        self._ended_at = None
        run.stop_reason, run.ending, run.history.stopped, run.history.ending = "", "", "", ""

    def step(self, X: object, y: object, sample_weight: object = None) -> float:
        """One update on a batch; the mean loss of its samples before it, without penalty.

        Raises
        ------
        ValueError
            If the trainer has data of its own, which it takes batches from.
        DivergenceError
            If the loss or a parameter is no longer finite; θ is then as before the step.
        """
        if self._own_batches is None:
            raise ValueError("step is for batches of your own: use run(), or a Trainer without X and y")
        network = self.network
        with (
            alone(network.theta.ctypes.data, "this network"),
            blas_threads(self._threads),
            np.errstate(all="ignore"),
        ):
            batch = check_data(network, X, y, sample_weight, relative=self._objective.reduction == "mean")
            return self._own_batches.step(batch, self.rate_factor)

    # ---------------------------------------------------------------- the state

    @property
    def history(self) -> History:
        """One row per epoch of `run`."""
        return self._run.history

    @property
    def rate_factor(self) -> float:
        """The factor of the learning rate."""
        return self._run.rate_factor

    @rate_factor.setter
    def rate_factor(self, factor: float) -> None:
        self._run.rate_factor = check_real("rate_factor", factor, above=0)

    @property
    def state(self) -> TrainingState:
        """A copy of all that continuing needs."""
        return self._state_now()

    @state.setter
    def state(self, state: TrainingState) -> None:
        with alone(self.network.theta.ctypes.data, "this network"):
            self._begin(as_generator(0), resume=state)

    def _state_now(self, *, for_good: bool = False) -> TrainingState:
        """The state; at the end of a run `for_good` without rows, which the history adds when it is asked for it."""
        run = self._run
        if self._ended_at is not None:
            ended_at = self._ended_at.copy()
            ended_at.history = ended_at.history or run.history.as_json()
            return ended_at
        if self._stepper is not None:
            state = self._stepper.state(for_good=for_good)
        else:
            assert self._own_batches is not None
            state = self._own_batches.state()
        state.rate_factor, state.held_out, state.made_for = run.rate_factor, self._held_out, self._made_for()
        if self._stepper is not None:
            state.history = {} if for_good else run.history.as_json()
            state.engine = self._stepper.engine_name
        if self._early_stopping is not None:
            best = self._early_stopping.best_theta
            state.stopping, state.best_theta = self._early_stopping.state(), None if best is None else best.copy()
        return state

    def _made_for(self) -> dict[str, Any]:
        """The facts that must be the same for a state to be continued."""
        network = self.network
        made_for: dict[str, Any] = {
            "network": in_words(network),
            "dtype": network.dtype.name,
            "optimizer": type(self._rule).__name__,
            "number of rows": None if self._data is None else len(self._data),
        }
        if self._data is not None:
            share = self._validation if isinstance(self._validation, float) else None
            made_for |= {
                "batch_size": self._asked_for[1],
                "shuffle": bool(self._shuffle),
                "share for validation": share,
            }
        return made_for
