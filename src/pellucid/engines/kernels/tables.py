"""Elementwise work chosen by an integer code: one formula of a table, run over whole arrays.

The formulas are plain functions of registers (see `pellucid.maths.elementary`). The choice is made once, outside the
loop; each formula gets a loop of its own. So a new activation or update rule is one more entry in a table and nothing
else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from llvmlite import ir

from pellucid.engines.formulas import Formula
from pellucid.maths.elementary import select

from .emit import Pointer, Variable, const_i64, lane_sum, loop, round_up
from .jit import emitted
from .simd import Register

Body = Callable[[ir.Value], None]


def one_of(
    builder: ir.IRBuilder, code: ir.Value, stop: ir.Value, width: int, cases: Sequence[tuple[str, Callable[[], Body]]]
) -> None:
    """Run the case with number `code` for each register of 0 … stop − 1; nothing for a number that is none.

    A case is a name and a function that writes what comes before its loop and returns what writes one turn of it.
    """
    done, unknown = builder.append_basic_block("done"), builder.append_basic_block("unknown")
    switch = builder.switch(code, unknown)
    for number, (name, begin) in enumerate(cases):
        block = builder.append_basic_block(name)
        switch.add_case(const_i64(number), block)
        builder.position_at_end(block)
        body = begin()
        with loop(builder, stop, width) as here:
            body(here)
        builder.branch(done)
    builder.position_at_end(unknown)
    builder.branch(done)
    builder.position_at_end(done)


def put(out: Pointer, here: ir.Value, result: Any) -> None:
    """Store what a formula gave: a register, a plain number, or None, which leaves the array as it is."""
    if result is not None:
        out.store(here, result if isinstance(result, Register) else out.splat_const(result))


def table(formulas: Sequence[Callable[..., Any]], *, outputs: int, inputs: int, parameters: int) -> Callable[..., Any]:
    """A function `apply(code, count, *outputs, *inputs, *parameters)`.

    An output or input is an array and an offset; a parameter is a number. For formula f = formulas[code] and i in
    0 … count − 1: `outputs[i] = f(inputs[i]…, parameters…)`, a tuple where there is more than one output; None in it
    leaves that output as it is. An output may be one of the inputs.
    Whole registers are read and written: arrays must reach to a multiple of them.
    """
    last = 2 * (outputs + inputs)

    def meaning(code: int, count: int, *operands: Any) -> None:
        if not 0 <= code < len(formulas):
            return
        arrays = [operands[i][operands[i + 1] : operands[i + 1] + count] for i in range(0, last, 2)]
        compute(formulas[code], arrays, outputs, operands[last:])

    @emitted("ii" + "ai" * (outputs + inputs) + "f" * parameters, meaning)
    def apply(builder: ir.IRBuilder, code: ir.Value, count: ir.Value, *operands: Any) -> None:
        stop = round_up(builder, count, operands[0].lanes)
        arrays = [operands[i].span(operands[i + 1], stop) for i in range(0, last, 2)]
        numbers = [arrays[0].splat(number) for number in operands[last:]]
        cases = [(f.__name__, partial(each, f, arrays, outputs, numbers)) for f in formulas]
        one_of(builder, code, stop, arrays[0].lanes, cases)

    return apply


def table_with_options(formulas: Sequence[Formula], *, outputs: int, inputs: int) -> Callable[..., Any]:
    """`table`, but each formula takes as many options as it has, from an array of doubles:
    `apply(code, count, *outputs, *inputs, options, offset)`.
    """
    last = 2 * (outputs + inputs)

    def meaning(code: int, count: int, *operands: Any) -> None:
        if not 0 <= code < len(formulas):
            return
        arrays = [operands[i][operands[i + 1] : operands[i + 1] + count] for i in range(0, last, 2)]
        options, place = operands[last:]
        compute(formulas[code].function, arrays, outputs, options[place : place + formulas[code].numbers])

    @emitted("ii" + "ai" * (outputs + inputs + 1), meaning)
    def apply(builder: ir.IRBuilder, code: ir.Value, count: ir.Value, *operands: Any) -> None:
        stop = round_up(builder, count, operands[0].lanes)
        arrays = [operands[i].span(operands[i + 1], stop) for i in range(0, last, 2)]
        options, place = operands[last:]

        def begin(formula: Formula) -> Body:
            return each(formula.function, arrays, outputs, in_every_lane(formula, arrays[0], options, place))

        one_of(builder, code, stop, arrays[0].lanes, [(f.name, partial(begin, f)) for f in formulas])

    return apply


def compute(formula: Callable[..., Any], arrays: Sequence[Any], outputs: int, numbers: Sequence[float]) -> None:
    """A formula of NumPy arrays, the first of which are its outputs."""
    kind = arrays[0].dtype.type
    with np.errstate(all="ignore"):
        results = formula(*(array.copy() for array in arrays[outputs:]), *(kind(number) for number in numbers))
    for out, result in zip(arrays, results if isinstance(results, tuple) else (results,), strict=False):
        if result is not None:
            out[:] = result


def each(formula: Callable[..., Any], arrays: Sequence[Pointer], outputs: int, numbers: Sequence[Register]) -> Body:
    """One turn of a formula's loop."""

    def body(here: ir.Value) -> None:
        results = formula(*(array.load(here) for array in arrays[outputs:]), *numbers)
        for out, result in zip(arrays, results if isinstance(results, tuple) else (results,), strict=False):
            put(out, here, result)

    return body


