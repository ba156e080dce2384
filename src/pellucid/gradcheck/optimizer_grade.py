r"""Check of an update rule against one of Pellucid's, on the same gradients.

The gradients are drawn once and do not depend on θ, so an error in one step does not affect the next gradient. One
parameter has gradients of about 1e-7, which makes ε visible. A difference is compared with the paths of the common
mistakes (`optimizer_bugs`): a cause is named only if it predicts exactly these steps.
"""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.gradcheck.optimizer_causes import optimizer_cause, step_errors
from pellucid.gradcheck.user_update import run_update
from pellucid.maths.cause import Cause
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder

REPORT_WIDTH = 88

SIZES = np.array([1.0, 0.3, 3.0, 1e-7, 1.0, 0.05])
"""Standard deviations of the gradients of the six parameters."""


@dataclass(frozen=True)
class OptimizerGrade:
    """The result of the check of an update rule; true if it is right. `print` it for a table of the steps.

    Attributes
    ----------
    name : str
        The rule it was compared with.
    passed : bool
    errors : array
        The error of each step: the largest difference of an element's move, relative to its largest move.
    tolerance : float
    causes : tuple of Cause
        The likely mistakes, each with a `name` and a `sentence`; empty if it is right.
    note : str
        Remark on a right rule in another form.
    """

    name: str
    passed: bool
    errors: Array
    tolerance: float
    causes: tuple[Cause, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """The result in sentences."""
        if self.passed:
            return f"The update is right.{' ' if self.note else ''}{self.note}"
        return " ".join(cause.sentence for cause in self.causes)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"{self.name}: {'passed' if self.passed else 'FAILED'} (tolerance {self.tolerance:g})"]
        for step, error in enumerate(self.errors, 1):
            lines.append(f"  step {step:>2}  relative error {error:.1e}  {'ok' if self._is_ok(error) else 'WRONG'}")
        return "\n".join([*lines, textwrap.fill(self.verdict, REPORT_WIDTH)])

    def _is_ok(self, error: float) -> bool:
        return bool(error <= self.tolerance) or self.passed

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def grade_optimizer(
    update: Any,
    rule: str | FirstOrder = "adam",
    *,
    rate: float = 0.02,
    steps: int = 8,
    tolerance: float = 1e-6,
) -> OptimizerGrade:
    r"""Compare an update rule with one of Pellucid's: both get the same gradients, from the same θ.

    Parameters
    ----------
    update : function, or object or class with a `step`
        θ, g → the new θ. It is called as `update(theta, gradient, state, rate)`. `state` is a dictionary, empty at
        first, that is kept from step to step. `update` may leave out `state` or `rate` (or both), if it keeps its own:
        `update(theta, gradient)`, `update(theta, gradient, rate)`, `update(theta, gradient, state)`. It returns the new
        θ, or (θ, state), or moves θ in place and returns nothing. A class is called without arguments to make one.
    rule : str or optimizer
        The expected rule: a name ("adam", "momentum", …) or an object, as `Adam(beta_1=0.8)`. Not "lbfgs".
    rate : float
        The learning rate η that is passed on. An `update` without `rate` must use the same.
    steps : int
        How many steps are taken, at least 3.
    tolerance : float
        The largest relative error of a step that passes.

    Returns
    -------
    OptimizerGrade
        True if all steps are right; `print` it.

    Raises
    ------
    TypeError, ValueError
        If `update` cannot be called, its result does not have the shape of θ, or the rule has no steps.

    Notes
    -----
    The formulas are those of the rules' own docstrings, as θ ← θ − η m̂/(√v̂ + ε) of `Adam`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import grade_optimizer
    >>> def momentum(theta, gradient, state, rate):
    ...     state["v"] = 0.9 * state.get("v", 0) - rate * gradient
    ...     return theta + state["v"]
    >>> grade_optimizer(momentum, "momentum").passed
    True
    >>> def forgetful(theta, gradient, state, rate):
    ...     m, v = 0.1 * gradient, 0.001 * gradient**2
    ...     return theta - rate * m / (np.sqrt(v) + 1e-8)
    >>> grade_optimizer(forgetful, "adam").passed
    False

    Sources are named with each rule, as Kingma, Ba, "Adam: a method for stochastic optimization" (2015).
    """
    right = OPTIMIZERS.resolve(rule)
    if not isinstance(right, FirstOrder):
        raise ValueError(
            f"rule must be one that moves θ by its gradient, got {right.name!r}, which takes no such steps"
        )
    check_real("rate", rate, above=0)
    check_integer("steps", steps, least=3)
    random = np.random.default_rng(0)
    start = random.normal(size=SIZES.size)
    gradients = SIZES * random.normal(size=(steps, SIZES.size))
    actual, causes, single = run_update(update, start, gradients, rate)
    state, theta, expected = right.init(start.copy()), start.copy(), [start.copy()]
    for gradient in gradients:
        right.step(theta, gradient.copy(), state, rate)
        expected.append(theta.copy())
    tolerance = max(tolerance, 1e-3) if single else tolerance
    errors = step_errors(actual, np.array(expected))
    if causes:
        return OptimizerGrade(right.name, False, errors, tolerance, tuple(causes))
    if (errors <= tolerance).all():
        return OptimizerGrade(right.name, True, errors, tolerance)
    note, cause = optimizer_cause(actual, np.array(expected), right, gradients, rate, tolerance)
    if cause is None:
        return OptimizerGrade(right.name, True, errors, tolerance, note=note)
    return OptimizerGrade(right.name, False, errors, tolerance, (cause,))
