r"""Why a gradient is wrong: known mistakes, committed on purpose.

With the network at hand, a guess can be proved: make the mistake in a back-propagation of our own (`habits`), and see
whether the numbers that come out are the ones that were given. `suspects` lists the mistakes that people make.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.gradcheck.causes import ALIKE, Part, alike, common_ratio
from pellucid.gradcheck.factors import Sizes, lowered, meaning_of
from pellucid.gradcheck.habits import Habits, Inputs, Slope, Top, backpropagate
from pellucid.gradcheck.probe import Probe
from pellucid.maths.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer

LEAKS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)
"""Slopes of leaky ReLU that people choose; and α of ELU below."""
ALPHAS = (0.1, 0.5, 1.0, 2.0)

MOST_SAMPLES = 400
"""Up to this many samples, the gradient of each is looked at."""

Suspect = tuple[Habits, Cause]


def suspects(probe: Probe) -> Iterator[Suspect]:
    """Every mistake that can be made in this network, and what is to be said of it."""
    layers = probe.network.layers
    yield from _activation_suspects(layers)
    for i in range(1, len(layers)):
        if layers[i].W.shape[0] == layers[i].W.shape[1]:
            words = f"δ is sent down through W of layer {i + 1}, not through its transpose: use δ @ W.T."
            yield Habits(at=i, not_transposed=True), Cause("transposed", words)
    yield from _input_suspects(probe)
    yield from _mask_suspects(layers)
    yield from _top_suspects(probe)
    if probe.weight is not None:
        words = "The sample weights are left out of the gradient; the loss has them."
        yield Habits(weights="ignored"), Cause("sample weights left out", words)
        words = "The weighted losses are divided by n; the loss divides them by the sum of the weights."
        yield Habits(weights="over n"), Cause("weights not normalised", words)
    yield from _bias_suspects(layers)
    if probe.objective.penalty is not None and probe.objective.penalty.strength > 0:
        yield from _penalty_suspects(probe)


def _activation_suspects(layers: tuple[Layer, ...]) -> Iterator[Suspect]:
    """Other ideas of f′, in one layer, and in all layers that have this f."""
    hidden = [(i, layer.activation) for i, layer in enumerate(layers[:-1]) if layer.activation.elementwise]
    if len({activation for _, activation in hidden}) > 1:
        for slope, words in _common_slopes():
            sentence = f"The derivative of the activations of all hidden layers {words}."
            yield Habits(slopes=tuple((i, slope) for i, _ in hidden)), Cause("activation derivative", sentence)
    for activation in dict.fromkeys(activation for _, activation in hidden):
        same = [i for i, other in hidden if other == activation]
        places = [[i] for i in same] + ([same] if len(same) > 1 else [])
        for slope, words in _slopes(activation):
            for place in places:
                where = "layer" if len(place) == 1 else "layers"
                numbers = " and ".join(str(i + 1) for i in place)
                yield (
                    Habits(slopes=tuple((i, slope) for i in place)),
                    Cause(
                        "activation derivative",
                        f"The derivative of the activation of {where} {numbers} ({activation.name}) {words}.",
                    ),
                )


def _common_slopes() -> Iterator[tuple[Slope, str]]:
    """Wrong ideas of f′ that do not depend on f."""
    yield lambda layer, Z, H: np.ones_like(Z), "is left out"
    yield (
        lambda layer, Z, H: layer.activation.derivative(H, layer.activation.value(H)),
        "is taken at A, the output, not at Z, the pre-activation",
    )
    yield (
        lambda layer, Z, H: layer.activation.derivative(Z, Z),
        "is computed with Z where its formula has A, the output",
    )
    yield lambda layer, Z, H: layer.activation.derivative(Z, H) ** 2, "is multiplied in twice"
    yield lambda layer, Z, H: H, "is replaced by f itself"


def _slopes(activation: Activation) -> Iterator[tuple[Slope, str]]:
    """Wrong ideas of an activation's derivative."""
    if activation.name == "identity":
        return
    yield from _common_slopes()
    yield lambda layer, Z, H: np.where(Z > 0, 0.0, activation.derivative(Z, H)), "is taken as 0 for z > 0"
    yield lambda layer, Z, H: np.where(Z > 0, activation.derivative(Z, H), 0.0), "is taken as 0 for z ≤ 0"
    yield lambda layer, Z, H: np.where(Z > 0, activation.derivative(Z, H), 1.0), "is taken as 1 for z ≤ 0"
    yield lambda layer, Z, H: np.where(Z > 0, 1.0, H), "is taken as f(z) for z ≤ 0"
    yield lambda layer, Z, H: -activation.derivative(Z, H), "has its sign flipped"
    for other, how in other_activations(activation):
        yield _slope_of(other), how
        yield _slope_of(other, from_a=True), f"{how}, made from this layer's A"