def in_every_lane(formula: Formula, like: Pointer, numbers: Pointer, place: ir.Value) -> list[Register]:
    """The numbers of a formula, as registers of the elements of `like`."""
    if not formula.numbers:
        return []
    here = numbers.span(place, const_i64(formula.numbers))
    return [like.splat(here.scalar(const_i64(i))) for i in range(formula.numbers)]


def update_table(formulas: Sequence[Formula]) -> Callable[..., Any]:
    """A function `apply(code, count, theta, t0, gradient, g0, state, s0, stride, numbers, n0)` that takes one step.

    `state` holds a rule's vectors, each `stride` elements after the one before; rule f = formulas[code] gives
    (θ, vectors…) = f(θ, g, vectors…, numbers…), and leaves as they are the vectors that it gives no value for.
    """

    def meaning(
        code: int, count: int, theta: Any, t0: int, gradient: Any, g0: int, state: Any, s0: int, stride: int,
        numbers: Any, n0: int,
    ) -> None:  # fmt: skip
        if not 0 <= code < len(formulas):
            return
        formula = formulas[code]
        vectors = [state[s : s + count] for s in (s0 + i * stride for i in range(formula.vectors))]
        target, slope = theta[t0 : t0 + count], gradient[g0 : g0 + count]
        arrays = [target, *vectors, target, slope, *vectors]
        compute(formula.function, arrays, 1 + len(vectors), numbers[n0 : n0 + formula.numbers])

    @emitted("iiaiaiaiiai", meaning)
    def apply(
        builder: ir.IRBuilder, code: ir.Value, count: ir.Value, theta: Pointer, t0: Any, gradient: Pointer, g0: Any,
        state: Pointer, s0: Any, stride: Any, numbers: Pointer, n0: Any,
    ) -> None:  # fmt: skip
        stop = round_up(builder, count, theta.lanes)
        target, slope = theta.span(t0, stop), gradient.span(g0, stop)

        def begin(formula: Formula) -> Body:
            places = [builder.add(s0, builder.mul(const_i64(i), stride)) for i in range(formula.vectors)]
            vectors = [state.span(place, stop) for place in places]
            given = in_every_lane(formula, theta, numbers, n0)

            def body(here: ir.Value) -> None:
                results = formula.function(
                    target.load(here), slope.load(here), *(vector.load(here) for vector in vectors), *given
                )
                for out, result in zip((target, *vectors), results, strict=False):
                    put(out, here, result)

            return body

        one_of(builder, code, stop, theta.lanes, [(f.name, partial(begin, f)) for f in formulas])

    return apply


def penalty_table(formulas: Sequence[Formula]) -> Callable[..., Any]:
    """A function `penalize(code, count, g, g0, theta, t0, penalized, m0, options, o0, batch_fraction)`.

    For penalty f = formulas[code] and (P, P′) = f(θ, options…): g += batch_fraction · P′ where `penalized` is 1, and
    the sum of P over these elements is returned. An element where it is 0 (a bias) adds nothing.
    """

    def meaning(
        code: int, count: int, g: Any, g0: int, theta: Any, t0: int, penalized: Any, m0: int, options: Any, o0: int,
        batch_fraction: float,
    ) -> float:  # fmt: skip
        if not 0 <= code < len(formulas):
            return 0.0
        kind = theta.dtype.type
        numbers = [kind(number) for number in options[o0 : o0 + formulas[code].numbers]]
        acts = penalized[m0 : m0 + count] > 0
        with np.errstate(all="ignore"):
            value, slope = formulas[code].function(theta[t0 : t0 + count].copy(), *numbers)
            g[g0 : g0 + count] += kind(batch_fraction) * np.where(acts, slope, kind(0))
            return float(np.where(acts, value, kind(0)).sum())

    @emitted("iiaiaiaiaif", meaning, returns=True)
    def penalize(
        builder: ir.IRBuilder, code: ir.Value, count: ir.Value, g: Pointer, g0: Any, theta: Pointer, t0: Any,
        penalized: Pointer, m0: Any, options: Pointer, o0: Any, batch_fraction: Any,
    ) -> ir.Value:  # fmt: skip
        stop = round_up(builder, count, theta.lanes)
        gradient, weights, mask = g.span(g0, stop), theta.span(t0, stop), penalized.span(m0, stop)
        fraction, total = theta.splat(batch_fraction), Variable(builder, theta.splat_const(0.0).value)

        def begin(formula: Formula) -> Body:
            numbers = in_every_lane(formula, theta, options, o0)

            def body(here: ir.Value) -> None:
                value, slope = formula.function(weights.load(here), *numbers)
                acts = mask.load(here) > 0.0
                gradient.store(here, gradient.load(here) + fraction * select(acts, as_register(slope), 0.0))
                # Fenced, so that a penalty's last product is rounded before it is added, whatever it is made of.
                total.set((total.register + select(acts, as_register(value).fenced(), 0.0)).value)

            return body

        def as_register(number: Any) -> Register:
            return number if isinstance(number, Register) else theta.splat_const(number)

        one_of(builder, code, stop, theta.lanes, [(f.name, partial(begin, f)) for f in formulas])
        return lane_sum(total.register)

    return penalize
