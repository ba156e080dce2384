"""Work on whole parameter vectors: sums of workers' gradients, the search for NaN."""

from typing import Any

import numpy as np
from llvmlite import ir

from .emit import Pointer, Variable, lane_sum, loop, round_up, splat
from .jit import emitted
from .simd import FLAGS, Register
from .tables import table


def product_formula(x: Any, y: Any) -> Any:
    """x · y."""
    return x * y


def sum_formula(x: Any, y: Any) -> Any:
    """x + y."""
    return x + y


def first_formula(x: Any, y: Any) -> Any:
    """x: a copy."""
    return x


def scaled_formula(x: Any, factor: Any) -> Any:
    """x times a number."""
    return x * factor


MULTIPLY, ADD, COPY = 0, 1, 2
scaled_by = table([scaled_formula], outputs=1, inputs=1, parameters=1)
elementwise = table([product_formula, sum_formula, first_formula], outputs=1, inputs=2, parameters=0)


def sum_of_squares_meaning(x: Any, x0: int, count: int, factor: float) -> float:
    """Σ (factor x)², in double precision."""
    with np.errstate(all="ignore"):
        wide = factor * x[x0 : x0 + count].astype(np.float64)
        return float(np.vdot(wide, wide))


@emitted("aiif", sum_of_squares_meaning, returns=True)
def sum_of_squares(builder: ir.IRBuilder, x: Pointer, x0: Any, count: Any, factor: Any) -> ir.Value:
    """The squared length of a stretch of a vector, times factor²: see `sum_of_squares_meaning`.

    In double precision, as the square of a float may be larger than any float.
    """
    stop = round_up(builder, count, x.lanes)
    values, double = x.span(x0, stop), ir.VectorType(ir.DoubleType(), x.lanes)
    total = Variable(builder, ir.Constant(double, [0.0] * x.lanes))
    scale = splat(builder, factor, x.lanes)
    with loop(builder, stop, x.lanes) as i:
        value = values.load(i).value
        wide = value if x.bytes == 8 else builder.fpext(value, double)
        scaled = Register(builder, wide) * scale
        total.set((total.register + scaled * scaled).value)
    return lane_sum(total.register)


def add_squares_meaning(sums: Any, s0: int, x: Any, x0: int, scale: Any, c0: int, count: int) -> None:
    """sums[s0 + j] += (x[x0 + j] / scale[c0 + j])², for scales > 0; nothing where the scale is 0."""
    with np.errstate(all="ignore"):
        part = x[x0 : x0 + count] / np.where(scale[c0 : c0 + count] == 0, 1, scale[c0 : c0 + count])
        sums[s0 : s0 + count] += part * part


@emitted("aiaiaii", add_squares_meaning)
def add_squares(
    builder: ir.IRBuilder, sums: Pointer, s0: Any, x: Pointer, x0: Any, scale: Pointer, c0: Any, count: Any
) -> None:  # fmt: skip
    """Squares of scaled numbers: see `add_squares_meaning`.

    Emitted, so as not to be reordered as Numba's arithmetic is: x² alone may overflow.
    """
    target, values, scales = sums.span(s0, count), x.span(x0, count), scale.span(c0, count)
    with loop(builder, count) as j:
        divisor = scales.scalar(j)
        none = builder.fcmp_ordered("==", divisor, ir.Constant(scales.element, 0.0))
        part = builder.fdiv(
            values.scalar(j), builder.select(none, ir.Constant(scales.element, 1.0), divisor), flags=FLAGS
        )
        target.write(j, builder.fadd(target.scalar(j), builder.fmul(part, part, flags=FLAGS), flags=FLAGS))


def rescale_meaning(x: Any, x0: int, scale: Any, c0: int, length: Any, l0: int, count: int) -> None:
    """x[x0 + j] ← x[x0 + j] / scale[c0 + j] · length[l0 + j] where that length is not 0."""
    part, wanted = x[x0 : x0 + count], length[l0 : l0 + count] > 0
    with np.errstate(all="ignore"):
        part[wanted] = part[wanted] / scale[c0 : c0 + count][wanted] * length[l0 : l0 + count][wanted]


@emitted("aiaiaii", rescale_meaning)
def rescale(
    builder: ir.IRBuilder, x: Pointer, x0: Any, scale: Pointer, c0: Any, length: Pointer, l0: Any, count: Any
) -> None:  # fmt: skip
    """Numbers brought to other lengths: see `rescale_meaning`. The quotient comes first: the product may overflow."""
    values, scales, lengths = x.span(x0, count), scale.span(c0, count), length.span(l0, count)
    with loop(builder, count) as j:
        wanted = builder.fcmp_ordered(">", lengths.scalar(j), ir.Constant(lengths.element, 0.0))
        with builder.if_then(wanted):
            part = builder.fdiv(values.scalar(j), scales.scalar(j), flags=FLAGS)
            values.write(j, builder.fmul(part, lengths.scalar(j), flags=FLAGS))


def nonfinite_flag_meaning(x: Any, x0: int, count: int) -> float:
    """0 where all of x is finite, else NaN: the sum of x − x."""
    with np.errstate(all="ignore"):
        part = x[x0 : x0 + count]
        return float((part - part).sum())


@emitted("aii", nonfinite_flag_meaning, returns=True)
def nonfinite_flag(builder: ir.IRBuilder, x: Pointer, x0: Any, count: Any) -> ir.Value:
    """The search for NaN and infinity: see `nonfinite_flag_meaning`. Nothing here is compiled as if there were none."""
    stop = round_up(builder, count, x.lanes)
    values = x.span(x0, stop)
    total = Variable(builder, x.splat_const(0.0).value)
    with loop(builder, stop, x.lanes) as i:
        value = values.load(i)
        total.set((total.register + (value - value)).value)
    return lane_sum(total.register)
