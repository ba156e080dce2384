r"""Why a gradient is wrong: found out by calling it at other parameters.

Of a network that is known by its loss alone, one thing can be chosen: θ. With W of the last layer at 0, every sample
has the same output f(b), so the gradient of b shows what is made of targets and samples. With W of a hidden layer at 0
and all of its biases at z, every unit has the same f′(z), and the step of δ down to it,

    ∂J/∂bˡⱼ = f′(z) Σₖ wⱼₖ ∂J/∂bˡ⁺¹ₖ,

can be read off the answers: f′(z) as the loss has it and as the gradient has it. There is no penalty in the gradient
of a bias. What is named here is named because the numbers of the mistake are the given ones at several such points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.causes import UNKNOWN, Part, right_from
from pellucid.gradcheck.factors import Sizes, meaning_of
from pellucid.gradcheck.suspects import other_activations
from pellucid.maths.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array

CLOSE = 1e-6
"""Relative difference up to which two answers are called the same; differences at these points are good to 1e-9."""

PLACES = (-1.3, -0.6, 0.45, 1.1)
"""The z at which f′ is looked at."""


@dataclass(frozen=True)
class Subject:
    """A loss and a gradient of flat parameters, which are W and b of each layer in turn, `shapes` being W's."""

    loss: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    theta: Array
    shapes: tuple[tuple[int, int], ...]

    def spans(self, layer: int) -> tuple[slice, slice]:
        """Where W and b of a layer are."""
        start = sum(p * h + h for p, h in self.shapes[:layer])
        p, h = self.shapes[layer]
        return slice(start, start + p * h), slice(start + p * h, start + p * h + h)

    def at(self, layer: int, biases: Array | float) -> Array:
        """θ with W of a layer at 0 and these biases."""
        W, b = self.spans(layer)
        moved = self.theta.copy()
        moved[W], moved[b] = 0.0, biases
        return moved

    def slopes(self, theta: Array, span: slice) -> Array:
        """∂J/∂θ of these elements by differences of J: two steps, extrapolated; NaN where they do not agree."""
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


