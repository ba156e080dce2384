"""The maths of one unit, weight or bias with live numbers, and one training step as a walk through the layers.

Every number comes from `explanation`, which computes the step of the batch that the run will take next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pellucid.explanation import html, single
from pellucid.explanation.document import Block, Formula, Heading, Prose
from pellucid.explanation.names import Names
from pellucid.explanation.numbers import as_latex, format_number
from pellucid.explanation.step import Step, take_step
from pellucid.explanation.views import upper
from pellucid.maths.typing import Array
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, State
from pellucid.playground.rows.rows import Rows
from pellucid.playground.runs.run import Run
from pellucid.playground.settings import Settings

DIGITS = 4


@dataclass(frozen=True)
class NextStep:
    """The inputs of the next training step, copied so that another thread can compute it.

    Attributes
    ----------
    rows : array
        Training rows of the batch, in its order.
    after : array or None
        θ after an L-BFGS step, which the run computes.
    names : Names
        Labels of inputs and outputs.
    """

    network: LayerStack
    settings: Settings
    X: Array
    Y: Array
    rows: Array
    rate: float | None
    state: State | None
    dropout_seed: int
    dropout_step: int
    after: Array | None
    names: Names = field(default_factory=Names)

    @classmethod
    def of(
        cls, run: Run, rows_of: Rows | None = None, *, sample: int | None = None, one_by_one: bool = False
    ) -> NextStep:
        """The run's next batch; with `one_by_one` the next sample, or the given one, alone. `rows_of` has the names."""
        stepper, rows, rate = run.coming(one_by_one)
        if sample is not None:
            rows = np.array([sample])
        seed = step = 0
        state = after = None
        now = stepper.state()
        if run.settings.optimizer.needs == "gradient":
            seed, step, state = now.dropout_seed, now.updates, now.optimizer
        elif sample is None:
            after = stepper.peek()
        data = run.data
        return cls(
            run.network.copy(), run.settings, data.X[rows], data.Y[rows], rows, rate, state, seed, step, after,
            Names() if rows_of is None else _names(rows_of, run.network.n_outputs),
        )  # fmt: skip

    def row_of(self, sample: int | None) -> int:
        """The row of the batch that holds a training point; the first if none does."""
        places: Sequence[int] = np.flatnonzero(self.rows == sample).tolist() if sample is not None else ()
        return places[0] if places else 0

    def compute(self) -> Step:
        """The step with all intermediate values."""
        rule = self.settings.optimizer
        step = take_step(
            self.network, self.X, self.Y, rule, rate=self.rate, penalty=self.settings.penalty,
            state=self.state if isinstance(rule, FirstOrder) else None, dropout_seed=self.dropout_seed,
            dropout_step=self.dropout_step,
        )  # fmt: skip
        step = replace(step, names=self.names)
        if self.after is None:
            return step
        step.after.theta = self.after
        return replace(step, value_after=step.after.loss_value(self.X, self.Y, penalty=self.settings.penalty))


def _names(rows: Rows, n_outputs: int) -> Names:
    return Names(tuple(rows.labels[i] for i in rows.on), tuple(rows.output_labels(n_outputs)))


@dataclass(frozen=True)
class Selection:
    """A unit, a weight or a bias (`input` is None except for a weight)."""

    what: str
    layer: int
    unit: int
    input: int | None = None


@dataclass(frozen=True)
class Question:
    """A selection to explain, for the next batch or one sample; `message` asked for it."""

    selection: Selection
    of: str
    sample: int | None
    message: dict[str, Any]


