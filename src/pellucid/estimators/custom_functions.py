"""Check the derivatives of custom activations and losses.

A wrong derivative raises no error; training just works badly. So the `derivative` of an activation that is not in the
registry, and the `gradient` of such a loss, is compared with central differences of its `value` on first use.
"""

from __future__ import annotations

import numpy as np

from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.losses import LOSSES, Loss
from pellucid.maths.typing import Array
from pellucid.network.backward import checked_answer

GRID = np.linspace(-6.0, 6.0, 241) + 0.0123
"""Points at which the derivative is checked; the offset avoids round numbers, where kinks tend to be."""

STEP = 1e-4
TOLERANCE = 1e-5
ROWS_TRIED = 41
"""Number of rows on which a custom loss is checked."""


def check_custom_activation(activation: Activation) -> None:
    """Raise ValueError if the derivative of a custom elementwise activation does not match its value."""
    if type(activation) in ACTIVATIONS.values() or not activation.elementwise:
        return
    Z = GRID[:, None]
    for kink in activation.kinks:
        Z = Z[np.abs(Z[:, 0] - kink) > 2 * STEP]
    A = np.asarray(activation.value(Z))
    given = np.asarray(activation.derivative(Z, A))
    if A.shape != Z.shape or given.shape != Z.shape:
        raise ValueError(
            f"activation {activation!r}: value and derivative must keep the shape of Z {Z.shape}, "
            f"got {A.shape} and {given.shape}"
        )
    numeric = (activation.value(Z + STEP) - activation.value(Z - STEP)) / (2 * STEP)
    error = np.abs(given - numeric) / np.maximum(1, np.abs(numeric))
    if not error.max() <= TOLERANCE:  # NaN too
        worst = int(np.nanargmax(error)) if np.isfinite(error).any() else 0
        raise ValueError(
            f"activation {activation!r}: derivative({Z[worst, 0]:.4g}) is {given[worst, 0]:.6g}, but its value has "
            f"slope {numeric[worst, 0]:.6g} there. Correct derivative(Z, A); where the function has a corner, "
            "name it in `kinks`."
        )


def check_custom_loss(loss: Loss, Y: Array) -> None:
    """Raise ValueError if a custom loss returns a wrong shape, or its gradient does not match its value.

    It is checked on some of the targets Y (n, k) that it will be used for, with outputs close to them.
    """
    if type(loss) in LOSSES.values():
        return
    Y = np.resize(Y[:ROWS_TRIED].astype(np.float64), (ROWS_TRIED, Y.shape[1]))
    A = Y + np.linspace(-1.5, 1.5, Y.size).reshape(Y.shape) + 0.0123
    low, high = loss.domain
    # If no step to both sides stays inside the domain, nothing can be compared.
    inside = (low + STEP < A).all(axis=1) & (high - STEP > A).all(axis=1)
    for kink in loss.kinks:
        inside &= (np.abs(A - Y - kink) > 2 * STEP).all(axis=1)
    Y, A = Y[inside], A[inside]
    if not len(Y):
        return
    with np.errstate(all="ignore"):
        given = checked_answer(loss, "gradient(Y, A)", loss.gradient(Y, A), A.shape)
        for j in range(A.shape[1]):
            step = np.zeros(A.shape[1])
            step[j] = STEP
            above, below = (checked_answer(loss, "value(Y, A)", loss.value(Y, A + s), (len(Y),)) for s in (step, -step))
            numeric = (above - below) / (2 * STEP)
            error = np.abs(given[:, j] - numeric) / np.maximum(1, np.abs(numeric))
            if np.isfinite(numeric).all() and not error.max() <= TOLERANCE:
                i = int(np.nanargmax(error)) if np.isfinite(error).any() else 0
                raise ValueError(
                    f"loss {type(loss).__name__}: gradient(Y, A) is {given[i, j]:.6g} at y = {Y[i, j]:.4g}, "
                    f"a = {A[i, j]:.4g}, but its value has slope {numeric[i]:.6g} there. Correct gradient(Y, A); where "
                    "the loss has a corner, name its residual a - y in `kinks`"
                )
