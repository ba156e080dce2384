"""One neuron's story, one weight's story: the same step, told for a single unit and a single sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.explanation.document import Block, Formula, Heading, Prose, table
from pellucid.explanation.numbers import as_latex, shown
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import symbol, with_options
from pellucid.explanation.views import upper

MANY = 4
"""Of a sum of more parts than this, only the weightiest are written out: a line holds no more."""

MANY_ROWS = 8
"""The same for the rows of a table."""


def check_index(name: str, value: int, size: int) -> int:
    """A whole number from 0 to size − 1, or an error that says so."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not 0 <= value < size:
        raise IndexError(f"{name} must be a whole number from 0 to {size - 1}, got {value!r}")
    return int(value)


def node(step: Step, layer: int, unit: int, sample: int, digits: int) -> list[Block]:
    """What a unit was given, what it made of it, who blames it and for how much."""
    layers, passed, last = step.network.layers, step.passed, len(step.network.layers) - 1
    me = layers[check_index("layer", layer, len(layers))]
    unit, sample = check_index("unit", unit, me.units), check_index("sample", sample, len(step.X))

    def say(value: float) -> str:
        return as_latex(shown(value, digits))

    seen, w, b = passed.inputs_of(layer)[sample], me.W[:, unit], float(me.b[unit])
    z, h, a = (float(arrays[layer][sample, unit]) for arrays in (passed.Z, passed.H, passed.A))
    delta = step.gradient.deltas[layer]
    source = "x" if layer == 0 else upper("a", layer - 1)
    Z, A, D = (upper(letter, layer) for letter in ("z", "a", r"\delta"))
    sent = _products(seen, w, say)
    rest = r" + \cdots" if len(seen) > MANY else ""
    f = me.activation
    blocks: list[Block] = [
        Heading(f"Unit {unit} of layer {layer + 1}, sample {sample}", 1),
        Prose(f"It takes what the {len(seen)} units before it say, each times a weight, and adds its bias:"),
        Formula(rf"{Z}_{{{unit}}} = \sum_i {source}_i\, w_{{i{unit}}} + b_{{{unit}}}"),
        Formula(rf"{Z}_{{{unit}}} = {' + '.join(sent)}{rest} + {_signed(b, say)} = {say(z)}"),
        Prose(f"Its activation is {f.name}{with_options(f)}, $f(z) = {f.formula}$:"),
        Formula(rf"{A}_{{{unit}}} = f({say(z)}) = {say(h)}"),
    ]
    if a != h or (passed.masks is not None and passed.masks[layer] is not None):
        blocks.append(Prose(f"Dropout turns that into ${say(a)}$ in this step."))
    here = float(delta[sample, unit])
    blocks.append(Heading("Its part in the loss", 3))
    if layer == last:
        blocks += [
            Prose(
                f"It is an answer: the target is ${say(step.Y[sample, unit])}$. The loss changes with its "
                "pre-activation by"
            ),
            Formula(rf"{D}_{{{unit}}} = \frac{{\partial J}}{{\partial {Z}_{{{unit}}}}} = {say(here)}"),
        ]
    else:
        above, W = step.gradient.deltas[layer + 1][sample], layers[layer + 1].W[unit]
        with np.errstate(all="ignore"):
            slope = float(f.derivative(passed.Z[layer], passed.H[layer])[sample, unit])
        mask = None if passed.masks is None else passed.masks[layer]
        silent = "" if mask is None else rf"\,m_{{{unit}}}"
        kept = "" if mask is None else rf" \cdot {say(float(mask[sample, unit]))}"
        blame = _products(above, W, say)
        more = r" + \cdots" if len(W) > MANY else ""
        up = upper(r"\delta", layer + 1)
        blocks += [
            Prose("Every unit above passes its δ down through the weight between them; the slope of f lets it in:"),
            Formula(rf"{D}_{{{unit}}} = f'({Z}_{{{unit}}}){silent} \sum_k {up}_k\, w_{{{unit}k}}"),
            Formula(rf"f'(z) = {f.derivative_formula},\quad f'({say(z)}) = {say(slope)}"),
            Formula(rf"{D}_{{{unit}}} = {say(slope)}{kept} \cdot ({' + '.join(blame)}{more}) = {say(here)}"),
        ]
    blocks.append(Prose(_direction(here)))
    return blocks


