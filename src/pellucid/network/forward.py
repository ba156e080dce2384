r"""The forward pass.

    A⁰ = X,    Zˡ = Aˡ⁻¹ Wˡ + bˡ,    Hˡ = f(Zˡ),    Aˡ = Hˡ ⊙ Mˡ/(1 − rate)        l = 1 … L

That is a `Dense` layer: three operations, each a file of `ops`. Mˡ, zeros and ones, is drawn in training with dropout
only; otherwise Aˡ = Hˡ. A layer of another kind computes Zˡ in its own way, and Aˡ = Hˡ = Zˡ. Every Z, H and A is
stored, for the backward pass and for users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.layers import Layer
from pellucid.network.ops.affine import Affine

Masks = Sequence[Array | None]
Caches = tuple[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Forward:
    """The numbers of one forward pass; index 0 is the first layer.

    Attributes
    ----------
    X : array (n, p)
    Z : list of arrays (n, h)
        Pre-activations.
    H : list of arrays (n, h)
        f(Z), before dropout.
    A : list of arrays (n, h)
        Inputs of the next layer: H, or H times the dropout mask.
    masks : the dropout masks, including 1/(1 − rate); None for layers, or a whole pass, without dropout.
    caches : list of (of the transform, of the activation, of dropout)
        Values that each operation of each layer stores for the backward pass.
    """

    X: Array
    Z: list[Array]
    H: list[Array]
    A: list[Array]
    masks: Masks | None
    caches: Sequence[Caches] = ()

    @property
    def output(self) -> Array:
        """A of the last layer (n, k)."""
        return self.A[-1]

    def inputs_of(self, layer: int) -> Array:
        """Aˡ⁻¹: the inputs of layer number `layer`."""
        return self.X if layer == 0 else self.A[layer - 1]


def forward(layers: Sequence[Layer], X: Array, masks: Masks | None = None) -> Forward:
    """The forward pass of a batch X (n, p) through all layers; with `masks`, as in a training step with dropout."""
    if not (isinstance(X, np.ndarray) or isinstance(layers[0].transform, Affine)):
        raise TypeError(f"a {layers[0].title} layer takes no sparse X: give X.toarray(), or begin with a Dense layer")
    Zs: list[Array] = []
    Hs: list[Array] = []
    As: list[Array] = []
    caches: list[Caches] = []
    A = X
    for i, layer in enumerate(layers):
        Z, transformed = layer.transform.forward(layer.parameters, A)
        H = A = Z
        activated = dropped = None
        if layer.activate is not None:
            H, activated = layer.activate.forward((), Z)
            A = H
        if masks is not None and (mask := masks[i]) is not None:
            A, dropped = layer.drop.forward((mask,), H)
        Zs.append(Z)
        Hs.append(H)
        As.append(A)
        caches.append((transformed, activated, dropped))
    return Forward(X, Zs, Hs, As, masks, caches)


def draw_masks(layers: Sequence[Layer], n_rows: int, seed: int, step: int, dtype: np.dtype[np.floating]) -> Masks:
    """The dropout masks of one training step: a pure function of seed, step, layer and shape."""
    return [
        layer.drop.draw(n_rows, seed=seed, step=step, layer=i, dtype=dtype) if layer.dropout else None
        for i, layer in enumerate(layers)
    ]
