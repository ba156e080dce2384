"""The step "one batch by heart": a few rows must be fitted perfectly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pellucid.explanation.preflight.baseline import constant_loss
from pellucid.explanation.preflight.result import Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.layers import Dense
from pellucid.network.stack import LayerStack
from pellucid.optimizers import LBFGS, Adam
from pellucid.training.data import Data

OVERFIT_ROWS = 10
"""Rows to be fitted."""

OVERFIT_UPDATES = 2000
"""Updates of each attempt."""


def overfit_one_batch(trial: Trial) -> Iterator[Verdict]:
    """Fit a few rows, without penalty and dropout."""
    batch = trial.data.rows(_distinct_rows(trial.data))
    bare = replace(trial, network=_without_dropout(trial.network))
    before = constant_loss(bare.network, batch, batch)
    options = {"penalty": None, "batch_size": None, "epochs": OVERFIT_UPDATES, "max_updates": None}
    best = math.inf
    for rule in (Adam(learning_rate=0.01), LBFGS()):  # the second in case the first is too slow
        network, loss = bare.train(rule, batch, **options)
        best = min(best, loss)
        learned = _fits(network, batch, loss, before)
        if learned or bare.interrupted():
            break
    rows = f"{len(batch)} row{'s' if len(batch) > 1 else ''}"
    what = f"{rows}: loss {best:.2g}, where the best constant has {before:.2g}"
    if learned:
        yield Verdict("one batch by heart", "ok", what)
    else:
        advice = (
            "It cannot even learn these rows. Look for units that are saturated or dead (scale the inputs), too few "
            "units or no hidden layer, a wrong derivative, or equal inputs with different targets."
        )
        yield Verdict("one batch by heart", "FAILED", what, advice)


def _fits(network: LayerStack, batch: Data, loss: float, constant: float) -> bool:
    """Whether the rows are fitted: all classes right, or 5 % of the loss of the best constant answer."""
    if not math.isfinite(loss):
        return False
    if network.loss.task == "classification":
        return bool(network.score(batch.X, batch.Y) == 1.0)
    return bool(loss <= 0.05 * constant + np.finfo(network.dtype).eps)


def _without_dropout(network: LayerStack) -> LayerStack:
    """The same network and θ without dropout."""
    if not any(spec.dropout for spec in network.specs):
        return network
    layers = [
        Dense(spec.n_inputs, spec.units, spec.activation) if isinstance(spec, Dense) else spec for spec in network.specs
    ]
    bare = Network(layers, network.loss, network.dtype)
    bare.theta = network.theta
    return bare


def _distinct_rows(data: Data) -> Array:
    """The first rows with different X, from each class in turn."""
    _, first = np.unique(data.X, axis=0, return_index=True)
    first = np.sort(first)
    kinds = data.Y[first].argmax(axis=1) if data.Y.shape[1] > 1 else (data.Y[first, 0] > np.median(data.Y)).astype(int)
    place_in_kind = np.array([np.count_nonzero(kinds[:i] == kind) for i, kind in enumerate(kinds)])
    return np.sort(first[np.argsort(place_in_kind, kind="stable")[:OVERFIT_ROWS]])
