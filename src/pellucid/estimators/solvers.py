"""Which solvers can learn a batch at a time."""

from __future__ import annotations

from typing import Any

from pellucid.optimizers import LBFGS, OPTIMIZERS


def is_lbfgs(solver: Any) -> bool:
    """Whether a `solver` means L-BFGS: an object, or the name however it is spelled."""
    return isinstance(OPTIMIZERS.resolve(solver) if isinstance(solver, str) else solver, LBFGS)


def is_stochastic(estimator: Any) -> bool:
    """True, or scikit-learn's AttributeError: L-BFGS has no `partial_fit`."""
    name = estimator.solver
    if isinstance(name, LBFGS) or (isinstance(name, str) and OPTIMIZERS.knows(name) and is_lbfgs(name)):
        raise AttributeError(
            f"partial_fit is only available for stochastic optimizers. {estimator.solver} is not stochastic."
        )
    return True
