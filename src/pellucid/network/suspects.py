r"""Why a gradient is wrong: known mistakes, committed on purpose.

With the network at hand, a guess can be proved: make the mistake in a back-propagation of our own, and see whether
the numbers that come out are the ones we were given. `suspects` lists the mistakes that people make, each as a change
to one place of the derivation in `backward`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.causes import Cause, Part, Sizes, alike, common_ratio, meaning_of
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer
from pellucid.network.probe import Probe

Slope = Callable[[Layer, Array, Array], Array]


@dataclass(frozen=True)
class Habits:
    """One way to back-propagate: each field is a place where people go wrong, its default what is right.

    `slopes` maps a layer to another idea of its f′(Z); `at` says in which layer the yes-or-no mistakes are made.
    """

    slopes: tuple[tuple[int, Slope], ...] = ()
    at: int = -1
    not_transposed: bool = False
    own_output: bool = False
    mask_forgotten: bool = False
    top: str = "right"
    weights: str = "right"
    bias: str = "right"
    penalty_on_biases: bool = False
    penalty_strength: float = 1.0


def backpropagate(probe: Probe, passed: Forward, habits: Habits) -> Array:
    """∂J/∂θ as someone with these habits computes it. Without any, the right one."""
    layers = probe.network.layers
    parts: list[tuple[Array, Array]] = []
    delta = _top(probe, passed, habits)
    for i in range(len(layers) - 1, -1, -1):
        seen = passed.A[i] if habits.own_output and habits.at == i else passed.inputs_of(i)
        db = {"right": delta.sum(axis=0), "mean": delta.mean(axis=0), "first": delta[0], "last": delta[-1]}[habits.bias]
        parts.append((seen.T @ delta, db))
        if i > 0:
            W, below = layers[i].W, layers[i - 1]
            dA = delta @ (W if habits.not_transposed and habits.at == i else W.T)
            mask = None if passed.masks is None else passed.masks[i - 1]
            if mask is not None and not (habits.mask_forgotten and habits.at == i - 1):
                dA = dA * mask
            Z, H = passed.Z[i - 1], passed.H[i - 1]
            slope = dict(habits.slopes).get(i - 1)
            delta = below.activation.backward(dA, Z, H) if slope is None else dA * slope(below, Z, H)
    penalty = probe.objective.penalty
    if penalty is not None:
        for layer, (dW, db) in zip(reversed(layers), parts, strict=True):
            dW += habits.penalty_strength * penalty.gradient(layer.W)
            if habits.penalty_on_biases:
                db += penalty.gradient(layer.b)
    return np.concatenate([array.ravel() for dW, db in reversed(parts) for array in (dW, db)])


def _top(probe: Probe, passed: Forward, habits: Habits) -> Array:
    """δ of the last layer."""
    layer, Y, loss = probe.network.layers[-1], probe.Y, probe.objective.loss
    Z, A = passed.Z[-1], passed.A[-1]
    if habits.top == "a - y":
        delta = A - Y
    elif habits.top == "twice":
        delta = output_delta(loss, layer, Y, passed) * layer.activation.derivative(Z, A)
    elif habits.top == "diagonal":
        delta = loss.gradient(Y, A) * layer.activation.derivative(Z, A)
    else:
        delta = output_delta(loss, layer, Y, passed)
    weight, n = probe.weight, len(Y)
    if weight is None or habits.weights == "ignored":
        weight = np.ones(n)
    total = float(weight.sum()) if probe.objective.reduction == "mean" else 1.0
    if habits.weights == "over n" and probe.objective.reduction == "mean":
        total = float(n)
    return delta * (weight / total)[:, None]


def suspects(probe: Probe) -> Iterator[tuple[Habits, Cause]]:
    """Every mistake that can be made in this network, and what is to be said of it."""
    layers, objective = probe.network.layers, probe.objective
    yield from _activation_suspects(layers)
    for i in range(1, len(layers)):
        if layers[i].W.shape[0] == layers[i].W.shape[1]:
            yield (
                Habits(at=i, not_transposed=True),
                Cause(
                    "transposed", f"δ is sent down through W of layer {i + 1}, not through its transpose: use δ @ W.T."
                ),
            )
    for i, layer in enumerate(layers):
        if layer.W.shape[0] == layer.W.shape[1]:
            yield (
                Habits(at=i, own_output=True),
                Cause(
                    "wrong input",
                    f"The gradient of W of layer {i + 1} is made with that layer's own output A, not with its input.",
                ),
            )
        if layer.dropout:
            yield (
                Habits(at=i, mask_forgotten=True),
                Cause(
                    "dropout mask left out",
                    f"The dropout mask of layer {i + 1} is applied on the way up but not on the way down.",
                ),
            )
    yield from _top_suspects(probe)
    if probe.weight is not None:
        words = "The sample weights are left out of the gradient; the loss has them."
        yield Habits(weights="ignored"), Cause("sample weights left out", words)
        words = "The weighted losses are divided by n; the loss divides them by the sum of the weights."
        yield Habits(weights="over n"), Cause("weights not normalised", words)
    for bias, words in (
        ("mean", "The gradient of b is the mean of δ over the samples; it is their sum (δ has its 1/n already)."),
        ("first", "The gradient of b is the δ of the first sample alone; it is the sum over all samples."),
        ("last", "The gradient of b is the δ of the last sample alone; it is the sum over all samples."),
    ):
        yield Habits(bias=bias), Cause("bias not summed over samples", words)
    if objective.penalty is not None and objective.penalty.strength > 0:
        yield from _penalty_suspects(probe)


def _activation_suspects(layers: tuple[Layer, ...]) -> Iterator[tuple[Habits, Cause]]:
    ideas: tuple[tuple[Slope, str], ...] = (
        (lambda layer, Z, H: np.ones_like(Z), "is left out"),
        (
            lambda layer, Z, H: layer.activation.derivative(H, layer.activation.value(H)),
            "is taken at A, the output, not at Z, the pre-activation",
        ),
        (
            lambda layer, Z, H: layer.activation.derivative(Z, Z),
            "is computed with Z where its formula has A, the output",
        ),
        (lambda layer, Z, H: np.where(Z > 0, 0.0, layer.activation.derivative(Z, H)), "is taken as 0 for z > 0"),
        (lambda layer, Z, H: np.where(Z > 0, layer.activation.derivative(Z, H), 0.0), "is taken as 0 for z ≤ 0"),
        (lambda layer, Z, H: np.where(Z > 0, layer.activation.derivative(Z, H), 1.0), "is taken as 1 for z ≤ 0"),
        (lambda layer, Z, H: H, "is replaced by f itself"),
        (lambda layer, Z, H: np.where(Z > 0, 1.0, H), "is taken as f(z) for z ≤ 0"),
        (lambda layer, Z, H: layer.activation.derivative(Z, H) ** 2, "is multiplied in twice"),
    )
    for i, layer in enumerate(layers[:-1]):
        if layer.activation.name == "identity":
            continue
        for slope, words in ideas:
            yield (
                Habits(slopes=((i, slope),)),
                Cause(
                    "activation derivative",
                    f"The derivative of the activation of layer {i + 1} ({layer.activation.name}) {words}.",
                ),
            )


def _top_suspects(probe: Probe) -> Iterator[tuple[Habits, Cause]]:
    layer, loss = probe.network.layers[-1], probe.objective.loss
    name = layer.activation.name
    if loss.is_canonical_with(layer.activation):
        if name != "identity":
            words = f"δ of the last layer is A − Y times {name}′; with {loss.name} that derivative cancels: δ = A − Y."
            yield Habits(top="twice"), Cause("output derivative", words)
        if not layer.activation.elementwise:
            words = f"Only the diagonal of {name}'s derivative is used; each output depends on its whole row."
            yield Habits(top="diagonal"), Cause("output derivative", words)
        return
    words = f"δ of the last layer is A − Y; with {loss.name} after {name} nothing cancels, δ = ∂ℓ/∂A · {name}′."
    yield Habits(top="a - y"), Cause("output derivative", words)
    if not layer.activation.elementwise:
        words = f"Only the diagonal of {name}'s derivative is used; each output depends on its whole row."
        yield Habits(top="diagonal"), Cause("output derivative", words)


def _penalty_suspects(probe: Probe) -> Iterator[tuple[Habits, Cause]]:
    n = len(probe.Y)
    yield (
        Habits(penalty_strength=0.0),
        Cause("penalty left out", "The gradient of the penalty is left out: it belongs to J, so to its gradient."),
    )
    words = "The penalty's gradient acts on the biases, too; the penalty has only the weights in it."
    yield Habits(penalty_on_biases=True), Cause("penalty on biases", words)
    for factor, words in (
        (2.0, "twice the penalty's gradient is added: the ½ of λ/2 Σw² makes it λw, not 2λw"),
        (0.5, "half the penalty's gradient is added"),
        (1 / n, f"the penalty's gradient is divided by n = {n}; the penalty is not"),
        (float(n), f"the penalty's gradient is multiplied by n = {n}; the penalty is not"),
        (-1.0, "the penalty's gradient is subtracted, not added"),
    ):
        yield Habits(penalty_strength=factor), Cause("penalty's factor", f"{words[0].upper()}{words[1:]}.")


def convicted(probe: Probe, parts: list[Part], sizes: Sizes) -> Cause | None:
    """The mistake whose numbers are the given ones, if there is one: exactly, or (second best) up to a factor."""
    passed = probe.passed()
    given = [part.given for part in parts]
    wrong = [not part.passed for part in parts]
    second_best: Cause | None = None
    if probe.objective.penalty is not None:
        second_best = _scaled_without_penalty(probe, passed, given, sizes)
    with np.errstate(all="ignore"):
        for habits, cause in suspects(probe):
            theirs = _split(probe, backpropagate(probe, passed, habits))
            if not all(np.isfinite(one).all() for one in theirs):
                continue
            blanked = [np.where(part.known, one, np.nan) for part, one in zip(parts, theirs, strict=True)]
            pairs = list(zip(given, blanked, strict=True))
            if all(alike(g, t) for g, t in pairs):
                return cause
            if second_best is None:
                second_best = _with_a_factor(cause, pairs, parts, wrong, sizes)
    return second_best


def _with_a_factor(
    cause: Cause, pairs: list[tuple[Array, Array]], parts: list[Part], wrong: list[bool], sizes: Sizes
) -> Cause | None:
    """The mistake and a constant factor together, on the wrong groups only."""
    if not all(alike(g, t) for (g, t), is_wrong in zip(pairs, wrong, strict=True) if not is_wrong):
        return None
    ratio = common_ratio([pair for pair, is_wrong in zip(pairs, wrong, strict=True) if is_wrong])
    moved = any(not alike(t, part.right) for (_, t), part in zip(pairs, parts, strict=True) if not part.passed)
    proportional = common_ratio([(t, part.right) for (_, t), part in zip(pairs, parts, strict=True) if not part.passed])
    if ratio is None or not moved or proportional is not None:
        return None
    factor = meaning_of(ratio, sizes)
    if factor.name == "constant factor":
        return None
    return Cause(f"{cause.name}, {factor.name}", f"{cause.sentence} Besides: {factor.sentence}")


def _scaled_without_penalty(probe: Probe, passed: Forward, given: list[Array], sizes: Sizes) -> Cause | None:
    """A factor on the gradient of the loss alone, the penalty's being right."""
    bare = replace(probe, objective=replace(probe.objective, penalty=None))
    pull = _split(probe, backpropagate(probe, passed, Habits()) - backpropagate(bare, passed, Habits()))
    theirs = _split(probe, backpropagate(bare, passed, Habits()))
    ratio = common_ratio([(g - p, t) for g, p, t in zip(given, pull, theirs, strict=True)])
    if ratio is None or abs(ratio - 1) < 1e-4:
        return None
    factor = meaning_of(ratio, sizes)
    return Cause(factor.name, f"Without the penalty's part: {factor.sentence}")


def _split(probe: Probe, flat: Array) -> list[Array]:
    return [group.of(flat) for group in probe.network.groups]
