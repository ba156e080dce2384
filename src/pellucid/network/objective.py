r"""The single definition of the objective: value and gradient.

    J(θ) = Σᵢ wᵢ ℓ(yᵢ, f(xᵢ; θ)) / Σᵢ wᵢ + penalty(θ)        reduction="mean"
    J(θ) = Σᵢ wᵢ ℓ(yᵢ, f(xᵢ; θ)) + penalty(θ)                reduction="sum"

The penalty acts on parameters that are `penalized`: on weights, never on biases. A batch represents the whole data:
with "mean" its J estimates the full J; with "sum" it is the batch's share of the full J, penalty included, so that the
sum of J over an epoch's batches is the full J. `share` is the batch's share of the total sample weight: 1 for the full
batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pellucid.maths.losses import Loss
from pellucid.maths.penalties import Penalty
from pellucid.maths.registry import unknown_name
from pellucid.maths.typing import Array
from pellucid.network.backward import backward, loss_per_sample, output_delta
from pellucid.network.forward import Forward
from pellucid.network.layers import Layer

Reduction = Literal["mean", "sum"]


@dataclass(frozen=True)
class Objective:
    """A loss, its reduction over samples, and a penalty."""

    loss: Loss
    reduction: Reduction = "mean"
    penalty: Penalty | None = None

    def __post_init__(self) -> None:
        if self.reduction not in ("mean", "sum"):
            raise ValueError(unknown_name("reduction", self.reduction, ("mean", "sum")))
        if self.penalty is not None and not isinstance(self.penalty, Penalty):
            raise TypeError(f"penalty must be None or a penalty object such as L2(0.01), got {self.penalty!r}")

    def total_loss(self, layers: Sequence[Layer], forward: Forward, Y: Array, weight: Array | None = None) -> float:
        """Σᵢ wᵢ ℓᵢ of a batch, given its forward pass; `weight` (n,) or None for ones."""
        losses = loss_per_sample(self.loss, layers[-1], Y, forward)
        # In double precision: the sum of 10⁷ float32 losses would lose digits, and might overflow.
        return float((losses if weight is None else weight * losses).sum(dtype=np.float64))

    def penalty_value(self, layers: Sequence[Layer]) -> float:
        """The penalty of all weights."""
        if self.penalty is None:
            return 0.0
        return sum(self.penalty.value(layer.parameters[i]) for layer in layers for i in layer.penalized)

    def combine(self, total_loss: float, total_weight: float, penalty: float) -> float:
        """J from the total loss and the penalty."""
        return self.scale(total_weight) * total_loss + penalty

    def scale(self, total_weight: float) -> float:
        """The factor on Σ w ℓ: 1/Σw for the mean, 0 for a batch of weight 0."""
        if self.reduction == "sum":
            return 1.0
        return 1.0 / total_weight if total_weight > 0 else 0.0

    def value(self, layers: Sequence[Layer], forward: Forward, Y: Array, weight: Array | None = None) -> float:
        """J of the whole data, given its forward pass."""
        total_weight = float(len(Y) if weight is None else weight.sum(dtype=np.float64))
        return self.combine(self.total_loss(layers, forward, Y, weight), total_weight, self.penalty_value(layers))

    def gradient(
        self,
        layers: Sequence[Layer],
        forward: Forward,
        Y: Array,
        gradients: Sequence[Sequence[Array]],
        weight: Array | None = None,
        share: float = 1.0,
    ) -> list[Array]:
        """Write ∂J/∂θ of each layer, (∂J/∂W, ∂J/∂b), into `gradients`; return δ of all layers, first layer first."""
        delta = output_delta(self.loss, layers[-1], Y, forward)
        if weight is not None:
            delta = delta * (weight * self.scale(float(weight.sum(dtype=np.float64))))[:, None]
        elif self.reduction == "mean":
            delta = delta * self.scale(len(Y))
        deltas = backward(layers, forward, delta, gradients)
        if self.penalty is not None:
            batch_fraction = share if self.reduction == "sum" else 1.0
            for layer, of_layer in zip(layers, gradients, strict=True):
                for i in layer.penalized:
                    penalty_gradient = self.penalty.gradient(layer.parameters[i])
                    of_layer[i][...] += penalty_gradient if batch_fraction == 1.0 else batch_fraction * penalty_gradient
        return deltas
