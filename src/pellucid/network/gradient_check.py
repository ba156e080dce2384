r"""Is the gradient right, and if not, why? Back-propagation held against finite differences of the objective.

The differences are taken in float64 on a copy of the network, with the dropout masks held still and the penalty in J
(`probe`). Where they disagree with the gradient, the likely mistake is named: read off the numbers (`causes`), or
proved by making it on purpose (`suspects`).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid.maths.blas import blas_threads
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.causes import Cause, Part, Sizes, likely_causes
from pellucid.network.checks import check_inputs, check_same_length, check_sample_weight
from pellucid.network.derivative import activation_cause, loss_cause
from pellucid.network.forward import draw_masks
from pellucid.network.given import fitted, habit_of
from pellucid.network.inside import look_inside
from pellucid.network.objective import Reduction
from pellucid.network.probe import Probe
from pellucid.network.stack import LayerStack
from pellucid.network.suspects import convicted

REPORT_WIDTH = 88
"""Columns of the printed report; the verdict is a sentence and is filled to it."""

OwnGradient = Callable[[LayerStack, Array, object], object] | Sequence[object] | Array


@dataclass(frozen=True)
class GroupCheck:
    """The verdict on one group of parameters.

    Attributes
    ----------
    layer : int or None
        From 0; None where the parameters belong to no network (`grade`).
    name : str
        "W" or "b", or the name that was given.
    error : float
        Relative: the largest |analytic − numeric| over the largest |gradient| of the group.
    passed : bool
    skipped : int
        Parameters left out because a kink is too near.
    analytic, numeric : arrays of the group's shape
        The gradient under test, and the differences (NaN where left out).
    """

    layer: int | None
    name: str
    error: float
    passed: bool
    skipped: int
    analytic: Array
    numeric: Array

    @property
    def label(self) -> str:
        """How the group is called in sentences."""
        return self.name if self.layer is None else f"{self.name} of layer {self.layer + 1}"


@dataclass(frozen=True)
class GradientCheck:
    """The verdicts on all groups; true where all have passed. `print` it for a table and the likely cause.

    Attributes
    ----------
    groups : tuple of GroupCheck
    tolerance : float
    causes : tuple of Cause
        The likely mistakes, each with a `name` and a `sentence`; empty where all is right.
    """

    groups: tuple[GroupCheck, ...]
    tolerance: float
    causes: tuple[Cause, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every group's error is within the tolerance, and nothing else is wrong."""
        return all(group.passed for group in self.groups) and not self.causes

    @property
    def error(self) -> float:
        """The largest error of all groups."""
        return max(group.error for group in self.groups)

    @property
    def skipped(self) -> int:
        """Parameters left out because a kink is too near."""
        return sum(group.skipped for group in self.groups)

    @property
    def verdict(self) -> str:
        """What is to be said, in sentences."""
        sentences = [cause.sentence for cause in self.causes]
        if self.passed:
            sentences = ["The gradient is right."]
            if self.skipped == sum(group.numeric.size for group in self.groups):
                sentences = ["Nothing could be checked: every parameter sits at a kink. Take other data or parameters."]
        if self.skipped:
            sentences.append(
                f"{self.skipped} parameter(s) sit at a kink (as of ReLU at 0), where no derivative exists: "
                "left out, which is not an error."
            )
        return " ".join(sentences)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"gradient check: {'passed' if self.passed else 'FAILED'} (tolerance {self.tolerance:g})"]
        width = max(len(group.label) for group in self.groups)
        for group in self.groups:
            verdict = "ok" if group.passed else "WRONG"
            skipped = f"  ({group.skipped} of {group.numeric.size} at a kink, left out)" if group.skipped else ""
            lines.append(f"  {group.label:<{width}}  relative error {group.error:.1e}  {verdict}{skipped}")
        return "\n".join([*lines, textwrap.fill(self.verdict, REPORT_WIDTH)])


