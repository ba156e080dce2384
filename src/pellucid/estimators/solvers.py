"""Which solvers can learn a batch at a time."""

from __future__ import annotations

from typing import Any

from pellucid.optimizers import LBFGS


def is_stochastic(estimator: Any) -> bool:
    """True, or scikit-learn's AttributeError: L-BFGS has no `partial_fit`."""
    if estimator.solver == "lbfgs" or isinstance(estimator.solver, LBFGS):
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {estimator.solver} is not stochastic."
        )
    return True
