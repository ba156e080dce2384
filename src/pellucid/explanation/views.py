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
            inputs = np.abs(step.gradient.layers[0][0]).sum(axis=1)
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
        """An array of the shape of W or of b."""
        return self.weights(name, values, layer) if values.ndim == 2 else self.biases(name, values, layer)
