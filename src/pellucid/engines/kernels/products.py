"""The three matrix products of a layer, register-blocked, for the small layers on which a call of BLAS costs too much.

Activations lie unit-major: a row for each unit, its samples side by side, so that one register holds samples of one unit
and the same code serves 1 unit or 1000. A row is `lead` elements long, a whole number of registers.

* forward  `Z = Wᵀ A + b`  and backward  `W δ`  are both `combine`: weighted sums of rows;
* the gradient  `A δᵀ`  is `correlate`: sums over the samples of products of two rows.

A block of sums is held in registers while the inner loop runs; its size is what the register file has room for.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from .emit import INDEX, Pointer, Variable, pointer, spread, steps, tiles, whole
from .jit import check_bounds, emitted
from .level import current
from .simd import Register, fma


def block_sizes() -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(rows, columns) of `combine`'s blocks and of `correlate`'s: 32 registers at v4, 16 at v2 and v3."""
    if current().vector_bits == 512:
        return (6, 4, 3, 2, 1), (4, 2, 1), (3, 2, 1), (8, 4, 2, 1)
    return (4, 3, 2, 1), (2, 1), (3, 2, 1), (4, 2, 1)


def combine_meaning(
    out: Any, o: int, rows: int, w: Any, w0: int, row_step: int, depth_step: int, depth: int,
    a: Any, a0: int, lead: int, count: int, bias: Any, b0: int,
) -> None:  # fmt: skip
    """out[r, s] = Σₖ w[w0 + r·row_step + k·depth_step] · a[k, s] + bias[b0 + r]; no bias where b0 < 0."""
    weights = w[w0 + np.arange(rows)[:, None] * row_step + np.arange(depth) * depth_step]
    inputs = a[a0 : a0 + depth * lead].reshape(depth, lead)[:, :count]
    sums = weights @ inputs
    if b0 >= 0:
        sums += bias[b0 : b0 + rows, None]
    out[o : o + rows * lead].reshape(rows, lead)[:, :count] = sums


@emitted(combine_meaning)
def combine(
    typing_context: Any, out: Any, o: Any, rows: Any, w: Any, w0: Any, row_step: Any, depth_step: Any, depth: Any,
    a: Any, a0: Any, lead: Any, count: Any, bias: Any, b0: Any,
) -> Any:  # fmt: skip
    n = types.int64

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Sequence[ir.Value]) -> ir.Value:
        out, o, rows, w, w0, row_step, depth_step, depth, a, a0, lead, count, bias, b0 = arguments
        kinds = signature.args
        check_bounds(context, builder, kinds[0], out, o, builder.add(o, builder.mul(rows, lead)))
        check_bounds(context, builder, kinds[8], a, a0, builder.add(a0, builder.mul(depth, lead)))
        target = pointer(context, builder, kinds[0], out).at(o)
        weights = pointer(context, builder, kinds[3], w).at(w0)
        inputs = pointer(context, builder, kinds[8], a).at(a0)
        biases = pointer(context, builder, kinds[12], bias)
        has_bias = builder.icmp_signed(">=", b0, whole(0))
        row_sizes, column_sizes, _, _ = block_sizes()
        width = target.lanes
        for height, row in tiles(builder, rows, row_sizes):
            first = Variable(builder, target.element)
            starts = []
            for i in range(height):
                first.set(ir.Constant(target.element, 0.0))
                with builder.if_then(has_bias):
                    first.set(biases.scalar(builder.add(b0, builder.add(row, whole(i)))))
                starts.append(first.get())
            corner = weights.at(builder.mul(row, row_step))
            stop = builder.mul(builder.sdiv(builder.add(count, whole(width - 1)), whole(width)), whole(width))
            for columns, column in tiles(builder, stop, tuple(c * width for c in column_sizes)):
                across = columns // width
                sums = [[Variable(builder, target.vector()) for _ in range(across)] for _ in range(height)]
                for i, j in product(range(height), range(across)):
                    sums[i][j].set(spread(builder, starts[i], width).value)
                counter = Variable(builder, INDEX)
                counter.set(whole(0))
                with steps(builder, counter, depth, 1) as k:
                    line = inputs.at(builder.add(builder.mul(k, lead), column))
                    values = [line.load(whole(j * width)) for j in range(across)]
                    here = corner.at(builder.mul(k, depth_step))
                    for i in range(height):
                        weight = here.repeated(builder.mul(row_step, whole(i)))
                        for j in range(across):
                            sums[i][j].set(fma(weight, values[j], Register(builder, sums[i][j].get())).value)
                for i, j in product(range(height), range(across)):
                    place = builder.add(builder.mul(builder.add(row, whole(i)), lead), column)
                    target.store(builder.add(place, whole(j * width)), Register(builder, sums[i][j].get()))
        return context.get_dummy_value()

    return types.void(out, n, n, w, n, n, n, n, a, n, n, n, bias, n), generate