def _slope_of(other: Activation, *, from_a: bool = False) -> Slope:
    return lambda layer, Z, H: other.derivative(Z, H if from_a else other.value(Z))


def other_activations(activation: Activation) -> Iterator[tuple[Activation, str]]:
    """Activations whose derivative may have been taken for this one's, in words."""
    for name in ACTIVATIONS:
        other = ACTIVATIONS.resolve(name)
        if other.elementwise and other != activation and name not in ("identity", activation.name):
            yield other, f"is replaced by that of {name}"
    if isinstance(activation, LeakyReLU):
        for leak in LEAKS:
            if leak != activation.slope:
                yield LeakyReLU(slope=leak), f"has the slope {leak:g} for z ≤ 0, not {activation.slope:g}"
    if isinstance(activation, ELU):
        for alpha in ALPHAS:
            if alpha != activation.alpha:
                yield ELU(alpha=alpha), f"has α = {alpha:g}, not {activation.alpha:g}"


def _input_suspects(probe: Probe) -> Iterator[Suspect]:
    """What may have come into W's gradient in place of the layer's input."""
    layers = probe.network.layers
    widths = [probe.network.n_inputs, *(layer.units for layer in layers)]
    for i in range(len(layers)):
        ideas: list[tuple[Inputs, str]] = [
            (lambda passed, j: passed.inputs_of(j)[::-1], "with the rows of its input in reverse order")
        ]
        if i > 0:
            ideas.append((lambda passed, j: passed.Z[j - 1], f"from Z of layer {i}, not from its A"))
            if layers[i - 1].dropout:
                ideas.append((lambda passed, j: passed.H[j - 1], f"from A of layer {i} without its dropout mask"))
        for m, width in enumerate(widths):
            if m != i and width == widths[i]:
                source = "X" if m == 0 else f"A of layer {m}"
                own = ", that layer's own output" if m == i + 1 else ""
                ideas.append((_seen(m), f"from {source}{own}, not from its input"))
        for inputs, words in ideas:
            yield (
                Habits(at=i, inputs=inputs),
                Cause("wrong input", f"The gradient of W of layer {i + 1} is made {words}."),
            )


def _seen(m: int) -> Inputs:
    return lambda passed, j: passed.X if m == 0 else passed.A[m - 1]


def _mask_suspects(layers: tuple[Layer, ...]) -> Iterator[Suspect]:
    dropped = [i for i, layer in enumerate(layers) if layer.dropout]
    for place in [*dropped, *([None] if len(dropped) > 1 else [])]:
        which = "the dropout masks" if place is None else f"the dropout mask of layer {place + 1}"
        verb, it = ("are", "they are") if place is None else ("is", "it is")
        words = f"On the way down, {which} {verb} left out; on the way up {it} applied."
        yield Habits(at=place, mask="forgotten"), Cause("dropout mask left out", words)
        words = (
            f"{which[0].upper()}{which[1:]} {verb} applied on the way down without the factor 1/(1 − p) of the way up."
        )
        yield Habits(at=place, mask="unscaled"), Cause("dropout scale left out", words)
        if len(dropped) > 1:
            words = f"On the way down, another layer's mask is applied in place of {which}."
            yield Habits(at=place, mask="another"), Cause("another dropout mask", words)


