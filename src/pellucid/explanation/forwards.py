"""First half of the derivation: the architecture, the forward pass and the loss."""

from __future__ import annotations

import math

import numpy as np

from pellucid.explanation import operations
from pellucid.explanation.document import Block, Formula, Heading, Prose, literal, numbers, table
from pellucid.explanation.names import shortened
from pellucid.explanation.numbers import as_latex, format_number
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import glossary, options, with_options
from pellucid.explanation.views import Views, upper
from pellucid.network.layers import Dense, title


def architecture(step: Step, views: Views) -> list[Block]:
    """Table of the layers: activation, shapes, number of parameters."""
    network, n = step.network, len(step.X)
    rows = []
    for i, spec in enumerate(network.specs):
        dropout = f", dropout {spec.dropout:g}" if spec.dropout else ""
        arrays = [f"${upper(parameter.name, i)}$ {parameter.shape}" for parameter in spec.parameters()]
        rows.append(
            (
                f"{i + 1}",
                f"{title(spec)}{dropout}",
                *(arrays if isinstance(spec, Dense) else (", ".join(arrays), "")),
                f"${upper('Z', i)}$, ${upper('A', i)}$ ({n}, {spec.units})",
                f"{sum(math.prod(parameter.shape) for parameter in spec.parameters())}",
            )
        )
    sizes = ", ".join((counted(n, "sample"), counted(network.n_inputs, "input"), counted(network.n_outputs, "output")))
    blocks: list[Block] = [
        Heading("The network"),
        Prose(
            f"{sizes}, {counted(network.theta.size, 'parameter')}; numbers are {network.dtype.name}. "
            "A number in brackets above a letter is the number of the layer. Everything counts from 1."
        ),
        table(("layer", "activation", "weights", "biases", "outputs", "parameters"), rows, right=(0, 5)),
    ]
    axes = [("samples", views.samples), ("inputs", views.units[0])]
    axes += [(f"units of layer {i + 1}", axis) for i, axis in enumerate(views.units[1:])]
    cut = [f"{len(axis.kept)} of {axis.size} {name}" for name, axis in axes if not axis.is_whole]
    if cut:
        blocks.append(
            Prose(
                f"Shown are {', '.join(cut)}: those that contribute most to the gradient, with their numbers "
                "beside the brackets. All sums run over all of them."
            )
        )
    return [*blocks, *_names(step, views)]


def _names(step: Step, views: Views) -> list[Block]:
    """Names of the displayed inputs, outputs and samples, if they have names."""
    kinds = (
        ("Inputs", step.names.inputs, views.units[0]),
        ("Outputs", step.names.outputs, views.units[-1]),
        ("Samples", step.names.samples, views.samples),
    )
    return [
        Prose(f"{kind}: {', '.join(f'{i + 1} {literal(shortened(names[i]))}' for i in axis.kept)}.")
        for kind, names, axis in kinds
        if names is not None
    ]


