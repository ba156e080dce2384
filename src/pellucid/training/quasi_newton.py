"""A run by L-BFGS: each epoch is one iteration on the full batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pellucid.engines.base import EpochResult, Evaluator
from pellucid.maths.schedules import Constant, Schedule
from pellucid.maths.typing import Array
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import LBFGS, Limits
from pellucid.training.observer import Observer


def check_lbfgs(
    network: LayerStack, batch_size: int | None, schedule: Schedule, limits: Limits, max_updates: int | None
) -> None:
    """Refuse what makes no sense for a line search on the full batch."""
    if max_updates is not None:
        raise ValueError(f"max_updates must be None for optimizer 'lbfgs', whose epochs are its updates: {max_updates}")
    if batch_size is not None:
        raise ValueError(f"batch_size must be None for optimizer 'lbfgs', which needs the full batch, got {batch_size}")
    if not isinstance(schedule, Constant):
        raise ValueError(f"schedule must be None for optimizer 'lbfgs', which has no learning rate, got {schedule!r}")
    if limits != Limits():
        raise ValueError(
            f"clip_norm and max_norm must be None for optimizer 'lbfgs', which searches freely, got {limits}"
        )
    if any(spec.dropout for spec in network.specs):
        raise ValueError("dropout must be 0 for optimizer 'lbfgs': its line search needs a function that stands still")


def minimize(
    rule: LBFGS,
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
