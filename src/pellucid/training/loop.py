"""The story of a run, from `fit` to the last epoch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from pellucid.engines import EngineName, engine_for, evaluator_for
from pellucid.engines.base import Engine, Epochs, Job
from pellucid.maths.checks import check_integer
from pellucid.maths.metrics import metric_for
from pellucid.maths.penalties import Penalty
from pellucid.maths.schedules import SCHEDULES, Schedule
from pellucid.maths.typing import RandomState
from pellucid.network.objective import Reduction
from pellucid.network.parameters import penalized_mask
from pellucid.network.stack import LayerStack, as_generator
from pellucid.optimizers import LBFGS, OPTIMIZERS, FirstOrder, Limits, Optimizer, State
from pellucid.training.callbacks import Callback, Run, as_callbacks
from pellucid.training.data import check_data, split_validation
from pellucid.training.history import History
from pellucid.training.interruption import TrainingInterruptedWarning, interruptible
from pellucid.training.observer import Observer
from pellucid.training.progress import ProgressBar, wants_progress
from pellucid.training.quasi_newton import check_lbfgs, minimize
from pellucid.training.rates import Rates
from pellucid.training.stopping import EarlyStopping, Stopper

RandomSource = np.random.Generator | np.random.RandomState


def fit(
    network: LayerStack,
    X: object,
    y: object,
    *,
    optimizer: str | Optimizer | type[Optimizer] = "adam",
    epochs: int = 100,
    batch_size: int | None = None,
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
) -> History:
    """Train `network` in place. `pellucid.Network.fit` documents every argument."""
    # What is asked for, checked before anything is touched.
    rule = OPTIMIZERS.resolve(optimizer)
    schedule = SCHEDULES.resolve("constant" if schedule is None else schedule)
    objective = network.objective(penalty, reduction)
    limits = Limits(clip_norm, max_norm)
    check_integer("epochs", epochs, least=1)
    if batch_size is not None:
        check_integer("batch_size", batch_size, least=1)
    if isinstance(rule, LBFGS):
        check_lbfgs(network, batch_size, schedule, limits)
    elif not isinstance(rule, FirstOrder):
        raise TypeError(f"optimizer must be a FirstOrder rule or LBFGS, got {rule!r}")
    stopper = _stopper(early_stopping, validation)
    told = as_callbacks(callbacks)
    bar = ProgressBar() if wants_progress(progress) else None

    # Data, and parameters to start from. Random numbers are drawn in this order: split, parameters, masks, shuffles.
    random = as_generator(random_state)
    training, validating = split_validation(network, check_data(network, X, y, sample_weight), validation, random)
    if not network.initialized:
        network.initialize(random_state=random)
    metric = metric_for(network.loss, training.Y, training.weight)

    run = Run(network, History(metric.name), epochs)
    observer = Observer(run, objective, metric, training, validating, [*told, bar] if bar else told, stopper)
    # NaN and infinity are looked for after each epoch; NumPy need not warn of each on the way there.
    with interruptible() as interrupted, np.errstate(all="ignore"):
        try:
            observer.begin()
            if isinstance(rule, LBFGS):
                evaluator = evaluator_for(
                    network, objective, training.X, training.Y, training.weight, metric, rule, engine,
                    epochs=epochs, threads=threads,
                )  # fmt: skip
                total = training.total_weight
                reason = minimize(rule, network, objective, total, evaluator, observer, epochs, interrupted)
            else:
                job = Job(
                    network=network,
                    objective=objective,
                    optimizer=rule,
                    state=new_state(network, rule) if optimizer_state is None else optimizer_state,
                    X=training.X,
                    Y=training.Y,
                    weight=training.weight,
                    batch_size=min(batch_size or len(training), len(training)),
                    metric=metric,
                    dropout_seed=_draw_seed(random) if any(spec.dropout for spec in network.specs) else 0,
                    limits=limits,
                )
                rates = Rates(rule.learning_rate, schedule, epochs, job.n_batches)
                used = engine_for(job, engine, epochs=epochs, threads=threads)
                reason = descend(used, job, rates, random if shuffle else None, observer, interrupted)
            observer.end("interrupted" if interrupted() else reason)
        finally:
            if bar:
                bar.close()
    if interrupted():
        warnings.warn(
            f"training was interrupted after {len(run.history)} of {epochs} epochs; what was learned is kept",
            TrainingInterruptedWarning,
            stacklevel=3,
        )
    return run.history


def descend(
    engine: Engine,
    job: Job,
    rates: Rates,
    shuffling: RandomSource | None,
    observer: Observer,
    interrupted: Callable[[], bool],
) -> str:
    """Epoch after epoch, until the planned number, a reason to stop, or Ctrl-C; returns why it ended."""
    full_batch = job.n_batches == 1
    # One batch holds every row whatever their order, so there is nothing to shuffle. Else each epoch shuffles the last
    # one's order, as scikit-learn does, and not the rows as they stood: equal seeds then give equal batches.
    order = None if shuffling is None or full_batch else np.arange(len(job.Y))
    done = 0
    while done < observer.run.epochs:
        ahead = 1 if rates.watches_loss else min(observer.epochs_ahead(), engine.at_a_time)
        count = int(min(ahead, observer.run.epochs - done))
        orders = []
        for _ in range(count):
            if order is not None and shuffling is not None:
                order = shuffling.permutation(order)
                orders.append(order)
        epochs = Epochs(np.stack(orders) if orders else None, observer.run.rate_factor * rates.of_epochs(done, count))
        results = engine.run(epochs, interrupted)
        if not len(results):
            return "interrupted"
        if observer.after_epochs(results, epochs.rates[:, -1], engine.before, measured_before=full_batch):
            return "stopped"
        if rates.watches_loss:
            rates.observe(observer.watched_loss())
        done += len(results)
    return "completed"


def new_state(network: LayerStack, rule: FirstOrder) -> State:
    """What a rule remembers, before its first step on this network. Decay acts on weights, not on biases."""
    return rule.init(network.theta, penalized_mask(network.groups))


def _stopper(early_stopping: EarlyStopping | bool | None, validation: object) -> Stopper | None:
    if not early_stopping:
        return None
    rule = EarlyStopping() if early_stopping is True else early_stopping
    if not isinstance(rule, EarlyStopping):
        raise TypeError(f"early_stopping must be True, None or an EarlyStopping object, got {early_stopping!r}")
    if rule.needs_validation and validation is None:
        raise ValueError(
            f"early_stopping watches {rule.monitor!r}, and there is no validation data: "
            "give validation=(X_val, y_val) or validation=0.1"
        )
    return Stopper(rule)


def _draw_seed(random: RandomSource) -> int:
    if isinstance(random, np.random.RandomState):
        return int(random.randint(2**31 - 1))
    return int(random.integers(2**63))