def layers_of(shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], ...] | None:
    """The shapes of W, where these are W and b in turn, each layer as wide as the next one needs; else None.

    >>> layers_of([(3, 6), (6,), (6, 2), (1, 2)]), layers_of([(3, 6), (5,)])
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


def not_certain(causes: Sequence[Cause]) -> bool:
    """Whether numbers alone left it open, or left more than one reading."""
    return any(cause.name == UNKNOWN or "dropout" in cause.name for cause in causes)


def found_out(subject: Subject, parts: Sequence[Part], sizes: Sizes) -> Cause | None:
    """The cause that experiments prove, or None."""
    wrong = [part for part in parts if not part.passed]
    try:
        with np.errstate(all="ignore"):
            if right_from(parts, wrong) is not None and len(wrong) % 2 == 0:
                return _on_the_way_down(subject, len(wrong) // 2 - 1, sizes)
            if not parts[-1].passed and not parts[-2].passed and _made_of_one_delta(subject):
                return _at_the_top(subject, sizes)
    except (ValueError, ArithmeticError, IndexError):
        # The loss or the gradient has no answer at these parameters: then nothing is found out.
        return None
    return None


# ------------------------------------------------------------------------------------------------ the last layer


def _at_the_top(subject: Subject, sizes: Sizes) -> Cause | None:
    """What the gradient of the last b shows where all samples have one output."""
    last = len(subject.shapes) - 1
    span, k = subject.spans(last)[1], subject.shapes[last][1]
    random = np.random.default_rng(0)
    betas = [np.zeros(k), random.normal(size=k), random.normal(size=k)]
    points = [subject.at(last, beta) for beta in betas]
    right = np.array([subject.slopes(point, span) for point in points])
    given = np.array([subject.gradient(point)[span] for point in points])
    if not np.isfinite(right).all() or not np.isfinite(given).all():
        return None
    for name, outputs in _output_maps(k):
        model = _line(np.array([outputs(beta) for beta in betas]), right)
        if model is not None and model[0] > 0:
            return _read_top(name, np.array([outputs(beta) for beta in betas]), right, given, model, sizes)
    return None


def _made_of_one_delta(subject: Subject) -> bool:
    """Whether W and b of the last layer are made of one δ.

    With the W of the last two layers at 0, every sample brings the same a into the last one: ∂J/∂W = a ⊗ ∂J/∂b.
    """
    last = len(subject.shapes) - 1
    W, b = subject.spans(last)
    point = subject.at(last, np.linspace(-0.5, 0.7, subject.shapes[last][1]))
    point[subject.spans(last - 1)[0]] = 0.0
    right_W, right_b = subject.slopes(point, W).reshape(subject.shapes[last]), subject.slopes(point, b)
    answer = subject.gradient(point)
    given_W, given_b = answer[W].reshape(subject.shapes[last]), answer[b]
    j = int(np.abs(right_b).argmax())
    theirs = np.outer(right_W[:, j] / right_b[j], given_b)
    return bool(np.abs(theirs - given_W).max() <= CLOSE * np.abs(given_W).max())


def _output_maps(k: int) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    if k > 1:
        yield "softmax", lambda b: np.exp(b - b.max()) / np.exp(b - b.max()).sum()
    yield "sigmoid", lambda b: 1 / (1 + np.exp(-b))
    yield "identity", lambda b: b


def _line(outputs: Array, slopes: Array) -> tuple[float, Array] | None:
    """c and t with slopes = c · (outputs − t) at every point; None if there are none."""
    moved, change = outputs[1:] - outputs[0], slopes[1:] - slopes[0]
    size = float(np.abs(slopes).max())
    scale = float((moved * change).sum() / (moved**2).sum())
    if size == 0 or abs(scale) < 1e-12 or np.abs(change - scale * moved).max() > CLOSE * size:
        return None
    return scale, outputs[0] - slopes[0] / scale


def _read_top(
    name: str, P: Array, right: Array, given: Array, model: tuple[float, Array], sizes: Sizes
) -> Cause | None:
    scale, targets = model
    size, k = float(np.abs(right).max()), P.shape[1]
    start = "With W of the last layer at 0, all samples have one output P, and there "

    def close(theirs: Array) -> bool:
        return bool(np.abs(theirs - given).max() <= CLOSE * max(size, float(np.abs(given).max())))

    if close(right):
        return None
    slope = P * (1 - P)
    if name != "identity" and close(right * slope):
        words = f"the gradient is the right one times P (1 − P). With cross-entropy the derivative of {name} cancels: "
        return Cause("output derivative", start + words + "δ = P − Y.")
    if name == "softmax" and sizes.n and close(np.broadcast_to(scale * (1 / sizes.n - targets), right.shape)):
        words = f"the gradient is made of 1/{sizes.n} − Y: softmax is taken over the samples (axis 0), not over the "
        return Cause("softmax over the wrong axis", start + words + "classes of each sample (axis 1).")
    theirs = _line(P, given)
    if theirs is None:
        return None
    return _read_targets(start, k, scale, targets, theirs, sizes)


def _read_targets(
    start: str, k: int, scale: float, targets: Array, theirs: tuple[float, Array], sizes: Sizes
) -> Cause | None:
    """Both are scale · (P − mean target): which scale and which mean target has the gradient?"""
    their_scale, their_targets = theirs
    same_scale = abs(their_scale / scale - 1) <= CLOSE

    def equal(first: Array, second: Array) -> bool:
        return bool(np.abs(first - second).max() <= 1e-5 * max(1.0, float(np.abs(second).max())))

    words = f"the mean of the targets is {_shown(targets)} in the loss and {_shown(their_targets)} in the gradient"
    if same_scale and k > 1:
        for first in (0, 1):
            labels = float(targets @ (np.arange(k) + first))
            if equal(their_targets, np.full(k, labels)) and not equal(targets, np.full(k, labels)):
                cause = f": labels ({first}, {first + 1}, …) are subtracted where one-hot targets belong."
                return Cause("labels for one-hot", start + words + cause)
    n = sizes.n
    ratio = their_scale / scale
    if n and not same_scale and 0 < ratio < 1:
        m = round(ratio * n)
        if 0 < m < n and abs(ratio * n - m) <= 1e-4:
            cause = f"the gradient is made of {m} of the {n} samples: "
            left = f"{n - m} {'is' if n - m == 1 else 'are'} left out (the last one, the last batch?)."
            return Cause("samples left out", start + cause + left)
    if same_scale and not equal(their_targets, targets):
        shifts = [s for s in range(1, k) if equal(np.roll(targets, s), their_targets)]
        hint = " They are the same numbers in shifted columns: is one-hot made from labels that start elsewhere?"
        cause = ": it is made of other samples (only some of them, the last batch?) or of other targets."
        return Cause("other data", start + words + cause + (hint if shifts else ""))
    return None


def _shown(numbers: Array) -> str:
    shown = ", ".join(f"{number:.4g}" for number in numbers[:6])
    return f"({shown}{', …' if len(numbers) > 6 else ''})"


# ------------------------------------------------------------------------------------------------ hidden layers


def _on_the_way_down(subject: Subject, layer: int, sizes: Sizes) -> Cause | None:
    """What is wrong in the step of δ down to this layer, all above it being right."""
    span, above = subject.spans(layer)[1], subject.spans(layer + 1)
    W = subject.theta[above[0]].reshape(subject.shapes[layer + 1])
    points = [subject.at(layer, z) for z in PLACES]
    right = np.array([subject.slopes(point, span) for point in points])
    answers = [subject.gradient(point) for point in points]
    given = np.array([answer[span] for answer in answers])
    db = np.array([answer[above[1]] for answer in answers])
    truth = np.array([subject.slopes(point, above[1]) for point in points])
    down = db @ W.T
    known = np.isfinite(right).all() and np.isfinite(given).all() and np.isfinite(truth).all()
    if not known or np.abs(db - truth).max() > CLOSE * np.abs(truth).max() or W.shape[0] < 2:
        return None
    number = layer + 1
    in_loss, in_gradient = _slope_of(right, down), _slope_of(given, down)
    if in_loss is None:
        return _masked(right, given, down, in_gradient, number)
    if in_gradient is None:
        return _through_w(given, in_loss, W, db, answers, above[0], number)
    if np.abs(in_gradient - in_loss).max() <= CLOSE * np.abs(in_loss).max():
        return None
    return _slope(in_loss, in_gradient, number, sizes)


def _slope_of(answers: Array, down: Array) -> Array | None:
    """f′(z) at each point, if it is the same for all units: answers = f′(z) · (W δ's sum)."""
    slopes = (answers * down).sum(axis=1) / (down**2).sum(axis=1)
    size = np.abs(answers).max(axis=1)
    fits: bool = bool((np.abs(answers - slopes[:, None] * down).max(axis=1) <= CLOSE * size + 1e-9).all())
    return slopes if fits else None


def _slope(in_loss: Array, in_gradient: Array, number: int, sizes: Sizes) -> Cause:
    """The gradient has another f′ than the loss: which two are they?"""
    z = np.array(PLACES)
    shown = "; ".join(f"at z = {place:g} {given:.4g}, not {right:.4g}" for place, given, right in
                      zip(PLACES, in_gradient, in_loss, strict=True))  # fmt: skip
    ratio = float(in_gradient @ in_loss) / (float(in_loss @ in_loss) or 1.0)  # also where slopes are 0, as of ReLU
    if ratio and np.abs(in_gradient - ratio * in_loss).max() <= CLOSE * np.abs(in_gradient).max():
        inner = meaning_of(ratio, sizes)
        words = f"The derivative of the activation of layer {number} is right but for a factor. {inner.sentence}"
        return Cause(f"{inner.name} below", words)
    named = ""
    for activation, name in _known():
        if _near(activation.derivative(z, activation.value(z)), in_loss):
            named = f" ({name})"
            for idea, words in _ideas(activation):
                if _near(idea, in_gradient):
                    sentence = f"The derivative of the activation of layer {number}{named} {words}: {shown}."
                    return Cause("activation derivative", sentence)
    return Cause(
        "activation derivative", f"The derivative of the activation of layer {number}{named} is wrong: {shown}."
    )


def _near(first: Array, second: Array) -> bool:
    return bool(np.abs(first - second).max() <= CLOSE * max(1.0, float(np.abs(second).max())))


def _known() -> Iterator[tuple[Activation, str]]:
    for name in ACTIVATIONS:
        activation = ACTIVATIONS.resolve(name)
        if activation.elementwise:
            yield activation, name
    for leak in (0.001, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3):
        yield LeakyReLU(slope=leak), f"leaky_relu with slope {leak:g}"
    yield ELU(alpha=2.0), "elu with α = 2"


def _ideas(activation: Activation) -> Iterator[tuple[Array, str]]:
    """Wrong ideas of f′ at `PLACES`."""
    z = np.array(PLACES)
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


def _through_w(
    given: Array, slopes: Array, W: Array, db: Array, answers: list[Array], span: slice, number: int
) -> Cause | None:
    """f′ is right in the loss, and the gradient is not f′(z) · (W δ's sum): another matrix in place of W?"""
    above = f"W of layer {number + 1}"
    if W.shape[0] == W.shape[1] and _near(slopes[:, None] * (db @ W), given):
        return Cause("transposed", f"δ is sent down through {above}, not through its transpose: use δ @ W.T.")
    change = np.array([row @ answer[span].reshape(W.shape).T for row, answer in zip(db, answers, strict=True)])
    short, unit = slopes[:, None] * (db @ W.T) - given, slopes[:, None] * change
    rate = float((short * unit).sum() / (unit**2).sum()) if unit.any() else 0.0
    if np.isfinite(rate) and rate != 0 and np.abs(short - rate * unit).max() <= CLOSE * np.abs(given).max():
        words = f"{above} has been changed (by a step with rate {rate:.4g}) before δ is sent down through it. "
        return Cause("weights changed too early", words + "First all gradients, then the step.")
    return None


def _masked(right: Array, given: Array, down: Array, in_gradient: Array | None, number: int) -> Cause | None:
    """In the loss, the units of this layer do not share one f′(z): a mask is on them."""
    seen = f"In the loss, the units of layer {number} are masked (dropout)"
    ratio = given / right if (right != 0).all() else np.full_like(right, np.nan)
    if in_gradient is not None:
        return Cause("dropout mask left out", f"{seen}. In the gradient they are not: multiply δ with the same mask.")
    level = float(np.mean(ratio))
    if np.isfinite(level) and np.abs(ratio - level).max() <= CLOSE * abs(level) and abs(level - 1) > CLOSE:
        if not 0 < level < 1:
            return None
        words = f"In the gradient the mask lacks its factor 1/(1 − p), with p = {1 - level:.4g}."
        return Cause("dropout scale left out", f"{seen}. {words}")
    return None
