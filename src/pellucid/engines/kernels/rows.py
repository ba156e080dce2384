"""From rows of the data to unit-major blocks: gathering a batch."""

from typing import Any

from llvmlite import ir

from .emit import Pointer, Variable, const_i64, loop, round_up
from .jit import emitted
from .simd import Register


def gather_meaning(out: Any, o: int, ld: int, data: Any, width: int, order: Any, first: int, count: int) -> None:
    """out[j, s] = data[order[first + s], j] for j < width, s < count; the samples that fill the last register repeat
    the last row, so that nothing which is no datum is ever computed with."""
    rows = order[first : first + count]
    block = out[o : o + width * ld].reshape(width, ld)
    block[:, :count] = data.reshape(-1, width)[rows].T
    block[:, count:] = block[:, count - 1 : count]


@emitted("aiiaiaii", gather_meaning)
def gather(
    builder: ir.IRBuilder, out: Pointer, o: Any, ld: Any, data: Pointer, width: Any, order: Pointer, first: Any,
    count: Any,
) -> None:  # fmt: skip
    """Transpose rows into columns while they are fetched: see `gather_meaning`."""
    target, rows = out.span(o, width, ld), order.span(first, count)
    lanes = target.lanes
    last = builder.sub(count, const_i64(1))
    with loop(builder, round_up(builder, count, lanes), lanes) as s:
        starts = []
        for i in range(lanes):
            place = builder.add(s, const_i64(i))
            inside = builder.select(builder.icmp_signed("<", place, last), place, last)
            starts.append(builder.mul(rows.scalar(inside), width))
            if data.guard is not None:
                data.span(starts[-1], width)
        with loop(builder, width) as j:
            register = ir.Constant(target.vector(), ir.Undefined)
            for i in range(lanes):
                number = data.scalar(builder.add(starts[i], j))
                register = builder.insert_element(register, number, ir.Constant(ir.IntType(32), i))
            target.store(builder.add(builder.mul(j, ld), s), Register(builder, register))


def weights_meaning(
    out: Any, o: int, weight: Any, has_weight: int, order: Any, first: int, count: int, ld: int
) -> None:
    """out[s] = weight[order[first + s]], or 1 without weights; 0 for the samples that only fill the last register."""
    out[o : o + ld] = 0
    out[o : o + count] = weight[order[first : first + count]] if has_weight else 1


@emitted("aiaiaiii", weights_meaning)
def gather_weights(
    builder: ir.IRBuilder, out: Pointer, o: Any, weight: Pointer, has_weight: Any, order: Pointer, first: Any,
    count: Any, ld: Any,
) -> None:  # fmt: skip
    """The weights of a batch's rows: see `weights_meaning`."""
    target, rows = out.span(o, ld), order.span(first, count)
    zero, one = (ir.Constant(target.element, x) for x in (0.0, 1.0))
    has = builder.icmp_signed("!=", has_weight, const_i64(0))
    with loop(builder, ld) as s:
        target.write(s, zero)
    with loop(builder, count) as s, builder.if_else(has) as (then, otherwise):
        with then:
            row = rows.scalar(s)
            target.write(s, weight.span(row, const_i64(1)).scalar(const_i64(0)))
        with otherwise:
            target.write(s, one)


def total_weight_meaning(weight: Any, has_weight: int, order: Any, first: int, count: int) -> float:
    """Σ of the weights of the rows order[first : first + count]; their number without weights."""
    return float(weight[order[first : first + count]].sum(dtype="float64")) if has_weight else float(count)


@emitted("aiaii", total_weight_meaning, returns=True)
def total_weight(
    builder: ir.IRBuilder, weight: Pointer, has_weight: Any, order: Pointer, first: Any, count: Any
) -> ir.Value:
    """The weight of a batch: see `total_weight_meaning`."""
    double = ir.DoubleType()
    total = Variable(builder, builder.sitofp(count, double))
    with builder.if_then(builder.icmp_signed("!=", has_weight, const_i64(0))):
        total.set(ir.Constant(double, 0.0))
        rows = order.span(first, count)
        with loop(builder, count) as s:
            number = weight.span(rows.scalar(s), const_i64(1)).scalar(const_i64(0))
            wide = builder.fpext(number, double) if number.type != double else number
            total.set(builder.fadd(total.get(), wide))
    return total.get()
