"""The one function of a compiled object: arrays by address in, an epoch count out."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from pellucid.engines.abi import PREDICT, PREDICT_ARRAYS, TRAIN_ARRAYS, Argument

from .jit import OPTIONS
from .train import predict, train


def reader(arguments: tuple[Argument, ...], real: Any) -> Any:
    """An intrinsic `read(table, worker)`: the arrays of a call, and the worker's number after them.

    Array i has its address and its length at table[2i] and table[2i + 1].
    """

    @intrinsic
    def read(typing_context: Any, table: Any, worker: Any) -> Any:
        elements = [{"int64": types.int64, "float64": types.float64, "real": real}[one.dtype] for one in arguments]
        kinds = [types.Array(element, 1, "C") for element in elements]
        answer = types.Tuple([*kinds, types.int64])

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, given: Any) -> ir.Value:
            places, number = given
            views = [view_of(context, builder, kind, places, 2 * i) for i, kind in enumerate(kinds)]
            return context.make_tuple(builder, answer, [*views, number])

        return answer(types.CPointer(types.int64), types.int64), generate

    return read


def view_of(context: Any, builder: ir.IRBuilder, kind: Any, table: ir.Value, place: int) -> ir.Value:
    """A flat Numba array whose address and length stand in the table from `place` on."""
    address, length = (builder.load(builder.gep(table, [ir.IntType(64)(place + i)])) for i in (0, 1))
    element = context.get_data_type(kind.dtype)
    size = context.get_constant(types.intp, context.get_abi_sizeof(element))
    view = context.make_array(kind)(context, builder)
    populate_array(
        view,
        data=builder.inttoptr(address, element.as_pointer()),
        shape=cgutils.pack_array(builder, [length]),
        strides=cgutils.pack_array(builder, [size]),
        itemsize=size,
        meminfo=None,
    )
    return view._getvalue()


SIGNATURE = types.int64(types.CPointer(types.int64), types.int64, types.int64)


def entry_for(dtype: str) -> Any:
    """The entry point for float32 or float64, compiled: a Numba dispatcher."""
    import numba

    to_train, to_predict = (reader(arguments, getattr(types, dtype)) for arguments in (TRAIN_ARRAYS, PREDICT_ARRAYS))

    def entry(table: Any, worker: int, what: int) -> int:
        if what == PREDICT:
            return predict(*to_predict(table, worker))
        return train(*to_train(table, worker))

    bare: dict[str, Any] = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return numba.njit(SIGNATURE, **bare)(entry)
