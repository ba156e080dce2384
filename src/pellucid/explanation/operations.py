r"""The part of a derivation for an operation: its formulas with the layer's symbols, and its numbers.

The formulas of operations contain A, Z and δ; here they become A⁽¹⁾, Z⁽²⁾ and δ⁽²⁾, and a parameter s becomes s⁽²⁾.
"""

from __future__ import annotations

import re

import numpy as np

from pellucid.explanation.document import Block, Formula, Grid, Prose, numbers
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import options
from pellucid.explanation.views import Views, upper
from pellucid.network.layers import Layer
from pellucid.network.ops.affine import Affine

_TOKEN = re.compile(r"\\[a-zA-Z]+|[a-zA-Z]")
"""A command of LaTeX, or a letter by itself."""


def is_affine(layer: Layer) -> bool:
    """Whether the layer's Z is A W + b."""
    return isinstance(layer.transform, Affine)


def source(layer: int) -> str:
    """The symbol of a layer's inputs."""
    return "X" if layer == 0 else upper("A", layer - 1)


def with_letters(formula: str, step: Step, i: int) -> str:
    r"""A formula of the operation of layer i, with the symbols of that layer."""
    names = [parameter.name for parameter in step.network.layers[i].spec.parameters()]
    letters = {name: upper(name, i) for name in ("Z", r"\delta", *names)} | {"A": source(i)}

    def replaced(token: re.Match[str]) -> str:
        letter = letters.get(token[0], token[0])
        # A symbol with a superscript needs brackets before another one.
        above = formula[token.end() :].startswith("^") and letter != token[0] and "^" in letter
        return rf"\left({letter}\right)" if above else letter

    return _TOKEN.sub(replaced, formula)


def forward(step: Step, views: Views, i: int) -> list[Block]:
    """The forward pass of the operation of layer i."""
    layer, forward_pass = step.network.layers[i], step.forward_pass
    operation = layer.transform
    grids: list[Grid | str] = [views.rows(source(i), forward_pass.inputs_of(i), i)]
    for parameter, array in zip(layer.spec.parameters(), layer.parameters, strict=True):
        grids += [",", views.group(upper(parameter.name, i), array, i)]
    Z, A = upper("Z", i), upper("A", i)
    listed = options(operation, without=("n_inputs",))
    settings = f" (with {listed})" if listed else ""
    return [
        Prose(f"The operation is {operation.name}{settings}, row by row; no activation follows:"),
        Formula(with_letters(operation.formula, step, i) + rf",\quad {A} = {Z}"),
        numbers(*grids, r"\rightarrow", views.rows(A, forward_pass.Z[i], i + 1)),
    ]


def handed_down(step: Step, views: Views, i: int) -> list[Block]:
    """∂J/∂A of layer i, computed by the operation of the layer above from its δ."""
    above = step.network.layers[i + 1]
    A, delta = upper("A", i), upper(r"\delta", i + 1)
    grids: list[Grid | str] = [views.rows(delta, step.gradient.deltas[i + 1], i + 2)]
    letters = _TOKEN.findall(above.transform.backward_formula)
    for parameter, array in zip(above.spec.parameters(), above.parameters, strict=True):
        if parameter.name in letters:
            grids += [",", views.group(upper(parameter.name, i + 1), array, i + 1)]
    return [
        Prose(f"The operation above is {above.transform.name}; by the chain rule, its δ gives"),
        Formula(
            rf"\frac{{\partial J}}{{\partial {A}}} = {with_letters(above.transform.backward_formula, step, i + 1)}"
        ),
        numbers(*grids, r"\rightarrow", views.rows(rf"\partial J / \partial {A}", from_above(step, i), i + 1)),
    ]


def from_above(step: Step, i: int) -> np.ndarray:
    """∂J/∂A of layer i in numbers (n, h)."""
    above, (cache, _, _) = step.network.layers[i + 1], step.forward_pass.caches[i + 1]
    return above.transform.backward(above.parameters, cache, step.gradient.deltas[i + 1])


def gradients(step: Step, views: Views, i: int) -> list[Block]:
    """∂J/∂θ of each parameter of the operation of layer i."""
    layer, penalty = step.network.layers[i], step.objective.penalty
    blocks: list[Block] = []
    for parameter, array, gradient in zip(
        layer.spec.parameters(), layer.parameters, step.gradient.layers[i], strict=True
    ):
        name = upper(parameter.name, i)
        general = rf"\sum_{{i,j}} \delta_{{ij}} \frac{{\partial z_{{ij}}}}{{\partial {parameter.name}}}"
        formula = with_letters(layer.transform.gradient_formula.get(parameter.name, general), step, i)
        grids: list[Grid | str] = []
        if penalty is not None and parameter.penalized:
            formula += rf" + P'({name}),\quad P'(w) = {penalty.gradient_formula}"
            grids = [views.group(f"P'({name})", penalty.gradient(array), i), r"\subset"]
        blocks += [
            Formula(rf"\frac{{\partial J}}{{\partial {name}}} = {formula}"),
            numbers(*grids, views.group(rf"\partial J / \partial {name}", gradient, i)),
        ]
    return blocks
