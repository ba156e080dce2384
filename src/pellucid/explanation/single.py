"""One neuron's story, one weight's story: the same step, told for a single unit and a single sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.explanation.document import Block, Formula, Heading, Prose, table
from pellucid.explanation.names import listed
from pellucid.explanation.numbers import as_latex, shown
from pellucid.explanation.operations import from_above, is_affine
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import symbol, with_options
from pellucid.explanation.views import upper

MANY = 4
"""Of a sum of more parts than this, only the weightiest are written out: a line holds no more."""

MANY_ROWS = 8
"""The same for the rows of a table."""


def check_number(name: str, value: int, size: int) -> int:
    """The position, from 0, of what has the number `value`, from 1 to size; or an error that says so."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not 1 <= value <= size:
        raise IndexError(f"{name} must be a whole number from 1 to {size}, got {value!r}")
    return int(value) - 1


def node(step: Step, layer: int, unit: int, sample: int, digits: int) -> list[Block]:
    """What a unit receives, what it makes of it, and its part in the loss. Layer, unit and sample count from 0 here."""
    layers, forward_pass, last = step.network.layers, step.forward_pass, len(step.network.layers) - 1
    _check_affine(step, layer)
    me, number = layers[layer], unit + 1

    def say(value: float) -> str:
        return as_latex(shown(value, digits))

    seen, w, b = forward_pass.inputs_of(layer)[sample], me.W[:, unit], float(me.b[unit])
    z, h, a = (float(arrays[layer][sample, unit]) for arrays in (forward_pass.Z, forward_pass.H, forward_pass.A))
    delta = step.gradient.deltas[layer]
    source = "x" if layer == 0 else upper("a", layer - 1)
    Z, A, D = (upper(letter, layer) for letter in ("z", "a", r"\delta"))
    sent = _products(seen, w, say)
    rest = r" + \cdots" if len(seen) > MANY else ""
    f = me.activation
    blocks: list[Block] = [
        Heading(_capital(f"{step.names.unit(layer, unit, last)}, {step.names.sample(sample)}"), 1),
        Prose(f"It takes {_what_it_sees(step, layer)}, each times a weight, and adds its bias:"),
        Formula(rf"{Z}_{{{number}}} = \sum_i {source}_i\, w_{{i{number}}} + b_{{{number}}}"),
        Formula(rf"{Z}_{{{number}}} = {' + '.join(sent)}{rest} + {_signed(b, say)} = {say(z)}"),
        Prose(f"Its activation is {f.name}{with_options(f)}, $f(z) = {f.formula}$:"),
        Formula(rf"{A}_{{{number}}} = f({say(z)}) = {say(h)}"),
    ]
    if a != h or (forward_pass.masks is not None and forward_pass.masks[layer] is not None):
        blocks.append(Prose(f"Dropout turns that into ${say(a)}$ in this step."))
    here = float(delta[sample, unit])
    blocks.append(Heading("Its part in the loss", 3))
    if layer == last:
        blocks += [
            Prose(
                f"It is an answer: the target is ${say(step.Y[sample, unit])}$. The loss changes with its "
                "pre-activation by"
            ),
            Formula(rf"{D}_{{{number}}} = \frac{{\partial J}}{{\partial {Z}_{{{number}}}}} = {say(here)}"),
        ]
    else:
        with np.errstate(all="ignore"):
            slope = float(f.derivative(forward_pass.Z[layer], forward_pass.H[layer])[sample, unit])
        mask = None if forward_pass.masks is None else forward_pass.masks[layer]
        silent = "" if mask is None else rf"\,m_{{{number}}}"
        kept = "" if mask is None else rf" \cdot {say(float(mask[sample, unit]))}"
        if is_affine(layers[layer + 1]):
            above, W = step.gradient.deltas[layer + 1][sample], layers[layer + 1].W[unit]
            more = r" + \cdots" if len(W) > MANY else ""
            words = "Every unit above passes its δ down through the weight between them; the slope of f lets it in:"
            received = rf"\sum_k {upper(chr(92) + 'delta', layer + 1)}_k\, w_{{{number}k}}"
            in_numbers = rf"({' + '.join(_products(above, W, say))}{more})"
        else:
            words = f"The layer above, {layers[layer + 1].title}, passes ∂J/∂a down; the slope of f lets it in:"
            received = rf"\frac{{\partial J}}{{\partial {A}_{{{number}}}}}"
            in_numbers = _signed(float(from_above(step, layer)[sample, unit]), say)
        blocks += [
            Prose(words),
            Formula(rf"{D}_{{{number}}} = f'({Z}_{{{number}}}){silent} {received}"),
            Formula(rf"f'(z) = {f.derivative_formula},\quad f'({say(z)}) = {say(slope)}"),
            Formula(rf"{D}_{{{number}}} = {say(slope)}{kept} \cdot {in_numbers} = {say(here)}"),
        ]
    blocks.append(Prose(_direction(here)))
    return blocks


