"""What is done once for each batch at the last layer: softmax, totals of the loss, and the metric's tally.

Outputs A, pre-activations Z, targets Y and δ lie unit-major, a row of `ld` samples for each of the k outputs; `w` is
one row, the sample weights, 0 where a row is padded. Whole registers of samples are worked on; k is a loop.
"""

from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.maths.elementary import equals, exp, indicator, log, maximum, select

from .emit import Pointer, Variable, const_i64, lane_sum, loop, round_up
from .jit import emitted


def rows_of(array: Any, start: int, rows: int, ld: int, count: int) -> Any:
    """A unit-major block as a matrix (rows, count), for the plain-Python meanings."""
    return array[start : start + rows * ld].reshape(rows, ld)[:, :count]


def cross_entropy_meaning(
    d: Any, d0: int, z: Any, z0: int, y: Any, y0: int, labels: Any, l0: int, w: Any, w0: int, k: int, ld: int,
    count: int, scale: float, sums: Any, s0: int,
) -> None:  # fmt: skip
    """δ = w·scale·(softmax(Z) − Y); sums[s0] += Σ w ℓ, ℓ = ln Σⱼ e^{zⱼ} − Σⱼ yⱼ zⱼ;
    sums[s0 + 1] += Σ w [argmax = label]."""
    Z, Y = rows_of(z, z0, k, ld, count), rows_of(y, y0, k, ld, count)
    weight = w[w0 : w0 + count]
    with np.errstate(all="ignore"):
        shifted = np.maximum(Z - Z.max(axis=0), np.finfo(Z.dtype).min)
        E = np.exp(shifted)
        total = E.sum(axis=0)
        rows_of(d, d0, k, ld, count)[:] = (E / total - Y) * (weight * weight.dtype.type(scale))
        sums[s0] += (weight * (np.log(total) - (Y * shifted).sum(axis=0))).sum()
        sums[s0 + 1] += weight[E.argmax(axis=0) == labels[l0 : l0 + count]].sum()


@emitted("aiaiaiaiaiiiifai", cross_entropy_meaning)
def cross_entropy(
    builder: ir.IRBuilder, d: Pointer, d0: Any, z: Pointer, z0: Any, y: Pointer, y0: Any, labels: Pointer, l0: Any,
    w: Pointer, w0: Any, k: Any, ld: Any, count: Any, scale: Any, sums: Pointer, s0: Any,
) -> None:  # fmt: skip
    """Softmax, cross-entropy, its δ and the accuracy in one pass: see `cross_entropy_meaning`."""
    delta, Z, Y = d.span(d0, k, ld), z.span(z0, k, ld), y.span(y0, k, ld)
    stop = round_up(builder, count, delta.lanes)
    truth, weight = labels.span(l0, stop), w.span(w0, stop)
    out = sums.span(s0, const_i64(2))
    lowest = -1.7976931348623157e308 if delta.bytes == 8 else -3.4028234663852886e38
    loss, right = (Variable(builder, delta.splat_const(0.0).value) for _ in range(2))
    factor = delta.splat(scale)
    with loop(builder, stop, delta.lanes) as s:
        largest = Variable(builder, Z.load(s).value)
        with loop(builder, k) as j:
            largest.set(maximum(largest.register, Z.load(builder.add(builder.mul(j, ld), s))).value)
        total, fit, best, answer, index = (
            Variable(builder, delta.splat_const(x).value) for x in (0.0, 0.0, -1.0, 0.0, 0.0)
        )
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            shifted = maximum(Z.load(place) - largest.register, lowest)
            e = exp(shifted)
            delta.store(place, e)
            total.set((total.register + e).value)
            fit.set((fit.register + Y.load(place) * shifted).value)
            better = e > best.register
            answer.set(select(better, index.register, answer.register).value)
            best.set(select(better, e, best.register).value)
            index.set((index.register + 1.0).value)
        weights = weight.load(s)
        loss.set((loss.register + weights * (log(total.register) - fit.register)).value)
        hit = indicator(equals(answer.register, truth.load(s)), weights)
        right.set((right.register + weights * hit).value)
        share, scaled = 1.0 / total.register, weights * factor
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            delta.store(place, (delta.load(place) * share - Y.load(place)) * scaled)
    for i, sum_ in enumerate((loss, right)):
        out.write(const_i64(i), builder.fadd(out.scalar(const_i64(i)), lane_sum(sum_.register)))


