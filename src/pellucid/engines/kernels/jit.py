"""The two ways in which kernel code is compiled, each with its plain-Python meaning.

`@kernel` marks control flow: loops over epochs, batches and layers, compiled by Numba.
`@emitted(kinds, meaning)` marks arithmetic: a function that writes LLVM instructions, with `simd` and `emit`. `meaning`
says in NumPy what they compute; it is what runs under `NUMBA_DISABLE_JIT=1`, where every kernel is plain Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils, config
from numba.extending import intrinsic

from .emit import Pointer, const_i64

# What may be relaxed: fusing, reordering, the sign of zero, reciprocals. Never "nnan" or "ninf", under which a check
# for NaN always answers "none".
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}
# No Numba runtime (_nrt): kernels allocate nothing, so that a compiled object needs nothing of Numba to run.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": FASTMATH, "_nrt": False}

Function = Callable[..., Any]


def kernel(function: Function) -> Function:
    """Compile with the one set of options that all kernels share."""
    compiled: Function = numba.njit(**OPTIONS)(function)
    return compiled


def emitted(kinds: str, meaning: Function, *, returns: bool = False) -> Callable[[Function], Function]:
    """Make an intrinsic of a function that writes instructions: `emission(builder, *operands)`.

    `kinds` has a letter for each argument: `a` is an array, which reaches `emission` as a `Pointer`; `i` an integer and
    `f` a float, which reach it as LLVM values (i64, double). With `returns`, `emission` gives back a double.
    """

    def decorate(emission: Function) -> Function:
        if getattr(config, "DISABLE_JIT"):  # noqa: B009 (made when Numba is imported)
            return meaning
        scalars = {"i": types.int64, "f": types.float64}

        def define(typing_context: Any, *operands: Any) -> Any:
            assert len(operands) == len(kinds), f"{emission.__name__} takes {len(kinds)} arguments, got {len(operands)}"
            wanted = [t if kind == "a" else scalars[kind] for kind, t in zip(kinds, operands, strict=True)]
            result = types.float64 if returns else types.void

            def generate(context: Any, builder: ir.IRBuilder, signature: Any, packed: Sequence[ir.Value]) -> ir.Value:
                given = cgutils.unpack_tuple(builder, packed[0])
                values = [
                    pointer_to(context, builder, t, value) if kind == "a" else value
                    for kind, t, value in zip(kinds, wanted, given, strict=True)
                ]
                answer = emission(builder, *values)
                return answer if returns else context.get_dummy_value()

            return result(types.StarArgTuple(wanted)), generate

        define.__name__ = emission.__name__
        made: Function = intrinsic(define)
        return made

    return decorate


def pointer_to(context: Any, builder: ir.IRBuilder, array_type: Any, array: ir.Value) -> Pointer:
    """The address of a Numba array's elements; under `NUMBA_BOUNDSCHECK=1` with a guard that raises IndexError."""
    view = context.make_array(array_type)(context, builder, array)
    guard = None
    if getattr(config, "BOUNDSCHECK"):  # noqa: B009
        limit = builder.add(view.nitems, const_i64(1))

        def guard(place: ir.Value) -> None:
            cgutils.do_boundscheck(context, builder, place, limit)

    return Pointer(builder, view.data, context.get_value_type(array_type.dtype), guard)
