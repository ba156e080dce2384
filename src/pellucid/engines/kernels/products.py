"""The matrix products of a layer, register-blocked.

Activations lie unit-major: a row for each unit, its samples side by side, so that one register holds samples of one
unit and the same code serves 1 unit or 1000. A row is `lead` elements long, a whole number of registers.

* forward  `Z = Wᵀ A + b`  and backward  `W δ`  are both `combine`: weighted sums of rows;
* the gradients  `A δᵀ`  and  `Σₛ δ`  are `correlate` and `row_sums`: sums over the samples.

A block of sums is held in registers while the inner loop runs; its size is what the register file has room for.
"""

from itertools import product
from typing import Any

import numpy as np
from llvmlite import ir

from .emit import Pointer, Variable, lane_sum, loop, round_up, tiles, whole
from .jit import emitted
from .level import current
from .simd import Register, fma


def block_sizes() -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(rows, columns) of `combine`'s blocks and of `correlate`'s: 32 registers at v4, 16 at v2 and v3."""
    if current().vector_bits == 512:
        return (6, 4, 3, 2, 1), (4, 2, 1), (3, 2, 1), (8, 4, 2, 1)
    return (4, 3, 2, 1), (2, 1), (3, 2, 1), (4, 2, 1)


def combine_meaning(
    out: Any, o: int, rows: int, w: Any, w0: int, row_step: int, depth_step: int, depth: int,
    a: Any, a0: int, lead: int, count: int, b0: int,
) -> None:  # fmt: skip
    """out[r, s] = Σₖ w[w0 + r·row_step + k·depth_step] · a[k, s] + w[b0 + r]; no bias where b0 < 0."""
    weights = w[w0 + np.arange(rows)[:, None] * row_step + np.arange(depth) * depth_step]
    inputs = a[a0 : a0 + depth * lead].reshape(depth, lead)[:, :count]
    with np.errstate(all="ignore"):
        sums = weights @ inputs
        if b0 >= 0:
            sums += w[b0 : b0 + rows, None]
    out[o : o + rows * lead].reshape(rows, lead)[:, :count] = sums


@emitted("aiiaiiiiaiiii", combine_meaning)
def combine(
    builder: ir.IRBuilder, out: Pointer, o: Any, rows: Any, w: Pointer, w0: Any, row_step: Any, depth_step: Any,
    depth: Any, a: Pointer, a0: Any, lead: Any, count: Any, b0: Any,
) -> None:  # fmt: skip
    """Weighted sums of rows: see `combine_meaning`."""
    target, weights, inputs = out.span(o, rows, lead), w.span(w0, rows, depth), a.span(a0, depth, lead)
    has_bias = builder.icmp_signed(">=", b0, whole(0))
    row_sizes, column_sizes, _, _ = block_sizes()
    width = target.lanes
    stop = round_up(builder, count, width)
    for height, row in tiles(builder, rows, row_sizes):
        starts = [Variable(builder, ir.Constant(target.element, 0.0)) for _ in range(height)]
        with builder.if_then(has_bias):
            for i in range(height):
                starts[i].set(w.scalar(builder.add(b0, builder.add(row, whole(i)))))
        corner = weights.at(builder.mul(row, row_step))
        for columns, column in tiles(builder, stop, tuple(c * width for c in column_sizes)):
            across = columns // width
            sums = [[Variable(builder, target.spread(starts[i].get()).value) for _ in range(across)]
                    for i in range(height)]  # fmt: skip
            with loop(builder, depth) as k:
                line = inputs.at(builder.add(builder.mul(k, lead), column))
                values = [line.load(whole(j * width)) for j in range(across)]
                here = corner.at(builder.mul(k, depth_step))
                for i in range(height):
                    weight = here.repeated(builder.mul(row_step, whole(i)))
                    for j in range(across):
                        sums[i][j].set(fma(weight, values[j], sums[i][j].register).value)
            for i, j in product(range(height), range(across)):
                place = builder.add(builder.mul(builder.add(row, whole(i)), lead), column)
                target.store(builder.add(place, whole(j * width)), sums[i][j].register)


def correlate_meaning(
    out: Any, o: int, a: Any, a0: int, rows: int, d: Any, d0: int, columns: int, lead: int, count: int, keep: int
) -> None:
    """out[r, c] = keep · out[r, c] + Σₛ a[r, s] · d[c, s], over the samples s < count, rounded up to registers."""
    left = a[a0 : a0 + rows * lead].reshape(rows, lead)[:, :count]
    right = d[d0 : d0 + columns * lead].reshape(columns, lead)[:, :count]
    block = out[o : o + rows * columns].reshape(rows, columns)
    with np.errstate(all="ignore"):
        block[:] = left @ right.T + (block if keep else 0)


@emitted("aiaiiaiiiii", correlate_meaning)
def correlate(
    builder: ir.IRBuilder, out: Pointer, o: Any, a: Pointer, a0: Any, rows: Any, d: Pointer, d0: Any, columns: Any,
    lead: Any, count: Any, keep: Any,
) -> None:  # fmt: skip
    """Products of rows, summed over samples: see `correlate_meaning`."""
    target, left, right = out.span(o, rows, columns), a.span(a0, rows, lead), d.span(d0, columns, lead)
    keeps = builder.icmp_signed("!=", keep, whole(0))
    _, _, row_sizes, column_sizes = block_sizes()
    width = target.lanes
    stop = round_up(builder, count, width)
    for height, row in tiles(builder, rows, row_sizes):
        for across, column in tiles(builder, columns, column_sizes):
            sums = [[Variable(builder, target.filled(0.0).value) for _ in range(across)] for _ in range(height)]
            with loop(builder, stop, width) as s:
                above = [left.load(row_place(builder, row, i, lead, s)) for i in range(height)]
                for j in range(across):
                    value = right.load(row_place(builder, column, j, lead, s))
                    for i in range(height):
                        sums[i][j].set(fma(above[i], value, sums[i][j].register).value)
            for i in range(height):
                place = builder.add(builder.mul(builder.add(row, whole(i)), columns), column)
                for j in range(0, across, width):
                    total = totals(builder, [sums[i][k].get() for k in range(j, min(j + width, across))])
                    accumulate(builder, target, builder.add(place, whole(j)), total, keeps)


def row_sums_meaning(out: Any, o: int, d: Any, d0: int, rows: int, lead: int, count: int, keep: int) -> None:
    """out[r] = keep · out[r] + Σₛ d[r, s]."""
    sums = d[d0 : d0 + rows * lead].reshape(rows, lead)[:, :count].sum(axis=1)
    out[o : o + rows] = sums + (out[o : o + rows] if keep else 0)


@emitted("aiaiiiii", row_sums_meaning)
def row_sums(
    builder: ir.IRBuilder, out: Pointer, o: Any, d: Pointer, d0: Any, rows: Any, lead: Any, count: Any, keep: Any
) -> None:
    """Sums over samples: see `row_sums_meaning`."""
    target, source = out.span(o, rows), d.span(d0, rows, lead)
    keeps = builder.icmp_signed("!=", keep, whole(0))
    stop = round_up(builder, count, target.lanes)
    with loop(builder, rows) as row:
        total = Variable(builder, target.filled(0.0).value)
        with loop(builder, stop, target.lanes) as s:
            total.set((total.register + source.load(row_place(builder, row, 0, lead, s))).value)
        wide = lane_sum(total.register)
        number = wide if wide.type == target.element else builder.fptrunc(wide, target.element)
        before = builder.select(keeps, target.scalar(row), ir.Constant(target.element, 0.0))
        target.write(row, builder.fadd(before, number))


def row_place(builder: ir.IRBuilder, row: ir.Value, i: int, lead: ir.Value, s: ir.Value) -> ir.Value:
    """Where sample s of row `row + i` lies."""
    return builder.add(builder.mul(builder.add(row, whole(i)), lead), s)


def totals(builder: ir.IRBuilder, vectors: list[ir.Value]) -> ir.Value:
    """The sum over the lanes of each of 2ᵐ vectors, as one vector of 2ᵐ lanes (at most as many as a vector has).

    Neighbouring lanes of two vectors are added into one vector, as the horizontal addition of SSE3 does; after m rounds
    one vector is left, and folding it on itself leaves one lane for each.
    """
    wanted = len(vectors)
    while len(vectors) > 1:
        vectors = [pairwise(builder, x, y) for x, y in zip(vectors[::2], vectors[1::2], strict=True)]
    while vectors[0].type.count > wanted:
        vectors = [pairwise(builder, vectors[0], None)]
    return vectors[0]


def pairwise(builder: ir.IRBuilder, x: ir.Value, y: ir.Value | None) -> ir.Value:
    """The sums of neighbouring lanes: those of x, followed by those of y."""
    size = x.type.count if y is not None else x.type.count // 2
    kind = ir.VectorType(ir.IntType(32), size)
    even = builder.shuffle_vector(x, y or x, ir.Constant(kind, list(range(0, 2 * size, 2))))
    odd = builder.shuffle_vector(x, y or x, ir.Constant(kind, list(range(1, 2 * size, 2))))
    return builder.fadd(even, odd)


def accumulate(builder: ir.IRBuilder, target: Pointer, place: ir.Value, total: ir.Value, keeps: ir.Value) -> None:
    """Store sums, added to what is there where `keeps` holds."""
    with builder.if_else(keeps) as (then, otherwise):
        with then:
            target.store(place, target.load(place, total.type.count) + Register(builder, total))
        with otherwise:
            target.store(place, Register(builder, total))
