"""Accept the models and data that users pass: networks, estimators, pipelines, searches, data frames."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.estimators.inside import ACCEPTED, innermost, look_inside, network_of
from pellucid.network.stack import LayerStack
from pellucid.plots.style import plain

NAMES = ("$x_1$", "$x_2$")


def network_in(argument: str, model: Any) -> LayerStack:
    """The network inside `model`; TypeError that lists what is accepted."""
    inner = innermost(model)
    if isinstance(inner, LayerStack) or (not isinstance(inner, type) and hasattr(inner, "fit")):
        try:
            return network_of(inner)
        except TypeError:  # an estimator without a network, or an unfitted one of scikit-learn
            pass
    raise TypeError(f"{argument} must be {ACCEPTED}, got {described(model)}")


def network_and_inputs(argument: str, model: Any, X: Any) -> tuple[LayerStack, Any]:
    """The network inside `model`, and X after the transformers of a pipeline."""
    network_in(argument, model)
    if innermost(model) is model:
        return network_of(model), np.asarray(X)
    with _without_names():
        inside = look_inside(model, X)
    return inside.network, np.asarray(inside.X)


def check_predicts(argument: str, model: Any) -> None:
    """TypeError unless `model` has ``predict``."""
    if isinstance(model, type) or not callable(getattr(model, "predict", None)):
        raise TypeError(f"{argument} must be {ACCEPTED}, or any other object with predict(X), got {described(model)}")


def format_label(label: Any) -> str:
    """The repr of a label, without NumPy's type around it."""
    return repr(label.item() if isinstance(label, np.generic) else label)


def check_mapping(models: Any, example: str) -> None:
    """TypeError if a single model was given instead of several."""
    if hasattr(models, "predict"):
        raise TypeError(f"models must be several models by name, such as {example}, got one {type(models).__name__}")


def predictions(model: Any, X: Any, method: str = "predict") -> NDArray[Any]:
    """The result of ``predict``, or another method, for X in the form that the model was fitted on."""
    with _without_names():
        return np.asarray(getattr(model, method)(as_fitted(model, X)))


def as_fitted(model: Any, rows: Any) -> Any:
    """`rows` as a data frame with the model's column names if it was fitted on one; else as an array.

    >>> class Plain:
    ...     pass
    >>> as_fitted(Plain(), [[1.0, 2.0]])
    array([[1., 2.]])
    >>> model = Plain()
    >>> model.feature_names_in_ = np.array(["a", "b"], dtype=object)
    >>> list(as_fitted(model, np.array([[1.0, 2.0]])).columns)
    ['a', 'b']
    """
    if is_frame(rows):
        return rows
    array: NDArray[Any] = np.asarray(rows)
    names = getattr(model, "feature_names_in_", None)
    if names is None or array.ndim != 2 or array.shape[1] != len(names):
        return array
    if "pandas" in sys.modules:
        return sys.modules["pandas"].DataFrame(array, columns=list(names))
    return importlib.import_module("polars").DataFrame(array, schema=[str(name) for name in names])


def like(X: Any, points: NDArray[np.float64]) -> Any:
    """`points` in the form of X: a data frame with the same columns if X is one."""
    if not is_frame(X):
        return points
    import narwhals as nw  # imported here, because arrays do not need it

    frame = nw.from_native(X, eager_only=True)
    return nw.from_numpy(points, frame.columns, backend=frame.implementation).to_native()


def is_frame(X: Any) -> bool:
    """Whether X is a table with named columns."""
    return hasattr(X, "columns") and hasattr(X, "shape")


def axis_names(names: tuple[str, str] | None, X: Any) -> tuple[str, str]:
    """The names of two axes: the given ones, else the columns of a data frame, else x₁ and x₂."""
    if names is not None:
        return names
    columns = list(X.columns) if is_frame(X) else []
    if len(columns) != 2 or not all(isinstance(column, str) for column in columns):  # numbers are no names
        return NAMES
    return plain(columns[0]), plain(columns[1])


def described(thing: Any) -> str:
    """A short description of an argument, for error messages."""
    if isinstance(thing, type):
        return f"the class {thing.__name__}: make an object of it, and fit it"
    if isinstance(thing, (str, int, float, type(None))):
        return repr(thing)
    inner = innermost(thing)
    name = type(inner).__name__ if inner is thing else f"{type(thing).__name__} that ends in {type(inner).__name__}"
    if hasattr(inner, "hidden_layer_sizes") and not hasattr(inner, "coefs_"):
        return f"{name} that is not fitted: call fit first"
    return f"{name}"


@contextmanager
def _without_names() -> Iterator[None]:
    """Silence scikit-learn's warnings about a model that was fitted with column names and gets none, or vice versa."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        warnings.filterwarnings("ignore", "X has feature names, but")
        yield


def names_known(model: Any) -> tuple[list[str] | None, list[str] | None]:
    """The names of the inputs and outputs of an estimator's network, if the estimator has them."""
    inner = innermost(model)
    columns = getattr(inner, "feature_names_in_", None)
    if columns is None and inner is not model:
        while hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        try:
            columns = model[:-1].get_feature_names_out()
        except (AttributeError, TypeError, ValueError):  # a step without names, or not a pipeline
            columns = None
    classes = getattr(inner, "classes_", None)
    n_outputs = network_of(inner).n_outputs
    outputs = None if classes is None or len(classes) != n_outputs else [str(name) for name in classes]
    return None if columns is None else [str(name) for name in columns], outputs
