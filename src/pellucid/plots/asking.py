"""Rows in the form in which a model knows them: one that was fitted on named columns is asked about named columns."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_fitted(model: Any, rows: Any) -> Any:
    """`rows` as a data frame with the model's names of columns, where it has names; else as an array.

    >>> class Plain:
    ...     pass
    >>> as_fitted(Plain(), [[1.0, 2.0]])
    array([[1., 2.]])
    >>> model = Plain()
    >>> model.feature_names_in_ = np.array(["a", "b"], dtype=object)
    >>> list(as_fitted(model, np.array([[1.0, 2.0]])).columns)
    ['a', 'b']
    """
    if hasattr(rows, "columns"):  # a data frame already
        return rows
    array: NDArray[Any] = np.asarray(rows)
    names = getattr(model, "feature_names_in_", None)
    if names is None or array.ndim != 2 or array.shape[1] != len(names):
        return array
    if "pandas" in sys.modules:
        return sys.modules["pandas"].DataFrame(array, columns=list(names))
    return importlib.import_module("polars").DataFrame(array, schema=[str(name) for name in names])
