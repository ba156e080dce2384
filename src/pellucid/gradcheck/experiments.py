r"""The cause of a wrong gradient, found by calling loss and gradient at other parameters.

The network is a black box: only its loss and gradient can be called, at any θ. With W of the last layer = 0, every
sample has the same output f(b), so the gradient of b depends only on the targets and the set of samples. With W of a
hidden layer = 0 and all of its biases = z, every unit has the same f′(z). The propagation of δ to it,

    ∂J/∂bˡⱼ = f′(z) Σₖ wⱼₖ ∂J/∂bˡ⁺¹ₖ,

gives f′(z) of the loss and f′(z) of the gradient. The gradient of a bias contains no penalty. A mistake is named only
if it predicts the given numbers at several such points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.evidence import UNKNOWN, GroupEvidence, first_right_group
from pellucid.gradcheck.factors import Sizes, explain_factor
from pellucid.gradcheck.hypotheses import other_activations
from pellucid.maths.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array

TOLERANCE = 1e-6
"""Largest relative difference of equal results; the finite differences at these points are accurate to 1e-9."""

TEST_POINTS = (-1.3, -0.6, 0.45, 1.1)
"""The z at which f′ is compared."""


@dataclass(frozen=True)
class BlackBox:
    """A loss and its gradient as functions of flat parameters, W and b of each layer in turn, with the shapes of W."""

    loss: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    theta: Array
    shapes: tuple[tuple[int, int], ...]

    def slices(self, layer: int) -> tuple[slice, slice]:
        """The slices of W and b of a layer."""
        start = sum(p * h + h for p, h in self.shapes[:layer])
        p, h = self.shapes[layer]
        return slice(start, start + p * h), slice(start + p * h, start + p * h + h)

    def with_layer(self, layer: int, biases: Array | float) -> Array:
        """θ with W of a layer = 0 and these biases."""
        W, b = self.slices(layer)
        moved = self.theta.copy()
        moved[W], moved[b] = 0.0, biases
        return moved

    def numeric_derivatives(self, theta: Array, span: slice) -> Array:
        """∂J/∂θ of these elements by extrapolated finite differences; NaN if two step sizes disagree."""
        found = np.full(span.stop - span.start, np.nan)
        for k, i in enumerate(range(span.start, span.stop)):
            coarse, fine, finer = (self._difference(theta, i, h) for h in (8e-3, 4e-3, 2e-3))
            first, second = fine + (fine - coarse) / 15, finer + (finer - fine) / 15
            if abs(first - second) <= 1e-8 * (1 + abs(second)):
                found[k] = second
        return found

    def _difference(self, theta: Array, i: int, h: float) -> float:
        def J(t: float) -> float:
            moved = theta.copy()
            moved[i] += t
            return self.loss(moved)

        return (J(-2 * h) - 8 * J(-h) + 8 * J(h) - J(2 * h)) / (12 * h)


def layer_shapes(shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], ...] | None:
    """The shapes of W if `shapes` are W and b in turn with matching widths; else None.

    >>> layer_shapes([(3, 6), (6,), (6, 2), (1, 2)]), layer_shapes([(3, 6), (5,)])
    (((3, 6), (6, 2)), None)
    """
    found: list[tuple[int, int]] = []
    if len(shapes) % 2 or len(shapes) < 4:
        return None
    for W, b in zip(shapes[::2], shapes[1::2], strict=True):
        if len(W) != 2 or int(np.prod(b)) != W[1] or max(b, default=1) != W[1] or (found and found[-1][1] != W[0]):
            return None
        found.append((int(W[0]), int(W[1])))
    return tuple(found)


def is_ambiguous(causes: Sequence[Cause]) -> bool:
    """Whether the numbers alone give no cause, or more than one."""
    return any(cause.name == UNKNOWN or "dropout" in cause.name for cause in causes)


def cause_by_experiment(box: BlackBox, groups: Sequence[GroupEvidence], sizes: Sizes) -> Cause | None:
    """The cause found by experiments, or None."""
    wrong = [group for group in groups if not group.passed]
    try:
        with np.errstate(all="ignore"):
            if first_right_group(groups, wrong) is not None and len(wrong) % 2 == 0:
                return _hidden_layer_cause(box, len(wrong) // 2 - 1, sizes)
            if not groups[-1].passed and not groups[-2].passed and _has_one_delta(box):
                return _output_layer_cause(box, sizes)
    except (ValueError, ArithmeticError, IndexError):
        # The loss or the gradient is not defined at these parameters: no cause is found.
        return None
    return None


# ------------------------------------------------------------------------------------------------ the last layer


def _output_layer_cause(box: BlackBox, sizes: Sizes) -> Cause | None:
    """A cause from the gradient of the last b while all samples have the same output."""
    last = len(box.shapes) - 1
    span, k = box.slices(last)[1], box.shapes[last][1]
    random = np.random.default_rng(0)
    betas = [np.zeros(k), random.normal(size=k), random.normal(size=k)]
    points = [box.with_layer(last, beta) for beta in betas]
    right = np.array([box.numeric_derivatives(point, span) for point in points])
    given = np.array([box.gradient(point)[span] for point in points])
    if not np.isfinite(right).all() or not np.isfinite(given).all():
        return None
    for name, outputs in _output_maps(k):
        model = _fit_line(np.array([outputs(beta) for beta in betas]), right)
        if model is not None and model[0] > 0:
            return _output_delta_cause(name, np.array([outputs(beta) for beta in betas]), right, given, model, sizes)
    return None


def _has_one_delta(box: BlackBox) -> bool:
    """Whether the gradients of W and b of the last layer come from the same δ.

    With W of the last two layers = 0, every sample has the same input a of the last layer: ∂J/∂W = a ⊗ ∂J/∂b.
    """
    last = len(box.shapes) - 1
    W, b = box.slices(last)
    point = box.with_layer(last, np.linspace(-0.5, 0.7, box.shapes[last][1]))
    point[box.slices(last - 1)[0]] = 0.0
    right_W, right_b = box.numeric_derivatives(point, W).reshape(box.shapes[last]), box.numeric_derivatives(point, b)
    answer = box.gradient(point)
    given_W, given_b = answer[W].reshape(box.shapes[last]), answer[b]
    j = int(np.abs(right_b).argmax())
    predicted = np.outer(right_W[:, j] / right_b[j], given_b)
    return bool(np.abs(predicted - given_W).max() <= TOLERANCE * np.abs(given_W).max())


def _output_maps(k: int) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    if k > 1:
        yield "softmax", lambda b: np.exp(b - b.max()) / np.exp(b - b.max()).sum()
    yield "sigmoid", lambda b: 1 / (1 + np.exp(-b))
    yield "identity", lambda b: b


def _fit_line(outputs: Array, derivatives: Array) -> tuple[float, Array] | None:
    """The c and t with derivatives = c (outputs − t) at every point; None if there are none."""
    moved, change = outputs[1:] - outputs[0], derivatives[1:] - derivatives[0]
    size = float(np.abs(derivatives).max())
    scale = float((moved * change).sum() / (moved**2).sum())
    if size == 0 or abs(scale) < 1e-12 or np.abs(change - scale * moved).max() > TOLERANCE * size:
        return None
    return scale, outputs[0] - derivatives[0] / scale


def _output_delta_cause(
    name: str, P: Array, right: Array, given: Array, model: tuple[float, Array], sizes: Sizes
) -> Cause | None:
    scale, targets = model
    size, k = float(np.abs(right).max()), P.shape[1]
    start = "With W of the last layer = 0, all samples have the same output P, and there "

    def close(predicted: Array) -> bool:
        return bool(np.abs(predicted - given).max() <= TOLERANCE * max(size, float(np.abs(given).max())))

    if close(right):
        return None
    slope = P * (1 - P)
    if name != "identity" and close(right * slope):
        words = f"the gradient is the right one times P (1 − P). With cross-entropy the derivative of {name} cancels: "
        return Cause("output derivative", start + words + "δ = P − Y.")
    if name == "softmax" and sizes.n and close(np.broadcast_to(scale * (1 / sizes.n - targets), right.shape)):
        words = f"the gradient is made of 1/{sizes.n} − Y: softmax is taken over the samples (axis 0), not over the "
        return Cause("softmax over the wrong axis", start + words + "classes of each sample (axis 1).")
    predicted = _fit_line(P, given)
    if predicted is None:
        return None
    return _target_cause(start, k, scale, targets, predicted, sizes)


def _target_cause(
    start: str, k: int, scale: float, targets: Array, predicted: tuple[float, Array], sizes: Sizes
) -> Cause | None:
    """Both are scale · (P − mean target): compare the scale and the mean target of loss and gradient."""
    given_scale, given_targets = predicted
    same_scale = abs(given_scale / scale - 1) <= TOLERANCE

    def equal(first: Array, second: Array) -> bool:
        return bool(np.abs(first - second).max() <= 1e-5 * max(1.0, float(np.abs(second).max())))

    words = f"the mean of the targets is {_format(targets)} in the loss and {_format(given_targets)} in the gradient"
    if same_scale and k > 1:
        for first in (0, 1):
            labels = float(targets @ (np.arange(k) + first))
            if equal(given_targets, np.full(k, labels)) and not equal(targets, np.full(k, labels)):
                cause = f": labels ({first}, {first + 1}, …) are subtracted where one-hot targets belong."
                return Cause("labels for one-hot", start + words + cause)
    n = sizes.n
    ratio = given_scale / scale
    if n and not same_scale and 0 < ratio < 1:
        m = round(ratio * n)
        if 0 < m < n and abs(ratio * n - m) <= 1e-4:
            cause = f"the gradient is made of {m} of the {n} samples: "
            left = f"{n - m} {'is' if n - m == 1 else 'are'} left out (the last one, the last batch?)."
            return Cause("samples left out", start + cause + left)
    if same_scale and not equal(given_targets, targets):
        shifts = [s for s in range(1, k) if equal(np.roll(targets, s), given_targets)]
        hint = " They are the same numbers in shifted columns: is one-hot made from labels that start elsewhere?"
        cause = ": it is made of other samples (only some of them, the last batch?) or of other targets."
        return Cause("other data", start + words + cause + (hint if shifts else ""))
    return None


def _format(numbers: Array) -> str:
    shown = ", ".join(f"{number:.4g}" for number in numbers[:6])
    return f"({shown}{', …' if len(numbers) > 6 else ''})"


# ------------------------------------------------------------------------------------------------ hidden layers


def _hidden_layer_cause(box: BlackBox, layer: int, sizes: Sizes) -> Cause | None:
    """A mistake in the propagation of δ to this layer; all layers above it are right."""
    span, above = box.slices(layer)[1], box.slices(layer + 1)
    W = box.theta[above[0]].reshape(box.shapes[layer + 1])
    points = [box.with_layer(layer, z) for z in TEST_POINTS]
    right = np.array([box.numeric_derivatives(point, span) for point in points])
    answers = [box.gradient(point) for point in points]
    given = np.array([answer[span] for answer in answers])
    db = np.array([answer[above[1]] for answer in answers])
    truth = np.array([box.numeric_derivatives(point, above[1]) for point in points])
    down = db @ W.T
    known = np.isfinite(right).all() and np.isfinite(given).all() and np.isfinite(truth).all()
    if not known or np.abs(db - truth).max() > TOLERANCE * np.abs(truth).max() or W.shape[0] < 2:
        return None
    number = layer + 1
    right_derivative, given_derivative = _common_derivative(right, down), _common_derivative(given, down)
    if right_derivative is None:
        return _mask_cause(right, given, down, given_derivative, number)
    if given_derivative is None:
        return _weight_cause(given, right_derivative, W, db, answers, above[0], number)
    if np.abs(given_derivative - right_derivative).max() <= TOLERANCE * np.abs(right_derivative).max():
        return None
    return _derivative_cause(right_derivative, given_derivative, number, sizes)


def _common_derivative(answers: Array, down: Array) -> Array | None:
    """f′(z) at each point, if it is the same for all units: answers = f′(z) · W Σδ; else None."""
    derivatives = (answers * down).sum(axis=1) / (down**2).sum(axis=1)
    size = np.abs(answers).max(axis=1)
    fits: bool = bool((np.abs(answers - derivatives[:, None] * down).max(axis=1) <= TOLERANCE * size + 1e-9).all())
    return derivatives if fits else None


def _derivative_cause(right_derivative: Array, given_derivative: Array, number: int, sizes: Sizes) -> Cause:
    """Loss and gradient have different f′: find both functions."""
    z = np.array(TEST_POINTS)
    shown = "; ".join(f"at z = {place:g} {given:.4g}, not {right:.4g}" for place, given, right in
                      zip(TEST_POINTS, given_derivative, right_derivative, strict=True))  # fmt: skip
    ratio = float(given_derivative @ right_derivative) / (
        float(right_derivative @ right_derivative) or 1.0
    )  # also for derivatives that are 0, as of ReLU
    if (
        ratio
        and np.abs(given_derivative - ratio * right_derivative).max() <= TOLERANCE * np.abs(given_derivative).max()
    ):
        inner = explain_factor(ratio, sizes)
        words = f"The derivative of the activation of layer {number} is right but for a factor. {inner.sentence}"
        return Cause(f"{inner.name} below", words)
    named = ""
    for activation, name in _candidate_activations():
        if _agree(activation.derivative(z, activation.value(z)), right_derivative):
            named = f" ({name})"
            for wrong, words in _wrong_derivatives(activation):
                if _agree(wrong, given_derivative):
                    sentence = f"The derivative of the activation of layer {number}{named} {words}: {shown}."
                    return Cause("activation derivative", sentence)
    return Cause(
        "activation derivative", f"The derivative of the activation of layer {number}{named} is wrong: {shown}."
    )


def _agree(first: Array, second: Array) -> bool:
    return bool(np.abs(first - second).max() <= TOLERANCE * max(1.0, float(np.abs(second).max())))


def _candidate_activations() -> Iterator[tuple[Activation, str]]:
    for name in ACTIVATIONS:
        activation = ACTIVATIONS.resolve(name)
        if activation.elementwise:
            yield activation, name
    for leak in (0.001, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3):
        yield LeakyReLU(negative_slope=leak), f"leaky_relu with slope {leak:g}"
    yield ELU(alpha=2.0), "elu with α = 2"


def _wrong_derivatives(activation: Activation) -> Iterator[tuple[Array, str]]:
    """Wrong f′ of an activation at `TEST_POINTS`."""
    z = np.array(TEST_POINTS)
    f = activation.value(z)
    slope = activation.derivative(z, f)
    yield np.ones_like(z), "is left out"
    yield activation.derivative(f, activation.value(f)), "is taken at A, the output, not at Z, the pre-activation"
    yield activation.derivative(z, z), "is computed with Z where its formula has A, the output"
    yield np.where(z > 0, 0.0, slope), "is taken as 0 for z > 0"
    yield np.where(z > 0, slope, 0.0), "is taken as 0 for z ≤ 0"
    yield np.where(z > 0, slope, 1.0), "is taken as 1 for z ≤ 0"
    yield f, "is replaced by f itself"
    yield slope**2, "is multiplied in twice"
    for other, words in other_activations(activation):
        yield other.derivative(z, other.value(z)), words
        yield other.derivative(z, f), f"{words}, made from this layer's A"


def _weight_cause(
    given: Array, derivatives: Array, W: Array, db: Array, answers: list[Array], span: slice, number: int
) -> Cause | None:
    """The gradient is not f′(z) · W Σδ: test for other matrices in place of W."""
    above = f"W of layer {number + 1}"
    if W.shape[0] == W.shape[1] and _agree(derivatives[:, None] * (db @ W), given):
        return Cause("transposed", f"δ is multiplied by {above}, not by its transpose: use δ @ W.T.")
    change = np.array([row @ answer[span].reshape(W.shape).T for row, answer in zip(db, answers, strict=True)])
    short, unit = derivatives[:, None] * (db @ W.T) - given, derivatives[:, None] * change
    rate = float((short * unit).sum() / (unit**2).sum()) if unit.any() else 0.0
    if np.isfinite(rate) and rate != 0 and np.abs(short - rate * unit).max() <= TOLERANCE * np.abs(given).max():
        words = f"{above} has been changed (by a step with rate {rate:.4g}) before δ is multiplied by it. "
        return Cause("weights changed too early", words + "Compute all gradients first, then take the step.")
    return None


def _mask_cause(right: Array, given: Array, down: Array, given_derivative: Array | None, number: int) -> Cause | None:
    """The units of this layer have different f′(z) in the loss: a dropout mask is applied."""
    seen = f"In the loss, the units of layer {number} are masked (dropout)"
    ratio = given / right if (right != 0).all() else np.full_like(right, np.nan)
    if given_derivative is not None:
        return Cause("dropout mask left out", f"{seen}. In the gradient they are not: multiply δ with the same mask.")
    level = float(np.mean(ratio))
    if np.isfinite(level) and np.abs(ratio - level).max() <= TOLERANCE * abs(level) and abs(level - 1) > TOLERANCE:
        if not 0 < level < 1:
            return None
        words = f"In the gradient the mask lacks its factor 1/(1 − p), with p = {1 - level:.4g}."
        return Cause("dropout scale left out", f"{seen}. {words}")
    return None
