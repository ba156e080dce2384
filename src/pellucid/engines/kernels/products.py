"""The matrix products of a layer, register-blocked.

Activations lie unit-major: a row for each unit, its samples side by side, so that one register holds samples of one
unit and the same code serves 1 unit or 1000. A row is `ld` elements long, a whole number of registers.

* forward  `Z = Wᵀ A + b`  and backward  `W δ`  are both `gemm_block`: weighted sums of rows;
* the gradients  `A δᵀ`  and  `Σₛ δ`  are `gemm_nt_block` and `row_sums`: sums over the samples.

A block of sums is held in registers while the inner loop runs; its size is what the register file has room for. What
does not fit into the first cache is divided in `blocks`.
"""

from itertools import product
from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.maths.elementary import fma

from .emit import Pointer, Variable, const_i64, loop, round_up, tiles
from .jit import emitted
from .level import current
from .simd import Register


def block_sizes() -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(rows, columns) of `gemm_block`'s blocks and of `gemm_nt_block`'s: 32 registers at v4, 16 at v2 and v3."""
    if current().vector_bits == 512:
        return (6, 4, 3, 2, 1), (4, 2, 1), (3, 2, 1), (8, 4, 2, 1)
    return (6, 4, 3, 2, 1), (2, 1), (3, 2, 1), (4, 2, 1)


NO_BIAS, GO_ON = -1, -2
"""What the sums of `gemm_block` start from instead of a bias."""


def gemm_block_meaning(
    out: Any, o: int, rows: int, w: Any, w0: int, row_step: int, depth_step: int, depth: int,
    a: Any, a0: int, ld: int, count: int, bias: Any, b0: int,
) -> None:  # fmt: skip
    """out[r, s] = start + Σₖ w[w0 + r·row_step + k·depth_step] · a[k, s]; start is bias[b0 + r], or 0 where b0 is
    NO_BIAS, or what `out` holds where b0 is GO_ON."""
    weights = w[w0 + np.arange(rows)[:, None] * row_step + np.arange(depth) * depth_step]
    inputs = a[a0 : a0 + depth * ld].reshape(depth, ld)[:, :count]
    target = out[o : o + rows * ld].reshape(rows, ld)[:, :count]
    with np.errstate(all="ignore"):
        sums = weights @ inputs
        if b0 == GO_ON:
            sums += target
        elif b0 != NO_BIAS:
            sums += bias[b0 : b0 + rows, None]
    target[:] = sums


@emitted("aiiaiiiiaiiiai", gemm_block_meaning)
def gemm_block(
    builder: ir.IRBuilder, out: Pointer, o: Any, rows: Any, w: Pointer, w0: Any, row_step: Any, depth_step: Any,
    depth: Any, a: Pointer, a0: Any, ld: Any, count: Any, bias: Pointer, b0: Any,
) -> None:  # fmt: skip
    """Weighted sums of rows: see `gemm_block_meaning`. All rows use some registers' samples, then the next."""
    target, inputs = out.span(o, rows, ld), a.span(a0, depth, ld)
    weights = w.span(w0, reach(builder, (rows, row_step), (depth, depth_step)))
    has_bias, goes_on = builder.icmp_signed(">=", b0, const_i64(0)), builder.icmp_signed("==", b0, const_i64(GO_ON))
    row_sizes, column_sizes, _, _ = block_sizes()
    width = target.lanes
    for across, column in tiles(builder, round_up(builder, count, width), tuple(c * width for c in column_sizes)):
        for height, row in tiles(builder, rows, row_sizes):
            columns = range(across // width)
            sums = [[Variable(builder, target.splat_const(0.0).value) for _ in columns] for _ in range(height)]
            places = [builder.add(builder.mul(builder.add(row, const_i64(i)), ld), column) for i in range(height)]
            with builder.if_then(has_bias):
                for i in range(height):
                    start = bias.repeated(builder.add(b0, builder.add(row, const_i64(i)))).value
                    for j in columns:
                        sums[i][j].set(start)
            with builder.if_then(goes_on):
                for i, j in product(range(height), columns):
                    sums[i][j].set(target.load(builder.add(places[i], const_i64(j * width))).value)
            corner = weights.at(builder.mul(row, row_step))
            weighted_sums(builder, sums, corner, row_step, depth_step, inputs.at(column), ld, depth)
            for i, j in product(range(height), columns):
                target.store(builder.add(places[i], const_i64(j * width)), sums[i][j].register)


def weighted_sums(
    builder: ir.IRBuilder, sums: list[list[Variable]], weights: Pointer, row_step: Any, depth_step: Any,
    inputs: Pointer, ld: Any, depth: Any,
) -> None:  # fmt: skip
    """Add to a block of sums, held in registers: sums[i][j] += Σₖ weights[i·row_step + k·depth_step] · inputs[k, j]."""
    width = inputs.lanes
    with loop(builder, depth) as k:
        line = inputs.at(builder.mul(k, ld))
        values = [line.load(const_i64(j * width)) for j in range(len(sums[0]))]
        here = weights.at(builder.mul(k, depth_step))
        for i, row in enumerate(sums):
            weight = here.repeated(builder.mul(row_step, const_i64(i)))
            for one, value in zip(row, values, strict=True):
                one.set(fma(weight, value, one.register).value)


def gemm_nt_block_meaning(
    out: Any, o: int, step: int, a: Any, a0: int, rows: int, d: Any, d0: int, columns: int, ld: int, count: int,
    keep: int,
) -> None:  # fmt: skip
    """out[o + r·step + c] = keep · the same + Σₛ a[r, s] · d[c, s], over the samples s < count, rounded up to
    registers."""
    left = a[a0 : a0 + rows * ld].reshape(rows, ld)[:, :count]
    right = d[d0 : d0 + columns * ld].reshape(columns, ld)[:, :count]
    block = np.lib.stride_tricks.as_strided(out[o:], (rows, columns), (step * out.itemsize, out.itemsize))
    with np.errstate(all="ignore"):
        block[:] = left @ right.T + (block if keep else 0)


@emitted("aiiaiiaiiiii", gemm_nt_block_meaning)
def gemm_nt_block(
    builder: ir.IRBuilder, out: Pointer, o: Any, step: Any, a: Pointer, a0: Any, rows: Any, d: Pointer, d0: Any,
    columns: Any, ld: Any, count: Any, keep: Any,
) -> None:  # fmt: skip
    """Products of rows, summed over samples: see `gemm_nt_block_meaning`."""
    target = out.span(o, reach(builder, (rows, step), (columns, const_i64(1))))
    left, right = a.span(a0, rows, ld), d.span(d0, columns, ld)
    keeps = builder.icmp_signed("!=", keep, const_i64(0))
    _, _, row_sizes, column_sizes = block_sizes()
    width = target.lanes
    stop = round_up(builder, count, width)
    for height, row in tiles(builder, rows, row_sizes):
        for across, column in tiles(builder, columns, column_sizes):
            sums = [[Variable(builder, target.splat_const(0.0).value) for _ in range(across)] for _ in range(height)]
            with loop(builder, stop, width) as s:
                above = [left.load(row_place(builder, row, i, ld, s)) for i in range(height)]
                for j in range(across):
                    value = right.load(row_place(builder, column, j, ld, s))
                    for i in range(height):
                        sums[i][j].set(fma(above[i], value, sums[i][j].register).value)
            for i in range(height):
                place = builder.add(builder.mul(builder.add(row, const_i64(i)), step), column)
                for j in range(0, across, width):
                    total = totals(builder, [sums[i][k].get() for k in range(j, min(j + width, across))])
                    accumulate(builder, target, builder.add(place, const_i64(j)), total, keeps)


def row_sums_meaning(out: Any, o: int, d: Any, d0: int, rows: int, ld: int, count: int, keep: int) -> None:
    """out[r] = keep · out[r] + Σₛ d[r, s]."""
    sums = d[d0 : d0 + rows * ld].reshape(rows, ld)[:, :count].sum(axis=1)
    out[o : o + rows] = sums + (out[o : o + rows] if keep else 0)


@emitted("aiaiiiii", row_sums_meaning)
def row_sums(
    builder: ir.IRBuilder, out: Pointer, o: Any, d: Pointer, d0: Any, rows: Any, ld: Any, count: Any, keep: Any
) -> None:
    """Sums over samples: see `row_sums_meaning`."""
    target, source = out.span(o, rows), d.span(d0, rows, ld)
    keeps = builder.icmp_signed("!=", keep, const_i64(0))
    stop = round_up(builder, count, target.lanes)
    # Some rows side by side: the additions of one would each wait for the one before.
    for height, row in tiles(builder, rows, (min(4, target.lanes), 2, 1)):
        sums = [Variable(builder, target.splat_const(0.0).value) for _ in range(height)]
        with loop(builder, stop, target.lanes) as s:
            for i, total in enumerate(sums):
                total.set((total.register + source.load(row_place(builder, row, i, ld, s))).value)
        accumulate(builder, target, row, totals(builder, [total.get() for total in sums]), keeps)


def reach(builder: ir.IRBuilder, *axes: tuple[ir.Value, ir.Value]) -> ir.Value:
    """How many elements a part of an array spans, from (length, step) of its axes."""
    last = const_i64(0)
    for length, step in axes:
        last = builder.add(last, builder.mul(builder.sub(length, const_i64(1)), step))
    return builder.add(last, const_i64(1))


def row_place(builder: ir.IRBuilder, row: ir.Value, i: int, ld: ir.Value, s: ir.Value) -> ir.Value:
    """Where sample s of row `row + i` lies."""
    return builder.add(builder.mul(builder.add(row, const_i64(i)), ld), s)


def totals(builder: ir.IRBuilder, vectors: list[ir.Value]) -> ir.Value:
    """The sum over the lanes of each of 2ᵐ vectors, as one vector of 2ᵐ lanes (at most as many as a vector has).

    Neighbours are added, those of two vectors into one vector, round after round: first neighbouring lanes within each
    128 bits, where AVX has quick shuffles, then neighbouring groups of 128 bits.
    """
    wanted, lanes = len(vectors), vectors[0].type.count
    group = 128 // (32 if isinstance(vectors[0].type.element, ir.FloatType) else 64)
    rounds = [(1, group)] * (group.bit_length() - 1) + [(group, lanes)] * ((lanes // group).bit_length() - 1)
    for size, within in rounds:
        pairs = zip(vectors[::2], vectors[1::2] or [None], strict=True)
        vectors = [neighbours(builder, x, y, size, within) for x, y in pairs]
    places = ir.Constant(ir.VectorType(ir.IntType(32), wanted), list(range(wanted)))
    return builder.shuffle_vector(vectors[0], vectors[0], places)


def neighbours(builder: ir.IRBuilder, x: ir.Value, y: ir.Value | None, size: int, within: int) -> ir.Value:
    """The sums of neighbouring groups of `size` lanes: in every `within` lanes those of x, then those of y.

    Without y, those of x are all, where they are enough to fill a whole group of 128 bits, else they come twice.
    """
    count = x.type.count
    halves = []
    for first in (0, size):
        places = []
        for start in range(0, count, within):
            own = [start + first + i + j for i in range(0, within, 2 * size) for j in range(size)]
            places += own if y is None and size > 1 else own + [place + (0 if y is None else count) for place in own]
        mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)
        halves.append(builder.shuffle_vector(x, x if y is None else y, mask))
    return builder.fadd(*halves)


def accumulate(builder: ir.IRBuilder, target: Pointer, place: ir.Value, total: ir.Value, keeps: ir.Value) -> None:
    """Store sums, added to what is there where `keeps` holds."""
    with builder.if_else(keeps) as (then, otherwise):
        with then:
            target.store(place, target.load(place, total.type.count) + Register(builder, total))
        with otherwise:
            target.store(place, Register(builder, total))