def edge(step: Step, layer: int, i: int, j: int, digits: int) -> list[Block]:
    """What a weight carries, how its gradient comes about, and what the step does to it."""
    layers, passed = step.network.layers, step.passed
    me = layers[check_index("layer", layer, len(layers))]
    i, j = check_index("i", i, me.n_inputs), check_index("j", j, me.units)

    def say(value: float) -> str:
        return as_latex(shown(value, digits))

    A, D = passed.inputs_of(layer)[:, i], step.gradient.deltas[layer][:, j]
    w, g = float(me.W[i, j]), float(step.gradient.layers[layer][0][i, j])
    after = float(step.after.layers[layer].W[i, j])
    source = "x" if layer == 0 else upper("a", layer - 1)
    picked = _weightiest(A * D, MANY_ROWS)
    W = rf"{upper('w', layer)}_{{{i}{',' if max(i, j) > 9 else ''}{j}}}"
    penalty = step.objective.penalty
    pull = 0.0 if penalty is None else float(penalty.gradient(me.W)[i, j])
    tail = "" if penalty is None else " + P'(w)"
    from_where = f"input {i}" if layer == 0 else f"unit {i} of layer {layer}"
    blocks: list[Block] = [
        Heading(f"The weight from {from_where} to unit {j} of layer {layer + 1}", 1),
        Prose(f"It is ${W} = {say(w)}$: what it is given arrives multiplied by that."),
        Heading("Its gradient", 3),
        Prose("For each sample, what came in times the δ of the unit it leads to; all samples share the weight, so"),
        Formula(
            rf"\frac{{\partial J}}{{\partial {W}}} = \sum_n {source}_{{n{i}}}\,"
            rf"{upper(chr(92) + 'delta', layer)}_{{n{j}}}{tail}"
        ),
        table(
            ("sample n", f"${source}_{{n{i}}}$", f"${upper(chr(92) + 'delta', layer)}_{{n{j}}}$"),
            [(f"{n}", shown(A[n], digits), shown(D[n], digits)) for n in picked],
            right=(0, 1, 2),
        ),
    ]
    if len(A) > MANY_ROWS:
        blocks.append(Prose(f"(The {MANY_ROWS} weightiest of {len(A)} samples.)"))
    if penalty is not None:
        blocks.append(Prose(f"The penalty adds $P'(w) = {penalty.gradient_formula} = {say(pull)}$."))
    blocks += [
        Formula(rf"\frac{{\partial J}}{{\partial {W}}} = {say(g)}"),
        Prose(_direction(g)),
        Heading("The step", 3),
        Formula(step.rule.formula),
        *_state(step, layer, i, j, digits),
        Formula(rf"{W}:\quad {say(w)} \;\rightarrow\; {say(after)}"),
    ]
    return blocks


def _state(step: Step, layer: int, i: int, j: int, digits: int) -> list[Block]:
    group = next(group for group in step.network.groups if group.layer == layer and group.name == "W")
    rate = [] if step.rate is None else [f"${symbol('learning_rate')} = {as_latex(shown(step.rate, digits))}$"]
    state = [
        f"${symbol(name)} = {as_latex(shown(group.of(array)[i, j], digits))}$"
        for name, array in step.state_after.items()
        if array.shape == step.network.theta.shape and name != "decayed"
    ]
    return [Prose(f"With {', '.join(rate + state)}.")] if rate or state else []


def _weightiest(parts: np.ndarray, most: int = MANY) -> list[int]:
    """The largest parts of a sum, in their order."""
    order = np.argsort(-np.abs(np.nan_to_num(parts)), kind="stable")[:most]
    return sorted(int(i) for i in order)


def _products(first: np.ndarray, second: np.ndarray, say: Callable[[float], str]) -> list[str]:
    """a · b of the largest parts, with a minus in brackets unless it begins the sum."""
    picked = _weightiest(first * second)
    left = [say(first[i]) if n == 0 else _signed(first[i], say) for n, i in enumerate(picked)]
    return [rf"{a} \cdot {_signed(second[i], say)}" for a, i in zip(left, picked, strict=True)]


def _signed(value: float, say: Callable[[float], str]) -> str:
    text = say(value)
    return f"({text})" if text.startswith("-") else text


def _direction(slope: float) -> str:
    if slope == 0:
        return "It is 0: a small change here changes nothing."
    return f"It is {'positive' if slope > 0 else 'negative'}: {'less' if slope > 0 else 'more'} of it lowers the loss."