def softmax_meaning(a: Any, a0: int, z: Any, z0: int, k: int, ld: int, count: int) -> None:
    """A = e^{z − max z} over its sum, sample by sample."""
    Z = rows_of(z, z0, k, ld, count)
    with np.errstate(all="ignore"):
        E = np.exp(Z - Z.max(axis=0))
        rows_of(a, a0, k, ld, count)[:] = E / E.sum(axis=0)


@emitted("aiaiiii", softmax_meaning)
def softmax(
    builder: ir.IRBuilder, a: Pointer, a0: Any, z: Pointer, z0: Any, k: Any, ld: Any, count: Any
) -> None:  # fmt: skip
    """Softmax over the units of each sample: see `softmax_meaning`."""
    A, Z = a.span(a0, k, ld), z.span(z0, k, ld)
    with loop(builder, round_up(builder, count, A.lanes), A.lanes) as s:
        largest, total = Variable(builder, Z.load(s).value), Variable(builder, A.splat_const(0.0).value)
        with loop(builder, k) as j:
            largest.set(maximum(largest.register, Z.load(builder.add(builder.mul(j, ld), s))).value)
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            e = exp(Z.load(place) - largest.register)
            A.store(place, e)
            total.set((total.register + e).value)
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            A.store(place, A.load(place) / total.register)


def softmax_vjp_meaning(d: Any, d0: int, a: Any, a0: int, k: int, ld: int, count: int) -> None:
    """D ← A ⊙ (D − Σⱼ Dⱼ Aⱼ)."""
    D, A = rows_of(d, d0, k, ld, count), rows_of(a, a0, k, ld, count)
    with np.errstate(all="ignore"):
        D[:] = A * (D - (D * A).sum(axis=0))


@emitted("aiaiiii", softmax_vjp_meaning)
def softmax_vjp(
    builder: ir.IRBuilder, d: Pointer, d0: Any, a: Pointer, a0: Any, k: Any, ld: Any, count: Any
) -> None:  # fmt: skip
    """The chain rule through softmax: see `softmax_vjp_meaning`."""
    D, A = d.span(d0, k, ld), a.span(a0, k, ld)
    with loop(builder, round_up(builder, count, A.lanes), A.lanes) as s:
        total = Variable(builder, A.splat_const(0.0).value)
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            total.set((total.register + D.load(place) * A.load(place)).value)
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            D.store(place, A.load(place) * (D.load(place) - total.register))


def weigh_meaning(
    d: Any, d0: int, losses: Any, v0: int, w: Any, w0: int, k: int, ld: int, count: int, scale: float, sums: Any,
    s0: int,
) -> None:  # fmt: skip
    """δ ← w·scale·δ; sums[s0] += Σ w ℓ."""
    weight = w[w0 : w0 + count]
    with np.errstate(all="ignore"):
        sums[s0] += (rows_of(losses, v0, k, ld, count) * weight).sum()
        rows_of(d, d0, k, ld, count)[:] *= weight * weight.dtype.type(scale)


