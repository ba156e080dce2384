"""The story of a run, from `fit` to the last epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np

from pellucid.defaults import NETWORK
from pellucid.engines import EngineName, evaluator_for
from pellucid.engines.reference import ReferenceEngine
from pellucid.maths.alone import alone
from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer
from pellucid.maths.metrics import metric_for
from pellucid.maths.notices import warn
from pellucid.maths.penalties import Penalty
from pellucid.maths.schedules import SCHEDULES, Schedule
from pellucid.maths.typing import RandomState
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack, as_generator
from pellucid.optimizers import OPTIMIZERS, FirstOrder, Limits, Optimizer, SecondOrder, State, check_capabilities
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto, check_counts, chosen_counts
from pellucid.training.callbacks import Callback, Run, as_callbacks
from pellucid.training.data import check_data, split_validation
from pellucid.training.descent import Descent, begin_descent
from pellucid.training.divergence import overflow_of_squares
from pellucid.training.history import History
from pellucid.training.interruption import Interruption, TrainingInterruptedWarning, interruptible
from pellucid.training.observer import Observer
from pellucid.training.progress import ProgressBar, wants_progress
from pellucid.training.quasi_newton import minimize
from pellucid.training.stopping import EarlyStopping, Stopper


def fit(
    network: LayerStack,
    X: object,
    y: object,
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
    progress: bool | None = None,
    clip_norm: float | None = None,
    max_norm: float | None = None,
    optimizer_state: State | None = None,
    max_updates: int | None = None,
    interruption: Interruption | None = None,
) -> History:
    """Train `network` in place. `pellucid.Network.fit` documents every argument but `interruption`: who looks out for
    Ctrl-C where several networks are trained at once.
    """
    # What is asked for, checked before anything is touched.
    rule = OPTIMIZERS.resolve(optimizer)
    schedule = SCHEDULES.resolve("constant" if schedule is None else schedule)
    objective = network.objective(penalty, reduction)
    limits = Limits(clip_norm, max_norm)
    check_counts(epochs, batch_size)
    check_integer("threads", threads, least=1)
    if max_updates is not None:
        check_integer("max_updates", max_updates, least=1)
    if not isinstance(rule, (FirstOrder, SecondOrder)):
        raise TypeError(f"optimizer must be a FirstOrder rule or LBFGS, got {rule!r}")
    check_capabilities(
        rule, batch_size=None if batch_size == "auto" else batch_size, schedule=schedule, limits=limits,
        max_updates=max_updates, dropout=max(spec.dropout for spec in network.specs),
    )  # fmt: skip
    stopper = _stopper(early_stopping, validation)
    told = as_callbacks(callbacks)
    bar = ProgressBar() if wants_progress(progress) else None

    with alone(network.theta.ctypes.data, "this network"):
        # Data, and parameters to start from. Random numbers are drawn in this order: split, parameters, masks,
        # shuffles.
        random = as_generator(random_state)
        data = check_data(network, X, y, sample_weight, relative=objective.reduction == "mean")
        training, validating = split_validation(network, data, validation, random)
        epochs, batch_size = chosen_counts(epochs, batch_size, len(training), rule)
        if not network.initialized:
            network.initialize(random_state=random)
        metric = metric_for(network.loss, training.Y, training.weight)

        run = Run(network, History(metric.name), epochs)
        observer = Observer(run, objective, metric, training, validating, [*told, bar] if bar else told, stopper)
        # NaN and infinity are looked for after each epoch; NumPy need not warn of each on the way there.
        looking_out = interruptible() if interruption is None else nullcontext(interruption)
        with looking_out as interrupted, blas_threads(threads), np.errstate(all="ignore"):
            try:
                observer.begin()
                if isinstance(rule, SecondOrder):
                    evaluator = evaluator_for(
                        network, objective, training.X, training.Y, training.weight, metric, rule, engine,
                        epochs=epochs, threads=threads,
                    )  # fmt: skip
                    total = training.total_weight
                    reason = minimize(rule, network, objective, total, evaluator, observer, epochs, interrupted)
                else:
                    descent = begin_descent(
                        network, objective, rule, training, metric, random, epochs=epochs, batch_size=batch_size,
                        schedule=schedule, shuffle=shuffle, limits=limits, state=optimizer_state, engine=engine,
                        threads=threads,
                    )  # fmt: skip
                    reason = descend(descent, observer, max_updates, interrupted)
                    _check_movement(descent)
                observer.end("interrupted" if interrupted() else reason)
            finally:
                if bar:
                    bar.close()
        if interrupted() and interruption is None:
            warn(
                f"training was interrupted after {len(run.history)} of {epochs} epochs; what was learned is kept",
                TrainingInterruptedWarning,
                stacklevel=3,
            )
        return run.history


def descend(descent: Descent, observer: Observer, max_updates: int | None, interrupted: Callable[[], bool]) -> str:
    """Epoch after epoch, until the planned number, a reason to stop, or Ctrl-C; returns why it ended."""
    engine, rates, n_batches = descent.engine, descent.rates, descent.job.n_batches
    planned = observer.run.epochs
    whole, rest = (planned, 0) if max_updates is None else divmod(max_updates, n_batches)
    while descent.epochs < min(planned, whole):
        first = descent.epochs
        ahead = 1 if rates.watches_loss else min(observer.epochs_ahead(), engine.epochs_per_call)
        count = int(min(ahead, planned - first, whole - first))
        factor = observer.run.rate_factor
        results = descent.run_epochs(count, factor, interrupted)
        if not len(results):
            return "interrupted"
        last_rates = factor * rates.of_epochs(first, count)[:, -1]
        ended = observer.after_epochs(results, last_rates, engine.before, measured_before=n_batches == 1)
        job = descent.job
        overflow = overflow_of_squares(job.network, job.state, job.optimizer, descent.epochs, job.X)
        if overflow is not None:
            raise overflow
        if ended:
            return "stopped"
        if rates.watches_loss:
            rates.observe(observer.watched_loss())
    if whole >= planned:
        return "completed"
    if rest:
        seen = descent.run_batches(rest, observer.run.rate_factor, interrupted)
        if seen is None:
            return "interrupted"
        observer.after_part(seen, descent.rate)
    observer.run.stop(f"max_updates: {max_updates} updates are done", ending="completed")
    return "completed"


def _check_movement(descent: Descent) -> None:
    """Warn where a rule has moved nothing in a run that was too short to be sure that it never will."""
    engine = descent.engine
    if isinstance(engine, ReferenceEngine) and engine.movement.idle > 1:
        warn(engine.movement.words, stacklevel=4)


def _stopper(early_stopping: EarlyStopping | bool | None, validation: object) -> Stopper | None:
    if not early_stopping:
        return None
    rule = EarlyStopping() if early_stopping is True else early_stopping
    if not isinstance(rule, EarlyStopping):
        hint = f": write EarlyStopping(patience={early_stopping})" if isinstance(early_stopping, int) else ""
        raise TypeError(f"early_stopping must be True, None or an EarlyStopping object, got {early_stopping!r}{hint}")
    if rule.needs_validation and validation is None:
        raise ValueError(
            f"early_stopping watches {rule.monitor!r}, and there is no validation data: "
            "give validation=(X_val, y_val) or validation=0.1"
        )
    return Stopper(rule)