def story(step: Step, selection: Selection, sample: int) -> tuple[str, str, dict[str, Any]]:
    """(title, HTML fragment, numbers) for a unit, weight or bias; `sample` is a row of the step's batch."""
    layer, j = selection.layer, selection.unit
    if selection.what == "unit":
        blocks = single.node(step, layer, j, sample, DIGITS)
        W, b = step.network.layers[layer].parameters
        numbers: dict[str, Any] = {
            "z": float(step.forward_pass.Z[layer][sample, j]),
            "a": float(step.forward_pass.A[layer][sample, j]),
            "delta": float(step.gradient.deltas[layer][sample, j]),
            "inputs": step.forward_pass.inputs_of(layer)[sample].tolist(),
            "weights": W[:, j].tolist(),
            "bias": float(b[j]),
        }
    else:
        i = selection.input if selection.what == "weight" else None
        blocks = single.edge(step, layer, i, j, DIGITS)
        place: Any = j if i is None else (i, j)
        part = 1 if i is None else 0
        layers = (step.network.layers[layer], step.after.layers[layer])
        before, after = (each.parameters[part][place] for each in layers)
        entered = np.ones(len(step.X)) if i is None else step.forward_pass.inputs_of(layer)[:, i]
        numbers = {
            "value": float(before),
            "gradient": float(step.gradient.layers[layer][part][place]),
            "after": float(after),
            "input": entered.tolist(),
            "delta": step.gradient.deltas[layer][:, j].tolist(),
        }
    title = blocks[0].text if isinstance(blocks[0], Heading) else ""
    return title, html.body(blocks[1:]), numbers


def answer(question: Question, next_step: NextStep, generation: int) -> dict[str, Any]:
    """The `maths` message for a question."""
    title, text, numbers = story(next_step.compute(), question.selection, next_step.row_of(question.sample))
    return {
        "t": "maths", "generation": generation, "pick": question.message, "title": title, "html": text,
        "numbers": numbers,
    }  # fmt: skip


def walk(step: Step, sample: int) -> list[dict[str, Any]]:
    """One step as stages: forwards a layer at a time, the loss, back a layer at a time, the update."""
    layers, last = step.network.layers, len(step.network.layers) - 1
    stages = []
    for i, layer in enumerate(layers):
        source = "X" if i == 0 else upper("A", i - 1)
        blocks: list[Block] = [
            Prose(f"Forwards, layer {i + 1}: every unit sums its weighted inputs; f is {layer.activation.name}."),
            Formula(rf"{upper('Z', i)} = {source}\,{upper('W', i)} + {upper('b', i)},\quad "
                    rf"{upper('A', i)} = f({upper('Z', i)})"),
        ]  # fmt: skip
        stages.append(_stage("forward", i, blocks, step.forward_pass.A[i][sample]))
    loss = step.network.loss
    loss_text = as_latex(format_number(step.value, DIGITS))
    of = "1 sample" if len(step.X) == 1 else f"the batch of {len(step.X)} samples"
    stages.append(_stage("loss", last, [Prose(f"The loss ({loss.name.replace('_', ' ')}) of {of}:"),
                                        Formula(rf"J = {loss_text}")], None))  # fmt: skip
    for i in range(last, -1, -1):
        if i == last:
            text = "Backwards from the loss: how J changes with the sum in each output."
            formula = rf"{upper(chr(92) + 'delta', i)} = \frac{{\partial J}}{{\partial {upper('Z', i)}}}"
        else:
            text = (
                "Backwards: each unit receives the errors of the units it feeds, weighted by the weights between them."
            )
            formula = (
                rf"{upper(chr(92) + 'delta', i)} = f'({upper('Z', i)}) \odot "
                rf"{upper(chr(92) + 'delta', i + 1)}\,({upper('W', i + 1)})^{{\top}}"
            )
        stages.append(_stage("backward", i, [Prose(text), Formula(formula)], step.gradient.deltas[i][sample]))
    after = as_latex(format_number(step.value_after, DIGITS))
    blocks = [
        Prose("The step: every weight and bias moves, by the optimizer's rule."),
        Formula(step.rule.formula),
        Formula(rf"J = {loss_text} \;\rightarrow\; {after}"),
    ]
    stages.append(_stage("update", 0, blocks, None))
    return stages


def _stage(kind: str, layer: int, blocks: Sequence[Block], values: Array | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "layer": layer,
        "html": html.body(blocks),
        "values": None if values is None else [float(value) for value in values],
    }
