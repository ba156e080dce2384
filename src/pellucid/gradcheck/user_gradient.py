"""A gradient supplied by the user: brought into shape, and its function checked for side effects."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array


def as_shape(given: object, shape: tuple[int, ...], label: str) -> tuple[Array, Cause | None]:
    """`given` as float64 array of `shape`, with a cause if its own shape reveals a mistake.

    >>> as_shape([[1.0, 2.0], [3.0, 4.0]], (2,), "b")[0]
    array([4., 6.])
    >>> as_shape([1.0, 2.0, 3.0], (2,), "b")
    Traceback (most recent call last):
    ...
    ValueError: the gradient of b must have shape (2,), got (3,)
    """
    numbers = np.asarray(given, dtype=np.float64)
    if numbers.shape == shape:
        return numbers.copy(), None
    longest = max(shape, default=1)
    if numbers.size == int(np.prod(shape)) and longest == numbers.size:  # (h,), (1, h) and (h, 1) hold the same
        return numbers.reshape(shape).copy(), None
    if numbers.ndim == 2 and longest == int(np.prod(shape)) == numbers.shape[1]:
        return numbers.sum(axis=0).reshape(shape), Cause(
            "bias not summed over samples",
            f"The gradient of {label} has shape {numbers.shape}, one row per sample, for parameters of shape {shape}: "
            "all samples share them, so sum δ over the samples (axis 0).",
            where=label,
        )
    if numbers.ndim == 2 and numbers.T.shape == shape:
        return numbers.T.copy(), Cause(
            "transposed",
            f"The gradient of {label} has shape {numbers.shape}, its parameters have {shape}: it is transposed.",
            where=label,
        )
    raise ValueError(f"the gradient of {label} must have shape {shape}, got {numbers.shape}")


def side_effect_of(
    first: Array, call: Callable[[], Array], before: Array, parameters: Callable[[], Array]
) -> Cause | None:
    """A side effect of the gradient function, found by a second call; None if it has none.

    `first` is its first result, `before` is θ before that call, `parameters()` is θ now.
    """
    if not np.array_equal(before, parameters()):
        return Cause(
            "changes the parameters",
            "The gradient function changes the parameters it is given: take the step outside of it, on copies.",
        )
    second = call()
    if np.array_equal(first, second, equal_nan=True):
        return None
    if np.allclose(second, 2 * first, rtol=1e-6, atol=0):
        return Cause(
            "added up from call to call",
            "Called again at the same point, the gradient is twice the first: it is added to the previous result. "
            "Start from zeros.",
        )
    return Cause(
        "not repeatable",
        "Called twice at the same point, the gradient differs: something is drawn at random each time (a dropout "
        "mask, a batch). Fix it during the check: the same seed for the loss and for the gradient.",
    )


def in_single_precision(numbers: Array) -> bool:
    """Whether all numbers are float32 numbers, so that they were probably computed in single precision."""
    finite = numbers[np.isfinite(numbers)]
    with np.errstate(all="ignore"):
        return np.array_equal(finite, finite.astype(np.float32).astype(np.float64))