def _top_suspects(probe: Probe) -> Iterator[Suspect]:
    """Other ideas of δ of the last layer."""
    layer, loss, k = probe.network.layers[-1], probe.objective.loss, probe.network.n_outputs
    name = layer.activation.name
    if loss.is_canonical_with(layer.activation):
        if name != "identity":
            words = f"δ of the last layer is A − Y times {name}′; with {loss.name} that derivative cancels: δ = A − Y."
            yield Habits(top=_times_slope), Cause("output derivative", words)
        words = f"δ of the last layer is ∂ℓ/∂A, without the derivative of {name}; with {loss.name}, δ = A − Y."
        yield Habits(top=_loss_alone), Cause("output derivative", words)
    else:
        words = f"δ of the last layer is A − Y; with {loss.name} after {name} nothing cancels, δ = ∂ℓ/∂A · {name}′."
        yield Habits(top=lambda probe, passed: passed.A[-1] - probe.Y), Cause("output derivative", words)
        words = f"δ of the last layer is ∂ℓ/∂A: the derivative of {name} is left out."
        yield Habits(top=_loss_alone), Cause("output derivative", words)
    if not layer.activation.elementwise:
        words = f"Only the diagonal of {name}'s derivative is used; each output depends on its whole row."
        yield Habits(top=_diagonal), Cause("output derivative", words)
    if name == "softmax":
        yield from _softmax_suspects()
    if k > 1:
        for shift in range(1, min(k, 10)):
            words = f"The targets are shifted: column j of Y is taken for column j + {shift} (one-hot made from "
            words += "labels that start elsewhere?)."
            yield Habits(top=_shifted(shift)), Cause("targets shifted", words)
    if k > 1 and loss.task == "classification":
        for first in (0, 1):
            words = f"Labels ({first}, {first + 1}, …) are subtracted where one-hot targets belong: δ is made of A − y."
            yield Habits(top=_labels(first)), Cause("labels for one-hot", words)


def _times_slope(probe: Probe, passed: Forward) -> Array:
    layer = probe.network.layers[-1]
    delta = output_delta(probe.objective.loss, layer, probe.Y, passed)
    return delta * layer.activation.derivative(passed.Z[-1], passed.A[-1])


def _loss_alone(probe: Probe, passed: Forward) -> Array:
    return probe.objective.loss.gradient(probe.Y, passed.A[-1])


def _diagonal(probe: Probe, passed: Forward) -> Array:
    layer = probe.network.layers[-1]
    return _loss_alone(probe, passed) * layer.activation.derivative(passed.Z[-1], passed.A[-1])


def _shifted(shift: int) -> Top:
    def top(probe: Probe, passed: Forward) -> Array:
        return output_delta(probe.objective.loss, probe.network.layers[-1], np.roll(probe.Y, shift, axis=1), passed)

    return top


def _labels(first: int) -> Top:
    def top(probe: Probe, passed: Forward) -> Array:
        labels: Array = (probe.Y.argmax(axis=1) + first).astype(passed.A[-1].dtype)
        return passed.A[-1] - labels[:, None]

    return top


def _softmax_suspects() -> Iterator[Suspect]:
    def over(axis: int | None) -> Top:
        def top(probe: Probe, passed: Forward) -> Array:
            Z = passed.Z[-1]
            parts = np.exp(Z - Z.max())
            return parts / parts.sum(axis=axis, keepdims=True) - probe.Y

        return top

    def alone(probe: Probe, passed: Forward) -> Array:
        return ACTIVATIONS.resolve("sigmoid").value(passed.Z[-1]) - probe.Y

    def hard(probe: Probe, passed: Forward) -> Array:
        A = passed.A[-1]
        return np.equal(A, A.max(axis=1, keepdims=True)) - probe.Y

    words = "In δ of the last layer, softmax is taken over the samples (axis 0), not over the classes of each (axis 1)."
    yield Habits(top=over(0)), Cause("softmax over the wrong axis", words)
    words = "In δ of the last layer, softmax is divided by the sum over all samples and classes, not over each row."
    yield Habits(top=over(None)), Cause("softmax over the wrong axis", words)
    words = "δ of the last layer is made with a sigmoid of each output; the loss has softmax."
    yield Habits(top=alone), Cause("output derivative", words)
    words = "δ of the last layer is made of the class that is likeliest (0 or 1), not of the probabilities."
    yield Habits(top=hard), Cause("output derivative", words)


