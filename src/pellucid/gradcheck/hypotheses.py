r"""Hypotheses: the common mistakes that are possible in a given network, each with the sentence that names it.

`matching` tests them one by one: it repeats the mistake and compares the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.gradcheck.gradient_bugs import DerivativeRule, GradientBug, InputRule, OutputDeltaRule
from pellucid.gradcheck.probe import Probe
from pellucid.maths.activations import ACTIVATIONS, ELU, Activation, LeakyReLU
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer

LEAKY_SLOPES = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)
"""Common slopes of leaky ReLU."""

ALPHAS = (0.1, 0.5, 1.0, 2.0)
"""Common α of ELU."""

Hypothesis = tuple[GradientBug, Cause]
"""A mistake, and the cause to report if it predicts the given gradient."""


def hypotheses(probe: Probe) -> Iterator[Hypothesis]:
    """All common mistakes that are possible in this network."""
    layers = probe.network.layers
    yield from _activation_bugs(layers)
    for i in range(1, len(layers)):
        if layers[i].W.shape[0] == layers[i].W.shape[1]:
            words = f"δ is multiplied by W of layer {i + 1}, not by its transpose: use δ @ W.T."
            yield GradientBug(layer=i, not_transposed=True), Cause("transposed", words)
    yield from _input_bugs(probe)
    yield from _mask_bugs(layers)
    yield from _output_delta_bugs(probe)
    if probe.weight is not None:
        words = "The sample weights are left out of the gradient; the loss has them."
        yield GradientBug(sample_weights="ignored"), Cause("sample weights left out", words)
        words = "The weighted losses are divided by n; the loss divides them by the sum of the weights."
        yield GradientBug(sample_weights="over n"), Cause("weights not normalised", words)
    yield from _bias_bugs(layers)
    if probe.objective.penalty is not None and probe.objective.penalty.strength > 0:
        yield from _penalty_bugs(probe)


def _activation_bugs(layers: tuple[Layer, ...]) -> Iterator[Hypothesis]:
    """A wrong f′ in one layer, or in all layers with this f."""
    hidden = [(i, layer.activation) for i, layer in enumerate(layers[:-1]) if layer.activation.elementwise]
    if len({activation for _, activation in hidden}) > 1:
        for derivative, words in _common_derivatives():
            sentence = f"The derivative of the activations of all hidden layers {words}."
            yield (
                GradientBug(derivatives=tuple((i, derivative) for i, _ in hidden)),
                Cause("activation derivative", sentence),
            )
    for activation in dict.fromkeys(activation for _, activation in hidden):
        same = [i for i, other in hidden if other == activation]
        places = [[i] for i in same] + ([same] if len(same) > 1 else [])
        for derivative, words in _wrong_derivatives(activation):
            for place in places:
                where = "layer" if len(place) == 1 else "layers"
                numbers = " and ".join(str(i + 1) for i in place)
                yield (
                    GradientBug(derivatives=tuple((i, derivative) for i in place)),
                    Cause(
                        "activation derivative",
                        f"The derivative of the activation of {where} {numbers} ({activation.name}) {words}.",
                    ),
                )


def _common_derivatives() -> Iterator[tuple[DerivativeRule, str]]:
    """Wrong f′ that can be made of any f."""
    yield lambda f, Z, H: np.ones_like(Z), "is left out"
    yield (
        lambda f, Z, H: f.derivative(H, f.value(H)),
        "is taken at A, the output, not at Z, the pre-activation",
    )
    yield (
        lambda f, Z, H: f.derivative(Z, Z),
        "is computed with Z where its formula has A, the output",
    )
    yield lambda f, Z, H: f.derivative(Z, H) ** 2, "is multiplied in twice"
    yield lambda f, Z, H: H, "is replaced by f itself"


def _wrong_derivatives(activation: Activation) -> Iterator[tuple[DerivativeRule, str]]:
    """All wrong f′ of an activation."""
    if activation.name == "identity":
        return
    yield from _common_derivatives()
    yield lambda f, Z, H: np.where(Z > 0, 0.0, activation.derivative(Z, H)), "is taken as 0 for z > 0"
    yield lambda f, Z, H: np.where(Z > 0, activation.derivative(Z, H), 0.0), "is taken as 0 for z ≤ 0"
    yield lambda f, Z, H: np.where(Z > 0, activation.derivative(Z, H), 1.0), "is taken as 1 for z ≤ 0"
    yield lambda f, Z, H: np.where(Z > 0, 1.0, H), "is taken as f(z) for z ≤ 0"
    yield lambda f, Z, H: -activation.derivative(Z, H), "has its sign flipped"
    for other, how in other_activations(activation):
        yield _derivative_of(other), how
        yield _derivative_of(other, from_a=True), f"{how}, made from this layer's A"


def _derivative_of(other: Activation, *, from_a: bool = False) -> DerivativeRule:
    """The derivative of another activation, from Z or from this layer's A."""
    return lambda f, Z, H: other.derivative(Z, H if from_a else other.value(Z))


