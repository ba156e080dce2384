"""The numbers of each update: what the formulas of `kernels.updates` are given besides vectors.

They are the same for all parameters, so NumPy computes them, for all steps of a call at once. The column order is that
of the arguments in `kernels.updates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.engines.kernels.plan import STEP_NUMBERS
from pellucid.maths.typing import Array
from pellucid.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    FirstOrder,
    GradientDescent,
    Momentum,
    NAdam,
    Nesterov,
    RMSProp,
    State,
)


def step_numbers(rule: FirstOrder, state: State, rates: Array) -> Array:
    """A row (STEP_NUMBERS,) for each rate, the steps following those that `state` has counted."""
    table = np.zeros((len(rates), STEP_NUMBERS))
    table[:, 0] = rates
    for column, numbers in enumerate(_COLUMNS[type(rule)](rule, state, rates), start=1):
        table[:, column] = numbers
    return table


def count_steps(rule: FirstOrder, state: State, n: int) -> None:
    """Move the counters in `state` by n steps; the vectors are the kernel's business."""
    if isinstance(rule, NAdam):
        state["product"][:] = _products(rule, state, n)[-1]
    if "t" in state:
        state["t"] += n


def state_vectors(rule: FirstOrder) -> tuple[str, ...]:
    """The names, in the optimizer's state, of the vectors that a kernel moves."""
    if isinstance(rule, Adam):
        return ("m", "v")
    if isinstance(rule, Momentum):
        return ("v",)
    return ("s",) if isinstance(rule, (AdaGrad, RMSProp)) else ()


def _times(state: State, n: int) -> Array:
    """The numbers t of the next n steps, the first ever being 1."""
    return int(state["t"][0]) + 1 + np.arange(n, dtype=np.float64)


def _momenta(rule: NAdam, t: Array) -> Array:
    return rule.beta_1 * (1 - 0.5 * 0.96 ** (t * rule.momentum_decay))


def _products(rule: NAdam, state: State, n: int) -> Array:
    """The product of all momenta so far, and after each of the next n steps: one by one, so that it does not matter how
    many steps are taken at a time."""
    return np.cumprod(np.concatenate([state["product"], _momenta(rule, _times(state, n))]))


def _momentum(rule: Momentum, state: State, rates: Array) -> list[Any]:
    return [rule.momentum]


def _adam(rule: Adam, state: State, rates: Array) -> list[Any]:
    t = _times(state, len(rates))
    fresh = [rule.epsilon_at(t), rule.beta_1, 1 - rule.beta_1, rule.beta_2, 1 - rule.beta_2]
    return [*fresh, 1 / (1 - rule.beta_1**t), 1 / (1 - rule.beta_2**t)]


def _adamw(rule: AdamW, state: State, rates: Array) -> list[Any]:
    return [*_adam(rule, state, rates), rates * rule.weight_decay]


def _nadam(rule: NAdam, state: State, rates: Array) -> list[Any]:
    t = _times(state, len(rates))
    now, following = _momenta(rule, t), _momenta(rule, t + 1)
    product = _products(rule, state, len(rates))[1:]
    numbers = _adam(rule, state, rates)
    numbers[5] = following / (1 - product * following)
    return [*numbers, (1 - now) / (1 - product)]


_COLUMNS: dict[type[FirstOrder], Callable[[Any, State, Array], list[Any]]] = {
    GradientDescent: lambda rule, state, rates: [],
    Momentum: _momentum,
    Nesterov: _momentum,
    AdaGrad: lambda rule, state, rates: [rule.epsilon],
    RMSProp: lambda rule, state, rates: [rule.epsilon, rule.decay, 1 - rule.decay],
    Adam: _adam,
    AdamW: _adamw,
    NAdam: _nadam,
}
