"""The compiled engine: whole epochs, many at a time, in one call of a kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import numpy as np

from pellucid.engines.abi import TRAIN, TRAIN_ARRAYS, in_order
from pellucid.engines.base import EpochResult, EpochResults, Epochs, Job
from pellucid.engines.formulas import formulas_for
from pellucid.engines.kernels import plan as at
from pellucid.engines.packing import NO_LIMITS, aligned, pack
from pellucid.engines.runner import flat, runner
from pellucid.maths.metrics import R2, Metric
from pellucid.maths.threads import in_threads
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, Limits, numbers_of_steps

SYNC_LENGTH, STOP = 32, 16
"""Length of the array that synchronises workers, and the index in it that stops a call: see `kernels.workers`."""
WORK_PER_CALL = 1e9
"""Work per call, in samples times parameters: about a tenth of a second, after which Ctrl-C is checked."""
UPDATE_WORK = 4
"""Cost of the update of a parameter, in the same unit."""
NO_NUMBERS = np.zeros(1)
"""Step numbers of a run without updates."""
INTERRUPT_POLL_SECONDS = 0.05
"""Interval at which Ctrl-C is checked during a long call."""
NUMBERS_PER_CALL = 1_000_000
"""Maximum length of the arrays of row numbers and step numbers of one call."""


class CompiledProgram:
    """A packed network with its data, whose epochs it runs; used by the training engine and by L-BFGS."""

    def __init__(
        self,
        network: LayerStack,
        objective: Objective,
        X: Array,
        Y: Array,
        weight: Array | None,
        batch_size: int,
        *,
        threads: int = 1,
        seed: int = 0,
        limits: Limits = NO_LIMITS,
        rule: FirstOrder | None = None,
    ) -> None:
        n, dtype = len(X), network.dtype
        total_weight = float(n if weight is None else weight.sum(dtype=np.float64))
        # More workers than samples in a batch would be idle.
        self.threads = max(1, min(threads, batch_size))
        formulas = formulas_for(network, objective, rule)
        self.packed = packed = pack(
            network, objective, formulas, n=n, batch_size=batch_size, total_weight=total_weight, threads=self.threads,
            seed=seed, limits=limits, rule=rule,
        )  # fmt: skip
        self._network = network
        self._runner = runner(dtype.name, formulas)
        self._row = at.row_length(network.n_outputs)
        self._in_order = np.arange(n, dtype=np.int64)
        self.state = aligned(packed.size * (len(rule.kernel_vectors) if rule else 0), dtype)
        self.before = aligned(packed.size, dtype)
        self.gradient = aligned(packed.size * self.threads, dtype)
        many = -(-batch_size // self.threads) > at.TILES_PER_SUM * packed.plan[at.TILE]
        self._wide = np.zeros(packed.size * self.threads if many else 1)
        self._sums = np.zeros(self._row * self.threads)
        self._sync = np.zeros(SYNC_LENGTH, dtype=np.int64)
        labels = Y.argmax(axis=1).astype(dtype) if packed.plan[at.LOSS] == at.BY_ROWS else np.zeros(1, dtype)
        packed.plan[at.HAS_WEIGHT] = weight is not None
        self._data = (flat(X), flat(Y), labels, np.zeros(1, dtype) if weight is None else flat(weight))

    def run(
        self,
        epochs: int,
        orders: Array | None,
        numbers: Array,
        step: int,
        *,
        slow: bool = False,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> Array:
        """Run epochs; return a row of `results` for each finished one (see `kernels.plan`).

        A `slow` call runs in other threads, so that this thread can check for Ctrl-C, which stops it after the current
        batch.
        """
        packed, plan = self.packed, self.packed.plan
        plan[at.EPOCHS], plan[at.STEP] = epochs, step
        plan[at.ROWS] = len(self._in_order) if orders is None else orders.shape[1]
        plan[at.ORDER_STEP] = 0 if orders is None else plan[at.ROWS]
        theta = self._network.theta
        packed.theta[: theta.size] = theta
        results = np.zeros(epochs * self._row)
        self._sync[:] = 0
        X, Y, labels, weight = self._data
        given = {
            "layers": packed.layers, "plan": plan, "order": self._in_order if orders is None else flat(orders),
            "options": packed.options, "X": X, "theta": packed.theta, "work": packed.work, "settings": packed.settings,
            "Y": Y, "labels": labels, "weight": weight, "numbers": flat(numbers), "gradient": self.gradient,
            "state": self.state, "penalized": packed.penalized, "before": self.before, "sums": self._sums,
            "results": results, "sync": self._sync, "wide": self._wide,
        }  # fmt: skip
        arrays = in_order(TRAIN_ARRAYS, given)
        if self.threads == 1 and not slow:
            done = self._runner.call(TRAIN, arrays)
        else:
            done = self._call_in_threads(arrays, interrupted)
        theta[...] = packed.theta[: theta.size]
        return results.reshape(epochs, self._row)[:done]

    def _call_in_threads(self, arrays: list[Array], interrupted: Callable[[], bool]) -> int:
        def stop() -> None:
            # Keep the code of a worker that has failed. Also called when a second Ctrl-C raises KeyboardInterrupt, so
            # that no thread continues.
            if self._sync[STOP] == 0:
                self._sync[STOP] = 1

        def look() -> None:
            if interrupted():
                stop()

        calls = [partial(self._runner.call, TRAIN, arrays, worker) for worker in range(self.threads)]
        return in_threads(calls, self.threads, meanwhile=look, every=INTERRUPT_POLL_SECONDS, on_error=stop)[0]


class CompiledEngine:
    """One job, run by the kernels."""

    name: ClassVar[str] = "compiled"

    def __init__(self, job: Job, threads: int = 1) -> None:
        self._job = job
        self._program = CompiledProgram(
            job.network, job.objective, job.X, job.Y, job.weight, job.batch_size, threads=threads,
            seed=job.dropout_seed, limits=job.limits, rule=job.optimizer,
        )  # fmt: skip
        size, packed_size = job.network.theta.size, self._program.packed.size
        self._vectors = {
            name: self._program.state[i * packed_size :][:size] for i, name in enumerate(job.optimizer.kernel_vectors)
        }
        self.step = 0

    @property
    def epochs_per_call(self) -> int:
        """The number of epochs per call: a function of the job alone."""
        n, n_batches = len(self._job.Y), self._job.n_batches
        shuffled = n if n_batches > 1 else 1
        numbers = n_batches * int(self._program.packed.plan[at.STEP_NUMBERS])
        return max(1, int(min(WORK_PER_CALL / self._work, NUMBERS_PER_CALL / max(shuffled, numbers))))

    @property
    def _work(self) -> float:
        """The work of an epoch."""
        return (len(self._job.Y) + UPDATE_WORK * self._job.n_batches) * self._job.network.theta.size

    @property
    def before(self) -> Array:
        """θ before the last epoch."""
        return self._program.before[: self._job.network.theta.size]

    def run(self, epochs: Epochs, interrupted: Callable[[], bool]) -> EpochResults:
        """Run epochs in order, up to one with a non-finite loss or θ; see `Engine`."""
        job, state, machine = self._job, self._job.state, self._program
        if interrupted():
            return EpochResults.none()
        for name, vector in self._vectors.items():
            vector[:] = state[name]
        numbers = numbers_of_steps(job.optimizer, state, epochs.rates.ravel())
        slow = self._work * len(epochs) > 2 * WORK_PER_CALL
        rows = machine.run(len(epochs), epochs.orders, numbers, self.step, slow=slow, interrupted=interrupted)
        steps = len(rows) * epochs.rates.shape[1]
        job.optimizer.count_steps(state, steps)
        self.step += steps
        for name, vector in self._vectors.items():
            state[name][...] = vector
        tally = rows[:, at.TALLY : at.TALLY + job.network.n_outputs]
        if not isinstance(job.metric, R2):
            tally = tally[:, 0]
        return EpochResults(rows[:, 0], rows[:, -2], tally)


class CompiledEvaluator:
    """J and its gradient by the kernels; see `Evaluator`."""

    def __init__(
        self,
        network: LayerStack,
        objective: Objective,
        X: Array,
        Y: Array,
        weight: Array | None,
        metric: Metric,
        threads: int = 1,
    ) -> None:
        self._network = network
        self._is_r2 = isinstance(metric, R2)
        self._program = CompiledProgram(network, objective, X, Y, weight, len(X), threads=threads)

    def evaluate(self, *, with_gradient: bool) -> EpochResult:
        """Run both passes over all rows, even without `gradient`: the backward pass costs little more."""
        row = self._program.run(1, None, NO_NUMBERS, 0)[0]
        tally = row[at.TALLY : at.TALLY + self._network.n_outputs] if self._is_r2 else float(row[at.TALLY])
        return EpochResult(float(row[0]), float(row[-2]), tally)

    @property
    def gradient(self) -> Array:
        """∂J/∂θ of the last evaluation."""
        return self._program.gradient[: self._network.theta.size]
