r"""Common mistakes in back-propagation, and a backward pass that makes them.

`backpropagate` repeats the derivation of `network.backward` step by step, with a switch at each step where people make
a mistake. Without a bug it computes the right gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.probe import Probe
from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward, Masks
from pellucid.network.layers import Layer

DerivativeRule = Callable[[Layer, Array, Array], Array]
"""A wrong f′: from a layer, its Z and its H = f(Z)."""

InputRule = Callable[[Forward, int], Array]
"""A wrong input of a layer: from the forward pass and the index of the layer."""

OutputDeltaRule = Callable[[Probe, Forward], Array]
"""A wrong δ of the last layer, before it is scaled by the samples' weights."""


@dataclass(frozen=True)
class GradientBug:
    """One variant of back-propagation. Each field is one possible mistake; its default is right.

    Attributes
    ----------
    derivatives : tuple of (layer index, rule)
        A wrong f′ of these layers.
    layer : int or None
        The index of the layer with the mistakes below; None for all layers.
    not_transposed : bool
        δ W in place of δ Wᵀ.
    inputs : rule or None
        A wrong input of the layer in ∂J/∂W.
    mask : "right", "forgotten", "unscaled" (without 1/(1 − p)) or "another" (of another layer)
        The dropout mask.
    output_delta : rule or None
        A wrong δ of the last layer.
    sample_weights : "right", "ignored" or "over n"
    sample_factors : array (n,) or None
        Further factors on the samples.
    bias : "right", "mean", "first", "last" or "before f′"
        ∂J/∂b: the mean of δ over the samples, δ of one sample, or the sum before f′ is multiplied in.
    early_rate : float
        The rate of an update of W before δ is propagated through it.
    penalty_on_biases : bool
    penalty_strength : float
        A factor on the gradient of the penalty.
    """

    derivatives: tuple[tuple[int, DerivativeRule], ...] = ()
    layer: int | None = None
    not_transposed: bool = False
    inputs: InputRule | None = None
    mask: str = "right"
    output_delta: OutputDeltaRule | None = None
    sample_weights: str = "right"
    sample_factors: Array | None = None
    bias: str = "right"
    early_rate: float = 0.0
    penalty_on_biases: bool = False
    penalty_strength: float = 1.0


def backpropagate(probe: Probe, forward_pass: Forward, bug: GradientBug) -> Array:
    """∂J/∂θ with this mistake, flat like θ."""
    layers, penalty = probe.network.layers, probe.objective.penalty
    parts: list[tuple[Array, Array]] = []
    delta = output_delta(probe.objective.loss, layers[-1], probe.Y, forward_pass)
    if bug.output_delta is not None:
        delta = bug.output_delta(probe, forward_pass)
    delta = delta * _sample_scales(probe, bug)[:, None]
    before_derivative = delta
    for i in range(len(layers) - 1, -1, -1):
        here = bug.layer is None or bug.layer == i
        inputs = bug.inputs(forward_pass, i) if bug.inputs is not None and here else forward_pass.inputs_of(i)
        dW = inputs.T @ delta
        parts.append((dW, _bias(delta, before_derivative, bug.bias if here else "right")))
        if penalty is not None:
            dW += bug.penalty_strength * penalty.gradient(layers[i].W)
            if bug.penalty_on_biases:
                parts[-1][1][...] += penalty.gradient(layers[i].b)
        if i > 0:
            W, below = layers[i].W, layers[i - 1]
            if bug.early_rate and here:
                W = W - bug.early_rate * dW
            dA = delta @ (W if bug.not_transposed and here else W.T)
            if forward_pass.masks is not None:
                mask = _mask(forward_pass.masks, i - 1, bug.mask if bug.layer in (None, i - 1) else "right")
                dA = dA if mask is None else dA * mask
            Z, H = forward_pass.Z[i - 1], forward_pass.H[i - 1]
            derivative = dict(bug.derivatives).get(i - 1)
            before_derivative = dA
            delta = below.activation.backward(dA, Z, H) if derivative is None else dA * derivative(below, Z, H)
    return np.concatenate([array.ravel() for dW, db in reversed(parts) for array in (dW, db)])


def _bias(delta: Array, before_derivative: Array, how: str) -> Array:
    """∂J/∂b from δ, and from δ before f′ was multiplied in."""
    if how == "before f′":
        return before_derivative.sum(axis=0)
    return {
        "right": lambda: delta.sum(axis=0),
        "mean": lambda: delta.mean(axis=0),
        "first": lambda: delta[0].copy(),
        "last": lambda: delta[-1].copy(),
    }[how]()


def _mask(masks: Masks, i: int, how: str) -> Array | None:
    """The dropout mask (0 and 1/(1 − p)) by which ∂J/∂A of layer i is multiplied; None for no mask."""
    mask = masks[i]
    if mask is None or how == "right":
        return mask
    if how == "forgotten":
        return None
    if how == "unscaled":
        unscaled: Array = (mask != 0).astype(mask.dtype)
        return unscaled
    others = [one for j, one in enumerate(masks) if j != i and one is not None and one.shape == mask.shape]
    return others[0] if others else mask


def _sample_scales(probe: Probe, bug: GradientBug) -> Array:
    """The factor of each sample (n,): its weight over the sum of the weights."""
    weight, n = probe.weight, len(probe.Y)
    if weight is None or bug.sample_weights == "ignored":
        weight = np.ones(n)
    total = float(weight.sum()) if probe.objective.reduction == "mean" else 1.0
    if bug.sample_weights == "over n" and probe.objective.reduction == "mean":
        total = float(n)
    scales: Array = weight / total if bug.sample_factors is None else weight / total * bug.sample_factors
    return scales
