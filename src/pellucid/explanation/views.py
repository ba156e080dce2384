"""A step's arrays as grids. The whole explanation displays the same samples, inputs and units, so that a reader can
follow a row from the inputs to the gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.explanation.document import Axis, Grid
from pellucid.explanation.step import Step
from pellucid.maths.typing import Array


def upper(letter: str, layer: int) -> str:
    r"""A letter with the number of its layer: `upper("W", 0)` is W⁽¹⁾."""
    return f"{letter}^{{({layer + 1})}}"


@dataclass(frozen=True)
class Views:
    """Selection of the displayed samples, inputs and units: those that contribute most to the gradient."""

    samples: Axis
    units: tuple[Axis, ...]
    digits: int

    @classmethod
    def of(cls, step: Step, digits: int) -> Views:
        """Select by |δ| and |∂J/∂W|. `units[0]` are the inputs, `units[l + 1]` the units of layer l."""
        deltas = step.gradient.deltas
        with np.errstate(all="ignore"):
            samples = Axis.most_important(np.abs(deltas[-1]).sum(axis=1))
            first = step.gradient.layers[0][0] if step.gradient.layers[0] else step.X.T
            inputs = np.abs(first if len(first) == step.X.shape[1] else step.X.T)
            inputs = inputs if inputs.ndim == 1 else inputs.sum(axis=1)
            units = [np.abs(delta[list(samples.kept)]).sum(axis=0) for delta in deltas]
        return cls(samples, tuple(Axis.most_important(each) for each in (inputs, *units)), digits)

    def rows(self, name: str, values: Array, units: int) -> Grid:
        """An array with one row per sample: of inputs (`units` 0) or of layer `units` − 1."""
        return Grid.of(name, values, self.samples, self.units[units], self.digits)

    def weights(self, name: str, values: Array, layer: int) -> Grid:
        """An array of the shape of a layer's W."""
        return Grid.of(name, values, self.units[layer], self.units[layer + 1], self.digits)

    def biases(self, name: str, values: Array, layer: int) -> Grid:
        """An array of the shape of a layer's b."""
        return Grid.of(name, values, None, self.units[layer + 1], self.digits)

    def column(self, name: str, values: Array) -> Grid:
        """One number per sample, as a column."""
        one = Axis(1, (0,))
        return Grid(name, values.reshape(-1, 1), self.samples, one, tuple(values.shape), self.digits)

    def group(self, name: str, values: Array, layer: int) -> Grid:
        """A parameter of a layer, or an array of its shape: a row for each input and a column for each unit, if it has
        as many.
        """
        inputs, units = self.units[layer], self.units[layer + 1]
        own = [Axis.most_important(np.ones(size)) for size in values.shape]
        last = units if values.shape[-1] == units.size else inputs if values.shape == (inputs.size,) else own[-1]
        first = None if values.ndim == 1 else inputs if values.shape[0] == inputs.size else own[0]
        return Grid.of(name, values, first, last, self.digits)
