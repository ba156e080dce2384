r"""J as a function of θ alone, and its slopes by finite differences.

For each parameter, the 4th-order central difference

    ∂J/∂θᵢ ≈ [J(θᵢ − 2h) − 8 J(θᵢ − h) + 8 J(θᵢ + h) − J(θᵢ + 2h)] / 12h        error O(h⁴) + O(ε|J|/h)

Source: Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids" (1988), table 1.

A function with a kink (ReLU at 0) has no derivative there, and a difference taken across one is neither of the two
slopes. `Probe` knows its network, so it sees when something changes sides of a kink between the points; it makes h
smaller, and gives a parameter up (NaN) for which that does not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.forward import Forward, Masks, forward
from pellucid.network.objective import Objective
from pellucid.network.parameters import pairs
from pellucid.network.stack import LayerStack

STEP = float(np.finfo(np.float64).eps ** 0.2)
"""h, times max(1, |θᵢ|): about 7e-4, where the two errors above are of one size."""

SMALLER_STEPS = (1.0, 0.1, 0.01)
"""Factors on h that are tried in turn where a kink is in the way."""

POINTS = (-2, -1, 1, 2)


def central_difference(values: Sequence[Any], h: Any) -> Any:
    """The slope from J at −2h, −h, h and 2h: numbers, or arrays of them.

    >>> round(central_difference([(-0.2) ** 3, (-0.1) ** 3, 0.1**3, 0.2**3], 0.1), 12)  # of t³ at 0
    0.0
    """
    return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)


def side_gap(here: Any, values: Sequence[Any], h: Any) -> Any:
    """How far the slope from the right and the one from the left lie apart: O(h²), or O(1) at a kink.

    >>> here, left, right = 0.0, [0.2, 0.1], [0.1, 0.2]  # |t| at 0
    >>> float(side_gap(here, [*left, *right], 0.1).round(6))
    2.0
    """
    above = (4 * values[2] - values[3] - 3 * here) / (2 * h)
    below = (3 * here - 4 * values[1] + values[0]) / (2 * h)
    return np.abs(above - below)


def slope_between_kinks(f: Callable[[float], tuple[float, Array]], start: float) -> tuple[float, float]:
    """The slope of t ↦ f(t)[0] at `start` and the step it was taken with; NaN where a kink is too near.

    `f` also says on which side of each kink everything is: a difference counts if all its points agree on that.
    """
    _, sides = f(start)
    for factor in SMALLER_STEPS:
        h = factor * STEP * max(1.0, abs(start))
        points = [f(start + k * h) for k in POINTS]
        if all(np.array_equal(sides, there) for _, there in points):
            return central_difference([value for value, _ in points], h), h
    return float("nan"), STEP


def rounding(value: float, h: float) -> float:
    """What rounding alone may do to a difference of J = `value` with step h."""
    return 4 * float(np.finfo(np.float64).eps) * max(abs(value), 1e-300) / h


@dataclass(frozen=True)
class Probe:
    """A float64 network, an objective and a batch, with everything but θ held still: dropout masks, too."""

    network: LayerStack
    objective: Objective
    X: Array
    Y: Array
    weight: Array | None
    masks: Masks | None

    def passed(self) -> Forward:
        """The forward pass at θ."""
        return forward(self.network.layers, self.X, self.masks)

    def value(self) -> float:
        """J at θ."""
        return self.objective.value(self.network.layers, self.passed(), self.Y, self.weight)

    def analytic(self) -> Array:
        """∂J/∂θ by back-propagation."""
        flat = np.empty_like(self.network.theta)
        by_layer = pairs(flat, self.network.groups)
        self.objective.gradient(self.network.layers, self.passed(), self.Y, by_layer, self.weight)
        return flat

    def numeric(self, only: Iterable[int] | None = None) -> tuple[Array, Array]:
        """∂J/∂θ by differences (NaN where a kink is in the way), and the rounding error to expect in each.

        `only` gives the elements of θ to look at; the others stay NaN.
        """
        theta = self.network.theta
        slopes, noise = np.full_like(theta, np.nan), np.zeros_like(theta)
        here = self.value()
        for i in range(theta.size) if only is None else only:
            start = float(theta[i])

            def moved(value: float, i: int = i) -> tuple[float, Array]:
                theta[i] = value
                return self._value_and_sides()

            slopes[i], h = slope_between_kinks(moved, start)
            theta[i] = start
            noise[i] = rounding(here, h)
        return slopes, noise

    def _value_and_sides(self) -> tuple[float, Array]:
        passed = self.passed()
        value = self.objective.value(self.network.layers, passed, self.Y, self.weight)
        return value, self._sides(passed)

    def _sides(self, passed: Forward) -> Array:
        """On which side of each kink everything is that has one."""
        layers, penalty, loss = self.network.layers, self.objective.penalty, self.objective.loss
        sides = [np.zeros(0, dtype=np.intp)]
        for layer, Z in zip(layers, passed.Z, strict=True):
            if layer.activation.kinks:
                sides.append(np.digitize(Z.ravel(), layer.activation.kinks))
            if penalty is not None and penalty.kinks:
                sides.append(np.digitize(layer.W.ravel(), penalty.kinks))
        if loss.kinks:
            sides.append(np.digitize((passed.output - self.Y).ravel(), loss.kinks))
        return np.concatenate(sides)
