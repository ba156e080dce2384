"""Whatever can be explained, as a network and targets that it takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.network.stack import LayerStack, NotInitializedError


def as_network(model: Any, y: Any) -> tuple[LayerStack, Any]:
    """The network inside `model`, and `y` in the form that its loss takes.

    A network is itself. A fitted estimator gives its network (`to_network()`), or, as scikit-learn's, has weights that
    one is made from; its labels become class numbers.
    """
    if isinstance(model, LayerStack):
        if not model.initialized:
            raise NotInitializedError("this network has no weights yet: call initialize() or fit() first")
        return model, y
    if hasattr(model, "to_network"):
        network = model.to_network()
        if not isinstance(network, LayerStack):
            raise TypeError(f"to_network() must return a Network, got {network!r}")
    elif hasattr(model, "coefs_") and hasattr(model, "intercepts_"):
        from pellucid.estimators import from_sklearn

        network = from_sklearn(model).to_network()
    else:
        raise TypeError(
            f"model must be a Network or a fitted estimator with a network in it, got {type(model).__name__}"
            f"{': call fit first' if hasattr(model, 'fit') else ''}"
        )
    return network, _as_class_numbers(model, y)


def _as_class_numbers(model: Any, y: Any) -> Any:
    classes = getattr(model, "classes_", None)
    labels = np.asarray(y)
    if classes is None or isinstance(classes, list) or labels.ndim != 1:
        return y
    numbers = np.searchsorted(classes, labels)
    known = (numbers < len(classes)) & (np.asarray(classes)[np.minimum(numbers, len(classes) - 1)] == labels)
    if not known.all():
        bad = labels[~known][0]
        raise ValueError(f"y must hold the classes that the model was fitted on, {list(classes)}, got {bad!r}")
    return numbers
