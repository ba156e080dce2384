"""Elementwise work chosen by an integer code: one formula of a table, run over whole arrays.

The formulas are plain functions of registers (see `simd`). The choice is made once, outside the loop; each formula gets
a loop of its own. So a new activation or update rule is one more entry in a table and nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from .emit import INDEX, Variable, pointer, spread, steps, whole
from .jit import check_bounds, emitted
from .simd import Register

Formula = Callable[..., Any]


def table(formulas: Sequence[Formula], *, outputs: int, inputs: int, parameters: int) -> Callable[..., Any]:
    """An intrinsic `apply(code, count, *outputs, *inputs, *parameters)`.

    An output or input is an array and an offset; a parameter is a number. For formula f = formulas[code] and i in
    0 … count − 1: `outputs[i] = f(inputs[i]…, parameters…)`, a tuple where there is more than one output.
    An output may be one of the inputs. Whole registers are read and written: arrays must reach to a multiple of them.
    """
    last_output, last_input = 2 * outputs, 2 * (outputs + inputs)

    def meaning(code: int, count: int, *operands: Any) -> None:
        arrays = [operands[i][operands[i + 1] : operands[i + 1] + count] for i in range(0, last_input, 2)]
        numbers = [arrays[0].dtype.type(number) for number in operands[last_input:]]
        with np.errstate(all="ignore"):
            results = formulas[code](*(array.copy() for array in arrays[outputs:]), *numbers)
            for out, result in zip(arrays, results if outputs > 1 else (results,), strict=False):
                out[:] = result

    @emitted(meaning)
    def apply(typing_context: Any, code: Any, count: Any, *operands: Any) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Sequence[ir.Value]) -> ir.Value:
            kinds, values = signature.args[2], cgutils.unpack_tuple(builder, arguments[2])
            pointers = []
            for i in range(0, last_input, 2):
                kind, array, offset = kinds[i], values[i], values[i + 1]
                check_bounds(context, builder, kind, array, offset, builder.add(offset, arguments[1]))
                pointers.append(pointer(context, builder, kind, array).at(offset))
            element, width = pointers[0].element, pointers[0].lanes
            numbers = []
            for value in values[last_input:]:
                narrow = builder.fptrunc(value, element) if value.type != element else value
                numbers.append(spread(builder, narrow, width))
            done = builder.append_basic_block("done")
            unknown = builder.append_basic_block("unknown")
            switch = builder.switch(arguments[0], unknown)
            for number, formula in enumerate(formulas):
                block = builder.append_basic_block(formula.__name__.strip("<>"))
                switch.add_case(whole(number), block)
                builder.position_at_end(block)
                counter = Variable(builder, INDEX)
                counter.set(whole(0))
                # "count" rounded up to whole registers.
                stop = builder.add(arguments[1], whole(width - 1))
                with steps(builder, counter, stop, width) as here:
                    results = formula(*(p.load(here) for p in pointers[outputs:]), *numbers)
                    for out, result in zip(pointers, results if outputs > 1 else (results,), strict=False):
                        out.store(here, result if isinstance(result, Register) else numbers_like(out, result))
                builder.branch(done)
            builder.position_at_end(unknown)
            builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64, types.StarArgTuple([types.unliteral(t) for t in operands])), generate

    return apply


def numbers_like(out: Any, number: float) -> Register:
    """A formula may answer with a plain number (the derivative of the identity is 1)."""
    zero = out.zero()
    return zero.new(zero.constant(number))
