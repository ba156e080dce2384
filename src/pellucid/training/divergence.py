"""The error for numbers that blow up: in which epoch and layer, and the likely remedy."""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.forward import forward
from pellucid.network.parameters import Group
from pellucid.network.stack import LayerStack
from pellucid.optimizers import FirstOrder, State

LOST_LOSS = 1e15
"""A mean loss above this, and above this multiple of the initial loss, is not a spike from which a run recovers: in
float64 the initial loss is below its last digit."""
LARGE_RATE = 1e3
"""Rate above which dividing by ten is not enough."""
LARGE_INPUT = 50.0
"""Inputs above this are far from standardised; the first layer's gradient grows with them."""


LARGE_WEIGHT = 100.0
"""Sample weights above this make steps much longer with reduction="sum"."""


class DivergenceError(ArithmeticError):
    """A loss or a parameter became NaN or infinite, or the loss grew enormously. The network keeps the last good θ.

    Attributes
    ----------
    epoch : int
        The epoch in which it was detected, from 0.
    layer : int
        The layer where it began, from 0.
    """

    def __init__(self, message: str, epoch: int, layer: int) -> None:
        super().__init__(message)
        self.epoch, self.layer = epoch, layer

    def __reduce__(self) -> tuple[type[DivergenceError], tuple[str, int, int], dict[str, object]]:
        # An exception that cannot be unpickled breaks process pools.
        return type(self), (str(self), self.epoch, self.layer), dict(self.__dict__)


def divergence(
    network: LayerStack,
    epoch_start: Array,
    last_finite: Array,
    X: Array,
    epoch: int,
    rate: float | None,
    summed_weight: Array | None = None,
) -> DivergenceError:
    """The error for a network whose loss or θ is not finite; θ is reset to `last_finite`.

    The first non-finite number is searched in this order: θ at the start of the epoch, the forward pass with it, the
    current θ. `summed_weight` are sample weights that multiply the gradient directly, with reduction="sum".
    """
    now = network.theta.copy()
    found = _in_parameters(network, epoch_start) or _in_forward(network, epoch_start, X)
    found = found or _in_parameters(network, now) or _in_forward(network, now, X)
    layer, what = found or (len(network.layers) - 1, "the loss became infinite or NaN")
    network.theta = last_finite
    return DivergenceError(
        f"training diverged in epoch {epoch + 1}: {what} in layer {layer + 1} of {len(network.layers)}. "
        f"The network keeps the last finite parameters. What likely helps: {_advice(X, rate, summed_weight)}.",
        epoch,
        layer,
    )


def overflow_of_squares(
    network: LayerStack, state: State, rule: FirstOrder, epoch: int, X: Array
) -> DivergenceError | None:
    """The error for a rule whose mean or sum of squared gradients is no longer finite, or None.

    g/√v is 0 where v is infinite: the parameter would no longer move, and nothing would show it.
    """
    for squares in state.values():
        if squares.shape != network.theta.shape or np.isfinite(squares).all():
            continue
        found = _in_parameters(network, squares)
        layer = len(network.layers) - 1 if found is None else found[0]
        limit = float(np.finfo(squares.dtype).max)
        wider = " a network of dtype='float64'," if squares.dtype != np.float64 else ""
        return DivergenceError(
            f"training failed by epoch {epoch}: the squares of the gradient that {type(rule).__name__} remembers "
            f"exceed {limit:.2g}, the largest {squares.dtype}, in layer {layer + 1} of {len(network.layers)}, so that "
            f"its steps become 0. What likely helps:{wider} clip_norm=1.0, or scaled inputs and targets (|X| reaches "
            f"{float(abs(X).max()):.3g}).",
            epoch - 1,
            layer,
        )
    return None


def lost(
    network: LayerStack,
    last_good: Array,
    X: Array,
    epoch: int,
    rate: float | None,
    start: float,
    now: float,
    summed_weight: Array | None = None,
) -> DivergenceError:
    """The error for a loss above LOST_LOSS; θ is reset to `last_good`. `summed_weight`: see `divergence`."""
    largest = max(network.groups, key=lambda group: float(abs(group.of(network.theta)).max()))
    size = float(abs(largest.of(network.theta)).max())
    network.theta = last_good
    name = _in_words(largest)
    return DivergenceError(
        f"training diverged in epoch {epoch + 1}: the loss grew from {start:.3g} at the start of the run to {now:.3g}, "
        f"with {name} up to {size:.3g} in layer {largest.layer + 1} of {len(network.layers)}. The network keeps the "
        f"last parameters from before. What likely helps: {_advice(X, rate, summed_weight)}.",
        epoch,
        largest.layer,
    )


def _advice(X: Array, rate: float | None, summed_weight: Array | None = None) -> str:
    advice = []
    largest = float(abs(X).max())
    if rate is not None:
        smaller = rate / 10 if rate <= LARGE_RATE else 0.1
        advice.append(f"a smaller learning rate (now {rate:g}; try {smaller:g})")
    if largest > LARGE_INPUT:
        advice.insert(0, f"scaled inputs (|X| reaches {largest:.3g}; subtract the mean, divide by the deviation)")
    heaviest = 0.0 if summed_weight is None else float(summed_weight.max())
    if heaviest > LARGE_WEIGHT:
        advice.insert(0, f"smaller sample_weight (it reaches {heaviest:.3g} and multiplies each step)")
    advice.append("reduction='mean' if you chose 'sum'")
    return ", or ".join(advice)


def _in_parameters(network: LayerStack, theta: Array) -> tuple[int, str] | None:
    """The group with the largest share of non-finite numbers; among equals the one closest to the loss."""
    shares = [float(np.mean(~np.isfinite(group.of(theta)))) for group in network.groups]
    worst = max(range(len(shares)), key=lambda i: (shares[i], i))
    if shares[worst] == 0:
        return None
    group = network.groups[worst]
    return group.layer, f"{_in_words(group)} became infinite or NaN"


def _in_words(group: Group) -> str:
    """The name of a group of parameters in a sentence."""
    return {"W": "weights W", "b": "biases b"}.get(group.name, f"parameters {group.name}")


def _in_forward(network: LayerStack, theta: Array, X: Array) -> tuple[int, str] | None:
    """The first layer of the forward pass with a non-finite Z or A."""
    network.theta = theta
    with np.errstate(all="ignore"):
        forward_pass = forward(network.layers, X)
    for i, (Z, A) in enumerate(zip(forward_pass.Z, forward_pass.A, strict=True)):
        if not np.isfinite(Z).all():
            return i, "a pre-activation Z became infinite or NaN"
        if not np.isfinite(A).all():
            return i, "an activation A became infinite or NaN"
    return None
