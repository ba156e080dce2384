r"""Is the gradient right? Back-propagation held against finite differences of the objective.

For each parameter, the 4th-order central difference

    ∂J/∂θᵢ ≈ [J(θᵢ − 2h) − 8 J(θᵢ − h) + 8 J(θᵢ + h) − J(θᵢ + 2h)] / 12h        error O(h⁴) + O(ε|J|/h)

in float64 on a copy of the network, with the dropout masks held still and the penalty in J. Source: Fornberg,
"Generation of finite difference formulas on arbitrarily spaced grids" (1988), table 1.

A function with a kink (ReLU at 0) has no derivative there, and a difference taken across one is neither of the two
slopes. So where a pre-activation, a residual or a penalized weight changes sides of a kink between the points, h is
made smaller; a parameter for which that does not help is left out and counted, not called wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight
from pellucid.network.forward import Forward, Masks, draw_masks, forward
from pellucid.network.objective import Objective, Reduction
from pellucid.network.parameters import Group, pairs
from pellucid.network.stack import LayerStack

STEP = np.finfo(np.float64).eps ** 0.2
"""h, times max(1, |θᵢ|): about 7e-4, where the two errors above are of one size."""

SMALLER_STEPS = (1.0, 0.1, 0.01)
"""Factors on h that are tried in turn where a kink is in the way."""

OwnGradient = Callable[[LayerStack, Array, object], object] | Sequence[object] | Array


@dataclass(frozen=True)
class GroupCheck:
    """The verdict on one group of parameters.

    Attributes
    ----------
    layer : int
        From 0.
    name : str
        "W" or "b".
    error : float
        Relative: the largest |analytic − numeric| over the largest |gradient| of the group.
    passed : bool
    skipped : int
        Parameters left out because a kink is too near.
    analytic, numeric : arrays of the group's shape
    """

    layer: int
    name: str
    error: float
    passed: bool
    skipped: int
    analytic: Array
    numeric: Array


@dataclass(frozen=True)
class GradientCheck:
    """The verdicts on all groups; true where all have passed. `print` it for a table."""

    groups: tuple[GroupCheck, ...]
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether every group's error is within the tolerance."""
        return all(group.passed for group in self.groups)

    @property
    def error(self) -> float:
        """The largest error of all groups."""
        return max(group.error for group in self.groups)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"gradient check: {'passed' if self.passed else 'FAILED'} (tolerance {self.tolerance:g})"]
        for group in self.groups:
            verdict = "ok" if group.passed else "WRONG"
            skipped = f"  ({group.skipped} of {group.numeric.size} at a kink, left out)" if group.skipped else ""
            lines.append(
                f"  layer {group.layer + 1}  {group.name}  relative error {group.error:.1e}  {verdict}{skipped}"
            )
        return "\n".join(lines)


def check_gradients(
    network: LayerStack,
    X: object,
    y: object,
    *,
    sample_weight: object = None,
    penalty: Penalty | None = None,
    reduction: Reduction = "mean",
    gradient: OwnGradient | None = None,
    tolerance: float = 1e-7,
    dropout_seed: int = 0,
) -> GradientCheck:
    r"""Hold ∂J/∂θ by back-propagation against 4th-order central differences of J, in float64.

    Parameters
    ----------
    network : Network
        Its θ is left as it is: the check works on a copy.
    X, y, sample_weight, penalty, reduction
        As for `fit`. A few samples are enough; every parameter costs four forward passes.
    gradient : array, list of (dW, db), function, or None
        A gradient to be checked instead of back-propagation's: flat like θ, or a pair a layer, or a function
        `(network, X, y)` that returns one of these.
    tolerance : float
        The largest relative error of a group that passes.
    dropout_seed : int
        Of the masks that are held still, where the network has dropout.

    Returns
    -------
    GradientCheck
        True if all groups pass; `print` it to see which do.

    Raises
    ------
    ValueError
        If X, y or an own gradient does not fit the network.

    Examples
    --------
    >>> from pellucid import Dense, Network, check_gradients
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    >>> X, y = [[0.5, -1.0], [1.5, 0.2]], [0, 1]
    >>> check_gradients(net, X, y).passed
    True
    >>> forgot = lambda net, X, y: net.backward(net.forward(X), y).theta * len(X)  # the sum, not the mean
    >>> bool(check_gradients(net, X, y, gradient=forgot))
    False
    """
    exact = network.copy("float64")
    if not exact.initialized:
        exact.initialize(random_state=0)
    inputs = check_inputs(X, exact.n_inputs, exact.dtype)
    Y = exact.encode(y)
    check_same_length(inputs, Y)
    weight = check_sample_weight(sample_weight, len(Y), exact.dtype)
    masks = None
    if any(spec.dropout for spec in exact.specs):
        masks = draw_masks(exact.layers, len(inputs), dropout_seed, 0, exact.dtype)
    probe = _Probe(exact, exact.objective(penalty, reduction), inputs, Y, weight, masks)
    analytic = probe.analytic() if gradient is None else _own(gradient, exact, inputs, y)

    numeric, noise = probe.numeric()
    groups = tuple(_judge(group, analytic, numeric, noise, tolerance) for group in exact.groups)
    return GradientCheck(groups, tolerance)