def correlate_meaning(
    out: Any, o: int, a: Any, a0: int, rows: int, d: Any, d0: int, columns: int, lead: int, count: int, keep: int
) -> None:
    """out[r, c] = keep · out[r, c] + Σₛ a[r, s] · d[c, s], over s < count."""
    left = a[a0 : a0 + rows * lead].reshape(rows, lead)[:, :count]
    right = d[d0 : d0 + columns * lead].reshape(columns, lead)[:, :count]
    block = out[o : o + rows * columns].reshape(rows, columns)
    block[:] = left @ right.T + (block if keep else 0)


@emitted(correlate_meaning)
def correlate(
    typing_context: Any, out: Any, o: Any, a: Any, a0: Any, rows: Any, d: Any, d0: Any, columns: Any, lead: Any,
    count: Any, keep: Any,
) -> Any:  # fmt: skip
    n = types.int64

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Sequence[ir.Value]) -> ir.Value:
        out, o, a, a0, rows, d, d0, columns, lead, count, keep = arguments
        kinds = signature.args
        check_bounds(context, builder, kinds[0], out, o, builder.add(o, builder.mul(rows, columns)))
        check_bounds(context, builder, kinds[2], a, a0, builder.add(a0, builder.mul(rows, lead)))
        check_bounds(context, builder, kinds[5], d, d0, builder.add(d0, builder.mul(columns, lead)))
        target = pointer(context, builder, kinds[0], out).at(o)
        left = pointer(context, builder, kinds[2], a).at(a0)
        right = pointer(context, builder, kinds[5], d).at(d0)
        keeps = builder.icmp_signed("!=", keep, whole(0))
        _, _, row_sizes, column_sizes = block_sizes()
        width = target.lanes
        stop = builder.mul(builder.sdiv(builder.add(count, whole(width - 1)), whole(width)), whole(width))
        for height, row in tiles(builder, rows, row_sizes):
            for across, column in tiles(builder, columns, column_sizes):
                sums = [[Variable(builder, target.vector()) for _ in range(across)] for _ in range(height)]
                for i, j in product(range(height), range(across)):
                    sums[i][j].set(target.zero().value)
                counter = Variable(builder, INDEX)
                counter.set(whole(0))
                with steps(builder, counter, stop, width) as s:
                    above = [left.load(row_start(builder, row, i, lead, s)) for i in range(height)]
                    for j in range(across):
                        value = right.load(row_start(builder, column, j, lead, s))
                        for i in range(height):
                            sums[i][j].set(fma(above[i], value, Register(builder, sums[i][j].get())).value)
                for i in range(height):
                    place = builder.add(builder.mul(builder.add(row, whole(i)), columns), column)
                    for j in range(0, across, width):
                        total = totals(builder, [sums[i][k].get() for k in range(j, min(j + width, across))])
                        write(builder, target, builder.add(place, whole(j)), total, keeps)
        return context.get_dummy_value()

    return types.void(out, n, a, n, n, d, n, n, n, n, n), generate


def row_start(builder: ir.IRBuilder, row: ir.Value, i: int, lead: ir.Value, s: ir.Value) -> ir.Value:
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
        vectors = [pairwise(builder, vectors[0])]
    return vectors[0]


def pairwise(builder: ir.IRBuilder, x: ir.Value, y: ir.Value | None = None) -> ir.Value:
    """The sums of neighbouring lanes: those of x, followed by those of y."""
    size = x.type.count if y is not None else x.type.count // 2
    kind = ir.VectorType(ir.IntType(32), size)
    even = builder.shuffle_vector(x, y or x, ir.Constant(kind, list(range(0, 2 * size, 2))))
    odd = builder.shuffle_vector(x, y or x, ir.Constant(kind, list(range(1, 2 * size, 2))))
    return builder.fadd(even, odd)


def write(builder: ir.IRBuilder, target: Pointer, place: ir.Value, total: ir.Value, keeps: ir.Value) -> None:
    """Store sums, added to what is there where `keeps` holds."""
    count = total.type.count
    with builder.if_else(keeps) as (then, otherwise):
        with then:
            target.store(place, target.load(place, count) + Register(builder, total))
        with otherwise:
            target.store(place, Register(builder, total))
