"""`Network([2, 3, 2], "tanh")`: layers and loss from layer sizes, and the default loss for an output activation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.losses import LOSSES, Loss, SquaredError
from pellucid.maths.registry import did_you_mean
from pellucid.network.layers import Dense, Spec

HIDDEN_ACTIVATION = "tanh"
"""Default activation of hidden layers given as sizes; it suits the default initializer."""


def layers_and_loss(layers: Any, loss: Any, activation: Any) -> tuple[Sequence[Spec], Loss]:
    """Resolve the arguments of `Network` to layers and a loss.

    `layers` are layers such as `Dense`, or sizes (inputs, hidden units, outputs). With sizes, a `loss` that is the name
    of an activation is taken as the activation of the hidden layers, as in `Network([2, 3, 2], "tanh")`.

    >>> layers, loss = layers_and_loss([2, 3, 2], "relu", None)
    >>> [layer.activation.name for layer in layers], loss.name
    (['relu', 'softmax'], 'cross_entropy')
    """
    given = _as_list(layers)
    if not given or any(isinstance(part, Spec) for part in given):
        if activation is not None or _means_activation(loss):
            shown = loss if activation is None else activation
            raise TypeError(
                f"an activation goes with sizes, as in Network([2, 3, 2], 'tanh'); Dense layers have their own: write "
                f"Dense(…, {shown!r})"
            )
        if given and isinstance(given[-1], Spec) and loss is None:
            return given, loss_after(given[-1].activation)
        return given, LOSSES.resolve("cross_entropy" if loss is None else loss)
    for i, size in enumerate(given):
        if not isinstance(size, Integral) or isinstance(size, bool):
            raise TypeError(f"layers[{i}] must be a Dense layer or a size (a whole number >= 1), got {size!r}")
    if activation is None and _means_activation(loss):
        activation, loss = loss, None
    if isinstance(loss, str) and not LOSSES.knows(loss) and (near := did_you_mean(loss, ACTIVATIONS)):
        raise ValueError(f"unknown activation or loss {loss!r}: {near}")
    return _from_sizes(given, activation, None if loss is None else LOSSES.resolve(loss))


def loss_after(output: Activation) -> Loss:
    """The default loss for an output activation: its canonical partner if it has one, else squared error.

    >>> loss_after(ACTIVATIONS.resolve("sigmoid")), loss_after(ACTIVATIONS.resolve("identity"))
    (BinaryCrossEntropy(label_smoothing=0.0), SquaredError())
    """
    return next((loss() for loss in LOSSES.values() if loss.canonical == output.name), SquaredError())


def _from_sizes(sizes: Sequence[int], activation: Any, loss: Loss | None) -> tuple[Sequence[Dense], Loss]:
    """Dense layers of the given sizes. The output activation is the loss's canonical partner; without a loss, softmax
    for several outputs and identity for one.
    """
    if len(sizes) < 2:
        raise ValueError(f"layers must hold at least two sizes, inputs and outputs, got {list(sizes)}")
    hidden = len(sizes) - 2
    per_layer = (
        list(activation) if isinstance(activation, (list, tuple)) else [activation or HIDDEN_ACTIVATION] * hidden
    )
    if len(per_layer) == hidden:
        if loss is None:
            output: Any = "softmax" if sizes[-1] > 1 else "identity"
        else:
            output = loss.canonical or "identity"
        per_layer.append(output)
    elif len(per_layer) != hidden + 1:
        raise ValueError(
            f"activation must be one for all hidden layers, a list of {hidden} for them, or a list of {hidden + 1} "
            f"with the output's, got {len(per_layer)}"
        )
    specs = [Dense(before, after, f) for (before, after), f in zip(pairwise(sizes), per_layer, strict=True)]
    return specs, loss_after(specs[-1].activation) if loss is None else loss


def _as_list(layers: Any) -> list[Any]:
    if isinstance(layers, Iterable) and not isinstance(layers, (str, bytes)):
        return list(layers)
    example = "Network([2, 3, 2], 'tanh') or Network([Dense(2, 3, 'tanh'), Dense(3, 2, 'softmax')])"
    raise TypeError(f"layers must be a list of Dense layers or of sizes, got {layers!r}: write {example}")


def _means_activation(value: Any) -> bool:
    """Whether the argument `loss` can only be an activation, or a list of them."""
    if isinstance(value, str):
        return ACTIVATIONS.knows(value) and not LOSSES.knows(value)
    return isinstance(value, (Activation, list, tuple)) or hasattr(value, "derivative")
