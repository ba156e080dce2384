"""Reductions: along short rows, and over many rows.

NumPy reduces a matrix (n, k) along its rows one row at a time, which for the few outputs of a small network costs ten
times what the arithmetic does. Going column by column, or through a matrix product, costs one call a column, or one.
"""

from typing import Any

import numpy as np

from pellucid.maths.typing import Array

FEW_COLUMNS = 8


def row_sum(A: Array) -> Array:
    """Σⱼ of each row (n,), as A 1."""
    return A @ np.ones(A.shape[1], dtype=A.dtype)


ROWS_A_SUM = 4096
"""Rows whose numbers are added up in their own precision; the sums of such blocks are added in double precision, so
that rounding does not grow with the number of rows: 10⁷ float32 numbers added one by one keep two digits."""


def sum_over_rows(A: Array, out: Array) -> None:
    """Write Σᵢ Aᵢ, over the rows of A (n, h), into `out` (h,)."""
    if len(A) <= ROWS_A_SUM:
        np.dot(np.ones(len(A), dtype=A.dtype), A, out=out)  # a quarter of the time of a sum over an axis
    else:
        out[...] = weighted_sum_over_rows(A, None)


def product_over_rows(A: Any, B: Array, out: Array) -> None:
    """Write Aᵀ B, a sum over the rows of A (n, p), dense or sparse, and B (n, h), into `out` (p, h)."""
    if len(B) <= ROWS_A_SUM or B.dtype == np.float64:  # the rounding of 10⁷ float64 numbers is no matter
        if isinstance(A, np.ndarray):
            np.matmul(A.T, B, out=out)
        else:
            out[...] = A.T @ B
        return
    total = np.zeros(out.shape)
    for start in range(0, len(B), ROWS_A_SUM):
        rows = slice(start, start + ROWS_A_SUM)
        total += A[rows].T @ B[rows]
    out[...] = total


def weighted_sum_over_rows(A: Array, weight: Array | None) -> Array:
    """Σᵢ wᵢ Aᵢ of A (n, k) in double precision (k,); w = 1 without weights."""
    total = np.zeros(A.shape[1])
    for start in range(0, len(A), ROWS_A_SUM):
        block = A[start : start + ROWS_A_SUM].astype(np.float64, copy=False)
        factors = np.ones(len(block)) if weight is None else weight[start : start + ROWS_A_SUM].astype(np.float64)
        total += factors @ block
    return total


def row_max(A: Array) -> Array:
    """The largest element of each row (n,); NaN where a row holds one."""
    if A.shape[1] > FEW_COLUMNS:
        return A.max(axis=1)
    largest = A[:, 0]
    for j in range(1, A.shape[1]):
        largest = np.maximum(largest, A[:, j])
    return largest