def counted(number: int, noun: str) -> str:
    """A count with its noun, in the plural unless the count is 1.

    >>> counted(1, "sample"), counted(2, "sample")
    ('1 sample', '2 samples')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def forward(step: Step, views: Views) -> list[Block]:
    """Layer by layer: formula, then the numbers."""
    blocks: list[Block] = [Heading("Forward: from the inputs to the answer")]
    forward_pass, layers = step.forward_pass, step.network.layers
    for i, layer in enumerate(layers):
        if not operations.is_affine(layer):
            blocks += [Heading(f"Layer {i + 1}", 3), *operations.forward(step, views, i)]
            continue
        source = operations.source(i)
        W, b, Z, A, H = (upper(letter, i) for letter in "WbZAH")
        f = layer.activation
        mask = None if forward_pass.masks is None else forward_pass.masks[i]
        blocks += [
            Heading(f"Layer {i + 1}", 3),
            Formula(rf"{Z} = {source}\,{W} + {b}"),
            numbers(
                views.rows(source, forward_pass.inputs_of(i), i),
                views.weights(W, layer.W, i),
                "+",
                views.biases(b, layer.b, i),
                "=",
                views.rows(Z, forward_pass.Z[i], i + 1),
            ),
            Prose(f"The bias is added to every row. Then {f.name}, to {_each(f.elementwise)}{with_options(f)}:"),
            Formula(rf"{A if mask is None else H} = f({Z}),\quad {_value(f.elementwise)} = {f.formula}"),
        ]
        blocks += [Prose(letters) for letters in glossary(f, f.formula)]
        if mask is None:
            blocks.append(numbers(views.rows(A, forward_pass.A[i], i + 1)))
            continue
        blocks += [
            numbers(views.rows(H, forward_pass.H[i], i + 1)),
            Prose(
                f"Dropout of {layer.dropout:g}: each unit is set to 0 with that probability, and the others are "
                f"multiplied by {format_number(1 / (1 - layer.dropout))}, so that the mean does not change."
            ),
            Formula(rf"{A} = {H} \odot {upper('M', i)}"),
            numbers(views.rows(upper("M", i), mask, i + 1), "", views.rows(A, forward_pass.A[i], i + 1)),
        ]
    return blocks


def loss(step: Step, views: Views) -> list[Block]:
    """Loss ℓ per sample, and the objective J."""
    network, objective, loss = step.network, step.objective, step.objective.loss
    last, n = len(network.layers) - 1, len(step.X)
    A = upper("A", last)
    mean, weighted = objective.reduction == "mean", step.weight is not None
    total = r"\sum_i w_i\,\ell_i" if weighted else r"\sum_i \ell_i"
    share = {(True, True): r"\frac{1}{\sum_i w_i}", (True, False): rf"\frac{{1}}{{{n}}}"}.get((mean, weighted), "")
    blocks: list[Block] = [
        Heading("The loss"),
        Prose(
            f"{loss.name.replace('_', ' ').capitalize()} compares the output ${A}$ with the target $Y$, row by row "
            f"($a$ and $y$ are the elements of a row){with_options(loss)}:"
        ),
        Formula(rf"\ell(y, a) = {loss.formula}"),
        numbers(
            views.rows(A, step.forward_pass.output, last + 1),
            "",
            views.rows("Y", step.Y, last + 1),
            "",
            views.column(r"\ell", step.losses),
        ),
    ]
    if loss.is_canonical_with(network.layers[-1].activation) and loss.name != "squared_error":
        blocks.append(
            Prose(
                rf"(Computed from ${upper('Z', last)}$ instead of ${A}$: the same value, without overflow and "
                r"without $\ln 0$.)"
            )
        )
    if weighted:
        blocks.append(numbers(views.column("w", step.scales if not mean else _weights(step))))
    penalty = objective.penalty
    tail = rf" + {penalty.formula}" if penalty is not None else ""
    words = "The objective is their mean" if mean else "The objective is their sum"
    blocks += [
        Prose(f"{words}{', weighted' if weighted else ''}{_and_penalty(penalty)}:"),
        Formula(rf"J = {share} {total}{tail}"),
        Formula(_sum_of_parts(step)),
    ]
    return blocks


def _each(elementwise: bool) -> str:
    return "each element" if elementwise else "each row"


def _value(elementwise: bool) -> str:
    return "f(z)" if elementwise else "f(z)_j"


def _weights(step: Step) -> np.ndarray:
    assert step.weight is not None
    return step.weight


def _and_penalty(penalty: object) -> str:
    if penalty is None:
        return ""
    return f", and a penalty on the weights ({options(penalty)})"


def _sum_of_parts(step: Step) -> str:
    value = as_latex(format_number(step.value, 6))
    if step.objective.penalty is None:
        return f"J = {value}"
    return rf"J = {value},\quad \mathrm{{of\;which\;penalty}}\; {as_latex(format_number(step.penalty, 6))}"
