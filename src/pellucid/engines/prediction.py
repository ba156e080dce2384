"""Outputs of a network for few rows: one call of a kernel instead of a dozen of NumPy's.

NumPy's BLAS is faster where there is real work, so only small networks and few rows come here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from pellucid.engines import objects
from pellucid.engines.choice import missing_kernel
from pellucid.engines.kernels import plan as at
from pellucid.engines.kernels.level import current
from pellucid.engines.packing import pack
from pellucid.engines.runner import PREDICT, ObjectRunner, runner, switched
from pellucid.maths.typing import Array
from pellucid.network.stack import LayerStack

SIZES = (8, 64)
MOST_ROWS = SIZES[-1]  # `pellucid.model` asks for no more
MOST_PARAMETERS = 50_000


@dataclass
class Buffers:
    """What one call at a time may use: inputs, the plan, outputs, and the kernel bound to them."""

    X: Array
    plan: Array
    out: Array
    run: Callable[[], int]


class Predictor:
    """A network's plan and buffers for prediction; `outputs` may be called from several threads."""

    def __init__(self, network: LayerStack) -> None:
        self._shape = (network.n_inputs, network.n_outputs)
        # A spare set of buffers for each thread that is inside; taking from and adding to a list are atomic. Few rows
        # have buffers of their own: work is done by whole rows of a buffer.
        self._spare: dict[int, list[Buffers]] = {rows: [] for rows in SIZES}

    def outputs(self, network: LayerStack, X: Array) -> Array | None:
        """A of the last layer (n, k) for at most MOST_ROWS rows of numbers; None if something is wrong with them."""
        if X.ndim != 2 or X.shape[1] != self._shape[0] or X.dtype.kind not in "biuf" or not len(X):
            return None
        n = len(X)
        size = SIZES[0] if n <= SIZES[0] else SIZES[1]
        spare = self._spare[size]
        buffers = spare.pop() if spare else self._new(network, size)
        buffers.X[:n] = X
        buffers.plan[at.ROWS] = n
        broken = buffers.run()
        answer = None if broken else buffers.out[:n].copy()
        spare.append(buffers)
        return answer

    def _new(self, network: LayerStack, rows: int) -> Buffers:
        packed = pack(network, network.objective(), n=rows, batch_size=rows, total_weight=1.0)
        order = np.arange(rows, dtype=np.int64)
        X, out = (np.zeros((rows, columns), dtype=network.dtype) for columns in self._shape)
        arrays = [packed.layers, packed.plan, order, packed.options, X, network.theta, packed.work, out]
        kernels = runner(network.dtype.name)
        assert isinstance(kernels, ObjectRunner)
        return Buffers(X, packed.plan, out, kernels.prepared(PREDICT, arrays))


_predictors: WeakKeyDictionary[LayerStack, Predictor | None] = WeakKeyDictionary()
"""The predictor of each network that has been asked for few rows; None where it has to go without."""


def predictor(network: LayerStack) -> Predictor | None:
    """A predictor for a small network whose kernels are there and need not be compiled first, else None."""
    if network not in _predictors:
        ready = (
            network.theta.size <= MOST_PARAMETERS
            and missing_kernel(network, network.objective()) is None
            and not switched()
            and objects.where(current(), network.dtype.name) != objects.NOWHERE
        )
        _predictors[network] = Predictor(network) if ready else None
    return _predictors[network]
