"""Find the network inside a model: `network.inside`, extended to scikit-learn's MLPs.

A model is a network itself, a fitted estimator, or a fitted pipeline or search around one. Explanations, plots and the
playground use this module.
"""

from __future__ import annotations

from typing import Any

from pellucid.network import inside
from pellucid.network.inside import Inside, innermost
from pellucid.network.stack import LayerStack

__all__ = ["ACCEPTED", "Inside", "innermost", "look_inside", "network_of"]

ACCEPTED = "a Network, a fitted MLPClassifier or MLPRegressor, or a fitted pipeline or search that ends in one"


def look_inside(model: Any, X: Any, y: Any = None) -> Inside:
    """The network inside `model`, with X and y prepared for it; see `network.inside.look_inside`."""
    return inside.look_inside(model, X, y, _from_sklearn)


def network_of(model: Any) -> LayerStack:
    """The network inside a network or an estimator."""
    return inside.network_of(inside.giving_network(model, _from_sklearn))


def _from_sklearn(model: Any) -> Any:
    from pellucid.estimators import from_sklearn

    return from_sklearn(model)
