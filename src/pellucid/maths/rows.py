"""Reductions: along short rows, and over many rows.

NumPy reduces a matrix (n, k) along its rows one row at a time; for the few outputs of a small network this takes ten
times as long as the arithmetic. Reducing column by column, or by a matrix product, needs one call per column, or one.
"""

from typing import Any

import numpy as np

from pellucid.maths.typing import Array

FEW_COLUMNS = 8


def row_sum(A: Array) -> Array:
    """Σⱼ of each row (n,), as A 1."""
    return A @ np.ones(A.shape[1], dtype=A.dtype)


ROWS_PER_SUM = 4096
"""Rows that are summed in their own precision. The sums of such blocks are added in double precision, so that the
rounding error does not grow with the number of rows: the plain float32 sum of 10⁷ numbers has two correct digits."""


FEW_ROWS = 128
"""Rows per block in the sum of a bias's gradient."""


def sum_over_rows(A: Array, out: Array) -> None:
    """Write Σᵢ Aᵢ, over the rows of A (n, h), into `out` (h,)."""
    if len(A) <= ROWS_PER_SUM or A.dtype == np.float64:  # rounding is negligible for 10⁷ float64 numbers
        np.dot(np.ones(len(A), dtype=A.dtype), A, out=out)  # a quarter of the time of a sum over an axis
        return
    whole = len(A) // FEW_ROWS
    blocks = A[: whole * FEW_ROWS].reshape(whole, FEW_ROWS, A.shape[1])
    sums = np.matmul(np.ones(FEW_ROWS, dtype=A.dtype), blocks)
    rest = A[whole * FEW_ROWS :].sum(axis=0)
    out[...] = sums.sum(axis=0, dtype=np.float64) + rest


def product_over_rows(A: Any, B: Array, out: Array) -> None:
    """Write Aᵀ B, a sum over the rows of A (n, p), dense or sparse, and B (n, h), into `out` (p, h)."""
    if len(B) <= ROWS_PER_SUM or B.dtype == np.float64:
        if isinstance(A, np.ndarray):
            np.matmul(A.T, B, out=out)
        else:
            out[...] = A.T @ B
        return
    total = np.zeros(out.shape)
    for start in range(0, len(B), ROWS_PER_SUM):
        rows = slice(start, start + ROWS_PER_SUM)
        total += A[rows].T @ B[rows]
    out[...] = total


def weighted_sum_over_rows(A: Array, weight: Array | None) -> Array:
    """Σᵢ wᵢ Aᵢ of A (n, k) in double precision (k,); w = 1 without weights."""
    total = np.zeros(A.shape[1])
    for start in range(0, len(A), ROWS_PER_SUM):
        block = A[start : start + ROWS_PER_SUM].astype(np.float64, copy=False)
        factors = np.ones(len(block)) if weight is None else weight[start : start + ROWS_PER_SUM].astype(np.float64)
        total += factors @ block
    return total


def row_max(A: Array) -> Array:
    """The largest element of each row (n,); NaN if the row contains NaN."""
    if A.shape[1] > FEW_COLUMNS:
        return A.max(axis=1)
    largest = A[:, 0]
    for j in range(1, A.shape[1]):
        largest = np.maximum(largest, A[:, j])
    return largest
