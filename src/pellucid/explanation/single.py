"""The derivation for a single unit and sample, or for a single weight or bias."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.explanation.document import Block, Formula, Heading, Prose, table
from pellucid.explanation.names import listed
from pellucid.explanation.numbers import as_latex, format_number
from pellucid.explanation.operations import from_above, is_affine
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import symbol, with_options
from pellucid.explanation.views import upper

MAX_TERMS = 4
"""Terms of a sum that are written out, the largest ones: more would not fit on a line."""

MAX_ROWS = 8
"""Rows of a table that are written out."""


def check_number(name: str, value: int, size: int) -> int:
    """Convert a number from 1 to `size` into an index from 0; IndexError if it is out of range."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not 1 <= value <= size:
        raise IndexError(f"{name} must be a whole number from 1 to {size}, got {value!r}")
    return int(value) - 1


def node(step: Step, layer: int, unit: int, sample: int, digits: int) -> list[Block]:
    """One unit for one sample: its inputs, its output, and its δ. Layer, unit and sample count from 0 here."""
    layers, forward_pass, last = step.network.layers, step.forward_pass, len(step.network.layers) - 1
    _check_affine(step, layer)
    me, number = layers[layer], unit + 1

    def tex(value: float) -> str:
        return as_latex(format_number(value, digits))

    inputs, w, b = forward_pass.inputs_of(layer)[sample], me.W[:, unit], float(me.b[unit])
    z, h, a = (float(arrays[layer][sample, unit]) for arrays in (forward_pass.Z, forward_pass.H, forward_pass.A))
    delta = step.gradient.deltas[layer]
    source = "x" if layer == 0 else upper("a", layer - 1)
    Z, A, D = (upper(letter, layer) for letter in ("z", "a", r"\delta"))
    products = _products(inputs, w, tex)
    rest = r" + \cdots" if len(inputs) > MAX_TERMS else ""
    f = me.activation
    blocks: list[Block] = [
        Heading(_capital(f"{step.names.unit(layer, unit, last)}, {step.names.sample(sample)}"), 1),
        Prose(f"It multiplies {_inputs(step, layer)} by a weight each, and adds its bias:"),
        Formula(rf"{Z}_{{{number}}} = \sum_i {source}_i\, w_{{i{number}}} + b_{{{number}}}"),
        Formula(rf"{Z}_{{{number}}} = {' + '.join(products)}{rest} + {_signed(b, tex)} = {tex(z)}"),
        Prose(f"Its activation is {f.name}{with_options(f)}, $f(z) = {f.formula}$:"),
        Formula(rf"{A}_{{{number}}} = f({tex(z)}) = {tex(h)}"),
    ]
    if a != h or (forward_pass.masks is not None and forward_pass.masks[layer] is not None):
        blocks.append(Prose(f"Dropout turns that into ${tex(a)}$ in this step."))
    here = float(delta[sample, unit])
    blocks.append(Heading("Its effect on the loss", 3))
    if layer == last:
        blocks += [
            Prose(
                f"It is an output; its target is ${tex(step.Y[sample, unit])}$. The derivative of the loss with "
                "respect to its pre-activation is"
            ),
            Formula(rf"{D}_{{{number}}} = \frac{{\partial J}}{{\partial {Z}_{{{number}}}}} = {tex(here)}"),
        ]
    else:
        with np.errstate(all="ignore"):
            slope = float(f.derivative(forward_pass.Z[layer], forward_pass.H[layer])[sample, unit])
        mask = None if forward_pass.masks is None else forward_pass.masks[layer]
        mask_symbol = "" if mask is None else rf"\,m_{{{number}}}"
        mask_value = "" if mask is None else rf" \cdot {tex(float(mask[sample, unit]))}"
        if is_affine(layers[layer + 1]):
            above, W = step.gradient.deltas[layer + 1][sample], layers[layer + 1].W[unit]
            more = r" + \cdots" if len(W) > MAX_TERMS else ""
            words = "Each unit above sends its δ back through the weight between them; their sum is multiplied by f′:"
            received = rf"\sum_k {upper(chr(92) + 'delta', layer + 1)}_k\, w_{{{number}k}}"
            in_numbers = rf"({' + '.join(_products(above, W, tex))}{more})"
        else:
            words = f"The layer above, {layers[layer + 1].title}, sends ∂J/∂a back; it is multiplied by f′:"
            received = rf"\frac{{\partial J}}{{\partial {A}_{{{number}}}}}"
            in_numbers = _signed(float(from_above(step, layer)[sample, unit]), tex)
        blocks += [
            Prose(words),
            Formula(rf"{D}_{{{number}}} = f'({Z}_{{{number}}}){mask_symbol} {received}"),
            Formula(rf"f'(z) = {f.derivative_formula},\quad f'({tex(z)}) = {tex(slope)}"),
            Formula(rf"{D}_{{{number}}} = {tex(slope)}{mask_value} \cdot {in_numbers} = {tex(here)}"),
        ]
    blocks.append(Prose(_direction(here)))
    return blocks


def _check_affine(step: Step, layer: int) -> None:
    me = step.network.layers[layer]
    if not is_affine(me):
        raise ValueError(
            f"layer {layer + 1} is a {me.title} layer, which has no weights and biases: only units, weights "
            "and biases of Dense layers can be explained singly; print the whole explanation for other layers"
        )


