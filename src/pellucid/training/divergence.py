"""What to say when numbers blow up: at which epoch, in which layer, and what likely helps."""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.forward import forward
from pellucid.network.stack import LayerStack

LARGE_INPUT = 50.0
"""Inputs beyond this are far from standardised; the first layer's gradient grows with them."""


class DivergenceError(ArithmeticError):
    """A loss or a parameter turned NaN or infinite. The network keeps the last finite θ.

    Attributes
    ----------
    epoch : int
        The epoch in which it was noticed, from 0.
    layer : int
        The layer (from 0) where it began.
    """

    def __init__(self, message: str, epoch: int, layer: int) -> None:
        super().__init__(message)
        self.epoch, self.layer = epoch, layer


def divergence(network: LayerStack, last_finite: Array, X: Array, epoch: int, rate: float | None) -> DivergenceError:
    """The error for a network whose loss or θ is not finite; θ is set back to `last_finite` first."""
    layer, what = _where(network, X)
    broken = network.theta.copy()
    network.theta = last_finite
    if layer is None:
        layer, what = _broken_group(network, broken)
    largest = float(np.abs(X).max())
    advice = []
    if rate is not None:
        advice.append(f"a smaller learning rate (now {rate:g}; try {rate / 10:g})")
    if largest > LARGE_INPUT:
        advice.insert(0, f"scaled inputs (|X| reaches {largest:.3g}; subtract the mean, divide by the deviation)")
    advice.append("reduction='mean' if you chose 'sum'")
    return DivergenceError(
        f"training diverged in epoch {epoch + 1}: {what} in layer {layer + 1} of {len(network.layers)}. "
        f"The network keeps the last finite parameters. What likely helps: {', or '.join(advice)}.",
        epoch,
        layer,
    )


def _where(network: LayerStack, X: Array) -> tuple[int | None, str]:
    """The first layer, in the order of the forward pass, with a Z or A that is not finite while θ still is."""
    if not np.isfinite(network.theta).all():
        return None, ""
    with np.errstate(all="ignore"):
        passed = forward(network.layers, X)
    for i, (Z, A) in enumerate(zip(passed.Z, passed.A, strict=True)):
        if not np.isfinite(Z).all():
            return i, "a pre-activation Z became infinite or NaN"
        if not np.isfinite(A).all():
            return i, "an activation A became infinite or NaN"
    return len(network.layers) - 1, "the loss became infinite or NaN"


def _broken_group(network: LayerStack, broken: Array) -> tuple[int, str]:
    """The layer with the largest share of parameters that broke; of equals, the one nearest to the loss."""
    shares = [float(np.mean(~np.isfinite(group.of(broken)))) for group in network.groups]
    worst = max(range(len(shares)), key=lambda i: (shares[i], i))
    group = network.groups[worst]
    kind = "weights W" if group.name == "W" else "biases b"
    return group.layer, f"{kind} became infinite or NaN"
