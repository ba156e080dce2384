"""The reference engine: forward, backward, update, batch by batch, by the readable code of floor 2."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any, ClassVar

import numpy as np

from pellucid.engines.base import Epoch, EpochResult, EpochResults, Epochs, Job
from pellucid.engines.movement import Movement
from pellucid.maths.metrics import Metric
from pellucid.maths.typing import Array
from pellucid.network.forward import draw_masks, forward
from pellucid.network.objective import Objective
from pellucid.network.parameters import rate_factors
from pellucid.network.stack import LayerStack


class ReferenceEvaluator:
    """J and its gradient with NumPy; see `Evaluator`."""

    def __init__(
        self, network: LayerStack, objective: Objective, X: Array, Y: Array, weight: Array | None, metric: Metric
    ) -> None:
        self._network, self._objective, self._metric = network, objective, metric
        self._X, self._Y, self._weight = X, Y, weight
        self.gradient = np.empty_like(network.theta)
        self._by_layer = network.by_layer(self.gradient)

    def evaluate(self, *, with_gradient: bool) -> EpochResult:
        """Forward and, if asked for, backward through all rows; see `Evaluator`."""
        layers, objective = self._network.layers, self._objective
        forward_pass = forward(layers, self._X)
        if with_gradient:
            objective.gradient(layers, forward_pass, self._Y, self._by_layer, self._weight)
        total = objective.total_loss(layers, forward_pass, self._Y, self._weight)
        return EpochResult(total, objective.penalty_value(layers), self._metric.tally(forward_pass.output))


SHORT_WORK = 2_000_000
"""Work that takes NumPy about a hundredth of a second, in samples times parameters."""


class ReferenceEngine:
    """Runs a job with NumPy. It needs no compiler and supports any activation, loss, penalty and optimizer."""

    name: ClassVar[str] = "reference"

    def __init__(self, job: Job) -> None:
        self._job = job
        self.before = job.network.theta.copy()
        self._gradient = np.empty_like(job.network.theta)
        self._gradients = job.network.by_layer(self._gradient)
        self._rate_factors = rate_factors(job.network.groups, job.network.dtype)
        self.step = 0
        self.movement = Movement(job.optimizer, job.network.theta, job.state)
        self._has_dropout = any(spec.dropout for spec in job.network.specs)

    @property
    def epochs_per_call(self) -> int:
        """Several epochs if they are short, so that the overhead of a call is small."""
        work = len(self._job.Y) * self._job.network.theta.size
        return max(1, min(32, SHORT_WORK // work))

    def run(self, epochs: Epochs, interrupted: Callable[[], bool]) -> EpochResults:
        """Run epochs in order; see `Engine`."""
        results: list[EpochResult] = []
        theta = self._job.network.theta
        for epoch in epochs:
            np.copyto(self.before, theta)
            result = self._run_epoch(epoch, interrupted)
            if result is None:
                break
            results.append(result)
            if not (math.isfinite(result.total_loss) and np.isfinite(theta).all()):
                break
        if not results:
            return EpochResults.none()
        return EpochResults(*(np.array([getattr(r, f.name) for r in results]) for f in fields(EpochResult)))

    def _run_epoch(self, epoch: Epoch, interrupted: Callable[[], bool]) -> EpochResult | None:
        job = self._job
        n = len(job.Y if epoch.order is None else epoch.order)
        total_weight = float(len(job.Y) if job.weight is None else job.weight.sum(dtype=np.float64))
        total_loss = penalty = 0.0
        tally: Any = 0.0
        for rate, start in zip(epoch.rates, range(0, n, job.batch_size), strict=True):
            if interrupted():
                return None
            stop = min(start + job.batch_size, n)
            rows = slice(start, stop) if epoch.order is None else epoch.order[start:stop]
            weight = None if job.weight is None else job.weight[rows]
            share = float(stop - start if weight is None else weight.sum(dtype=np.float64)) / total_weight
            batch_loss, batch_penalty, outputs = self._train_batch(job.X[rows], job.Y[rows], weight, share, rate)
            total_loss += batch_loss
            penalty += share * batch_penalty
            tally = tally + job.metric.tally(outputs, rows)
        return EpochResult(total_loss, penalty, tally)

    def _train_batch(
        self, X: Array, Y: Array, weight: Array | None, share: float, rate: float
    ) -> tuple[float, float, Array]:
        """One update. Returns Σ wℓ of the batch, the penalty and the outputs, all before the update."""
        job, layers = self._job, self._job.network.layers
        masks = None
        if self._has_dropout:
            masks = draw_masks(layers, len(Y), job.dropout_seed, self.step, job.network.dtype)
        forward_pass = forward(layers, X, masks)
        total_loss = job.objective.total_loss(layers, forward_pass, Y, weight)
        penalty = job.objective.penalty_value(layers)
        job.objective.gradient(layers, forward_pass, Y, self._gradients, weight, share)
        job.limits.clip(self._gradient)
        rates: Any = rate if self._rate_factors is None else rate * self._rate_factors
        returned: object = job.optimizer.step(job.network.theta, self._gradient, job.state, rates)  # type: ignore[func-returns-value]
        if not self.movement.seen or returned is not None:
            self.movement.after_update(self._gradient, rates, returned)
        job.limits.shorten(weights for layer in layers for weights in layer.weights)
        self.step += 1
        return total_loss, penalty, forward_pass.output