@blas_threads(1)
def check_gradients(
    network: Any,
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
    network : Network, fitted estimator, or fitted pipeline or search around one
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
        True if all groups pass; `print` it to see which do, and the likely cause where one does not.

    Raises
    ------
    ValueError
        If X, y or an own gradient does not fit the network.

    Examples
    --------
    >>> from pellucid import Dense, Network, check_gradients
    >>> net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    >>> X, y = [[0.5, -1.0], [1.5, 0.2], [0.1, 0.4]], [0, 1, 1]
    >>> check_gradients(net, X, y).passed
    True
    >>> forgot = lambda net, X, y: net.backward(net.forward(X), y).theta * len(X)  # the sum, not the mean
    >>> check_gradients(net, X, y, gradient=forgot).causes[0].name
    'sum, not mean'
    """
    if not isinstance(network, LayerStack):
        inside = look_inside(network, X, y)
        network, X, y = inside.network, inside.X, inside.y
    exact = network.copy("float64")
    if not exact.initialized:
        exact.initialize(random_state=0)
    inputs = check_inputs(X, exact.n_inputs, exact.dtype)
    Y = exact.encode(y)
    check_same_length(inputs, Y)
    weight = check_sample_weight(sample_weight, len(Y), exact.dtype, relative=reduction == "mean")
    masks = None
    if any(spec.dropout for spec in exact.specs):
        masks = draw_masks(exact.layers, len(inputs), dropout_seed, 0, exact.dtype)
    probe = Probe(exact, exact.objective(penalty, reduction), inputs, Y, weight, masks)
    numeric, noise = probe.numeric()
    causes: list[Cause] = []
    if gradient is None:
        analytic = probe.analytic()
    else:
        analytic, causes = _own(gradient, exact, inputs, y)
    groups = tuple(judge(g.layer, g.name, g.of(analytic), g.of(numeric), g.of(noise), tolerance) for g in exact.groups)
    groups = without_misfits(groups, causes)
    if not causes and not all(group.passed for group in groups):
        causes = _name_the_cause(probe, groups, own=gradient is not None)
    return GradientCheck(groups, tolerance, tuple(causes))


def judge(layer: int | None, name: str, analytic: Array, numeric: Array, noise: Array, tolerance: float) -> GroupCheck:
    """The verdict on one group: its gradient, the differences, and the rounding to expect in those."""
    known = ~np.isnan(numeric)
    error = 0.0
    if not np.isfinite(analytic).all():
        error = float("inf")
    elif known.any():
        gap = np.abs(analytic - numeric)[known].max()
        size = max(np.abs(analytic[known]).max(), np.abs(numeric[known]).max())
        # A gradient that is all but 0 has no digits left to compare: what rounding explains is no error.
        error = float(gap / max(size, noise[known].max() / tolerance, np.finfo(np.float64).tiny))
    return GroupCheck(layer, name, error, error <= tolerance, int((~known).sum()), analytic.copy(), numeric.copy())


def without_misfits(groups: Sequence[GroupCheck], causes: Sequence[Cause]) -> tuple[GroupCheck, ...]:
    """A group that was handed in with another shape has not passed, whatever its numbers add up to."""
    misfits = {cause.where for cause in causes}
    return tuple(replace(group, passed=False, error=np.inf) if group.label in misfits else group for group in groups)


def _name_the_cause(probe: Probe, groups: Sequence[GroupCheck], *, own: bool) -> list[Cause]:
    """The likely mistake: for back-propagation's own numbers one of the formulas, else one of the habits of people."""
    if not own:
        passed = probe.passed()
        for i, layer in enumerate(probe.network.layers):
            cause = activation_cause(layer.activation, passed.Z[i], f"layer {i + 1}")
            if cause is not None:
                return [cause]
        cause = loss_cause(probe.objective.loss, probe.network.layers[-1].activation, probe.Y, passed)
        if cause is not None:
            return [cause]
    thetas = [group.of(probe.network.theta) for group in probe.network.groups]
    parts = [
        Part(group.label, theta, group.analytic, group.numeric, group.passed)
        for group, theta in zip(groups, thetas, strict=True)
    ]
    sizes = Sizes(len(probe.Y), probe.network.n_outputs, probe.objective.reduction)
    causes = likely_causes(parts, sizes)
    if any(part.given.any() and np.isfinite(part.given).all() for part in parts) and _is_a_guess(causes):
        proved = convicted(probe, parts, sizes)
        if proved is not None:
            return [proved]
    return causes


def _is_a_guess(causes: Sequence[Cause]) -> bool:
    """Whether a proof would say more: of a plain factor on everything the ratio is proof enough."""
    plain = {"sum, not mean", "averaged twice", "mean, not sum", "sign flipped", "not finite", "all zero"}
    return not any(cause.name in plain for cause in causes)


def _own(gradient: OwnGradient, network: LayerStack, X: Array, y: object) -> tuple[Array, list[Cause]]:
    """An own gradient as a flat vector like θ, and what can be said of it before looking at its numbers."""
    if not callable(gradient):
        return _flat(gradient, network)
    before = network.theta.copy()

    def call() -> tuple[Array, list[Cause]]:
        answer = gradient(network, X, y)
        return _flat(answer, network)

    flat, causes = call()
    habit = habit_of(flat, lambda: call()[0], before, lambda: network.theta)
    network.theta = before
    return flat, [*causes, *([] if habit is None else [habit])]


def _flat(given: object, network: LayerStack) -> tuple[Array, list[Cause]]:
    if isinstance(given, np.ndarray) and given.ndim == 1:
        flat = np.asarray(given, dtype=np.float64).copy()
        _check_size(flat.size, network)
        return flat, []
    parts = [part for pair in given for part in pair]  # type: ignore[attr-defined]
    if len(parts) != len(network.groups):
        _check_size(sum(np.size(part) for part in parts), network)
    fits = [
        fitted(part, group.shape, f"{group.name} of layer {group.layer + 1}")
        for part, group in zip(parts, network.groups, strict=True)
    ]
    return np.concatenate([array.ravel() for array, _ in fits]), [cause for _, cause in fits if cause is not None]


def _check_size(size: int, network: LayerStack) -> None:
    if size != network.theta.size:
        wanted = ", ".join(f"dW{g.shape}" if g.name == "W" else f"db{g.shape}" for g in network.groups)
        raise ValueError(f"gradient must hold {network.theta.size} numbers ({wanted}), got {size}")
