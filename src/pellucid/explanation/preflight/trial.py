"""The common state of the steps of a preflight: network, data and training options."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pellucid.network.stack import LayerStack
from pellucid.optimizers import Optimizer
from pellucid.training.data import Data
from pellucid.training.divergence import DivergenceError
from pellucid.training.interruption import Interruption
from pellucid.training.loop import fit


@dataclass
class Trial:
    """The state of a preflight. The learning rate steps set `best_rate`, a later step uses it."""

    network: LayerStack
    data: Data
    rule: Optimizer
    options: dict[str, Any]
    updates: int
    interrupted: Interruption
    best_rate: float | None = None

    def loss(self, network: LayerStack, data: Data) -> float:
        """The mean loss, without penalty."""
        return network.loss_value(data.X, data.Y, data.weight)

    def train(self, rule: Optimizer, data: Data, **options: Any) -> tuple[LayerStack, float]:
        """A trained copy of the network, and its loss on the data; infinite if the training diverged."""
        network = self.network.copy()
        counts = {"epochs": self.updates} if rule.full_batch else _training_length(self.updates, data, self.options)
        settings = self.options | counts | options
        if rule.full_batch:
            settings |= {"batch_size": None, "max_updates": None}
        try:
            fit(
                network, data.X, data.Y, optimizer=rule, sample_weight=data.weight, progress=False,
                interruption=self.interrupted, **settings,
            )  # fmt: skip
        except DivergenceError:
            return network, math.inf
        return network, self.loss(network, data)


def _training_length(updates: int, data: Data, options: dict[str, Any]) -> dict[str, int]:
    """The arguments of `fit` for this number of updates."""
    batches = math.ceil(len(data) / (options["batch_size"] or len(data)))
    return {"epochs": math.ceil(updates / batches), "max_updates": updates}
