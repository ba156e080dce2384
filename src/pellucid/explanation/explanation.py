"""`explain`: where every number of a training step comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.estimators.inside import look_inside
from pellucid.explanation import backwards, forwards, html, latex, markdown, single, terminal
from pellucid.explanation.document import Block, Heading
from pellucid.explanation.names import Names
from pellucid.explanation.numbers import DIGITS
from pellucid.explanation.step import Step, take_step
from pellucid.explanation.views import Views
from pellucid.maths.blas import blas_threads
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.penalties import Penalty
from pellucid.maths.registry import unknown_name
from pellucid.maths.typing import Array
from pellucid.network.objective import Reduction
from pellucid.optimizers import OPTIMIZERS, Optimizer, State

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class Story:
    """Something explained: print it, show it in a notebook, or save it as HTML, LaTeX, Markdown or text."""

    def __init__(self, title: str, blocks: Sequence[Block]) -> None:
        self.title = title
        self.blocks = tuple(blocks)

    @property
    def text(self) -> str:
        """For a terminal, without colours."""
        return self.to_text()

    def to_text(self, width: int = terminal.WIDTH) -> str:
        """Lines of at most `width` characters (a single matrix or table may be wider)."""
        return "\n".join(line for _, line in terminal.lines(self.blocks, width)).strip("\n") + "\n"

    def to_html(self) -> str:
        """A page with MathML; it needs no network and no script."""
        return html.page(self.blocks, self.title)

    def to_latex(self) -> str:
        """An article that compiles with amsmath."""
        return latex.document(self.blocks)

    def to_markdown(self) -> str:
        """Markdown with LaTeX between dollar signs."""
        return markdown.document(self.blocks)

    def save(self, path: str | Path) -> Path:
        """Write to a file; its suffix says how: .html, .tex, .md or .txt."""
        path = Path(path)
        written = {
            ".html": self.to_html,
            ".tex": self.to_latex,
            ".md": self.to_markdown,
            ".txt": self.to_text,
        }
        if path.suffix.lower() not in written:
            raise ValueError(unknown_name("file type", path.suffix or str(path), written))
        path.write_text(written[path.suffix.lower()](), encoding="utf-8")
        return path

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text.rstrip("\n")

    def _repr_html_(self) -> str:
        return html.fragment(self.blocks)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for style, line in terminal.lines(self.blocks, options.max_width):
            yield Text(line, style=style, no_wrap=True, overflow="ignore")


class Explanation(Story):
    """The worked derivation of one training step.

    Attributes
    ----------
    step : Step
        Every number in it: the forward pass, the gradient, the optimizer's state, θ before and after.
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
        """θ after the step: what `fit` for one full-batch epoch makes of it."""
        return self.step.after.theta

    def node(self, layer: int, unit: int, *, sample: int = 1) -> Story:
        """One unit's story for one sample. All count from 1: `node(1, 2)` is unit 2 of layer 1, the first hidden one,
        whose weights are `network.layers[0].W[:, 1]`.
        """
        place = self._layer(layer)
        unit = single.check_number("unit", unit, self.step.network.layers[place].units)
        sample = single.check_number("sample", sample, len(self.step.X))
        return _story(single.node(self.step, place, unit, sample, self._digits))

    def edge(self, layer: int, i: int, j: int) -> Story:
        """The story of the weight from input i (or unit i of the layer below) to unit j of a layer; all count from 1:
        `edge(1, 2, 3)` is `network.layers[0].W[1, 2]`.
        """
        place = self._layer(layer)
        i = single.check_number("i", i, self.step.network.layers[place].n_inputs)
        j = single.check_number("j", j, self.step.network.layers[place].units)
        return _story(single.edge(self.step, place, i, j, self._digits))

    def bias(self, layer: int, j: int) -> Story:
        """The story of the bias of unit j of a layer; both count from 1: `bias(1, 2)` is `network.layers[0].b[1]`."""
        place = self._layer(layer)
        j = single.check_number("j", j, self.step.network.layers[place].units)
        return _story(single.edge(self.step, place, None, j, self._digits))

    def _layer(self, number: int) -> int:
        return single.check_number("layer", number, len(self.step.network.layers))


def _story(blocks: Sequence[Block]) -> Story:
    """A story whose first block is its title."""
    title = blocks[0]
    assert isinstance(title, Heading)
    return Story(terminal.plain(title.text), blocks)


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
    r"""Work through one full-batch training step with this network's own numbers.

    Forward, loss, δ by δ backwards, the gradients beside their numerical check, the optimizer's step. Every number is
    read from the passes that training itself makes; every formula is the registries'.

    Parameters
    ----------
    model : Network, fitted estimator, or fitted pipeline or search around one
        It is left as it is.
    X, y : arrays
        The batch; a few rows are the most readable, of many those with the largest part in the gradient are shown.
    optimizer : str or Optimizer
        Whose step is taken.
    learning_rate : float or None
        None: the optimizer's own.
    state : dict of arrays or None
        What the optimizer remembers from steps before; None: nothing yet.
    penalty, reduction, sample_weight
        As for `fit`.
    dropout_seed : int
        Of the masks, where the network has dropout.
    digits : int
        Significant digits shown.
    feature_names, class_names, sample_names : sequences of names, or None
        What columns of X, outputs and rows of X are called. None: the columns of a data frame, or what a fitted
        estimator knows of them, else their numbers.

    Returns
    -------
    Explanation
        `print` it; `.to_html()`, `.to_latex()`, `.to_markdown()`, `.save("step.html")`; `.node(layer, unit)` and
        `.edge(layer, i, j)` for one neuron or one weight, which count from 1.

    Raises
    ------
    ValueError, TypeError
        If X or y does not fit the network, or the network has no weights yet.

    Examples
    --------
    >>> from pellucid import Dense, Network, explain
    >>> net = Network([Dense(1, 1)], loss="squared_error")
    >>> net.layers[0].W = [[2.0]]
    >>> step = explain(net, [[3.0]], [5.0], learning_rate=0.1)
    >>> step.edge(1, 1, 1)  # doctest: +ELLIPSIS
    The weight from input 1 to unit 1 of layer 1
    ════════════════════════════════════════════
    It is w₁₁⁽¹⁾ = 2: its input arrives multiplied by that.
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
