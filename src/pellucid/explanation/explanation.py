"""`explain`: derive every number of a training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pellucid.estimators.inside import look_inside
from pellucid.explanation import backwards, forwards, single, terminal
from pellucid.explanation.document import Block, Heading
from pellucid.explanation.names import Names
from pellucid.explanation.numbers import DIGITS
from pellucid.explanation.report import Report
from pellucid.explanation.step import Step, take_step
from pellucid.explanation.views import Views
from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.objective import Reduction
from pellucid.optimizers import OPTIMIZERS, Optimizer, State


class Explanation(Report):
    """The worked derivation of one training step.

    Attributes
    ----------
    step : Step
        All numbers: the forward pass, the gradient, the optimizer state, θ before and after.
    """

    def __init__(self, step: Step, digits: int) -> None:
        views = Views.of(step, digits)
        blocks: list[Block] = [
            Heading("One training step, number by number", 1),
            *forwards.architecture(step, views),
            *forwards.forward(step, views),
            *forwards.loss(step, views),
            *backwards.backward_pass(step, views),
            *backwards.update(step, views),
        ]
        super().__init__("One training step, number by number", blocks)
        self.step = step
        self._digits = digits

    @property
    def theta_after(self) -> Array:
        """θ after the step, as after one full-batch epoch of `fit`."""
        return self.step.after.theta

    def node(self, layer: int, unit: int, *, sample: int = 1) -> Report:
        """Derivation for one unit and one sample. All count from 1: `node(1, 2)` is unit 2 of layer 1, the first hidden
        layer; its weights are `network.layers[0].W[:, 1]`.
        """
        place = self._layer(layer)
        unit = single.check_number("unit", unit, self.step.network.layers[place].units)
        sample = single.check_number("sample", sample, len(self.step.X))
        return _report(single.node(self.step, place, unit, sample, self._digits))

    def edge(self, layer: int, i: int, j: int) -> Report:
        """Derivation for the weight from input i (or unit i of the layer below) to unit j of a layer. All count from
        1: `edge(1, 2, 3)` is `network.layers[0].W[1, 2]`.
        """
        place = self._layer(layer)
        i = single.check_number("i", i, self.step.network.layers[place].n_inputs)
        j = single.check_number("j", j, self.step.network.layers[place].units)
        return _report(single.edge(self.step, place, i, j, self._digits))

    def bias(self, layer: int, j: int) -> Report:
        """Derivation for the bias of unit j of a layer. Both count from 1: `bias(1, 2)` is `network.layers[0].b[1]`."""
        place = self._layer(layer)
        j = single.check_number("j", j, self.step.network.layers[place].units)
        return _report(single.edge(self.step, place, None, j, self._digits))

    def _layer(self, number: int) -> int:
        return single.check_number("layer", number, len(self.step.network.layers))


def _report(blocks: Sequence[Block]) -> Report:
    """A report whose first block is its title."""
    title = blocks[0]
    assert isinstance(title, Heading)
    return Report(terminal.plain(title.text), blocks)


@blas_threads(1)
def explain(
    model: Any,
    X: object,
    y: object,
    *,
    optimizer: str | Optimizer | type[Optimizer] = "gradient_descent",
    learning_rate: float | None = None,
    state: State | None = None,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    sample_weight: object = None,
    dropout_seed: int = 0,
    digits: int = DIGITS,
    feature_names: Sequence[object] | None = None,
    class_names: Sequence[object] | None = None,
    sample_names: Sequence[object] | None = None,
) -> Explanation:
    r"""Derive one full-batch training step with this network's own numbers.

    The forward pass, the loss, δ layer by layer, the gradients with a numerical check, and the optimizer's step. All
    numbers are computed by the functions that training itself calls; all formulas come from the registries.

    Parameters
    ----------
    model : Network, fitted estimator, or fitted pipeline or search around one
        It is not changed.
    X, y : arrays
        The batch. A few rows are the most readable; of many, those that contribute most to the gradient are displayed.
    optimizer : str or Optimizer
        The optimizer that takes the step.
    learning_rate : float or None
        None: the optimizer's default.
    state : dict of arrays or None
        Optimizer state of earlier steps; None: the first step.
    penalty, reduction, sample_weight
        As for `fit`.
    dropout_seed : int
        Seed of the dropout masks, if the network has dropout.
    digits : int
        Significant digits to display.
    feature_names, class_names, sample_names : sequences of names, or None
        Names of the columns of X, the outputs and the rows of X. None: the names that a data frame or a fitted
        estimator has, else numbers.

    Returns
    -------
    Explanation
        `print` it, or write it with `.to_html()`, `.to_latex()`, `.to_markdown()`, `.save("step.html")`;
        `.node(layer, unit)` and `.edge(layer, i, j)` explain one neuron or one weight. Both count from 1.

    Raises
    ------
    ValueError, TypeError
        If X or y does not fit the network, or the estimator is not fitted.

    Examples
    --------
    >>> from pellucid import Dense, Network, explain
    >>> net = Network([Dense(1, 1)], loss="squared_error")
    >>> net.layers[0].W = [[2.0]]
    >>> step = explain(net, [[3.0]], [5.0], learning_rate=0.1)
    >>> step.edge(1, 1, 1)  # doctest: +ELLIPSIS
    The weight from input 1 to unit 1 of layer 1
    ════════════════════════════════════════════
    It is w₁₁⁽¹⁾ = 2: it multiplies its input.
    ...
    >>> step.theta_after.round(3)
    array([ 1.7, -0.1])
    """
    inside = look_inside(model, X, y)
    rule = OPTIMIZERS.resolve(optimizer)
    if learning_rate is not None:
        check_real("learning_rate", learning_rate, above=0)
    step = take_step(
        inside.network,
        inside.X,
        inside.y,
        rule,
        rate=learning_rate,
        state=state,
        penalty=penalty,
        reduction=reduction,
        sample_weight=sample_weight,
        dropout_seed=dropout_seed,
    )
    names = Names.of(
        inside.network.n_inputs,
        inside.network.n_outputs,
        len(step.X),
        inside.feature_names if feature_names is None else feature_names,
        inside.class_names if class_names is None else class_names,
        sample_names,
    )
    return Explanation(replace(step, names=names), check_integer("digits", digits, least=1))
