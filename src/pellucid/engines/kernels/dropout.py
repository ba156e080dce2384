"""Dropout masks: the counter-based hash of `pellucid.maths.dropout`, a register at a time."""

from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.maths.dropout import _fmix32, mask_keys

from .emit import Pointer, const_i64, loop, round_up
from .jit import emitted
from .simd import Register

WORD = ir.IntType(32)


def drop_meaning(
    a: Any, a0: int, mask: Any, m0: int, h: Any, h0: int, units: int, ld: int, count: int, row: int, seed: int,
    step: int, layer: int, threshold: int, scale: float,
) -> None:  # fmt: skip
    """mask[u, s] = `scale` where the hash of element (row + s)·units + u reaches `threshold`, else 0; a = h · mask."""
    first, second = mask_keys(int(seed), int(step), int(layer))
    samples = np.arange(row, row + ld, dtype=np.uint32)
    index = samples[None, :] * np.uint32(units) + np.arange(units, dtype=np.uint32)[:, None]
    kept = _fmix32(_fmix32(index ^ np.uint32(first)) ^ np.uint32(second)) >= np.uint32(threshold)
    block = mask[m0 : m0 + units * ld].reshape(units, ld)
    block[:] = kept * mask.dtype.type(scale)
    a[a0 : a0 + units * ld] = h[h0 : h0 + units * ld] * block.ravel()


@emitted("aiaiaiiiiiiiiif", drop_meaning)
def drop(
    builder: ir.IRBuilder, a: Pointer, a0: Any, mask: Pointer, m0: Any, h: Pointer, h0: Any, units: Any, ld: Any,
    count: Any, row: Any, seed: Any, step: Any, layer: Any, threshold: Any, scale: Any,
) -> None:  # fmt: skip
    """Draw a layer's mask and apply it: see `drop_meaning`."""
    A, M, H = a.span(a0, units, ld), mask.span(m0, units, ld), h.span(h0, units, ld)
    width = A.lanes
    state = seed
    for number in (step, layer):
        state = splitmix64(builder, builder.xor(state, splitmix64(builder, number)))
    first = words(builder, builder.trunc(state, WORD), width)
    second = words(builder, builder.trunc(builder.lshr(state, const_i64(32)), WORD), width)
    limit = words(builder, builder.trunc(threshold, WORD), width)
    units_word = words(builder, builder.trunc(units, WORD), width)
    lanes = ir.Constant(ir.VectorType(WORD, width), list(range(width)))
    kept_scale, zero = M.splat(scale), M.splat_const(0.0)
    stop = round_up(builder, count, width)
    with loop(builder, units) as u, loop(builder, stop, width) as s:
        sample = builder.add(words(builder, builder.trunc(builder.add(row, s), WORD), width), lanes)
        index = builder.add(builder.mul(sample, units_word), words(builder, builder.trunc(u, WORD), width))
        bits = fmix32(builder, builder.xor(fmix32(builder, builder.xor(index, first), width), second), width)
        kept = builder.icmp_unsigned(">=", bits, limit)
        factor = Register(builder, builder.select(kept, kept_scale.value, zero.value))
        place = builder.add(builder.mul(u, ld), s)
        M.store(place, factor)
        A.store(place, H.load(place) * factor)


def words(builder: ir.IRBuilder, word: ir.Value, count: int) -> ir.Value:
    """A 32-bit word in every lane."""
    kind = ir.VectorType(WORD, count)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), word, ir.Constant(WORD, 0))
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), ir.Constant(kind, [0] * count))


def fmix32(builder: ir.IRBuilder, h: ir.Value, count: int) -> ir.Value:
    """MurmurHash3's finalizer on every lane."""
    kind = ir.VectorType(WORD, count)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = builder.xor(h, builder.lshr(h, ir.Constant(kind, [shift] * count)))
        h = builder.mul(h, ir.Constant(kind, [factor] * count))
    return builder.xor(h, builder.lshr(h, ir.Constant(kind, [16] * count)))


def splitmix64(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """One step of SplitMix64, modulo 2⁶⁴."""
    x = builder.add(x, const_i64(0x9E3779B97F4A7C15))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = builder.mul(builder.xor(x, builder.lshr(x, const_i64(shift))), const_i64(factor))
    return builder.xor(x, builder.lshr(x, const_i64(31)))
