"""Validate inputs and convert them to arrays; errors name the argument, its value and a fix."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pellucid.maths.typing import Array


def is_sparse(X: object) -> bool:
    """Whether X is one of SciPy's sparse arrays or matrices."""
    return hasattr(X, "tocsr")


def check_inputs(X: object, n_inputs: int, dtype: np.dtype[np.floating]) -> Array:
    """X as a finite matrix (n, n_inputs) of `dtype`; not copied if it is one already.

    A sparse matrix becomes a CSR array, which can be multiplied, transposed and indexed by rows like an array.
    """
    refuse_dates(X)
    raw: Any = X if isinstance(X, np.ndarray) or is_sparse(X) else np.asarray(X)
    if raw.ndim != 2:
        hint = "reshape a single sample with X.reshape(1, -1)" if raw.ndim == 1 else "one row per sample"
        raise ValueError(f"X must have shape (n, {n_inputs}), got {raw.shape}: {hint}")
    if raw.shape[1] != n_inputs:
        raise ValueError(f"X must have {n_inputs} column(s), the first layer's n_inputs, got shape {raw.shape}")
    if raw.shape[0] == 0:
        raise ValueError(f"X must have at least one row, got shape {raw.shape}")
    if raw.dtype.kind == "O" and text_in(X) is None:
        raw = raw.astype(np.float64)  # mixed numeric types, as in a data frame with boolean columns
    if raw.dtype.kind not in "biuf":
        fault = text_in(X) or "encode text columns first"
        raise ValueError(f"X must hold numbers, got dtype {raw.dtype}: {fault}")
    if is_sparse(raw):
        return _check_sparse(raw, dtype)
    matrix = np.asarray(raw, dtype=dtype)
    where = first_non_finite(matrix)
    if where is not None:
        row, column = where
        raise ValueError(
            f"X must be finite, got {raw[row, column]} in row {row + 1}, column {column + 1}: "
            "fill or drop missing values first"
        )
    return matrix


def _check_sparse(raw: Any, dtype: np.dtype[np.floating]) -> Array:
    from scipy.sparse import csr_array

    matrix: Any = csr_array(raw, dtype=dtype)
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    if len(bad):
        row, column = int(np.searchsorted(matrix.indptr, bad[0], side="right")) - 1, int(matrix.indices[bad[0]])
        raise ValueError(f"X must be finite, got {matrix.data[bad[0]]} in row {row + 1}, column {column + 1}")
    return matrix