@emitted("aiaiaiiiifai", weigh_meaning)
def weigh(
    builder: ir.IRBuilder, d: Pointer, d0: Any, losses: Pointer, v0: Any, w: Pointer, w0: Any, k: Any, ld: Any,
    count: Any, scale: Any, sums: Pointer, s0: Any,
) -> None:  # fmt: skip
    """Sample weights, into δ and into the total loss: see `weigh_meaning`."""
    delta, values = d.span(d0, k, ld), losses.span(v0, k, ld)
    stop = round_up(builder, count, delta.lanes)
    weight, out = w.span(w0, stop), sums.span(s0, const_i64(1))
    factor = delta.splat(scale)
    total = Variable(builder, delta.splat_const(0.0).value)
    with loop(builder, stop, delta.lanes) as s:
        weights = weight.load(s)
        scaled = weights * factor
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            total.set((total.register + weights * values.load(place)).value)
            delta.store(place, delta.load(place) * scaled)
    out.write(const_i64(0), builder.fadd(out.scalar(const_i64(0)), lane_sum(total.register)))


def squared_errors_meaning(
    sums: Any, s0: int, a: Any, a0: int, y: Any, y0: int, w: Any, w0: int, k: int, ld: int, count: int
) -> None:
    """sums[s0 + j] += Σ w (aⱼ − yⱼ)²: what R² is made of."""
    error = rows_of(a, a0, k, ld, count) - rows_of(y, y0, k, ld, count)
    with np.errstate(all="ignore"):
        sums[s0 : s0 + k] += (error * error * w[w0 : w0 + count]).sum(axis=1)


@emitted("aiaiaiaiiii", squared_errors_meaning)
def squared_errors(
    builder: ir.IRBuilder, sums: Pointer, s0: Any, a: Pointer, a0: Any, y: Pointer, y0: Any, w: Pointer, w0: Any,
    k: Any, ld: Any, count: Any,
) -> None:  # fmt: skip
    """The weighted squared error of each output: see `squared_errors_meaning`."""
    A, Y, out = a.span(a0, k, ld), y.span(y0, k, ld), sums.span(s0, k)
    stop = round_up(builder, count, A.lanes)
    weight = w.span(w0, stop)
    with loop(builder, k) as j:
        total = Variable(builder, A.splat_const(0.0).value)
        with loop(builder, stop, A.lanes) as s:
            place = builder.add(builder.mul(j, ld), s)
            error = A.load(place) - Y.load(place)
            total.set((total.register + weight.load(s) * (error * error)).value)
        out.write(j, builder.fadd(out.scalar(j), lane_sum(total.register)))


def right_answers_meaning(
    sums: Any, s0: int, a: Any, a0: int, y: Any, y0: int, w: Any, w0: int, k: int, ld: int, count: int
) -> None:
    """sums[s0] += Σ w [all outputs on the right side of ½]."""
    right = (rows_of(a, a0, k, ld, count) >= 0.5) == (rows_of(y, y0, k, ld, count) >= 0.5)
    sums[s0] += w[w0 : w0 + count][right.all(axis=0)].sum()


@emitted("aiaiaiaiiii", right_answers_meaning)
def right_answers(
    builder: ir.IRBuilder, sums: Pointer, s0: Any, a: Pointer, a0: Any, y: Pointer, y0: Any, w: Pointer, w0: Any,
    k: Any, ld: Any, count: Any,
) -> None:  # fmt: skip
    """The weight of the samples whose yes-or-no outputs are all right: see `right_answers_meaning`."""
    A, Y, out = a.span(a0, k, ld), y.span(y0, k, ld), sums.span(s0, const_i64(1))
    stop = round_up(builder, count, A.lanes)
    weight = w.span(w0, stop)
    total = Variable(builder, A.splat_const(0.0).value)
    with loop(builder, stop, A.lanes) as s:
        right = Variable(builder, weight.load(s).value)
        with loop(builder, k) as j:
            place = builder.add(builder.mul(j, ld), s)
            said, true = A.load(place), Y.load(place)
            agree = equals(indicator(said >= 0.5, said), indicator(true >= 0.5, true))
            right.set(select(agree, right.register, 0.0).value)
        total.set((total.register + right.register).value)
    out.write(const_i64(0), builder.fadd(out.scalar(const_i64(0)), lane_sum(total.register)))
