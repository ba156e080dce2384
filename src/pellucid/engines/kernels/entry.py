"""The one function of a compiled object: arrays by address in, an epoch count out."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from .jit import OPTIONS
from .train import predict, train

TRAIN, PREDICT = 0, 1


def array_reader(element: Any) -> Any:
    """An intrinsic `read(table, i)`: the flat array whose address and length are table[2i] and table[2i + 1]."""

    @intrinsic
    def read(typing_context: Any, table: Any, i: Any) -> Any:
        kind = types.Array(element, 1, "C")

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
            places, number = arguments
            place = builder.mul(number, number.type(2))
            address, length = (builder.load(builder.gep(places, [builder.add(place, number.type(x))])) for x in (0, 1))
            view = context.make_array(kind)(context, builder)
            size = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(element)))
            populate_array(
                view,
                data=builder.inttoptr(address, context.get_data_type(element).as_pointer()),
                shape=cgutils.pack_array(builder, [length]),
                strides=cgutils.pack_array(builder, [size]),
                itemsize=size,
                meminfo=None,
            )
            return view._getvalue()

        return kind(types.CPointer(types.int64), types.int64), generate

    return read


SIGNATURE = types.int64(types.CPointer(types.int64), types.int64, types.int64)


def entry_for(dtype: str) -> Any:
    """The entry point for float32 or float64, compiled: a Numba dispatcher."""
    import numba

    whole = array_reader(types.int64)
    real = array_reader(types.float64)
    number = array_reader(getattr(types, dtype))

    def entry(table: Any, worker: int, what: int) -> int:
        layers, plan, order = whole(table, 0), whole(table, 1), whole(table, 2)
        options, X, theta, work = real(table, 3), number(table, 4), number(table, 5), number(table, 6)
        if what == PREDICT:
            return predict(layers, options, plan, X, order, theta, work, number(table, 7))
        return train(
            layers, options, plan, real(table, 7), X, number(table, 8), number(table, 9), number(table, 10), order,
            real(table, 11), theta, number(table, 12), number(table, 13), number(table, 14), number(table, 15),
            number(table, 16), number(table, 17), work, real(table, 18), real(table, 19), whole(table, 20),
            real(table, 21), worker,
        )  # fmt: skip

    bare: dict[str, Any] = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return numba.njit(SIGNATURE, **bare)(entry)
