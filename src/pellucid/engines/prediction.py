"""Predict few rows with one kernel call instead of a dozen NumPy calls.

NumPy's BLAS is faster for larger matrices, so only small networks and few rows are predicted here.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.engines import objects
from pellucid.engines.abi import PREDICT, PREDICT_ARRAYS, in_order
from pellucid.engines.choice import missing_kernel
from pellucid.engines.formulas import Formulas, formulas_for
from pellucid.engines.kernels.level import current
from pellucid.engines.packing import pack
from pellucid.engines.runner import ObjectRunner, runner
from pellucid.engines.unavailable import KernelsUnavailableError, switched
from pellucid.maths.typing import Array
from pellucid.network.stack import LayerStack

MAX_ROWS = 64
MAX_PARAMETERS = 50_000


@dataclass
class Buffers:
    """Buffers of one call for a given number of rows: inputs, outputs, and the kernel bound to them."""

    X: Array
    out: Array
    run: Callable[[], int]


class Predictor:
    """A network's plan and buffers for prediction; `outputs` may be called from several threads."""

    def __init__(self, network: LayerStack) -> None:
        self._n_inputs, self._n_outputs = network.n_inputs, network.n_outputs
        # For each number of rows, a free list with one set of buffers per concurrent thread; pop and append are atomic.
        self._spare: tuple[list[Buffers], ...] = tuple([] for _ in range(MAX_ROWS + 1))

    def outputs(self, network: LayerStack, X: Array) -> Array | None:
        """A of the last layer (n, k) for 1 to MAX_ROWS rows of numbers; None for anything else, or not finite."""
        shape = X.shape
        if len(shape) != 2 or not 0 < shape[0] <= MAX_ROWS or shape[1] != self._n_inputs or X.dtype.kind not in "fiub":
            return None
        spare = self._spare[shape[0]]
        try:
            buffers = spare.pop()
        except IndexError:
            buffers = self._new(network, shape[0])
        buffers.X[...] = X
        answer = None if buffers.run() else buffers.out.copy()
        spare.append(buffers)
        return answer

    def _new(self, network: LayerStack, rows: int) -> Buffers:
        formulas = formulas_for(network, network.objective())
        packed = pack(network, network.objective(), formulas, n=rows, batch_size=rows, total_weight=1.0)
        order = np.arange(rows, dtype=np.int64)
        X, out = (np.zeros((rows, columns), dtype=network.dtype) for columns in (self._n_inputs, self._n_outputs))
        given = {
            "layers": packed.layers, "plan": packed.plan, "order": order, "options": packed.options, "X": X,
            "theta": network.theta, "work": packed.work, "out": out,
        }  # fmt: skip
        arrays = in_order(PREDICT_ARRAYS, given)
        kernels = runner(network.dtype.name, formulas)
        assert isinstance(kernels, ObjectRunner)
        return Buffers(X, out, kernels.prepared(PREDICT, arrays))


_predictors: dict[int, Predictor | None] = {}
"""The predictor of each living network that has predicted few rows, by its `id` (equal networks have separate buffers);
None if it cannot have one.
"""


def predictor(network: LayerStack) -> Predictor | None:
    """A predictor for a small network whose kernels exist and need not be compiled first, else None."""
    try:
        return _predictors[id(network)]
    except KeyError:
        formulas = formulas_for(network, network.objective())
        ready = (
            network.theta.size <= MAX_PARAMETERS
            and missing_kernel(network, network.objective()) is None
            and not switched()
            and objects.where(current(), network.dtype.name, formulas) != objects.NOT_BUILT
            and _loads(network.dtype.name, formulas)
        )
        weakref.finalize(network, _predictors.pop, id(network), None).atexit = False
        return _predictors.setdefault(id(network), Predictor(network) if ready else None)


def _loads(dtype: str, formulas: Formulas) -> bool:
    try:
        runner(dtype, formulas)
    except KernelsUnavailableError:  # training reports the reason
        return False
    return True
