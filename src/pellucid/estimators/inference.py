"""Compute the last pre-activations Z (n, k) from X without keeping intermediate results, for predictions.

Rows are processed in blocks whose matrices fit into the processor's cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse

from pellucid.maths.activations import Activation
from pellucid.maths.typing import Array

BLOCK_ELEMENTS = 2**14
"""Elements of a block's widest matrix: 128 KiB in float64."""

MIN_ROWS = 64


def pre_activations(X: Any, weights: Sequence[Array], biases: Sequence[Array], hidden: Sequence[Activation]) -> Array:
    """Z of the last layer, for X (n, p) as an array or a sparse matrix."""
    n = X.shape[0]
    rows = max(MIN_ROWS, BLOCK_ELEMENTS // max(W.shape[1] if issparse(X) else max(W.shape) for W in weights))
    if n <= rows:
        return _block(X, weights, biases, hidden)
    Z = np.empty((n, weights[-1].shape[1]), dtype=np.result_type(X.dtype, weights[-1].dtype))
    for start in range(0, n, rows):
        Z[start : start + rows] = _block(X[start : start + rows], weights, biases, hidden)
    return Z


def _block(A: Any, weights: Sequence[Array], biases: Sequence[Array], hidden: Sequence[Activation]) -> Array:
    for W, b, activation in zip(weights, biases, hidden, strict=False):
        Z = A @ W
        Z += b
        A = activation.value(Z)
    Z = A @ weights[-1]
    Z += biases[-1]
    return Z
