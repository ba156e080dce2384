"""Convert labels (lists, Series of every dtype, objects) to arrays without merging different labels.

NumPy turns [1, "1"] into two equal strings, [2**63, -1] into rounded numbers and None into a label; the missing value
of pandas' dtypes cannot be compared. Here labels remain distinct, or an error names the row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.maths.typing import Array

WHAT_TO_DO = "fill or drop what is missing, or turn all labels into words with y.astype(str)"


def labels_as_given(y: Any) -> Any:
    """Labels of dtype object, of a data frame's dtype or in a list, as an array of strings, numbers or booleans.

    Arrays of NumPy's dtypes and sparse matrices are returned unchanged.

    Raises
    ------
    ValueError
        If a label is missing, or the labels are of several kinds; it names the row.

    Examples
    --------
    >>> labels_as_given(np.array([2**63, 2**63 + 1], dtype=object)).dtype
    dtype('uint64')
    >>> labels_as_given(np.array([True, False], dtype=object)).dtype
    dtype('bool')
    >>> labels_as_given([1, "1"])
    Traceback (most recent call last):
    ...
    ValueError: Unknown label type: y must hold labels of one kind, got number and word (the first in row 2): fill or \
drop what is missing, or turn all labels into words with y.astype(str)
    """
    if isinstance(y, np.ndarray):
        return _as_one_kind(y) if y.dtype.kind == "O" else y
    if isinstance(y, (list, tuple)):
        return _as_one_kind(_objects(y)) if _needs_care(y) else y
    dtype = getattr(y, "dtype", None)
    if dtype is not None and not isinstance(dtype, np.dtype):  # pandas and polars: elements stay unchanged
        if hasattr(y, "null_count") and not callable(getattr(y, "iloc", None)) and y.null_count():  # polars
            return _as_one_kind(_objects(y.to_list()))
        given = y.to_numpy() if hasattr(y, "null_count") else np.asarray(y, dtype=object)
        return _as_one_kind(given) if given.dtype.kind == "O" else given
    if dtype is not None and dtype.kind == "O":
        return _as_one_kind(np.asarray(y))
    if hasattr(y, "dtypes") and any(getattr(kind, "kind", "O") == "O" for kind in np.atleast_1d(y.dtypes)):
        return _as_one_kind(np.asarray(y, dtype=object))  # a data frame
    return y


def _needs_care(y: Any) -> bool:
    """Whether NumPy would change elements of a list when it converts the list."""
    kinds = {type(label) for label in y}
    if len(kinds) == 1:
        return kinds == {int} and np.asarray(y).dtype.kind not in "iu"
    return not any(hasattr(kind, "__len__") and not issubclass(kind, (str, bytes)) for kind in kinds)


def _objects(y: Any) -> Array:
    """A list's elements as an object array, unchanged."""
    array = np.empty(len(y), dtype=object)
    array[:] = list(y)
    return array


def _as_one_kind(y: Array) -> Array:
    flat = y.ravel()
    width = y.shape[1] if y.ndim == 2 else 1
    missing = [place for place, label in enumerate(flat) if is_missing(label)]
    if missing:
        first = flat[missing[0]]
        count = "1 label is" if len(missing) == 1 else f"{len(missing)} labels are"
        raise ValueError(
            f"Unknown label type: y must hold a label in each row, got {first} in row {missing[0] // width + 1} "
            f"({count} missing of {len(flat)}): drop these rows, or fill them, for instance with a word of their own"
        )
    kinds = [_kind(label) for label in flat]
    for place, kind in enumerate(kinds):
        if kind != kinds[0]:
            raise ValueError(
                f"Unknown label type: y must hold labels of one kind, got {kinds[0]} and {kind} (the first in row "
                f"{place // width + 1}): {WHAT_TO_DO}"
            )
    if not kinds or kinds[0] not in ("truth value", "number"):
        return y
    if kinds[0] == "truth value":
        return y.astype(bool)
    return _numbers(flat).reshape(y.shape)


def _numbers(flat: Array) -> Array:
    """Numbers of dtype object, converted to the first of NumPy's dtypes that keeps every digit."""
    for dtype in (np.int64, np.uint64, np.float64):
        try:
            converted = flat.astype(dtype)
        except (OverflowError, TypeError, ValueError):
            continue
        if all(a == b for a, b in zip(converted.tolist(), flat, strict=True)):
            return converted
    raise ValueError(
        f"Unknown label type: y holds numbers with more digits than NumPy's keep, such as {flat[0]!r}: "
        "turn them into words with y.astype(str)"
    )


def _kind(label: Any) -> str:
    if isinstance(label, (bool, np.bool_)):
        return "truth value"
    if isinstance(label, str):
        return "word"
    if isinstance(label, (int, float, np.integer, np.floating)):
        return "number"
    return type(label).__name__


def is_missing(label: Any) -> bool:
    """Whether a label is None, NaN, or a missing value of pandas.

    >>> [is_missing(x) for x in (None, float("nan"), "", 0)]
    [True, True, False, False]
    """
    if label is None:
        return True
    try:
        return bool(label != label)
    except (TypeError, ValueError):  # pandas.NA has no truth value; neither has an array, which is not a missing label
        return type(label).__name__ == "NAType"
