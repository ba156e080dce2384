"""Activations of one's own: is the derivative the derivative?

A wrong derivative does not fail; it learns badly. So an activation that is not in the registry has its `derivative`
held against central differences of its `value` when it is first used.
"""

from __future__ import annotations

import numpy as np

from pellucid.maths.activations import ACTIVATIONS, Activation

GRID = np.linspace(-6.0, 6.0, 241) + 0.0123
"""Where the derivative is looked at; the offset keeps clear of round numbers, where kinks tend to be."""

STEP = 1e-4
TOLERANCE = 1e-5


def check_own_activation(activation: Activation) -> None:
    """Raise ValueError where an own elementwise activation's derivative is not that of its value."""
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
            f"slope {numeric[worst, 0]:.6g} there. Mend derivative(Z, A); where the function has a corner, name it in "
            "`kinks`."
        )
