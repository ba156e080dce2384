"""The common mistakes in each update rule."""

from __future__ import annotations

from collections.abc import Iterator

from pellucid.gradcheck.adam_bugs import adagrad_bugs, adam_bugs, rmsprop_bugs
from pellucid.gradcheck.momentum_bugs import descent_bugs, momentum_bugs
from pellucid.gradcheck.nadam_bugs import nadam_bugs
from pellucid.gradcheck.optimizer_bug import OptimizerBug
from pellucid.optimizers.adam import Adam, NAdam
from pellucid.optimizers.adaptive import AdaGrad, RMSProp
from pellucid.optimizers.base import FirstOrder
from pellucid.optimizers.descent import GradientDescent, Momentum


def optimizer_bugs(rule: FirstOrder) -> Iterator[OptimizerBug]:
    """The common mistakes in this rule, and its other right forms."""
    if isinstance(rule, NAdam):
        yield from nadam_bugs(rule)
    elif isinstance(rule, Adam):
        yield from adam_bugs(rule)
    elif isinstance(rule, RMSProp):
        yield from rmsprop_bugs(rule)
    elif isinstance(rule, AdaGrad):
        yield from adagrad_bugs(rule)
    elif isinstance(rule, Momentum):
        yield from momentum_bugs(rule)
    elif isinstance(rule, GradientDescent):
        yield from descent_bugs()
