"""Callbacks: called during a run, and able to end it.

A plain function is enough; it is called with the `Run` after each epoch.

>>> from pellucid import Dense, Network
>>> net = Network([Dense(1, 1)], loss="squared_error")
>>> def stop_early(run):
...     if run.history["loss"][-1] < 0.1:
...         run.stop("good enough")
>>> net.fit([[1.0]], [2.0], optimizer="gradient_descent", epochs=1000, callbacks=[stop_early]).stopped
'good enough'
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakMethod

from pellucid.maths.checks import check_real
from pellucid.network.stack import LayerStack
from pellucid.training.history import Ending, History
from pellucid.training.state import TrainingState
from pellucid.training.stopping import EarlyStopping

__all__ = ["Callback", "MaxSeconds", "Run"]


@dataclass
class Run:
    """A run as callbacks see it.

    Attributes
    ----------
    network : LayerStack
        The network, with its current θ.
    history : History
        Including the epoch just finished.
    epochs : int
        The planned number of epochs.
    rate_factor : float
        Factor on the learning rates of the following epochs; a callback may change it.
    state : TrainingState
        All that continuing from here needs, as a copy: `fit(…, resume=state)`. What a callback itself counts is not
        in it.
    """

    network: LayerStack
    history: History
    epochs: int
    rate_factor: float = 1.0
    stop_reason: str = field(default="", init=False)
    ending: Ending = field(default="", init=False)
    state_maker: WeakMethod[Callable[[], TrainingState]] | None = field(default=None, init=False, repr=False)

    @property
    def state(self) -> TrainingState:
        """See above."""
        # Weak: else trainer and run would hold each other, and wait for the garbage collector with all their arrays.
        make = None if self.state_maker is None else self.state_maker()
        if make is not None:
            return make()
        if self.history.state is None:
            raise RuntimeError("this run has no state: it has not begun, or it ended by an error")
        return self.history.state.copy()

    @property
    def epoch(self) -> int:
        """The number of the epoch just finished, from 0; −1 before the first."""
        return len(self.history) - 1

    def stop(self, reason: str = "stopped by a callback", *, ending: Ending = "callback") -> None:
        """Stop the run after this epoch; `history.stopped` is then the reason, `history.ending` the kind of end."""
        self.stop_reason, self.ending = reason, ending


class Callback:
    """Base class of callbacks; override the methods that you need."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "epochs_ahead" in cls.__dict__:
            warnings.warn(
                f"{cls.__name__}.epochs_ahead is now called epochs_until_callback",
                FutureWarning,
                stacklevel=2,
            )
            cls.epochs_until_callback = cls.__dict__["epochs_ahead"]  # type: ignore[method-assign]

    def epochs_until_callback(self, run: Run) -> float:
        """Number of epochs that may pass before `on_epoch_end` must be called again: 1, unless overridden.

        If all callbacks of a run allow it, an engine runs several epochs in one call, and `on_epoch_end` is called
        once after them, with a row in the history for each.
        """
        return 1

    def on_fit_begin(self, run: Run) -> None:
        """Called before the first epoch."""

    def on_epoch_end(self, run: Run) -> None:
        """Called after each epoch, when its row is in the history."""

    def on_fit_end(self, run: Run) -> None:
        """Called after the last epoch, unless the run ended with an error."""


class MaxSeconds(Callback):
    """Stop the run after the epoch in which `seconds` have passed.

    >>> from pellucid import Dense, Network, callbacks
    >>> net = Network([Dense(1, 1)], loss="squared_error")
    >>> net.fit([[1.0]], [2.0], epochs=10**9, callbacks=[callbacks.MaxSeconds(0.01)]).stopped
    'max_seconds: 0.01 s have passed'
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = check_real("seconds", seconds, above=0)

    def on_epoch_end(self, run: Run) -> None:
        """Stop if the history shows that the time is over."""
        if run.history["seconds"][-1] >= self.seconds:
            run.stop(f"max_seconds: {self.seconds:g} s have passed")


class _Function(Callback):
    def __init__(self, function: Callable[[Run], object]) -> None:
        self._function = function

    def on_epoch_end(self, run: Run) -> None:
        self._function(run)


def as_callbacks(callbacks: Iterable[Callback | Callable[[Run], object]] | None) -> list[Callback]:
    """A list of callback objects; functions become the `on_epoch_end` of one. A single callback or None is accepted."""
    if callbacks is None:
        return []
    if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable):
        callbacks = [callbacks]
    result: list[Callback] = []
    for callback in callbacks:
        if isinstance(callback, Callback):
            result.append(callback)
        elif callable(callback):
            result.append(_Function(callback))
        else:
            hint = f": write early_stopping={callback!r}" if isinstance(callback, EarlyStopping) else ""
            raise TypeError(f"callbacks must hold functions or Callback objects, got {callback!r}{hint}")
    return result