def _check_affine(step: Step, layer: int) -> None:
    me = step.network.layers[layer]
    if not is_affine(me):
        raise ValueError(
            f"layer {layer + 1} is a {me.title} layer, which has no weights and biases: stories are told of the units, "
            "weights and biases of Dense layers; print the whole explanation for the others"
        )


def edge(step: Step, layer: int, i: int | None, j: int, digits: int) -> list[Block]:
    """What a weight carries, how its gradient comes about, and what the step does to it; a bias where `i` is None.

    Layer, i and j count from 0 here.
    """
    layers, forward_pass, names = step.network.layers, step.forward_pass, step.names
    _check_affine(step, layer)
    me, last = layers[layer], len(layers) - 1

    def say(value: float) -> str:
        return as_latex(shown(value, digits))

    D = step.gradient.deltas[layer][:, j]
    delta = rf"{upper(chr(92) + 'delta', layer)}_{{n{j + 1}}}"
    if i is None:
        A, W, source = np.ones_like(D), rf"{upper('b', layer)}_{{{j + 1}}}", ""
        w, after = float(me.b[j]), float(step.after.layers[layer].b[j])
        g = float(step.gradient.layers[layer][1][j])
        title = f"The bias of {names.unit(layer, j, last)}"
        meaning = f"It is ${W} = {say(w)}$: what the unit starts from, whatever its inputs."
        how = "A bias is a weight whose input is always 1; all samples share it, so"
    else:
        comma = "," if max(i, j) > 8 else ""
        A, W = forward_pass.inputs_of(layer)[:, i], rf"{upper('w', layer)}_{{{i + 1}{comma}{j + 1}}}"
        source = rf"{'x' if layer == 0 else upper('a', layer - 1)}_{{n{i + 1}}}"
        w, after = float(me.W[i, j]), float(step.after.layers[layer].W[i, j])
        g = float(step.gradient.layers[layer][0][i, j])
        from_where = names.input(i) if layer == 0 else names.unit(layer - 1, i, last)
        title = f"The weight from {from_where} to {names.unit(layer, j, last)}"
        meaning = f"It is ${W} = {say(w)}$: its input arrives multiplied by that."
        how = "For each sample, what came in times the δ of the unit it leads to; all samples share the weight, so"
    picked = _weightiest(A * D, MANY_ROWS)
    penalty = None if i is None else step.objective.penalty  # biases are not penalised
    tail = "" if penalty is None else " + P'(w)"
    columns = ["sample n", f"${source}$", f"${delta}$"] if source else ["sample n", f"${delta}$"]
    product = rf"{source}\,{delta}" if source else delta
    rows = [
        [names.sample(n).removeprefix("sample "), *([shown(A[n], digits)] if source else []), shown(D[n], digits)]
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
    if len(A) > MANY_ROWS:
        blocks.append(Prose(f"(The {MANY_ROWS} weightiest of {len(A)} samples.)"))
    if penalty is not None and i is not None:
        pull = float(penalty.gradient(me.W)[i, j])
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


def _state(step: Step, layer: int, i: int | None, j: int, digits: int) -> list[Block]:
    name, place = ("b", (j,)) if i is None else ("W", (i, j))
    group = next(group for group in step.network.groups if group.layer == layer and group.name == name)
    rate = [] if step.rate is None else [f"${symbol('learning_rate')} = {as_latex(shown(step.rate, digits))}$"]
    state = [
        f"${symbol(name)} = {as_latex(shown(group.of(array)[place], digits))}$"
        for name, array in step.state_after.items()
        if array.shape == step.network.theta.shape and name != "decayed"
    ]
    return [Prose(f"With {', '.join(rate + state)}.")] if rate or state else []


def _what_it_sees(step: Step, layer: int) -> str:
    count, names = step.network.layers[layer].n_inputs, step.names.inputs
    if layer == 0:
        called = "" if names is None or count > MANY_ROWS else f" ({listed(names)})"
        return f"the one input{called}" if count == 1 else f"the {count} inputs{called}"
    return "what the one unit before it says" if count == 1 else f"what the {count} units before it say"


def _capital(title: str) -> str:
    return title[0].upper() + title[1:]


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
