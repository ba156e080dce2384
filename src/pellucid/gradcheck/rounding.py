r"""Rounding error bounds of a forward and a backward pass.

A running error analysis with unit roundoff `eps`: each operation adds `eps` times the size of its terms, and propagates
the errors of its inputs through its derivative; independent errors add in quadrature. Two right computations of one
gradient, in another order or in float32, differ by this much and not much more.

Source: Higham, "Accuracy and stability of numerical algorithms" (2nd edition, 2002), sections 3.3 and 2.8.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer
from pellucid.network.objective import Objective
from pellucid.network.ops.affine import Affine

TRIALS = 8
"""How often an operation other than the affine one is computed with random rounding errors."""

SAFETY = 4.0
"""Bound on the rounding error, in units of the largest difference seen in so few trials."""


@dataclass(frozen=True)
class ForwardErrorBounds:
    """Error bounds of each Z and each A of a forward pass."""

    Z: list[Array]
    A: list[Array]

    def inputs_of(self, layer: int) -> Array | float:
        """Error bounds of the inputs of a layer; X is exact."""
        return 0.0 if layer == 0 else self.A[layer - 1]


def forward_error_bounds(layers: tuple[Layer, ...], forward_pass: Forward, eps: float) -> ForwardErrorBounds:
    """The forward pass, repeated for the error bounds."""
    Zs: list[Array] = []
    As: list[Array] = []
    dA: Array = np.zeros_like(forward_pass.X)
    with np.errstate(all="ignore"):
        for i, layer in enumerate(layers):
            Z, H = forward_pass.Z[i], forward_pass.H[i]
            dZ = _error_of_transform(layer, forward_pass.inputs_of(i), Z, dA, eps)
            dA = _elementwise_max(
                np.abs(layer.activation.value(Z + signs * dZ) - H) for signs in _sign_patterns(layer)
            ) + eps * np.abs(H)
            # A small f may be a difference of two large numbers, as in z (1 + tanh u) / 2: cancellation.
            dA += eps * np.where(H == 0, 0.0, np.minimum(np.abs(Z), 1.0))
            mask = None if forward_pass.masks is None else forward_pass.masks[i]
            if mask is not None:
                dA = dA * mask
            Zs.append(dZ)
            As.append(dA)
    return ForwardErrorBounds(Zs, As)


def gradient_error_bounds(
    objective: Objective, layers: tuple[Layer, ...], forward_pass: Forward, Y: Array, scales: Array, eps: float
) -> list[tuple[Array, ...]]:
    """Error bounds of ∂J/∂θ per layer, (∂J/∂W, ∂J/∂b): the backward pass, repeated for the error bounds."""
    forward_bounds = forward_error_bounds(layers, forward_pass, eps)
    underflow = float(np.finfo(np.float32 if eps >= np.finfo(np.float32).eps else np.float64).tiny)  # less may become 0
    bounds: list[tuple[Array, ...]] = []
    with np.errstate(all="ignore"):
        s = np.abs(scales)[:, None]
        delta = output_delta(objective.loss, layers[-1], Y, forward_pass)
        moved = (
            _delta_at(objective, layers[-1], Y, forward_pass, signs * forward_bounds.Z[-1], signs * eps)
            for signs in _sign_patterns(layers[-1])
        )
        local = np.abs(delta) + _size_of_terms(objective, layers[-1], Y, forward_pass)
        d = s * (_elementwise_max(np.abs(other - delta) for other in moved) + eps * local) + underflow
        delta = delta * scales[:, None]
        for i in range(len(layers) - 1, -1, -1):
            of_parameters, back, d = _error_of_backward(
                layers[i], forward_pass.inputs_of(i), forward_bounds.inputs_of(i), delta, d, eps
            )
            if objective.penalty is not None:
                for k in layers[i].penalized:
                    of_parameters[k] += eps * np.abs(objective.penalty.gradient(layers[i].parameters[k]))
            bounds.append(tuple(of_parameters))
            if i > 0:
                below, Z = layers[i - 1].activation, forward_pass.Z[i - 1]
                mask = None if forward_pass.masks is None else forward_pass.masks[i - 1]
                if mask is not None:
                    back, d = back * mask, d * mask
                delta = below.backward(back, Z, forward_pass.H[i - 1])
                shifted = (Z + signs * forward_bounds.Z[i - 1] for signs in _sign_patterns(layers[i - 1]))
                from_slope = _elementwise_max(
                    np.abs(below.backward(back, at, below.value(at)) - delta) for at in shifted
                )
                d = np.abs(below.backward(d, Z, forward_pass.H[i - 1])) + eps * (np.abs(back) + np.abs(delta))
                d = d + from_slope + underflow
    return [tuple(np.nan_to_num(bound, nan=np.inf) for bound in of_layer) for of_layer in reversed(bounds)]


def _error_of_transform(layer: Layer, A: Array, Z: Array, dA: Array, eps: float) -> Array:
    """Error bounds of Z of a layer whose inputs have the error bounds dA."""
    if isinstance(layer.transform, Affine):
        W, b = layer.parameters
        return np.sqrt(dA**2 @ W**2) + eps * (np.abs(A) @ np.abs(W) + np.abs(b))
    moved = (layer.transform.forward(parameters, inputs)[0] for parameters, inputs in _nearby(layer, A, dA, eps))
    return SAFETY * _elementwise_max(np.abs(other - Z) for other in moved) + eps * np.abs(Z)


def _error_of_backward(
    layer: Layer, A: Array, dA: Array | float, delta: Array, d: Array, eps: float
) -> tuple[list[Array], Array, Array]:
    """Error bounds of ∂J/∂θ of a layer whose δ has the error bounds d; then ∂J/∂A and its error bounds."""
    if isinstance(layer.transform, Affine):
        W = layer.parameters[0]
        size = np.abs(A)
        dW = np.sqrt((size**2).T @ d**2) + eps * size.T @ np.abs(delta)
        if isinstance(dA, np.ndarray):
            dW = dW + np.sqrt((dA**2).T @ delta**2)
        db = np.sqrt((d**2).sum(axis=0)) + eps * np.abs(delta).sum(axis=0)
        return [dW, db], delta @ W.T, np.sqrt(d**2 @ W.T**2) + eps * (np.abs(delta) @ np.abs(W).T)
    random = np.random.default_rng(0)

    def back(parameters: Sequence[Array], A: Array, delta: Array) -> list[Array]:
        _, cache = layer.transform.forward(parameters, A)
        into = [np.empty_like(parameter) for parameter in parameters]
        layer.transform.gradients(parameters, cache, delta, into)
        return [*into, layer.transform.backward(parameters, cache, delta)]

    exact = back(layer.parameters, A, delta)
    tries = [
        back(parameters, inputs, delta + random.choice([-1.0, 1.0], delta.shape) * d)
        for parameters, inputs in _nearby(layer, A, dA, eps)
    ]
    spread = [
        SAFETY * _elementwise_max(np.abs(a - b) for a in others) for b, *others in zip(exact, *tries, strict=True)
    ]
    terms = np.abs(layer.transform.jacobian(layer.parameters, A, delta)).sum(axis=0) * eps
    ends = np.cumsum([parameter.size for parameter in layer.parameters], dtype=np.int64)
    of_terms = [part.reshape(p.shape) for part, p in zip(np.split(terms, ends), layer.parameters, strict=False)]
    of_parameters = [a + b for a, b in zip(spread[:-1], of_terms, strict=True)]
    return of_parameters, exact[-1], spread[-1] + eps * np.abs(exact[-1])


def _nearby(layer: Layer, A: Array, dA: Array | float, eps: float) -> Iterator[tuple[list[Array], Array]]:
    """Parameters and inputs of a layer with random rounding errors."""
    random = np.random.default_rng(0)

    def sign(array: Array) -> Array:
        return random.choice([-1.0, 1.0], array.shape)

    for _ in range(TRIALS):
        parameters = [one * (1 + eps * sign(one)) for one in layer.parameters]
        yield parameters, A * (1 + eps * sign(A)) + sign(A) * dA


def _delta_at(objective: Objective, layer: Layer, Y: Array, forward_pass: Forward, shift: Array, eps: Array) -> Array:
    Z = forward_pass.Z[-1] + shift
    A = layer.activation.value(Z)
    A = A + eps * (np.abs(A) + np.abs(Y))  # the residual may change its sign
    return output_delta(objective.loss, layer, Y, Forward(forward_pass.X, [Z], [A], [A], None))


def _sign_patterns(layer: Layer) -> list[Array]:
    """Sign patterns (units,) of the errors of a row: all up, all down; for softmax, which does not change if all its
    inputs move together, patterns in which every two inputs differ."""
    ups: list[Array] = [np.ones(layer.units)]
    if not layer.activation.elementwise:
        bits = range(max(1, (layer.units - 1).bit_length()))
        ups = [1.0 - 2.0 * (np.arange(layer.units) >> bit & 1) for bit in bits]
    return [sign * up for up in ups for sign in (1.0, -1.0)]


def _elementwise_max(sizes: Iterable[Array]) -> Array:
    """The elementwise maximum of arrays."""
    return functools.reduce(np.maximum, sizes)


def _size_of_terms(objective: Objective, layer: Layer, Y: Array, forward_pass: Forward) -> Array:
    """Size of the terms whose difference is δ of the last layer: A and Y, times f′ unless it cancels."""
    A = forward_pass.A[-1]
    terms = np.abs(A) + np.abs(Y)
    if objective.loss.is_canonical_with(layer.activation):
        return terms
    pulled = layer.activation.backward(terms, forward_pass.Z[-1], A)
    return np.abs(pulled) + np.abs(objective.loss.gradient(Y, A))
