"""Adapter for scikit-learn's callbacks (`set_callbacks`).

Their `fit` task has one subtask per epoch. At the end of each epoch a callback may request the estimator as if it were
fitted; it is built only on request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pellucid.training.callbacks import Callback, Run


class SklearnCallbackAdapter(Callback):
    """Passes the events of one call of an estimator's `fit` to the callbacks set on it."""

    def __init__(self, estimator: Any, X: Any, y: Any, sample_weight: Any, as_fitted: Callable[[Run], Any]) -> None:
        self._estimator = estimator
        self._told = {
            "estimator": estimator,
            "X": X,
            "y": y,
            "metadata": {} if sample_weight is None else {"sample_weight": sample_weight},
        }
        self._as_fitted = as_fitted
        self._epoch: Any = None

    def on_fit_begin(self, run: Run) -> None:
        """Open the task, and the subtask of the first epoch."""
        self._task = self._estimator._init_callback_context(max_subtasks=run.epochs)
        self._task.call_on_fit_task_begin(**self._told)
        self._begin_epoch()

    def on_epoch_end(self, run: Run) -> None:
        """Close the epoch's subtask; stop the run if a callback requests it."""
        attributes = lambda: self._as_fitted(run)  # noqa: E731
        if self._epoch.call_on_fit_task_end(**self._told, reconstruction_attributes=attributes):
            run.stop("stopped by a scikit-learn callback")
        self._epoch = None
        if run.epoch + 1 < run.epochs and not run.stop_reason:
            self._begin_epoch()

    def on_fit_end(self, run: Run) -> None:
        """Close all open tasks."""
        if self._epoch is not None:  # Ctrl-C, or L-BFGS converged
            self._epoch.call_on_fit_task_end(estimator=self._estimator)
        attributes = lambda: self._as_fitted(run)  # noqa: E731
        self._task.call_on_fit_task_end(**self._told, reconstruction_attributes=attributes)

    def _begin_epoch(self) -> None:
        self._epoch = self._task.subcontext(task_name="epoch")
        self._epoch.call_on_fit_task_begin(**self._told)
