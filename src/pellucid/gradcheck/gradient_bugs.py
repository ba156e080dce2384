r"""Common mistakes in back-propagation, each as a change to the right backward pass.

There is one derivation, `network.backward`. A mistake in the propagation of δ replaces an operation that the backward
pass uses: an affine operation with another ∂J/∂A, an activation with another f′, another dropout mask, another δ of
the last layer. A mistake in ∂J/∂W or ∂J/∂b of a layer is made afterwards, from the right δ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pellucid.gradcheck.probe import Probe
from pellucid.maths.activations import Activation
from pellucid.maths.penalties import Penalty
from pellucid.maths.typing import Array
from pellucid.network.backward import backward, output_delta
from pellucid.network.forward import Caches, Forward, Masks
from pellucid.network.layers import Dense, Layer
from pellucid.network.ops.affine import Affine
from pellucid.network.ops.elementwise import Elementwise
from pellucid.network.ops.operation import Operation

DerivativeRule = Callable[[Activation, Array, Array], Array]
"""A wrong f′: from the activation, Z and H = f(Z)."""

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

    def concerns(self, layer: int) -> bool:
        """Whether the mistakes are made in this layer."""
        return self.layer in (None, layer)


def backpropagate(probe: Probe, forward_pass: Forward, bug: GradientBug) -> Array:
    """∂J/∂θ with this mistake, flat like θ, of a network of `Dense` layers."""
    layers, penalty = probe.network.layers, probe.objective.penalty
    if bug.output_delta is None:
        delta = output_delta(probe.objective.loss, layers[-1], probe.Y, forward_pass)
    else:
        delta = bug.output_delta(probe, forward_pass)
    delta = delta * _sample_scales(probe, bug)[:, None]
    gradient = np.empty_like(probe.network.theta)
    by_layer = probe.network.by_layer(gradient)
    altered = [_altered(layer, i, bug, penalty) for i, layer in enumerate(layers)]
    caches = [_caches(forward_pass, i, bug) for i in range(len(layers))]
    deltas = backward(altered, replace(forward_pass, caches=caches), delta, by_layer)
    for i, (layer, (dW, db)) in enumerate(zip(layers, by_layer, strict=True)):
        if bug.inputs is not None and bug.concerns(i):
            dW[...] = bug.inputs(forward_pass, i).T @ deltas[i]
        if bug.bias != "right" and bug.concerns(i):
            db[...] = _wrong_bias(bug.bias, layers, forward_pass, deltas, i)
        if penalty is not None:
            dW += bug.penalty_strength * penalty.gradient(layer.W)
            if bug.penalty_on_biases:
                db += penalty.gradient(layer.b)
    return gradient


# ------------------------------------------------------------------------------------------------ altered operations


@dataclass(frozen=True, eq=False)
class _WrongAffine(Affine):
    """An affine operation with a wrong ∂J/∂A: W not transposed, or already updated with a rate."""

    not_transposed: bool
    early_rate: float
    penalty: Penalty | None

    def backward(self, parameters: Sequence[Array], cache: Array, dZ: Array) -> Array:
        W = parameters[0]
        if self.early_rate:
            pull = 0.0 if self.penalty is None else self.penalty.gradient(W)
            W = W - self.early_rate * (cache.T @ dZ + pull)
        return dZ @ (W if self.not_transposed else W.T)


@dataclass(frozen=True, eq=False)
class _WrongElementwise(Elementwise):
    """An activation with a wrong f′."""

    derivative: DerivativeRule

    def backward(self, parameters: Sequence[Array], cache: tuple[Array, Array], dZ: Array) -> Array:
        return dZ * self.derivative(self.function, *cache)


class _AlteredDense(Dense):
    """A `Dense` layer of other operations."""

    _operations: tuple[Operation, ...]

    def __init__(self, spec: Dense, operations: tuple[Operation, ...]) -> None:
        super().__init__(spec.n_inputs, spec.units, spec.activation, dropout=spec.dropout)
        object.__setattr__(self, "_operations", operations)

    def operations(self) -> tuple[Operation, ...]:
        return self._operations


def _altered(layer: Layer, i: int, bug: GradientBug, penalty: Penalty | None) -> Layer:
    """The layer with the operations that the bug alters."""
    spec = layer.spec
    if not isinstance(spec, Dense):
        return layer
    affine, elementwise, *dropout = spec.operations()
    rule = dict(bug.derivatives).get(i)
    wrong_affine = bug.concerns(i) and (bug.not_transposed or bug.early_rate != 0)
    if wrong_affine:
        affine = _WrongAffine(layer.n_inputs, layer.units, bug.not_transposed, bug.early_rate, penalty)
    if rule is not None:
        elementwise = _WrongElementwise(layer.units, layer.activation, rule)
    if not wrong_affine and rule is None:
        return layer
    return Layer(_AlteredDense(spec, (affine, elementwise, *dropout)), layer.parameters)


def _caches(forward_pass: Forward, i: int, bug: GradientBug) -> Caches:
    """The caches of layer i, with the dropout mask that the bug uses."""
    transformed, activated, mask = forward_pass.caches[i]
    if mask is None or bug.mask == "right" or not bug.concerns(i):
        return transformed, activated, mask
    return transformed, activated, _wrong_mask(forward_pass.masks or (), i, bug.mask)


def _wrong_mask(masks: Masks, i: int, how: str) -> Array | None:
    """The wrong mask of layer i; None for no mask."""
    mask = masks[i]
    if how == "forgotten" or mask is None:
        return None
    if how == "unscaled":
        unscaled: Array = (mask != 0).astype(mask.dtype)
        return unscaled
    others = [one for j, one in enumerate(masks) if j != i and one is not None and one.shape == mask.shape]
    return others[0] if others else mask


# ------------------------------------------------------------------------------------------------ wrong sums


def _wrong_bias(how: str, layers: Sequence[Layer], forward_pass: Forward, deltas: Sequence[Array], i: int) -> Array:
    """A wrong ∂J/∂b of layer i from the right δ."""
    if how == "before f′" and i + 1 < len(layers):
        above = layers[i + 1]
        dH = above.transform.backward(above.parameters, forward_pass.caches[i + 1][0], deltas[i + 1])
        mask = forward_pass.caches[i][2]
        return (dH if mask is None else dH * mask).sum(axis=0)
    return {
        "mean": lambda: deltas[i].mean(axis=0),
        "first": lambda: deltas[i][0],
        "last": lambda: deltas[i][-1],
        "before f′": lambda: deltas[i].sum(axis=0),
    }[how]()


def _sample_scales(probe: Probe, bug: GradientBug) -> Array:
    """The factor of each sample (n,), as of `Probe.sample_scales` but for the bug."""
    n = len(probe.Y)
    weight = np.ones(n) if probe.weight is None or bug.sample_weights == "ignored" else probe.weight
    total = float(n) if bug.sample_weights == "over n" else float(weight.sum())
    scales: Array = weight * probe.objective.scale(total)
    return scales if bug.sample_factors is None else scales * bug.sample_factors
