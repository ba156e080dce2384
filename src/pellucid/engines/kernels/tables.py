"""Elementwise work chosen by an integer code: one formula of a table, run over whole arrays.

The formulas are plain functions of registers (see `simd`). The choice is made once, outside the loop; each formula gets
a loop of its own. So a new activation or update rule is one more entry in a table and nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir

from .emit import Pointer, loop, round_up, whole
from .jit import emitted
from .simd import Register

Formula = Callable[..., Any]


def table(formulas: Sequence[Formula], *, outputs: int, inputs: int, parameters: int) -> Callable[..., Any]:
    """A function `apply(code, count, *outputs, *inputs, *parameters)`.

    An output or input is an array and an offset; a parameter is a number. For formula f = formulas[code] and i in
    0 … count − 1: `outputs[i] = f(inputs[i]…, parameters…)`, a tuple where there is more than one output; None in it
    leaves that output as it is. An output may be one of the inputs.
    Whole registers are read and written: arrays must reach to a multiple of them.
    """

    def meaning(code: int, count: int, *operands: Any) -> None:
        if not 0 <= code < len(formulas):
            return
        last = 2 * (outputs + inputs)
        arrays = [operands[i][operands[i + 1] : operands[i + 1] + count] for i in range(0, last, 2)]
        numbers = [arrays[0].dtype.type(number) for number in operands[last:]]
        with np.errstate(all="ignore"):
            results = formulas[code](*(array.copy() for array in arrays[outputs:]), *numbers)
        for out, result in zip(arrays, results if outputs > 1 else (results,), strict=False):
            if result is not None:
                out[:] = result

    @emitted("ii" + "ai" * (outputs + inputs) + "f" * parameters, meaning)
    def apply(builder: ir.IRBuilder, code: ir.Value, count: ir.Value, *operands: Any) -> None:
        last = 2 * (outputs + inputs)
        first: Pointer = operands[0]
        stop = round_up(builder, count, first.lanes)
        arrays = [operands[i].span(operands[i + 1], stop) for i in range(0, last, 2)]
        numbers = [first.spread(number) for number in operands[last:]]
        done, unknown = builder.append_basic_block("done"), builder.append_basic_block("unknown")
        switch = builder.switch(code, unknown)
        for number, formula in enumerate(formulas):
            block = builder.append_basic_block(formula.__name__)
            switch.add_case(whole(number), block)
            builder.position_at_end(block)
            with loop(builder, stop, first.lanes) as here:
                results = formula(*(array.load(here) for array in arrays[outputs:]), *numbers)
                for out, result in zip(arrays, results if outputs > 1 else (results,), strict=False):
                    if result is not None:
                        out.store(here, result if isinstance(result, Register) else out.filled(result))
            builder.branch(done)
        builder.position_at_end(unknown)
        builder.branch(done)
        builder.position_at_end(done)

    return apply
