"""After each epoch: its row in the history, validation, early stopping, callbacks, and the checks for NaN."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pellucid.engines.base import EpochResult, EpochResults
from pellucid.maths.metrics import Metric, metric_for
from pellucid.maths.typing import Array
from pellucid.network.forward import forward
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.training.callbacks import Callback, Run
from pellucid.training.data import Data
from pellucid.training.divergence import LOST_LOSS, divergence, lost
from pellucid.training.history import as_ending
from pellucid.training.stopping import EarlyStoppingState


class Observer:
    """Called after each epoch, it keeps the history and says when to stop."""

    def __init__(
        self,
        run: Run,
        objective: Objective,
        metric: Metric,
        training: Data,
        validating: Data | None,
        callbacks: Sequence[Callback],
        stopper: EarlyStoppingState | None,
    ) -> None:
        self.run = run
        self._objective, self._metric = objective, metric
        self._training, self._validating = training, validating
        self._total_weight = training.total_weight
        self._summed_weight = training.weight if objective.reduction == "sum" else None
        self._validation_metric = (
            None if validating is None else metric_for(objective.loss, validating.Y, validating.weight)
        )
        self._callbacks, self._stopper = callbacks, stopper
        self._run_start = run.network.theta.copy()
        self._epoch_start = run.network.theta.copy()
        self._last_finite = run.network.theta.copy()
        self._one_before = run.network.theta.copy()

    def begin(self, watch: Callable[[float], None] | None) -> None:
        """Start the clock, or continue it, and call the callbacks. `watch` takes the loss of each epoch, if given."""
        self._watch = watch
        earlier = self.run.history["seconds"][-1] if len(self.run.history) else 0.0
        self._began = time.perf_counter() - earlier
        for callback in self._callbacks:
            callback.on_fit_begin(self.run)

    def out_of_patience(self) -> bool:
        """Whether early stopping has ended the run that this one continues."""
        if self._stopper is None or not self._stopper.out_of_patience:
            return False
        self.run.stop(self._stopper.reason, ending="early stopping")
        return True

    def epochs_until_callback(self) -> float:
        """The number of epochs until the next validation, early-stopping check or callback."""
        if self._validating is not None or self._stopper is not None:
            return 1
        return min((callback.epochs_until_callback(self.run) for callback in self._callbacks), default=math.inf)

    def after_epochs(self, results: EpochResults, rates: Array, before_last: Array, *, measured_before: bool) -> bool:
        """Record epochs that were run in one go, given the last rate of each and θ before the last of them.

        All but the last are known to have left finite numbers; `after_epoch` takes the last.
        """
        many = len(results) - 1
        if many:
            began = self.run.history["seconds"][-1] if len(self.run.history) else 0.0
            loss = results.total_loss[:many] / self._total_weight
            self._check_loss(loss, rates)
            scale = self._objective.scale(self._total_weight)
            self.run.history.extend(
                loss=loss.tolist(),
                objective=(scale * results.total_loss[:many] + results.penalty[:many]).tolist(),
                metric=self._metric.values(results.tally[:many]).tolist(),
                rates=rates[:many].tolist(),
                # The end of each is unknown; assume equal durations.
                seconds=np.linspace(began, time.perf_counter() - self._began, many + 2)[1:-1].tolist(),
            )
            self._keep(before_last)
        np.copyto(self._epoch_start, before_last)
        return self.after_epoch(results[many], float(rates[many]), measured_before=measured_before)

    def after_epoch(self, result: EpochResult, rate: float | None, *, measured_before: bool = False) -> bool:
        """Record an epoch; true if the run is to end.

        `measured_before` says that the training numbers belong to θ as it was before the epoch, as they do when the
        epoch was one full batch: then early stopping on them keeps that θ.
        """
        run, theta = self.run, self.run.network.theta
        if not (math.isfinite(result.total_loss) and np.isfinite(theta).all()):
            raise divergence(
                run.network, self._epoch_start, self._last_finite, self._training.X, len(run.history), rate,
                self._summed_weight,
            )  # fmt: skip
        if result.total_loss > LOST_LOSS * self._total_weight:
            self._check_loss(np.array([result.total_loss / self._total_weight]), np.array([rate]))
        validation_loss, validation_metric = self._validate()
        run.history.append(
            loss=result.total_loss / self._total_weight,
            objective=self._objective.combine(result.total_loss, self._total_weight, result.penalty),
            metric=self._metric.value(result.tally),
            rate=rate,
            seconds=time.perf_counter() - self._began,
            validation_loss=validation_loss,
            validation_metric=validation_metric,
        )
        if self._stopper is not None:
            rule = self._stopper.rule
            measured = self._epoch_start if measured_before and not rule.needs_validation else theta
            if self._stopper.should_stop(run.epoch, run.history[rule.monitor][-1], measured):
                run.stop(self._stopper.reason, ending="early stopping")
        if self._watch is not None:
            self._watch(self.watched_loss())
        self._keep(theta)  # before callbacks, which may change θ
        for callback in self._callbacks:
            callback.on_epoch_end(run)
        np.copyto(self._epoch_start, theta)  # of the next epoch: the search for the cause of a divergence starts there
        return bool(run.stop_reason)

    def after_part(self, result: EpochResult, rate: float | None) -> None:
        """Check a partial epoch at the end of a run: it has no row in the history, but must be finite."""
        if not (math.isfinite(result.total_loss) and np.isfinite(self.run.network.theta).all()):
            raise divergence(
                self.run.network, self._last_finite, self._last_finite, self._training.X, len(self.run.history), rate,
                self._summed_weight,
            )  # fmt: skip
        self._check_loss(np.array([result.total_loss / self._total_weight]), np.array([rate]))

    def _check_loss(self, losses: Array, rates: Array) -> None:
        """Raise DivergenceError if the mean loss of an epoch, before it is recorded, is enormous."""
        if losses.max() <= LOST_LOSS:
            return
        network, now = self.run.network, self.run.network.theta.copy()
        start = self._loss_at(self._run_start)
        most = LOST_LOSS * max(1.0, start)
        network.theta = now
        beyond = np.flatnonzero(losses > most)
        if len(beyond):
            i = int(beyond[0])
            # The loss of an epoch of one batch is that of θ before it: then the last θ is the diverged one.
            good = next((at for at in (self._last_finite, self._one_before) if self._loss_at(at) <= most), None)
            network.theta = now
            raise lost(
                network, self._run_start if good is None else good, self._training.X, len(self.run.history) + i,
                rates[i], start, float(losses[i]), self._summed_weight,
            )  # fmt: skip

    def _loss_at(self, theta: Array) -> float:
        """The mean loss with another θ, which is assigned to the network."""
        self.run.network.theta = theta
        return measure(self.run.network, self._objective, self._metric, self._training).loss

    def _keep(self, theta: Array) -> None:
        """Keep a θ that is finite, and the one before it."""
        self._last_finite, self._one_before = self._one_before, self._last_finite
        np.copyto(self._last_finite, theta)

    def end(self, reason: str) -> None:
        """Give the best parameters back, note why the run ended, and call the callbacks.

        `reason` is a kind of end, or the optimizer's message if it gave up; `run.stop` takes precedence.
        """
        history = self.run.history
        history.stopped = self.run.stop_reason or reason
        history.ending = self.run.ending or as_ending(reason)
        if self._stopper is not None and self._stopper.best_theta is not None:
            self.run.network.theta = self._stopper.best_theta
            history.best_epoch = self._stopper.best_epoch
        for callback in self._callbacks:
            callback.on_fit_end(self.run)

    def watched_loss(self) -> float:
        """The loss that a schedule watches: of the validation data if there are any, else of the training data."""
        last = self.run.history.last
        value = last["loss"] if last["validation_loss"] is None else last["validation_loss"]
        return float(value)

    def _validate(self) -> tuple[float | None, float | None]:
        """The mean loss per sample and the metric on the validation data."""
        data, metric = self._validating, self._validation_metric
        if data is None or metric is None:
            return None, None
        seen = measure(self.run.network, self._objective, metric, data)
        return seen.loss, seen.metric


class Measured(NamedTuple):
    """The mean loss per sample, without penalty; the metric; and the outputs."""

    loss: float
    metric: float
    outputs: Array


def measure(network: LayerStack, objective: Objective, metric: Metric, data: Data) -> Measured:
    """Loss and metric of a network on some rows, without dropout and without changes."""
    forward_pass = forward(network.layers, data.X)
    total = objective.total_loss(network.layers, forward_pass, data.Y, data.weight)
    return Measured(total / data.total_weight, metric.value(metric.tally(forward_pass.output)), forward_pass.output)
