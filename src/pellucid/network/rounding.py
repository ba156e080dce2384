r"""What rounding may do to the numbers of a forward and of a backward pass.

A running error analysis in a precision with unit `eps`: each operation adds `eps` times the size of what it adds up,
and hands on what it was given, as far as its slope lets it through; independent errors add up by their squares. Two
right computations of one gradient, in another order or in float32, may lie this far apart, and not much further.

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

TRIES = 8
"""How often an operation other than the affine one is computed with other roundings, at random."""

SPREAD = 4.0
"""The largest difference of so few tries, times this, bounds what rounding may do."""


@dataclass(frozen=True)
class RoundedPass:
    """How far each Z and each A of a forward pass may be off."""

    Z: list[Array]
    A: list[Array]

    def inputs_of(self, layer: int) -> Array | float:
        """How far the inputs of a layer may be off; X is taken as it is."""
        return 0.0 if layer == 0 else self.A[layer - 1]


def rounding_of_pass(layers: tuple[Layer, ...], passed: Forward, eps: float) -> RoundedPass:
    """The forward pass, once more, with error bounds for numbers."""
    Zs: list[Array] = []
    As: list[Array] = []
    dA: Array = np.zeros_like(passed.X)
    with np.errstate(all="ignore"):
        for i, layer in enumerate(layers):
            Z, H = passed.Z[i], passed.H[i]
            dZ = _rounding_of_transform(layer, passed.inputs_of(i), Z, dA, eps)
            dA = _most(np.abs(layer.activation.value(Z + signs * dZ) - H) for signs in _signs(layer)) + eps * np.abs(H)
            # Where f is small it may be the difference of two numbers that are not, as in z (1 + tanh u) / 2.
            dA += eps * np.where(H == 0, 0.0, np.minimum(np.abs(Z), 1.0))
            mask = None if passed.masks is None else passed.masks[i]
            if mask is not None:
                dA = dA * mask
            Zs.append(dZ)
            As.append(dA)
    return RoundedPass(Zs, As)


def rounding_of_gradient(
    objective: Objective, layers: tuple[Layer, ...], passed: Forward, Y: Array, scales: Array, eps: float
) -> list[tuple[Array, ...]]:
    """How far ∂J/∂θ of each layer, (∂J/∂W, ∂J/∂b), may be off, by the backward pass with error bounds for numbers."""
    off = rounding_of_pass(layers, passed, eps)
    least = float(np.finfo(np.float32 if eps >= np.finfo(np.float32).eps else np.float64).tiny)  # less may become 0
    bounds: list[tuple[Array, ...]] = []
    with np.errstate(all="ignore"):
        s = np.abs(scales)[:, None]
        delta = output_delta(objective.loss, layers[-1], Y, passed)
        moved = (
            _delta_at(objective, layers[-1], Y, passed, signs * off.Z[-1], signs * eps) for signs in _signs(layers[-1])
        )
        local = np.abs(delta) + _size_of_terms(objective, layers[-1], Y, passed)
        d = s * (_most(np.abs(other - delta) for other in moved) + eps * local) + least
        delta = delta * scales[:, None]
        for i in range(len(layers) - 1, -1, -1):
            of_parameters, back, d = _rounding_of_way_back(
                layers[i], passed.inputs_of(i), off.inputs_of(i), delta, d, eps
            )
            if objective.penalty is not None:
                for k in layers[i].penalized:
                    of_parameters[k] += eps * np.abs(objective.penalty.gradient(layers[i].parameters[k]))
            bounds.append(tuple(of_parameters))
            if i > 0:
                below, Z = layers[i - 1].activation, passed.Z[i - 1]
                mask = None if passed.masks is None else passed.masks[i - 1]
                if mask is not None:
                    back, d = back * mask, d * mask
                delta = below.backward(back, Z, passed.H[i - 1])
                places = (Z + signs * off.Z[i - 1] for signs in _signs(layers[i - 1]))
                turned = _most(np.abs(below.backward(back, at, below.value(at)) - delta) for at in places)
                d = np.abs(below.backward(d, Z, passed.H[i - 1])) + eps * (np.abs(back) + np.abs(delta))
                d = d + turned + least
    return [tuple(np.nan_to_num(bound, nan=np.inf) for bound in of_layer) for of_layer in reversed(bounds)]


def _rounding_of_transform(layer: Layer, A: Array, Z: Array, dA: Array, eps: float) -> Array:
    """How far Z of a layer may be off whose inputs may be off by dA."""
    if isinstance(layer.transform, Affine):
        W, b = layer.parameters
        return np.sqrt(dA**2 @ W**2) + eps * (np.abs(A) @ np.abs(W) + np.abs(b))
    moved = (layer.transform.forward(parameters, inputs)[0] for parameters, inputs in _nearby(layer, A, dA, eps))
    return SPREAD * _most(np.abs(other - Z) for other in moved) + eps * np.abs(Z)


def _rounding_of_way_back(
    layer: Layer, A: Array, dA: Array | float, delta: Array, d: Array, eps: float
) -> tuple[list[Array], Array, Array]:
    """How far ∂J/∂θ of a layer may be off whose δ may be off by d; and ∂J/∂A with how far that may be off."""
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
    spread = [SPREAD * _most(np.abs(a - b) for a in others) for b, *others in zip(exact, *tries, strict=True)]
    terms = np.abs(layer.transform.jacobian(layer.parameters, A, delta)).sum(axis=0) * eps
    ends = np.cumsum([parameter.size for parameter in layer.parameters], dtype=np.int64)
    of_terms = [part.reshape(p.shape) for part, p in zip(np.split(terms, ends), layer.parameters, strict=False)]
    of_parameters = [a + b for a, b in zip(spread[:-1], of_terms, strict=True)]
    return of_parameters, exact[-1], spread[-1] + eps * np.abs(exact[-1])


def _nearby(layer: Layer, A: Array, dA: Array | float, eps: float) -> Iterator[tuple[list[Array], Array]]:
    """Parameters and inputs of a layer as they might have been rounded, a few times over."""
    random = np.random.default_rng(0)

    def sign(array: Array) -> Array:
        return random.choice([-1.0, 1.0], array.shape)

    for _ in range(TRIES):
        parameters = [one * (1 + eps * sign(one)) for one in layer.parameters]
        yield parameters, A * (1 + eps * sign(A)) + sign(A) * dA


def _delta_at(objective: Objective, layer: Layer, Y: Array, passed: Forward, shift: Array, eps: Array) -> Array:
    Z = passed.Z[-1] + shift
    A = layer.activation.value(Z)
    A = A + eps * (np.abs(A) + np.abs(Y))  # the residual may change its sign
    return output_delta(objective.loss, layer, Y, Forward(passed.X, [Z], [A], [A], None))


def _signs(layer: Layer) -> list[Array]:
    """The ways in which the errors of a row are tried, (units,) each: all up, all down, and for softmax, which does not
    feel what moves all of its inputs together, any two of them apart."""
    ups: list[Array] = [np.ones(layer.units)]
    if not layer.activation.elementwise:
        bits = range(max(1, (layer.units - 1).bit_length()))
        ups = [1.0 - 2.0 * (np.arange(layer.units) >> bit & 1) for bit in bits]
    return [sign * up for up in ups for sign in (1.0, -1.0)]


def _most(sizes: Iterable[Array]) -> Array:
    """The elementwise maximum."""
    return functools.reduce(np.maximum, sizes)


def _size_of_terms(objective: Objective, layer: Layer, Y: Array, passed: Forward) -> Array:
    """What δ of the last layer is the difference of: A and Y, through the output activation if it does not cancel."""
    A = passed.A[-1]
    terms = np.abs(A) + np.abs(Y)
    if objective.loss.is_canonical_with(layer.activation):
        return terms
    pulled = layer.activation.backward(terms, passed.Z[-1], A)
    return np.abs(pulled) + np.abs(objective.loss.gradient(Y, A))
