"""A run by L-BFGS: each epoch is one iteration on the full batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.engines.base import EpochResult, Evaluator
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import SecondOrder
from pellucid.training.observer import Observer


def minimize(
    rule: SecondOrder,
    network: LayerStack,
    objective: Objective,
    total_weight: float,
    evaluator: Evaluator,
    observer: Observer,
    epochs: int,
    interrupted: Callable[[], bool],
) -> str:
    """Minimise J over θ; returns why it ended."""

    at = np.full_like(network.theta, np.nan, dtype=np.float64)
    seen: EpochResult

    def value_and_gradient(point: Array) -> tuple[float, Array]:
        nonlocal seen
        network.theta = point
        at[...] = point
        seen = evaluator.evaluate(with_gradient=True)
        return objective.combine(seen.total_loss, total_weight, seen.penalty), evaluator.gradient.astype(np.float64)

    def after_iteration(point: Array) -> bool:
        network.theta = point
        # The point an iteration ends at is, as a rule, the last that its line search tried.
        known = np.array_equal(point, at)
        return observer.after_epoch(seen if known else evaluator.evaluate(with_gradient=False), None) or interrupted()

    # The line search leaves θ at the last point it tried: SciPy moves a vector of its own.
    theta = network.theta.astype(np.float64)
    reason = rule.minimize(value_and_gradient, theta, max_iterations=epochs, after_iteration=after_iteration)
    network.theta = theta
    if not len(observer.run.history):
        # Converged, or blown up, before the first iteration: the history still says where the network stands.
        after_iteration(theta)
    return reason