def check_sample_weight(
    sample_weight: object, n: int, dtype: np.dtype[np.floating], *, relative: bool = True
) -> Array | None:
    """Sample weights as non-negative numbers (n,) of `dtype` that are not all 0, or None.

    If only the ratios of weights matter (`relative`), as in a weighted mean, weights whose sum or inverse could
    overflow are multiplied by a power of two, which changes no digit: see `relative_weights`.
    """
    if sample_weight is None:
        return None
    try:
        given = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"sample_weight must hold numbers, one per row of X: {error}") from error
    if given.shape != (n,):
        raise ValueError(f"sample_weight must have shape ({n},), one weight per row of X, got {given.shape}")
    bad = ~(np.isfinite(given) & (given >= 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(f"sample_weight must be finite and >= 0, got {given[row]} in row {row + 1}")
    if not given.any():
        raise ValueError("sample_weight must not be all 0")
    if relative:
        return relative_weights(given, dtype)
    with np.errstate(over="ignore"):
        weight = given.astype(dtype, copy=False)
        total = weight.sum(dtype=np.float64)
    if not (np.isfinite(weight).all() and np.isfinite(total)):
        raise ValueError(
            f"sample_weight reaches {given.max():g}, too large to be added up in {dtype} with reduction='sum': "
            "divide the weights by a number, or use reduction='mean'"
        )
    return weight


def relative_weights(weight: Array, dtype: np.dtype[np.floating]) -> Array:
    """Scale weights (n,), finite and >= 0, of which only the ratios matter, so that neither their sum nor its inverse
    overflows in `dtype`.

    Weights that are neither huge nor tiny are not changed; others are multiplied by the power of two that brings the
    largest between ½ and 1. Weights that then are below the smallest normal number are negligible and become 0.

    >>> relative_weights(np.array([1e308, 5e307]), np.dtype("float64"))
    array([0.55626846, 0.27813423])
    """
    limits = np.finfo(dtype)
    largest = float(weight.max(initial=0.0))
    if largest and not float(limits.tiny) ** 0.5 <= largest <= float(limits.max) ** 0.5:
        weight = np.ldexp(weight, -int(np.frexp(largest)[1]))
    with np.errstate(under="ignore"):
        return np.where(weight < limits.tiny, 0, weight).astype(dtype)


def refuse_dates(X: Any) -> None:
    """Raise ValueError if X holds dates or durations: as numbers they would be nanoseconds since 1970."""
    for name, kind in _column_kinds(X):
        if kind in "mM":
            what = "dates" if kind == "M" else "durations"
            column = f"column {name!r} holds {what}" if name is not None else f"it holds {what}"
            raise ValueError(
                f"X must hold numbers, and {column}: turn them into numbers first, for instance "
                + (
                    "days since the first with (d - d.min()).dt.days"
                    if kind == "M"
                    else "seconds with d.dt.total_seconds()"
                )
            )


def _column_kinds(X: Any) -> list[tuple[Any, str]]:
    """(name, NumPy's dtype letter) of the columns of a data frame, or of a whole array (name None)."""
    if isinstance(X, np.ndarray) or is_sparse(X):
        return [(None, X.dtype.kind)]
    columns, dtypes = getattr(X, "columns", None), getattr(X, "dtypes", None)
    if columns is None or dtypes is None:
        return []
    return list(zip(list(columns), map(_letter, list(dtypes)), strict=True))


def _letter(dtype: Any) -> str:
    """NumPy's letter for a dtype; the dtypes of pandas and polars are recognised by their names."""
    known = getattr(dtype, "kind", None)
    if isinstance(known, str):
        return known
    name = str(dtype).lower()
    return "M" if name.startswith("date") else "m" if name.startswith(("duration", "timedelta")) else "?"


def text_in(X: Any) -> str | None:
    """A sentence about the first element of X (data frame or array) that is not a number, with a fix; else None."""
    columns = getattr(X, "columns", None)
    if columns is not None:
        named = [(name, np.asarray(X[name], dtype=object)) for name in list(columns)]
    else:
        raw = np.asarray(X, dtype=object)
        if raw.ndim != 2:
            return None
        named = [(None, raw[:, j]) for j in range(raw.shape[1])]
    for place, (name, values) in enumerate(named, start=1):
        for row, value in enumerate(values, start=1):
            try:
                float(value)
            except (TypeError, ValueError):
                where = f"column {place}" if name is None else f"column {name!r}"
                if value is None or type(value).__name__ in ("NAType", "NaTType"):
                    return f"X has no value in row {row} of {where}: fill or drop missing values first"
                chosen = repr(place - 1 if name is None else name)
                return (
                    f"X holds {value!r} in row {row} of {where}: encode such columns first, for instance "
                    "in a pipeline with scikit-learn's make_column_transformer("
                    f"(OneHotEncoder(handle_unknown='ignore'), [{chosen}]), remainder='passthrough'), or train "
                    "from the shell with `pellucid train`, which encodes them"
                )
    return None


EXACT = 2**53
"""Whole numbers up to this size are exact in float64."""


def warn_of_lost_digits(name: str, values: Any) -> None:
    """Warn if whole numbers are too large for float64, so that different ones become equal."""
    dtype = getattr(values, "dtype", None)
    raw = np.asarray(values) if isinstance(dtype, np.dtype) or isinstance(values, (list, tuple)) else None
    if raw is None or raw.dtype.kind not in "iuO" or not raw.size or raw.ndim > 2:
        return
    if raw.dtype.kind == "O" and not all(isinstance(value, (int, np.integer)) for value in raw.ravel()):
        return
    if max(int(raw.max()), -int(raw.min())) <= EXACT:
        return
    lost = next((value for value in raw.ravel().tolist() if int(float(value)) != value), None)
    if lost is not None:
        warnings.warn(
            f"{name} holds whole numbers beyond 2**53, such as {lost}, which float64 rounds to {int(float(lost))}: "
            "subtract a common number before they are turned into floats, or use them as strings",
            UserWarning,
            stacklevel=5,
        )


def check_same_length(X: Array, Y: Array) -> None:
    """Raise ValueError unless X and Y have as many rows."""
    if X.shape[0] != len(Y):
        raise ValueError(f"X and y must have as many rows, got {X.shape[0]} and {len(Y)}")


def first_non_finite(matrix: Array, rows_at_a_time: int = 65_536) -> tuple[int, int] | None:
    """Row and column of the first NaN or infinity, or None.

    The sum is computed first: it needs no memory, and it is finite only if all elements are. A sum may overflow
    although all elements are finite, so a non-finite sum only starts a search, some rows at a time.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(matrix.sum()):
            return None
    for start in range(0, len(matrix), rows_at_a_time):
        bad = np.argwhere(~np.isfinite(matrix[start : start + rows_at_a_time]))
        if len(bad):
            return start + int(bad[0, 0]), int(bad[0, 1])
    return None