class _Probe:
    """J as a function of θ alone, and its differences."""

    def __init__(
        self, network: LayerStack, objective: Objective, X: Array, Y: Array, weight: Array | None, masks: Masks | None
    ) -> None:
        self._network, self._objective = network, objective
        self._X, self._Y, self._weight, self._masks = X, Y, weight, masks

    def analytic(self) -> Array:
        """∂J/∂θ by back-propagation."""
        flat = np.empty_like(self._network.theta)
        passed = forward(self._network.layers, self._X, self._masks)
        self._objective.gradient(self._network.layers, passed, self._Y, pairs(flat, self._network.groups), self._weight)
        return flat

    def numeric(self) -> tuple[Array, Array]:
        """∂J/∂θ by differences (NaN where a kink is in the way), and the rounding error to expect in each."""
        theta = self._network.theta
        slopes, noise = np.full_like(theta, np.nan), np.zeros_like(theta)
        here, sides = self._value_and_sides()
        for i, start in enumerate(theta.copy()):
            for factor in SMALLER_STEPS:
                h = factor * STEP * max(1.0, abs(start))
                values, smooth = [], True
                for k in (-2, -1, 1, 2):
                    theta[i] = start + k * h
                    value, sides_there = self._value_and_sides()
                    values.append(value)
                    smooth = smooth and np.array_equal(sides, sides_there)
                theta[i] = start
                if smooth:
                    slopes[i] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
                    noise[i] = 4 * np.finfo(np.float64).eps * max(abs(here), 1e-300) / h
                    break
        return slopes, noise

    def _value_and_sides(self) -> tuple[float, Array]:
        network, objective = self._network, self._objective
        passed = forward(network.layers, self._X, self._masks)
        value = objective.value(network.layers, passed, self._Y, self._weight)
        return value, np.concatenate(self._sides(passed)) if self._has_kinks else np.zeros(0)

    @property
    def _has_kinks(self) -> bool:
        penalty = self._objective.penalty
        return bool(
            self._objective.loss.kinks
            or (penalty is not None and penalty.kinks)
            or any(spec.activation.kinks for spec in self._network.specs)
        )

    def _sides(self, passed: Forward) -> list[Array]:
        """On which side of each kink everything is that has one."""
        layers, penalty = self._network.layers, self._objective.penalty
        sides = [np.zeros(0, dtype=np.intp)]
        for layer, Z in zip(layers, passed.Z, strict=True):
            if layer.activation.kinks:
                sides.append(np.digitize(Z.ravel(), layer.activation.kinks))
            if penalty is not None and penalty.kinks:
                sides.append(np.digitize(layer.W.ravel(), penalty.kinks))
        if self._objective.loss.kinks:
            sides.append(np.digitize((passed.output - self._Y).ravel(), self._objective.loss.kinks))
        return sides


def _judge(group: Group, analytic: Array, numeric: Array, noise: Array, tolerance: float) -> GroupCheck:
    ours, differences = group.of(analytic), group.of(numeric)
    known = ~np.isnan(differences)
    error = 0.0
    if not np.isfinite(ours).all():
        error = float("inf")
    elif known.any():
        gap = np.abs(ours - differences)[known].max()
        size = max(np.abs(ours[known]).max(), np.abs(differences[known]).max())
        # A gradient that is all but 0 has no digits left to compare: what rounding explains is no error.
        error = float(gap / max(size, group.of(noise)[known].max() / tolerance, np.finfo(np.float64).tiny))
    return GroupCheck(
        group.layer, group.name, error, error <= tolerance, int((~known).sum()), ours.copy(), differences.copy()
    )


def _own(gradient: OwnGradient, network: LayerStack, X: Array, y: object) -> Array:
    """An own gradient as a flat vector like θ."""
    given = gradient(network, X, y) if callable(gradient) else gradient
    if isinstance(given, np.ndarray) and given.ndim == 1:
        parts = [np.asarray(given, dtype=np.float64)]
    else:
        parts = [np.asarray(part, dtype=np.float64).ravel() for pair in given for part in pair]  # type: ignore[attr-defined]
    flat = np.concatenate(parts)
    if flat.shape != network.theta.shape:
        wanted = ", ".join(f"dW{g.shape}" if g.name == "W" else f"db{g.shape}" for g in network.groups)
        raise ValueError(f"gradient must hold {network.theta.size} numbers ({wanted}), got {flat.size}")
    return flat
