"""Call the kernels: through a compiled object, or directly if Numba's environment variables require it.

With `NUMBA_DISABLE_JIT=1` the kernels run as plain Python, with `NUMBA_BOUNDSCHECK=1` they are compiled in this process
with bounds checks: both are for testing. Otherwise an object is loaded (see `objects`) and Numba is not imported.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from pellucid.engines import objects
from pellucid.engines.abi import PREDICT, TRAIN_ARRAYS
from pellucid.engines.formulas import BUILT_IN, Formulas
from pellucid.engines.unavailable import switched
from pellucid.maths.typing import Array


class Runner(Protocol):
    """Calls a kernel with flat arrays, in the order of `abi`."""

    def call(self, what: int, arrays: Sequence[Array], worker: int = 0) -> int:
        """Run `train` or `predict`; the arrays must stay alive and be contiguous. The GIL is released."""
        ...


class ObjectRunner:
    """Calls the entry point of a loaded object."""

    def __init__(self, dtype: str, formulas: Formulas) -> None:
        self.loaded = objects.load(dtype, formulas)
        # Numba's calling convention: pointers to the result and to an exception (there are none), then the arguments.
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64
        )
        self._entry = kind(self.loaded.address)

    def call(self, what: int, arrays: Sequence[Array], worker: int = 0) -> int:
        """Run a kernel; see `Runner`."""
        return self.prepared(what, arrays, worker)()

    def prepared(self, what: int, arrays: Sequence[Array], worker: int = 0) -> Callable[[], int]:
        """A function without arguments that runs a kernel on these arrays."""
        arrays = list(arrays)
        table = np.array([(array.ctypes.data, array.size) for array in arrays], dtype=np.int64)
        answer, error = ctypes.c_int64(), ctypes.c_void_p()
        # As ctypes objects, so that they are not created again for each call.
        given = (
            ctypes.c_void_p(ctypes.addressof(answer)), ctypes.c_void_p(ctypes.addressof(error)),
            ctypes.c_void_p(table.ctypes.data), ctypes.c_int64(worker), ctypes.c_int64(what),
        )  # fmt: skip
        entry = self._entry

        def run() -> int:
            entry(*given)
            return answer.value

        run.keeps = arrays, table, error  # type: ignore[attr-defined]  # must live as long as their addresses are used
        return run


class DirectRunner:
    """Calls the kernels directly, as plain Python or compiled in this process."""

    def call(self, what: int, arrays: Sequence[Array], worker: int = 0) -> int:
        """Run a kernel; see `Runner`."""
        from pellucid.engines.kernels.train import predict, train
        from pellucid.engines.kernels.workers import FAILED, STOP

        if what == PREDICT:
            return int(predict(*arrays, worker))
        sync = arrays[[argument.name for argument in TRAIN_ARRAYS].index("sync")]
        try:
            # As in machine code, overflow gives infinity, in every thread, and is checked later.
            with np.errstate(all="ignore"):
                return int(train(*arrays, worker))
        except BaseException:
            sync[STOP] = FAILED  # otherwise the other workers would wait for this one
            raise


@cache
def runner(dtype: str, formulas: Formulas = BUILT_IN) -> Runner:
    """The runner of the kernels for a dtype, in this process."""
    return DirectRunner() if switched() else ObjectRunner(dtype, formulas)


def flat(array: Array) -> Any:
    """An array flattened in row order; not copied if it is contiguous."""
    return np.ascontiguousarray(array).reshape(-1)
