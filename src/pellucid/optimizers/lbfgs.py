"""L-BFGS: a quasi-Newton method for the full batch, through SciPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, Optimizer


@OPTIMIZERS.register
@dataclass(frozen=True)
class LBFGS(Optimizer):
    r"""Limited-memory BFGS: steps along −H g, where H approximates the inverse Hessian from the last `memory` steps.

    Each step is a line search, so there is no learning rate; an epoch is one iteration on all samples, of one or more
    evaluations of J.

    It stops by itself when the largest |∂J/∂θ| falls to `tolerance`, or when one iteration lowers J by less than the
    share `relative_change` of it. `max_evaluations` bounds the evaluations of J and its gradient (None: only each line
    search is bounded).

    Source: Liu, Nocedal, "On the limited memory BFGS method" (1989); run by `scipy.optimize.minimize`.

    >>> theta = np.array([3.0, -2.0])
    >>> LBFGS().minimize(lambda t: (float(t @ t), 2 * t), theta, max_iterations=10)
    'converged'
    >>> abs(theta).max() < 1e-6
    np.True_
    """

    memory: int = 10
    tolerance: float = 1e-5
    relative_change: float = 1e-12
    max_line_search: int = 20
    max_evaluations: int | None = None

    name: ClassVar[str] = "lbfgs"
    title: ClassVar[str] = "L-BFGS"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \alpha H g"

    def __post_init__(self) -> None:
        check_integer("LBFGS memory", self.memory, least=1)
        check_real("LBFGS tolerance", self.tolerance, least=0)
        check_real("LBFGS relative_change", self.relative_change, least=0)
        check_integer("LBFGS max_line_search", self.max_line_search, least=1)
        if self.max_evaluations is not None:
            check_integer("LBFGS max_evaluations", self.max_evaluations, least=1)

    def minimize(
        self,
        value_and_gradient: Callable[[Array], tuple[float, Array]],
        theta: Array,
        *,
        max_iterations: int,
        after_iteration: Callable[[Array], bool] | None = None,
    ) -> str:
        """Minimise from `theta`, which is moved in place; float64 inside, whatever its dtype.

        `after_iteration` is called with each new point and may return True to stop. The answer says why it stopped:
        "converged", "completed", "stopped", or SciPy's message where the line search gave up.
        """
        from scipy.optimize import minimize

        stopped = False

        def each(intermediate_result: object) -> None:
            nonlocal stopped
            point = intermediate_result.x  # type: ignore[attr-defined]
            theta[...] = point
            if after_iteration is not None and after_iteration(point):
                stopped = True
                raise StopIteration

        result = minimize(
            value_and_gradient,
            theta.astype(np.float64),
            jac=True,
            method="L-BFGS-B",
            callback=each,
            options={
                "maxiter": max_iterations,
                "maxfun": self.max_evaluations or max_iterations * (self.max_line_search + 1),
                "maxcor": self.memory,
                "gtol": self.tolerance,
                "ftol": self.relative_change,
                "maxls": self.max_line_search,
            },
        )
        theta[...] = result.x
        if stopped:
            return "stopped"
        if result.nit >= max_iterations:
            return "completed"
        return "converged" if result.success else str(result.message)
