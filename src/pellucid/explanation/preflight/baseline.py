"""The constant baseline: the best answer that ignores the inputs."""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.backward import loss_per_sample
from pellucid.network.layers import Dense
from pellucid.network.stack import LayerStack
from pellucid.training.data import Data
from pellucid.training.loop import fit


def constant_network(network: LayerStack, data: Data) -> LayerStack:
    """The best constant answer: one layer with input 0, so that only its bias is trained; the loss is convex."""
    last = network.specs[-1]
    constant = Network([Dense(1, last.units, last.activation)], network.loss, network.dtype)
    constant.initialize("zeros")
    fit(constant, np.zeros((len(data), 1)), data.Y, sample_weight=data.weight, optimizer="lbfgs", progress=False)
    return constant


def constant_loss(network: LayerStack, training: Data, data: Data) -> float:
    """The loss on `data` of the best constant answer to `training`."""
    constant = constant_network(network, training)
    return constant.loss_value(np.zeros((len(data), 1)), data.Y, data.weight)


def losses(network: LayerStack, data: Data) -> Array:
    """The loss of each row."""
    return loss_per_sample(network.loss, network.layers[-1], data.Y, network.forward(data.X)).astype(np.float64)
