"""Which solvers can learn a batch at a time."""

from __future__ import annotations

from typing import Any

from pellucid.optimizers import OPTIMIZERS, Optimizer


def needs_full_batch(solver: Any) -> bool:
    """Whether a `solver`, an object or a name however it is spelled, takes all rows in each step."""
    rule = OPTIMIZERS.resolve(solver) if isinstance(solver, str) else solver
    return isinstance(rule, Optimizer) and rule.full_batch


def is_stochastic(estimator: Any) -> bool:
    """True, or scikit-learn's AttributeError: a full-batch solver has no `partial_fit`."""
    solver = estimator.solver
    if not (isinstance(solver, str) and not OPTIMIZERS.knows(solver)) and needs_full_batch(solver):
        raise AttributeError(f"partial_fit is only available for stochastic optimizers. {solver} is not stochastic.")
    return True
