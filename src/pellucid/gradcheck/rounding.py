r"""What rounding may do to the numbers of a forward and of a backward pass.

A running error analysis in a precision with unit `eps`: each operation adds `eps` times the size of what it adds up,
and hands on what it was given, as far as its slope lets it through; independent errors add up by their squares. Two
right computations of one gradient, in another order or in float32, may lie this far apart, and not much further.

Source: Higham, "Accuracy and stability of numerical algorithms" (2nd edition, 2002), sections 3.3 and 2.8.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.backward import output_delta
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer
from pellucid.network.objective import Objective


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
            handed_on = np.sqrt(dA**2 @ layer.W**2)
            dZ = handed_on + eps * (np.abs(passed.inputs_of(i)) @ np.abs(layer.W) + np.abs(layer.b))
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
) -> list[tuple[Array, Array]]:
    """How far ∂J/∂W and ∂J/∂b of each layer may be off, by the backward pass with error bounds for numbers."""
    off = rounding_of_pass(layers, passed, eps)
    least = float(np.finfo(np.float32 if eps >= np.finfo(np.float32).eps else np.float64).tiny)  # less may become 0
    bounds: list[tuple[Array, Array]] = []
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
            A, dA_in = np.abs(passed.inputs_of(i)), off.inputs_of(i)
            dW = np.sqrt((A**2).T @ d**2) + eps * A.T @ np.abs(delta)
            if i > 0:
                dW = dW + np.sqrt(np.asarray(dA_in**2).T @ delta**2)
            db = np.sqrt((d**2).sum(axis=0)) + eps * np.abs(delta).sum(axis=0)
            if objective.penalty is not None:
                dW = dW + eps * np.abs(objective.penalty.gradient(layers[i].W))
            bounds.append((dW, db))
            if i > 0:
                W, below, Z = layers[i].W, layers[i - 1].activation, passed.Z[i - 1]
                back, d = delta @ W.T, np.sqrt(d**2 @ W.T**2) + eps * (np.abs(delta) @ np.abs(W).T)
                mask = None if passed.masks is None else passed.masks[i - 1]
                if mask is not None:
                    back, d = back * mask, d * mask
                delta = below.backward(back, Z, passed.H[i - 1])
                places = (Z + signs * off.Z[i - 1] for signs in _signs(layers[i - 1]))
                turned = _most(np.abs(below.backward(back, at, below.value(at)) - delta) for at in places)
                d = np.abs(below.backward(d, Z, passed.H[i - 1])) + eps * (np.abs(back) + np.abs(delta))
                d = d + turned + least
    return [(np.nan_to_num(dW, nan=np.inf), np.nan_to_num(db, nan=np.inf)) for dW, db in reversed(bounds)]


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
