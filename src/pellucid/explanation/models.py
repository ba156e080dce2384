"""Whatever can be explained, as a network and targets that it takes."""

from __future__ import annotations

from typing import Any

from pellucid.network.stack import LayerStack, NotInitializedError


def as_network(model: Any, y: Any) -> tuple[LayerStack, Any]:
    """The network inside `model`, and `y` in the form that its loss takes.

    A network is itself. A fitted estimator gives its network (`to_network()`) and the targets that this takes
    (`encode_targets(y)`, where it has one); scikit-learn's becomes ours first.
    """
    if isinstance(model, LayerStack):
        if not model.initialized:
            raise NotInitializedError("this network has no weights yet: call initialize() or fit() first")
        return model, y
    if hasattr(model, "coefs_") and not hasattr(model, "to_network"):
        from pellucid.estimators import from_sklearn

        model = from_sklearn(model)
    if not hasattr(model, "to_network"):
        raise TypeError(
            f"model must be a Network or a fitted estimator with a network in it, got {type(model).__name__}"
            f"{': call fit first' if hasattr(model, 'fit') else ''}"
        )
    network = model.to_network()
    if not isinstance(network, LayerStack):
        raise TypeError(f"to_network() must return a Network, got {network!r}")
    return network, model.encode_targets(y) if hasattr(model, "encode_targets") else y