def other_activations(activation: Activation) -> Iterator[tuple[Activation, str]]:
    """Activations whose derivative may be used in place of this one's, with the words for the mistake."""
    for name in ACTIVATIONS:
        other = ACTIVATIONS.resolve(name)
        if other.elementwise and other != activation and name not in ("identity", activation.name):
            yield other, f"is replaced by that of {name}"
    if isinstance(activation, LeakyReLU):
        right = activation.negative_slope
        for leak in LEAKY_SLOPES:
            if leak != right:
                yield LeakyReLU(negative_slope=leak), f"has the slope {leak:g} for z ≤ 0, not {right:g}"
    if isinstance(activation, ELU):
        for alpha in ALPHAS:
            if alpha != activation.alpha:
                yield ELU(alpha=alpha), f"has α = {alpha:g}, not {activation.alpha:g}"


def _input_bugs(probe: Probe) -> Iterator[Hypothesis]:
    """A wrong matrix in place of the layer's input in ∂J/∂W."""
    layers = probe.network.layers
    widths = [probe.network.n_inputs, *(layer.units for layer in layers)]
    for i in range(len(layers)):
        rules: list[tuple[InputRule, str]] = [
            (lambda forward_pass, j: forward_pass.inputs_of(j)[::-1], "with the rows of its input in reverse order")
        ]
        if i > 0:
            rules.append((lambda forward_pass, j: forward_pass.Z[j - 1], f"from Z of layer {i}, not from its A"))
            if layers[i - 1].dropout:
                rules.append(
                    (lambda forward_pass, j: forward_pass.H[j - 1], f"from A of layer {i} without its dropout mask")
                )
        for m, width in enumerate(widths):
            if m != i and width == widths[i]:
                source = "X" if m == 0 else f"A of layer {m}"
                own = ", that layer's own output" if m == i + 1 else ""
                rules.append((_input_from(m), f"from {source}{own}, not from its input"))
        for inputs, words in rules:
            yield (
                GradientBug(layer=i, inputs=inputs),
                Cause("wrong input", f"The gradient of W of layer {i + 1} is made {words}."),
            )


def _input_from(m: int) -> InputRule:
    return lambda forward_pass, j: forward_pass.X if m == 0 else forward_pass.A[m - 1]


def _mask_bugs(layers: tuple[Layer, ...]) -> Iterator[Hypothesis]:
    """A wrong dropout mask in the backward pass."""
    dropped = [i for i, layer in enumerate(layers) if layer.dropout]
    for place in [*dropped, *([None] if len(dropped) > 1 else [])]:
        which = "the dropout masks" if place is None else f"the dropout mask of layer {place + 1}"
        verb, it = ("are", "they are") if place is None else ("is", "it is")
        words = f"In the backward pass, {which} {verb} left out; in the forward pass {it} applied."
        yield GradientBug(layer=place, mask="forgotten"), Cause("dropout mask left out", words)
        words = (
            f"{which[0].upper()}{which[1:]} {verb} applied in the backward pass without the factor 1/(1 − p) of the "
            "forward pass."
        )
        yield GradientBug(layer=place, mask="unscaled"), Cause("dropout scale left out", words)
        if len(dropped) > 1:
            words = f"In the backward pass, another layer's mask is applied in place of {which}."
            yield GradientBug(layer=place, mask="another"), Cause("another dropout mask", words)


def _output_delta_bugs(probe: Probe) -> Iterator[Hypothesis]:
    """A wrong δ of the last layer."""
    layer, loss, k = probe.network.layers[-1], probe.objective.loss, probe.network.n_outputs
    name = layer.activation.name
    if loss.is_canonical_with(layer.activation):
        if name != "identity":
            words = f"δ of the last layer is A − Y times {name}′; with {loss.name} that derivative cancels: δ = A − Y."
            yield GradientBug(output_delta=_times_derivative), Cause("output derivative", words)
        words = f"δ of the last layer is ∂ℓ/∂A, without the derivative of {name}; with {loss.name}, δ = A − Y."
        yield GradientBug(output_delta=_loss_gradient_only), Cause("output derivative", words)
    else:
        words = f"δ of the last layer is A − Y; with {loss.name} after {name} nothing cancels, δ = ∂ℓ/∂A · {name}′."
        yield (
            GradientBug(output_delta=lambda probe, forward_pass: forward_pass.A[-1] - probe.Y),
            Cause("output derivative", words),
        )
        words = f"δ of the last layer is ∂ℓ/∂A: the derivative of {name} is left out."
        yield GradientBug(output_delta=_loss_gradient_only), Cause("output derivative", words)
    if not layer.activation.elementwise:
        words = f"Only the diagonal of {name}'s derivative is used; each output depends on its whole row."
        yield GradientBug(output_delta=_diagonal), Cause("output derivative", words)
    if name == "softmax":
        yield from _softmax_bugs()
    if k > 1:
        for shift in range(1, min(k, 10)):
            words = f"The targets are shifted: column j of Y is taken for column j + {shift} (one-hot made from "
            words += "labels that start elsewhere?)."
            yield GradientBug(output_delta=_shifted(shift)), Cause("targets shifted", words)
    if k > 1 and loss.task == "classification":
        for first in (0, 1):
            words = f"Labels ({first}, {first + 1}, …) are subtracted where one-hot targets belong: δ is made of A − y."
            yield GradientBug(output_delta=_labels(first)), Cause("labels for one-hot", words)


