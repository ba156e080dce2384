"""A network or fitted estimator opened in the playground: the equivalent settings, and its weights."""

from __future__ import annotations

from typing import Any

from pellucid.estimators.inside import network_of
from pellucid.maths.typing import Array
from pellucid.playground.limits import MAX_LAYERS, MAX_UNITS
from pellucid.playground.rows.rows import DataError
from pellucid.playground.settings import SettingError, Settings


def opened(model: Any, settings: Settings) -> tuple[Settings, Array]:
    """(settings, θ) of a model.

    Raises
    ------
    DataError
        If it is too large, or the page has no controls for its layers or loss.
    """
    network = network_of(model)
    hidden, last = network.specs[:-1], network.specs[-1]
    if len(hidden) > MAX_LAYERS or any(spec.units > MAX_UNITS for spec in hidden):
        raise DataError(
            f"model must have at most {MAX_LAYERS} hidden layers of {MAX_UNITS} units to be shown, "
            f"got {[spec.units for spec in hidden]}"
        )
    changes: dict[str, Any] = {
        "hidden": [spec.units for spec in hidden],
        "activations": [spec.activation.name for spec in hidden],
        "dropout": max((spec.dropout for spec in hidden), default=0.0),
    }
    if network.loss.task == "regression":
        changes["loss"] = network.loss.name
    else:
        changes["output"] = last.activation.name
    try:
        settings = settings.changed(changes)
        classes = 0 if network.loss.task == "regression" else max(2, last.units)
        equivalent = settings.network(network.n_inputs, classes)
    except SettingError as error:
        raise DataError(f"model cannot be shown: {error}") from error
    if equivalent.specs != network.specs or equivalent.loss != network.loss:
        raise DataError(
            f"model must be made of what the playground can set (Dense layers, options of activations and losses at "
            f"their defaults, the same dropout in every layer, softmax, sigmoid or one linear output), got {network!r}"
        )
    return settings, network.theta.astype("float64")
