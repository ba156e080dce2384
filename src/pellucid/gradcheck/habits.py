r"""Back-propagation as people get it wrong: the derivation of `backward`, with a switch at each place of a mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pellucid.gradcheck.probe import Probe
from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward, Masks
from pellucid.network.layers import Layer

Slope = Callable[[Layer, Array, Array], Array]
"""Another idea of f′, from a layer and its Z and H = f(Z)."""

Inputs = Callable[[Forward, int], Array]
"""Another idea of what came into a layer, by its number."""

Top = Callable[[Probe, Forward], Array]
"""Another idea of δ of the last layer, before it is scaled by the samples' shares."""


@dataclass(frozen=True)
class Habits:
    """One way to back-propagate: each field is a place where people go wrong, its default what is right.

    `slopes` maps a layer to another idea of its f′(Z); `at` says in which layer the other mistakes are made, None in
    all. `early` is the rate with which W has been changed before δ went down through it.
    """

    slopes: tuple[tuple[int, Slope], ...] = ()
    at: int | None = None
    not_transposed: bool = False
    inputs: Inputs | None = None
    mask: str = "right"
    top: Top | None = None
    weights: str = "right"
    samples: Array | None = None
    bias: str = "right"
    early: float = 0.0
    penalty_on_biases: bool = False
    penalty_strength: float = 1.0
    below: float = 1.0
    scale: float = 1.0


def backpropagate(probe: Probe, passed: Forward, habits: Habits) -> Array:
    """∂J/∂θ as someone with these habits computes it. Without any, the right one."""
    layers, penalty = probe.network.layers, probe.objective.penalty
    parts: list[tuple[Array, Array]] = []
    delta = output_delta(probe.objective.loss, layers[-1], probe.Y, passed)
    if habits.top is not None:
        delta = habits.top(probe, passed)
    delta = habits.scale * delta * _shares(probe, habits)[:, None]
    before_slope = delta
    for i in range(len(layers) - 1, -1, -1):
        here = habits.at is None or habits.at == i
        seen = habits.inputs(passed, i) if habits.inputs is not None and here else passed.inputs_of(i)
        dW = seen.T @ delta
        parts.append((dW, _bias(delta, before_slope, habits.bias if here else "right")))
        if penalty is not None:
            dW += habits.penalty_strength * penalty.gradient(layers[i].W)
            if habits.penalty_on_biases:
                parts[-1][1][...] += penalty.gradient(layers[i].b)
        if i > 0:
            W, below = layers[i].W, layers[i - 1]
            if habits.early and here:
                W = W - habits.early * dW
            dA = delta @ (W if habits.not_transposed and here else W.T) * habits.below
            if passed.masks is not None:
                mask = _mask(passed.masks, i - 1, habits.mask if habits.at in (None, i - 1) else "right")
                dA = dA if mask is None else dA * mask
            Z, H = passed.Z[i - 1], passed.H[i - 1]
            slope = dict(habits.slopes).get(i - 1)
            before_slope = dA
            delta = below.activation.backward(dA, Z, H) if slope is None else dA * slope(below, Z, H)
    return np.concatenate([array.ravel() for dW, db in reversed(parts) for array in (dW, db)])


def _bias(delta: Array, before_slope: Array, how: str) -> Array:
    if how == "before f′":
        return before_slope.sum(axis=0)
    return {
        "right": lambda: delta.sum(axis=0),
        "mean": lambda: delta.mean(axis=0),
        "first": lambda: delta[0].copy(),
        "last": lambda: delta[-1].copy(),
    }[how]()


def _mask(masks: Masks, i: int, how: str) -> Array | None:
    """What the error of layer i is multiplied by: its mask, holding 0 and 1/(1 − p)."""
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


def _shares(probe: Probe, habits: Habits) -> Array:
    """What each sample counts (n,): its weight over the sum of them."""
    weight, n = probe.weight, len(probe.Y)
    if weight is None or habits.weights == "ignored":
        weight = np.ones(n)
    total = float(weight.sum()) if probe.objective.reduction == "mean" else 1.0
    if habits.weights == "over n" and probe.objective.reduction == "mean":
        total = float(n)
    shares: Array = weight / total if habits.samples is None else weight / total * habits.samples
    return shares
