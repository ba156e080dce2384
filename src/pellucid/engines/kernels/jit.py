"""The two ways in which kernel code is compiled, each with its plain-Python meaning.

`@kernel` marks control flow: loops over epochs, batches and layers, compiled by Numba.
`@emitted(meaning)` marks arithmetic: LLVM instructions written out by `simd` and `emit`. `meaning` says in NumPy what
they compute; it is what runs under `NUMBA_DISABLE_JIT=1`, where every kernel is plain Python.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core import cgutils, config
from numba.extending import intrinsic

# What may be relaxed: fusing, reordering, the sign of zero, reciprocals. Never "nnan" or "ninf", under which a check for
# NaN always answers "none".
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}
# No Numba runtime (_nrt): kernels allocate nothing, so that a compiled object needs nothing of Numba to run.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": FASTMATH, "_nrt": False}

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile with the one set of options that all kernels share."""
    compiled: F = numba.njit(**OPTIONS)(function)
    return compiled


def emitted(meaning: F) -> Callable[[Callable[..., Any]], F]:
    """Make an intrinsic of a function (typing context, types…) → (signature, code generator); plain Python runs `meaning`."""

    def decorate(definition: Callable[..., Any]) -> F:
        if config.DISABLE_JIT:
            return meaning
        made: F = intrinsic(definition)
        return made

    return decorate


def check_bounds(context: Any, builder: Any, array_type: Any, array: Any, first: Any, past: Any) -> None:
    """Under `NUMBA_BOUNDSCHECK=1`: raise IndexError unless 0 ≤ first ≤ past ≤ size. Otherwise emit nothing."""
    if not config.BOUNDSCHECK:
        return
    view = context.make_array(array_type)(context, builder, array)
    cgutils.do_boundscheck(context, builder, first, builder.add(view.nitems, view.nitems.type(1)))
    cgutils.do_boundscheck(context, builder, past, builder.add(view.nitems, view.nitems.type(1)))
