"""Whatever can be explained, as a network and data that it takes: `network.inside`, and scikit-learn's own MLPs too."""

from __future__ import annotations

from typing import Any

from pellucid.network import inside
from pellucid.network.inside import Inside
from pellucid.network.stack import LayerStack


def look_inside(model: Any, X: Any, y: Any) -> Inside:
    """The network inside `model`, with X and y as it takes them; see `network.inside.look_inside`."""
    return inside.look_inside(model, X, y, _from_sklearn)


def network_of(model: Any) -> LayerStack:
    """The network inside a network or an estimator."""
    return inside.network_of(inside.giving_network(model, _from_sklearn))


def _from_sklearn(model: Any) -> Any:
    from pellucid.estimators import from_sklearn

    return from_sklearn(model)