def edge(step: Step, layer: int, i: int | None, j: int, digits: int) -> list[Block]:
    """One weight: its value, its gradient as a sum over samples, and its update. A bias if `i` is None.

    Layer, i and j count from 0 here.
    """
    layers, forward_pass, names = step.network.layers, step.forward_pass, step.names
    _check_affine(step, layer)
    me, last = layers[layer], len(layers) - 1

    def tex(value: float) -> str:
        return as_latex(format_number(value, digits))

    D = step.gradient.deltas[layer][:, j]
    delta = rf"{upper(chr(92) + 'delta', layer)}_{{n{j + 1}}}"
    if i is None:
        A, W, source = np.ones_like(D), rf"{upper('b', layer)}_{{{j + 1}}}", ""
        w, after = float(me.b[j]), float(step.after.layers[layer].b[j])
        g = float(step.gradient.layers[layer][1][j])
        title = f"The bias of {names.unit(layer, j, last)}"
        meaning = f"It is ${W} = {tex(w)}$: a constant added to the unit's pre-activation."
        how = "A bias is a weight whose input is always 1; all samples share it, so"
    else:
        comma = "," if max(i, j) > 8 else ""
        A, W = forward_pass.inputs_of(layer)[:, i], rf"{upper('w', layer)}_{{{i + 1}{comma}{j + 1}}}"
        source = rf"{'x' if layer == 0 else upper('a', layer - 1)}_{{n{i + 1}}}"
        w, after = float(me.W[i, j]), float(step.after.layers[layer].W[i, j])
        g = float(step.gradient.layers[layer][0][i, j])
        origin = names.input(i) if layer == 0 else names.unit(layer - 1, i, last)
        title = f"The weight from {origin} to {names.unit(layer, j, last)}"
        meaning = f"It is ${W} = {tex(w)}$: it multiplies its input."
        how = "For each sample: its input times the δ of the unit that it leads to; all samples share the weight, so"
    picked = _largest(A * D, MAX_ROWS)
    penalty = None if i is None else step.objective.penalty  # biases are not penalised
    tail = "" if penalty is None else " + P'(w)"
    columns = ["sample n", f"${source}$", f"${delta}$"] if source else ["sample n", f"${delta}$"]
    product = rf"{source}\,{delta}" if source else delta
    rows = [
        [
            names.sample(n).removeprefix("sample "),
            *([format_number(A[n], digits)] if source else []),
            format_number(D[n], digits),
        ]
        for n in picked
    ]
    blocks: list[Block] = [
        Heading(title, 1),
        Prose(meaning),
        Heading("Its gradient", 3),
        Prose(how),
        Formula(rf"\frac{{\partial J}}{{\partial {W}}} = \sum_n {product}{tail}"),
        table(columns, rows, right=range(len(columns))),
    ]
    if len(A) > MAX_ROWS:
        blocks.append(Prose(f"(The {MAX_ROWS} largest of {len(A)} samples.)"))
    if penalty is not None and i is not None:
        penalty_gradient = float(penalty.gradient(me.W)[i, j])
        blocks.append(Prose(f"The penalty adds $P'(w) = {penalty.gradient_formula} = {tex(penalty_gradient)}$."))
    blocks += [
        Formula(rf"\frac{{\partial J}}{{\partial {W}}} = {tex(g)}"),
        Prose(_direction(g)),
        Heading("The step", 3),
        Formula(step.rule.formula),
        *_state(step, layer, i, j, digits),
        Formula(rf"{W}:\quad {tex(w)} \;\rightarrow\; {tex(after)}"),
    ]
    return blocks


def _state(step: Step, layer: int, i: int | None, j: int, digits: int) -> list[Block]:
    name, place = ("b", (j,)) if i is None else ("W", (i, j))
    group = next(group for group in step.network.groups if group.layer == layer and group.name == name)
    rate = (
        []
        if step.rate is None
        else [f"${symbol(step.rule, 'learning_rate')} = {as_latex(format_number(step.rate, digits))}$"]
    )
    state = [
        f"${symbol(step.rule, name)} = {as_latex(format_number(group.of(array)[place], digits))}$"
        for name, array in step.state_after.items()
        if array.shape == step.network.theta.shape and name != "decayed"
    ]
    return [Prose(f"With {', '.join(rate + state)}.")] if rate or state else []


def _inputs(step: Step, layer: int) -> str:
    count, names = step.network.layers[layer].n_inputs, step.names.inputs
    if layer == 0:
        named = "" if names is None or count > MAX_ROWS else f" ({listed(names)})"
        return f"the one input{named}" if count == 1 else f"the {count} inputs{named}"
    return "the output of the one unit below" if count == 1 else f"the outputs of the {count} units below"


def _capital(title: str) -> str:
    return title[0].upper() + title[1:]


def _largest(parts: np.ndarray, most: int = MAX_TERMS) -> list[int]:
    """Indices of the largest terms of a sum, in their original order."""
    order = np.argsort(-np.abs(np.nan_to_num(parts)), kind="stable")[:most]
    return sorted(int(i) for i in order)


def _products(first: np.ndarray, second: np.ndarray, tex: Callable[[float], str]) -> list[str]:
    """The largest products a · b as text; a negative factor is in brackets unless it begins the sum."""
    picked = _largest(first * second)
    left = [tex(first[i]) if n == 0 else _signed(first[i], tex) for n, i in enumerate(picked)]
    return [rf"{a} \cdot {_signed(second[i], tex)}" for a, i in zip(left, picked, strict=True)]


def _signed(value: float, tex: Callable[[float], str]) -> str:
    text = tex(value)
    return f"({text})" if text.startswith("-") else text


def _direction(slope: float) -> str:
    if slope == 0:
        return "It is 0: a small change of this number does not change the loss."
    sign, change = ("positive", "Decreasing") if slope > 0 else ("negative", "Increasing")
    return f"It is {sign}. {change} this number lowers the loss."
