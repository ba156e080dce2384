"""Find the network inside a model: a network itself, a fitted estimator, a fitted pipeline or search around one.

scikit-learn is not imported. An estimator must have the methods `to_network()`, and `encode_targets(y)`, which encodes
targets for the network's loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.network.stack import LayerStack, NotInitializedError


@dataclass(frozen=True)
class Inside:
    """A network, and data prepared for it.

    Attributes
    ----------
    network : LayerStack
    X, y
        Inputs after a pipeline's transformers, and targets encoded for the loss.
    feature_names : tuple of str or None
        Names of the columns of X, if they are known.
    class_names : tuple of str or None
        Names of the classes, in the order of the outputs; for regression None.
    model : object
        The innermost model: the network or the estimator.
    """

    network: LayerStack
    X: Any
    y: Any
    feature_names: tuple[str, ...] | None
    class_names: tuple[str, ...] | None
    model: Any


def look_inside(model: Any, X: Any, y: Any, convert: Callable[[Any], Any] | None = None) -> Inside:
    """The network inside `model`, with X and y prepared for it; None for y stays None.

    `convert` turns an estimator without `to_network` into one with it.

    Raises
    ------
    TypeError
        If the model contains no network.
    ValueError
        If the model is not fitted, or X has other columns than in `fit`.
    """
    names = _column_names(X)
    while True:
        if hasattr(model, "best_estimator_"):  # a search
            model = model.best_estimator_
        elif _is_pipeline(model):
            before, model = model[:-1], model[-1]
            if len(before):
                X = before.transform(X)
                names = _names_after(before, X)
        elif hasattr(model, "regressor_") and hasattr(model, "transformer_"):  # a target that is transformed
            if y is not None:
                y = model.transformer_.transform(np.asarray(y, dtype=np.float64).reshape(len(y), -1))
                y = y[:, 0] if y.shape[1] == 1 else y
            model = model.regressor_
        else:
            break
    model = giving_network(model, convert)
    _check_columns(model, X)
    fitted_names = getattr(model, "feature_names_in_", None)
    names = names if fitted_names is None else tuple(map(str, fitted_names))
    classes = getattr(model, "classes_", None)
    y = model.encode_targets(y) if y is not None and hasattr(model, "encode_targets") else y
    class_names = tuple(map(str, classes)) if classes is not None and not isinstance(classes, list) else None
    return Inside(network_of(model), X, y, names, class_names, model)


def innermost(model: Any) -> Any:
    """The last step of a pipeline, the best estimator of a search, the regressor under a transformed target."""
    while True:
        if hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif _is_pipeline(model):
            model = model[-1]
        elif hasattr(model, "regressor_") and hasattr(model, "transformer_"):
            model = model.regressor_
        else:
            return model


def network_of(model: Any) -> LayerStack:
    """The initialized network of a network or an estimator."""
    if isinstance(model, LayerStack):
        if not model.initialized:
            raise NotInitializedError("this network has no weights yet: call initialize() or fit() first")
        return model
    network = model.to_network()
    if not isinstance(network, LayerStack):
        raise TypeError(f"to_network() must return a Network, got {network!r}")
    return network


def giving_network(model: Any, convert: Callable[[Any], Any] | None = None) -> Any:
    """The model if it is a network or has `to_network`, converted if necessary; else TypeError."""
    if isinstance(model, LayerStack) or hasattr(model, "to_network"):
        return model
    if convert is not None and hasattr(model, "coefs_"):
        return convert(model)
    name = type(model).__name__
    if hasattr(model, "coefs_"):
        raise TypeError(f"model must be a Network or an estimator of Pellucid, got {name}: give from_sklearn(model)")
    unfitted = ": call fit first" if hasattr(model, "fit") else ""
    raise TypeError(f"model must be a Network or a fitted estimator with a network in it, got {name}{unfitted}")


def _is_pipeline(model: Any) -> bool:
    return hasattr(model, "steps") and hasattr(model, "named_steps") and hasattr(model, "__getitem__")


def _names_after(transformers: Any, transformed: Any) -> tuple[str, ...] | None:
    """The names of the columns after a pipeline's transformers."""
    try:
        return tuple(map(str, transformers.get_feature_names_out()))
    except (AttributeError, ValueError):  # one of them has no names
        return _column_names(transformed)


def _column_names(X: Any) -> tuple[str, ...] | None:
    """The names of a data frame's columns."""
    columns = getattr(X, "columns", None)
    if columns is None or not any(isinstance(name, str) for name in columns):  # numbers do not count as names
        return None
    return tuple(map(str, columns))


def _check_columns(model: Any, X: Any) -> None:
    """ValueError unless a data frame has the columns that the model was fitted with, in the same order."""
    fitted, given = getattr(model, "feature_names_in_", None), _column_names(X)
    if fitted is None or given is None or _equal(fitted, given):
        return
    missing = [name for name in map(str, fitted) if name not in given]
    if missing:
        raise ValueError(f"X must have the columns that the model was fitted with; {missing[0]!r} is missing")
    raise ValueError(
        f"X must have its columns in the order of the fit ({', '.join(map(str, fitted))}): "
        "give X[model.feature_names_in_]"
    )


def _equal(first: Sequence[Any], second: Sequence[str]) -> bool:
    return [str(name) for name in first] == list(second)
