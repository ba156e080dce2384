r"""Input features of a point (x₁, x₂) of the plane: the coordinates, and functions of them.

With x₁² and x₂² the boundary between rings is linear, with x₁·x₂ that of exclusive or. The sines have the period 2,
the width of the toy sets; sin(x) itself would be almost linear between −1 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pellucid.maths.registry import unknown_name

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """A function of the plane: called with X (n, 2), it returns (n,); `label` is its mathematical notation."""

    name: str
    label: str
    function: Callable[[Floats, Floats], Floats]

    def __call__(self, X: npt.ArrayLike) -> Floats:
        """The feature of each row."""
        X = _plane(X)
        return self.function(X[:, 0], X[:, 1])


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("x1", "x₁", lambda x1, _: x1),
        Feature("x2", "x₂", lambda _, x2: x2),
        Feature("x1^2", "x₁²", lambda x1, _: x1 * x1),
        Feature("x2^2", "x₂²", lambda _, x2: x2 * x2),
        Feature("x1*x2", "x₁·x₂", lambda x1, x2: x1 * x2),
        Feature("sin(pi*x1)", "sin πx₁", lambda x1, _: np.sin(np.pi * x1)),
        Feature("sin(pi*x2)", "sin πx₂", lambda _, x2: np.sin(np.pi * x2)),
    )
}


def features(X: npt.ArrayLike, names: Sequence[str]) -> Floats:
    """The features `names` of each row of X (n, 2), as columns (n, len(names)), in that order.

    >>> features([[0.5, -1.0]], ["x1", "x2^2", "x1*x2", "sin(pi*x1)"])
    array([[ 0.5,  1. , -0.5,  1. ]])

    Raises
    ------
    ValueError
        For an unknown name (the known ones are those of `FEATURES`), none at all, or an X that is not (n, 2).
    """
    if isinstance(names, str):
        raise TypeError(f"names must be a list of names of features, got {names!r}: write [{names!r}]")
    if not names:
        raise ValueError(f"names must have one feature or more of {', '.join(map(repr, FEATURES))}, got none")
    X = _plane(X)
    for name in names:
        if name not in FEATURES:
            raise ValueError(unknown_name("feature", name, FEATURES))
    return np.column_stack([FEATURES[name](X) for name in names])


def _plane(X: npt.ArrayLike) -> Floats:
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X must have two columns, x1 and x2, got the shape {X.shape}")
    return X
