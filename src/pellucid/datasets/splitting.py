"""Split rows into training and test rows.

scikit-learn's `train_test_split` does this and more, but takes a second to import, which would delay the playground.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pellucid.maths.checks import check_real
from pellucid.maths.typing import RandomState
from pellucid.network.stack import as_generator

Indices = npt.NDArray[np.int64]


def split(
    X: npt.ArrayLike, y: npt.ArrayLike, *, test_share: float = 0.5, random_state: RandomState = None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """X_train, X_test, y_train, y_test: a random share of the rows is held out for testing.

    If y holds class numbers (an integer type), the split is stratified: each class is split in the same proportion,
    and a class of two rows or more has at least one row on each side.

    >>> X, y = np.arange(20.0).reshape(10, 2), np.array([0] * 8 + [1] * 2)
    >>> X_train, X_test, y_train, y_test = split(X, y, test_share=0.25, random_state=0)
    >>> X_train.shape, np.bincount(y_test)
    ((7, 2), array([2, 1]))

    Raises
    ------
    ValueError
        If the share is not within (0, 1), or one side would be empty.
    """
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"X and y must have equally many rows, got {len(X)} and {len(y)}")
    train, test = split_rows(y, test_share=test_share, random_state=random_state)
    return X[train], X[test], y[train], y[test]


def split_rows(y: npt.NDArray[Any], *, test_share: float, random_state: RandomState = None) -> tuple[Indices, Indices]:
    """The row indices of both sides of `split`, in random order."""
    check_real("test_share", test_share, above=0, below=1)
    if len(y) < 2:
        raise ValueError(f"there must be two rows or more, one to learn from and one to test on, got {len(y)}")
    order = as_generator(random_state).permutation(len(y))
    kept = np.zeros(len(y), dtype=bool)  # in the random order
    groups = np.unique(y[order], return_inverse=True)[1] if np.issubdtype(y.dtype, np.integer) else np.zeros(len(y))
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        kept[places[: min(max(round(test_share * len(places)), 1), len(places) - 1)]] = True
    if not kept.any():  # every class has a single row
        kept[: min(max(round(test_share * len(y)), 1), len(y) - 1)] = True
    return order[~kept], order[kept]