def _bias_suspects(layers: tuple[Layer, ...]) -> Iterator[Suspect]:
    places = [None, *range(len(layers))]
    for bias, words in (
        ("mean", "is the mean of δ over the samples; it is their sum (δ has its 1/n already)"),
        ("first", "is the δ of the first sample alone; it is the sum over all samples"),
        ("last", "is the δ of the last sample alone; it is the sum over all samples"),
    ):
        for place in places:
            where = "" if place is None else f" of layer {place + 1}"
            sentence = f"The gradient of b{where} {words}."
            yield Habits(bias=bias, at=place), Cause("bias not summed over samples", sentence)
    for place in [None, *range(len(layers) - 1)]:
        where = "" if place is None else f" of layer {place + 1}"
        words = f"The gradient of b{where} is summed before f′ is multiplied in: it is the sum of δ."
        yield Habits(bias="before f′", at=place), Cause("bias is not the sum of δ", words)


def _penalty_suspects(probe: Probe) -> Iterator[Suspect]:
    n = len(probe.Y)
    words = "The gradient of the penalty is left out: it belongs to J, so to its gradient."
    yield Habits(penalty_strength=0.0), Cause("penalty left out", words)
    words = "The penalty's gradient acts on the biases, too; the penalty has only the weights in it."
    yield Habits(penalty_on_biases=True), Cause("penalty on biases", words)
    for factor, words in (
        (2.0, "Twice the penalty's gradient is added: the ½ of λ/2 Σw² makes it λw, not 2λw."),
        (0.5, "Half the penalty's gradient is added."),
        (1 / n, f"The penalty's gradient is divided by n = {n}; the penalty is not."),
        (float(n), f"The penalty's gradient is multiplied by n = {n}; the penalty is not."),
        (-1.0, "The penalty's gradient is subtracted, not added."),
    ):
        yield Habits(penalty_strength=factor), Cause("penalty's factor", words)


# ------------------------------------------------------------------------------------------------ the trial


def convicted(probe: Probe, parts: list[Part], sizes: Sizes) -> Cause | None:
    """The mistake whose numbers are the given ones, if there is one; else a mistake together with a factor."""
    passed = probe.passed()
    second_best = None
    if probe.objective.penalty is not None:
        second_best = _scaled_without_penalty(probe, passed, parts, sizes)
    found: list[Cause] = []
    with np.errstate(all="ignore"):
        pull = _pull(probe, passed)
        for habits, cause in suspects(probe):
            theirs = _split(probe, backpropagate(probe, passed, habits))
            if not all(np.isfinite(one).all() for one in theirs):
                continue
            if explains(parts, theirs):
                found.append(cause)
            elif not found and second_best is None:
                second_best = _with_a_factor(cause, theirs, parts, sizes)
                if second_best is None and pull is not None:
                    second_best = _with_a_penalty(cause, theirs, parts, pull)
        if found:
            return _joined(found)
        for search in (_changed_early, _samples_left_out):
            late = search(probe, passed, parts)
            if late is not None:
                return late
    return second_best


def explains(parts: list[Part], theirs: list[Array]) -> bool:
    """Whether a mistake's numbers are the given ones, so closely that they explain what is wrong.

    In each group they agree to `ALIKE`, and what they leave open is a hundredth of the gap at most.
    """
    gap = left = 0.0
    for part, one in zip(parts, theirs, strict=True):
        known = part.known & np.isfinite(part.given)
        if not known.any():
            continue
        size = max(float(np.abs(part.given[known]).max()), float(np.abs(one[known]).max()))
        off = float(np.abs(part.given - one)[known].max())
        if off > ALIKE * size:
            return False
        if size > 0 and not part.passed:
            left = max(left, off / size)
            gap = max(gap, float(np.abs(part.given - part.right)[known].max()) / size)
    return left <= 1e-2 * gap


