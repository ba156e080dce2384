r"""The backward pass, in the order of its derivation.

The objective is J = Σᵢ sᵢ ℓᵢ + penalty, with sᵢ = wᵢ/Σw (mean) or wᵢ (sum). Write δˡ = ∂J/∂Zˡ (n, h).

1.  At the output, δᴸ = sᵢ ∂ℓᵢ/∂Zᴸ. If loss and output activation are a canonical pair, ∂ℓ/∂Z = A − Y; otherwise the
    chain rule through the activation: ∂ℓ/∂Z = f′ applied to ∂ℓ/∂A.
2.  Zˡ = Aˡ⁻¹ Wˡ + bˡ is linear in each of its parts. Every sample has its own Z but shares W and b, so their
    derivatives sum over the samples:  ∂J/∂Wˡ = (Aˡ⁻¹)ᵀ δˡ (p, h)  and  ∂J/∂bˡ = Σᵢ δˡᵢ (h,).
3.  Aˡ⁻¹ reaches J through every unit of layer l:  ∂J/∂Aˡ⁻¹ = δˡ (Wˡ)ᵀ (n, p).
4.  Through dropout and the activation, element by element:  δˡ⁻¹ = f′(Zˡ⁻¹) ⊙ (∂J/∂Aˡ⁻¹ ⊙ mask).
5.  Go to 2 with l − 1, down to the first layer.

The formulas are those of a `Dense` layer. Each step asks the operation itself, whose file in `ops` has its code: step 2
is `gradients` of the transform that makes Zˡ, step 3 its `backward`, and step 4 `backward` of dropout and of f.

Source: Rumelhart, Hinton, Williams (1986); in this notation, Nielsen, "Neural networks and deep learning", chapter 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pellucid.maths.losses import Loss
from pellucid.maths.typing import Array
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer


def loss_per_sample(loss: Loss, layer: Layer, Y: Array, forward: Forward) -> Array:
    """Loss ℓ per sample (n,): computed from Z for a canonical pair, to avoid overflow, else from A."""
    if loss.is_canonical_with(layer.activation):
        return checked_answer(loss, "value_from_logits(Y, Z)", loss.value_from_logits(Y, forward.Z[-1]), Y.shape[:1])
    return checked_answer(loss, "value(Y, A)", loss.value(Y, forward.A[-1]), Y.shape[:1])


def output_delta(loss: Loss, layer: Layer, Y: Array, forward: Forward) -> Array:
    """∂ℓ/∂Z of the last layer per sample (n, k): step 1, before scaling by s."""
    Z, A = forward.Z[-1], forward.A[-1]
    if loss.is_canonical_with(layer.activation):
        return A - Y
    dA = checked_answer(loss, "gradient(Y, A)", loss.gradient(Y, A), A.shape)
    return layer.activation.backward(dA, Z, A)


def checked_answer(loss: Loss, method: str, answer: Array, shape: tuple[int, ...]) -> Array:
    """The result of a method of a loss, which may be a custom one; ValueError if it has another shape."""
    if isinstance(answer, np.ndarray) and answer.shape == shape:
        return answer
    what = "one number per sample, (n,)" if len(shape) == 1 else "∂ℓ/∂a of each sample and output, (n, k)"
    got = f"shape {answer.shape}" if isinstance(answer, np.ndarray) else f"{type(answer).__name__} {answer!r:.40}"
    raise ValueError(
        f"loss {type(loss).__name__}: {method} must give an array with {what} = {shape}, got {got}: "
        + ("sum over the outputs (axis=1), not over the samples" if len(shape) == 1 else "no sum, no mean over samples")
    )


def backward(
    layers: Sequence[Layer], forward: Forward, delta: Array, gradients: Sequence[Sequence[Array]]
) -> list[Array]:
    """Steps 2 to 5: from δ of the last layer, write ∂J/∂θ of each layer, (∂J/∂W, ∂J/∂b), into `gradients`.

    Returns δ of all layers, first layer first. Penalties are not included: they depend on θ only (`objective`).
    """
    deltas = [delta]
    for i in range(len(layers) - 1, -1, -1):
        layer, (transformed, _, _) = layers[i], forward.caches[i]
        layer.transform.gradients(layer.parameters, transformed, delta, gradients[i])
        if i > 0:
            delta = layer.transform.backward(layer.parameters, transformed, delta)
            below, (_, activated, dropped) = layers[i - 1], forward.caches[i - 1]
            if dropped is not None:
                delta = below.drop.backward((), dropped, delta)
            if below.activate is not None:
                delta = below.activate.backward((), activated, delta)
            deltas.append(delta)
    return deltas[::-1]
