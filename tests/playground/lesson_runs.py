"""Train what a preset describes as the page does: load it, change what its reader is asked to change, start again."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid.playground.runs.run import Run
from pellucid.playground.settings import Settings
from pellucid.playground.state import PlaygroundState


def started(name: str, **changes: Any) -> PlaygroundState:
    """The preset `name` at its start, with changes that a reader would make."""
    state = PlaygroundState(Settings())
    state.load_preset(name)
    if changes:
        state.set(changes)
        state.reset()
    return state


def go(run: Run, epochs: int) -> None:
    """Train up to the end of `epochs` epochs since the start."""
    while run.clock.finished < epochs:
        assert not run.ended
        run.go(epochs - run.clock.finished, seconds=1.0)


def trained(name: str, epochs: int, **changes: Any) -> PlaygroundState:
    """The preset after some epochs."""
    state = started(name, **changes)
    go(state.run, epochs)
    return state


def losses(name: str, epochs: int, **changes: Any) -> tuple[np.ndarray, np.ndarray]:
    """The training loss and the test loss after each epoch, as they are told on the page."""
    run = started(name, **changes).run
    train, test = [], []
    for epoch in range(1, epochs + 1):
        go(run, epoch)
        train.append(run.network.loss_value(run.data.X, run.data.Y))
        test.append(run.network.loss_value(run.test.X, run.test.Y))
    return np.array(train), np.array(test)


def scores(name: str, epochs: int, **changes: Any) -> tuple[float, float]:
    """Accuracy or R² on the training rows and on the test rows, after some epochs."""
    state = trained(name, epochs, **changes)
    rows, net = state.rows, state.run.network
    return score(net.predict(rows.X_train), rows.y_train), score(net.predict(rows.X_test), rows.y_test)


def score(predicted: np.ndarray, y: np.ndarray) -> float:
    """Accuracy of class numbers, R² of values."""
    if np.issubdtype(y.dtype, np.integer):
        return float(np.mean(predicted == y))
    return float(1 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2))