def _joined(found: list[Cause]) -> Cause:
    """All mistakes that would give these numbers."""
    names = list(dict.fromkeys(cause.name for cause in found))
    sentences = list(dict.fromkeys(cause.sentence for cause in found))[:3]
    return Cause(" or ".join(names), " Or: ".join(sentences))


def _with_a_factor(cause: Cause, theirs: list[Array], parts: list[Part], sizes: Sizes) -> Cause | None:
    """The mistake and a constant factor together, on the wrong groups only."""
    wrong = [(part, one) for part, one in zip(parts, theirs, strict=True) if not part.passed]
    if not all(alike(part.given, np.where(part.known, one, np.nan)) for part, one in zip(parts, theirs, strict=True)
               if part.passed):  # fmt: skip
        return None
    ratio = common_ratio([(part.given, np.where(part.known, one, np.nan)) for part, one in wrong])
    if ratio is None or not any(not alike(one, part.right) for part, one in wrong):
        return None
    if common_ratio([(one, part.right) for part, one in wrong]) is not None:
        return None
    if not explains(parts, [one * (1 if part.passed else ratio) for part, one in zip(parts, theirs, strict=True)]):
        return None
    factor = meaning_of(ratio, sizes)
    if factor.name.endswith("constant factor"):
        return None
    return Cause(f"{cause.name}, {factor.name}", f"{cause.sentence} Besides: {lowered(factor.sentence)}")


def _with_a_penalty(cause: Cause, theirs: list[Array], parts: list[Part], pull: list[Array]) -> Cause | None:
    """The mistake, and another strength of the penalty's gradient."""
    if "penalty" in cause.name:
        return None
    gaps = [(part.given - one, p) for part, one, p in zip(parts, theirs, pull, strict=True) if p.any()]
    constant = common_ratio(gaps)
    if constant is None or abs(constant) < 1e-4:
        return None
    if not explains(parts, [one + constant * p for one, p in zip(theirs, pull, strict=True)]):
        return None
    if abs(constant + 1) < 1e-4:
        return Cause(
            f"{cause.name}, penalty left out", f"{cause.sentence} Besides, the penalty's gradient is left out."
        )
    words = f"{cause.sentence} Besides, the penalty's gradient is {1 + constant:.4g} times what it should be."
    return Cause(f"{cause.name}, penalty's factor", words)


def _pull(probe: Probe, passed: Forward) -> list[Array] | None:
    """The penalty's share of the gradient."""
    if probe.objective.penalty is None:
        return None
    with_it = backpropagate(probe, passed, Habits())
    return _split(probe, with_it - backpropagate(probe, passed, Habits(penalty_strength=0.0)))


def _scaled_without_penalty(probe: Probe, passed: Forward, parts: list[Part], sizes: Sizes) -> Cause | None:
    """A factor on the loss's part alone, the penalty's being right or left out; on all layers, or below one."""
    bare = _split(probe, backpropagate(probe, passed, Habits(penalty_strength=0.0)))
    pull = _pull(probe, passed) or [np.zeros_like(one) for one in bare]
    for strength, besides in ((1.0, ""), (0.0, " Besides, the penalty's gradient is left out.")):
        for start in range(len(parts), 0, -2):
            pairs = [(part.given - strength * p, one) for part, p, one in zip(parts, pull, bare, strict=True)][:start]
            ratio = common_ratio(pairs)
            if ratio is None or abs(ratio - 1) < 1e-4:
                continue
            theirs = [
                one * (ratio if i < start else 1) + strength * p
                for i, (one, p) in enumerate(zip(bare, pull, strict=True))
            ]
            if not explains(parts, theirs):
                continue
            factor = meaning_of(ratio, sizes)
            below, name = "", factor.name
            if start < len(parts):
                below, name = f" This is so below layer {start // 2 + 1}, on the way down.", f"{factor.name} below"
            if besides:
                name += ", penalty left out"
            return Cause(name, f"Without the penalty's part, {lowered(factor.sentence)}{below}{besides}")
    return None