def _times_derivative(probe: Probe, forward_pass: Forward) -> Array:
    """The right δ times f′ once more."""
    layer = probe.network.layers[-1]
    delta = output_delta(probe.objective.loss, layer, probe.Y, forward_pass)
    return delta * layer.activation.derivative(forward_pass.Z[-1], forward_pass.A[-1])


def _loss_gradient_only(probe: Probe, forward_pass: Forward) -> Array:
    return probe.objective.loss.gradient(probe.Y, forward_pass.A[-1])


def _diagonal(probe: Probe, forward_pass: Forward) -> Array:
    layer = probe.network.layers[-1]
    return _loss_gradient_only(probe, forward_pass) * layer.activation.derivative(
        forward_pass.Z[-1], forward_pass.A[-1]
    )


def _shifted(shift: int) -> OutputDeltaRule:
    def delta(probe: Probe, forward_pass: Forward) -> Array:
        return output_delta(
            probe.objective.loss, probe.network.layers[-1], np.roll(probe.Y, shift, axis=1), forward_pass
        )

    return delta


def _labels(first: int) -> OutputDeltaRule:
    def delta(probe: Probe, forward_pass: Forward) -> Array:
        labels: Array = (probe.Y.argmax(axis=1) + first).astype(forward_pass.A[-1].dtype)
        return forward_pass.A[-1] - labels[:, None]

    return delta


def _softmax_bugs() -> Iterator[Hypothesis]:
    """A wrong δ of a last layer with softmax."""

    def over(axis: int | None) -> OutputDeltaRule:
        def delta(probe: Probe, forward_pass: Forward) -> Array:
            Z = forward_pass.Z[-1]
            parts = np.exp(Z - Z.max())
            return parts / parts.sum(axis=axis, keepdims=True) - probe.Y

        return delta

    def alone(probe: Probe, forward_pass: Forward) -> Array:
        return ACTIVATIONS.resolve("sigmoid").value(forward_pass.Z[-1]) - probe.Y

    def hard(probe: Probe, forward_pass: Forward) -> Array:
        A = forward_pass.A[-1]
        return np.equal(A, A.max(axis=1, keepdims=True)) - probe.Y

    words = "In δ of the last layer, softmax is taken over the samples (axis 0), not over the classes of each (axis 1)."
    yield GradientBug(output_delta=over(0)), Cause("softmax over the wrong axis", words)
    words = "In δ of the last layer, softmax is divided by the sum over all samples and classes, not over each row."
    yield GradientBug(output_delta=over(None)), Cause("softmax over the wrong axis", words)
    words = "δ of the last layer is made with a sigmoid of each output; the loss has softmax."
    yield GradientBug(output_delta=alone), Cause("output derivative", words)
    words = "δ of the last layer is made of the most likely class (0 or 1), not of the probabilities."
    yield GradientBug(output_delta=hard), Cause("output derivative", words)


def _bias_bugs(layers: tuple[Layer, ...]) -> Iterator[Hypothesis]:
    """∂J/∂b is not the sum of δ over the samples."""
    places = [None, *range(len(layers))]
    for bias, words in (
        ("mean", "is the mean of δ over the samples; it is their sum (δ has its 1/n already)"),
        ("first", "is the δ of the first sample alone; it is the sum over all samples"),
        ("last", "is the δ of the last sample alone; it is the sum over all samples"),
    ):
        for place in places:
            where = "" if place is None else f" of layer {place + 1}"
            sentence = f"The gradient of b{where} {words}."
            yield GradientBug(bias=bias, layer=place), Cause("bias not summed over samples", sentence)
    for place in [None, *range(len(layers) - 1)]:
        where = "" if place is None else f" of layer {place + 1}"
        words = f"The gradient of b{where} is summed before f′ is multiplied in: it is the sum of δ."
        yield GradientBug(bias="before f′", layer=place), Cause("bias is not the sum of δ", words)


def _penalty_bugs(probe: Probe) -> Iterator[Hypothesis]:
    """A wrong gradient of the penalty."""
    n = len(probe.Y)
    words = "The gradient of the penalty is left out: it belongs to J, so to its gradient."
    yield GradientBug(penalty_strength=0.0), Cause("penalty left out", words)
    words = "The penalty's gradient acts on the biases, too; the penalty has only the weights in it."
    yield GradientBug(penalty_on_biases=True), Cause("penalty on biases", words)
    for factor, words in (
        (2.0, "Twice the penalty's gradient is added: the ½ of λ/2 Σw² makes it λw, not 2λw."),
        (0.5, "Half the penalty's gradient is added."),
        (1 / n, f"The penalty's gradient is divided by n = {n}; the penalty is not."),
        (float(n), f"The penalty's gradient is multiplied by n = {n}; the penalty is not."),
        (-1.0, "The penalty's gradient is subtracted, not added."),
    ):
        yield GradientBug(penalty_strength=factor), Cause("penalty's factor", words)
