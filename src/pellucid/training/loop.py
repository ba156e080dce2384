"""`fit`: a training from its arguments to its history, in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pellucid.defaults import NETWORK
from pellucid.engines import EngineName
from pellucid.maths.penalties import Penalty
from pellucid.maths.schedules import Schedule
from pellucid.maths.typing import RandomState
from pellucid.network.objective import Reduction
from pellucid.network.stack import LayerStack
from pellucid.optimizers import Optimizer, State
from pellucid.training.automatic import DEFAULT_OPTIMIZER, Auto
from pellucid.training.callbacks import Callback, Run, as_callbacks
from pellucid.training.history import History
from pellucid.training.interruption import Interruption
from pellucid.training.progress import ProgressBar, wants_progress
from pellucid.training.state import TrainingState
from pellucid.training.stopping import EarlyStopping
from pellucid.training.trainer import Trainer


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
    resume: TrainingState | None = None,
    interruption: Interruption | None = None,
) -> History:
    """Train `network` in place. `pellucid.Network.fit` documents all arguments except `interruption`, the check for
    Ctrl-C if several networks are trained at once.
    """
    bar = ProgressBar() if wants_progress(progress) else None
    given = as_callbacks(callbacks)
    trainer = Trainer(
        network,
        X,
        y,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        schedule=schedule,
        penalty=penalty,
        reduction=reduction,
        sample_weight=sample_weight,
        shuffle=shuffle,
        random_state=random_state,
        validation=validation,
        early_stopping=early_stopping,
        callbacks=[*given, bar] if bar else given,
        engine=engine,
        threads=threads,
        clip_norm=clip_norm,
        max_norm=max_norm,
        optimizer_state=optimizer_state,
        max_updates=max_updates,
        resume=resume,
    )
    try:
        return trainer.run_until(None, interruption, stacklevel=4, for_good=True)
    finally:
        if bar:
            bar.close()