def _changed_early(probe: Probe, passed: Forward, parts: list[Part]) -> Cause | None:
    """W changed by a step before δ goes down through it: the layer below then has g + η g₁, so η can be solved for."""
    layers = probe.network.layers
    below = "The step belongs after all gradients: first all of them, then the change."
    for place in [None, *range(1, len(layers))]:
        group = 2 * ((len(layers) - 1 if place is None else place) - 1)
        if group < 0 or parts[group].passed:
            continue

        def made(rate: float, place: int | None = place) -> list[Array]:
            return _split(probe, backpropagate(probe, passed, Habits(at=place, early=rate)))

        start, unit = made(0.0)[group], made(1.0)[group]
        direction = unit - start
        if not direction.any():
            continue
        rate = float(((parts[group].given - start) * direction).sum() / (direction**2).sum())
        if not np.isfinite(rate) or rate == 0 or not explains(parts, made(rate)):
            continue
        which = "Each W" if place is None or len(layers) == 2 else f"W of layer {place + 1}"
        words = f"{which} has been changed (by a step with rate {rate:.4g}) before δ is sent down through it. {below}"
        return Cause("weights changed too early", words)
    return None


def _samples_left_out(probe: Probe, passed: Forward, parts: list[Part]) -> Cause | None:
    """Other shares of the samples: the gradient is Σᵢ sᵢ gᵢ, so s can be solved for where θ is longer than n."""
    n = len(probe.Y)
    if not 1 < n <= MOST_SAMPLES:
        return None
    known = np.concatenate([part.known.ravel() for part in parts])
    given = np.concatenate([part.given.ravel() for part in parts])[known]
    rest = backpropagate(probe, passed, Habits(samples=np.zeros(n)))
    columns = [backpropagate(probe, passed, Habits(samples=row)) - rest for row in np.eye(n)]
    each = np.stack(columns, axis=1)
    for shares in _shares_of(each[known], given - rest[known], n):
        if explains(parts, _split(probe, each @ shares + rest)):
            out = np.flatnonzero(shares == 0)
            if out.size == 0 or out.size == n:
                continue
            factor = float(shares.max())
            which = f"sample {out[0] + 1}" if out.size == 1 else _range(out)
            how = "" if abs(factor - 1) < 1e-4 else f" The others count {factor:.4g} times as much as in the loss."
            words = f"{which[0].upper()}{which[1:]} of {n} {'is' if out.size == 1 else 'are'} left out of the gradient."
            return Cause("samples left out", words + how)
    return None


def _shares_of(each: Array, given: Array, n: int) -> Iterator[Array]:
    """What each sample may count in `given`: 0, or one number for all others."""
    if each.shape[0] > n:
        solved, _, rank, _ = np.linalg.lstsq(each, given, rcond=1e-10)
        if rank == n:
            level = float(np.median(solved[np.abs(solved) > 0.5 * np.abs(solved).max()]))
            in_it = np.abs(solved - level) <= 1e-2 * abs(level)
            if (in_it | (np.abs(solved) <= 1e-2 * abs(level))).all():
                yield in_it * _level(each, given, in_it)
            return
    for cut in range(1, n):
        for in_it in (np.arange(n) < cut, np.arange(n) >= cut):
            yield in_it * _level(each, given, in_it)


def _level(each: Array, given: Array, in_it: Array) -> float:
    total = each @ in_it.astype(np.float64)
    energy = float(total @ total)
    return float(given @ total) / energy if energy > 0 else 0.0


def _range(indices: Array) -> str:
    first, last = int(indices[0]) + 1, int(indices[-1]) + 1
    if last - first + 1 == indices.size:
        return f"samples {first} to {last}"
    shown = ", ".join(str(int(i) + 1) for i in indices[:6])
    return f"samples {shown}{', …' if indices.size > 6 else ''}"


def _split(probe: Probe, flat: Array) -> list[Array]:
    return [group.of(flat) for group in probe.network.groups]
