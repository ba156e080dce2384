"""Train what a preset describes, on the public names alone, as the playground does: one source of random numbers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from pellucid import Dense, History, Network, optimizers, penalties
from pellucid.playground.data import Rows, toy
from pellucid.playground.presets import PRESETS

DATA = ("samples", "noise", "classes", "test_share", "seed", "features")


def trained(name: str, epochs: int, **changes: Any) -> tuple[Network, History, Rows]:
    """The preset `name` after some epochs, with changes that a reader would make."""
    settings = dict(PRESETS[name].settings) | changes
    rows = toy(settings["data"], **{key: settings[key] for key in DATA if key in settings})
    random = np.random.default_rng(settings.get("seed", 0))
    net = network(settings, rows).initialize(settings.get("initializer", "xavier_uniform"), random_state=random)
    rule = type(optimizers.OPTIMIZERS.resolve(settings["optimizer"]))
    history = net.fit(
        rows.X_train,
        rows.y_train,
        optimizer=rule(learning_rate=settings["learning_rate"]),
        epochs=epochs,
        batch_size=settings["batch_size"] or None,
        penalty=penalty(settings),
        random_state=random,
        validation=(rows.X_test, rows.y_test),
        progress=False,
    )
    return net, history, rows


def network(settings: dict[str, Any], rows: Rows) -> Network:
    sizes = [rows.X.shape[1], *settings["hidden"]]
    activations = settings["activations"][: len(sizes) - 1]
    layers = [
        Dense(before, units, activation, dropout=settings.get("dropout", 0.0))
        for (before, units), activation in zip(itertools.pairwise(sizes), activations, strict=True)
    ]
    if rows.task == "regression":
        return Network([*layers, Dense(sizes[-1], 1)], settings.get("loss", "squared_error"))
    if settings.get("output") == "sigmoid":
        return Network([*layers, Dense(sizes[-1], 1, "sigmoid")], "binary_cross_entropy")
    return Network([*layers, Dense(sizes[-1], len(rows.classes), "softmax")], "cross_entropy")


def penalty(settings: dict[str, Any]) -> penalties.Penalty | None:
    kind = settings.get("penalty", "none")
    return None if kind == "none" else penalties.PENALTIES[kind](settings["penalty_rate"])


def score(net: Network, X: Any, y: Any) -> float:
    """Accuracy, or R²."""
    predicted = net.predict(X)
    if net.loss.task == "classification":
        return float(np.mean(predicted == y))
    return float(1 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2))
