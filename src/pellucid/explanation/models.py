"""Whatever can be explained, as a network and targets that it takes."""

from __future__ import annotations

from typing import Any

from pellucid.network.stack import LayerStack, NotInitializedError


def as_network(model: Any, y: Any) -> tuple[LayerStack, Any]:
    """The network inside `model`, and `y` in the form that its loss takes.

    A network is itself. A fitted estimator gives its network (`to_network()`) and the targets that this takes
    (`encode_targets(y)`, where it has one); scikit-learn's becomes ours first.
    """
    ours = _ours(model)
    return network_of(ours), ours.encode_targets(y) if hasattr(ours, "encode_targets") else y


def network_of(model: Any) -> LayerStack:
    """The network inside `model`."""
    ours = _ours(model)
    if isinstance(ours, LayerStack):
        if not ours.initialized:
            raise NotInitializedError("this network has no weights yet: call initialize() or fit() first")
        return ours
    network = ours.to_network()
    if not isinstance(network, LayerStack):
        raise TypeError(f"to_network() must return a Network, got {network!r}")
    return network


def _ours(model: Any) -> Any:
    """A network, or an estimator that can give one; scikit-learn's as ours."""
    if hasattr(model, "coefs_") and not hasattr(model, "to_network"):
        from pellucid.estimators import from_sklearn

        return from_sklearn(model)
    if not isinstance(model, LayerStack) and not hasattr(model, "to_network"):
        raise TypeError(
            f"model must be a Network or a fitted estimator with a network in it, got {type(model).__name__}"
            f"{': call fit first' if hasattr(model, 'fit') else ''}"
        )
    return model
