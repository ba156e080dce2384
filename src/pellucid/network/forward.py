r"""The forward pass.

    A⁰ = X,    Zˡ = Aˡ⁻¹ Wˡ + bˡ,    Hˡ = f(Zˡ),    Aˡ = Hˡ ⊙ Mˡ/(1 − rate)        l = 1 … L

Mˡ, zeros and ones, is there in training with dropout only; otherwise Aˡ = Hˡ. The bias (h,) is added to each of the n
rows. Every Z, H and A is kept: the backward pass, and anyone who asks, reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pellucid.maths.dropout import dropout_mask
from pellucid.maths.typing import Array
from pellucid.network.layers import Layer

Masks = Sequence[Array | None]


@dataclass(frozen=True, slots=True)
class Forward:
    """What one forward pass computed; index 0 is the first layer.

    Attributes
    ----------
    X : array (n, p)
    Z : list of arrays (n, h)
        Pre-activations.
    H : list of arrays (n, h)
        f(Z), before dropout.
    A : list of arrays (n, h)
        What the next layer sees: H, or H under the dropout mask.
    masks : the dropout masks, with 1/(1 − rate) in them; None for layers, or a whole pass, without.
    """

    X: Array
    Z: list[Array]
    H: list[Array]
    A: list[Array]
    masks: Masks | None

    @property
    def output(self) -> Array:
        """A of the last layer (n, k)."""
        return self.A[-1]

    def inputs_of(self, layer: int) -> Array:
        """Aˡ⁻¹: what layer number `layer` was given."""
        return self.X if layer == 0 else self.A[layer - 1]


def forward(layers: Sequence[Layer], X: Array, masks: Masks | None = None) -> Forward:
    """Push a batch X (n, p) through all layers; with `masks`, as in a training step with dropout."""
    Zs: list[Array] = []
    Hs: list[Array] = []
    As: list[Array] = []
    A = X
    for i, layer in enumerate(layers):
        Z = A @ layer.W
        Z += layer.b
        H = layer.activation.value(Z)
        mask = None if masks is None else masks[i]
        A = H if mask is None else H * mask
        Zs.append(Z)
        Hs.append(H)
        As.append(A)
    return Forward(X, Zs, Hs, As, masks)


def draw_masks(layers: Sequence[Layer], n_rows: int, seed: int, step: int, dtype: np.dtype[np.floating]) -> Masks:
    """The dropout masks of one training step: a pure function of seed, step, layer and shape."""
    return [
        dropout_mask(seed, step, i, (n_rows, layer.units), layer.dropout, dtype) if layer.dropout else None
        for i, layer in enumerate(layers)
    ]
