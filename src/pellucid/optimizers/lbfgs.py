"""L-BFGS: a quasi-Newton method for the full batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.renamed import renamed
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, Problem, SecondOrder, State
from pellucid.optimizers.line_search import Trial, more_thuente

LINE_SEARCH_FAILED = "the line search found no lower J"
NOT_FINITE = "J or its gradient is not finite at the start"
_CONVERGED, _FAILED = 1, 2


@OPTIMIZERS.register
@renamed(
    memory="history_size",
    tolerance="tolerance_grad",
    relative_change="tolerance_change",
    max_evaluations="max_eval",
)
@dataclass(frozen=True)
class LBFGS(SecondOrder):
    r"""Limited-memory BFGS: steps along −H g, where H approximates the inverse Hessian.

    H comes from the last `history_size` steps: with s = θₖ₊₁ − θₖ, y = gₖ₊₁ − gₖ and ρ = 1/(sᵀy), H g is the
    two-loop recursion, from H₀ = (sᵀy/yᵀy) I of the last one. Each step is a line search, so there is no learning rate;
    an epoch is one iteration on all samples, of one or more evaluations of J.

    It stops by itself when the largest |∂J/∂θ| falls to `tolerance_grad`, or when one iteration lowers J by less than
    the share `tolerance_change` of it (of 1, where |J| is less). `max_eval` bounds the evaluations of J and its
    gradient (None: only each line search is bounded). These names are PyTorch's; there, `max_eval` bounds one call of
    `step`, and `tolerance_change` an absolute change.

    All that it keeps between steps is in its state, in float64 whatever θ has, so that it can stop after any iteration
    and continue to the same bits. If θ was changed between two steps, the second begins anew from there.

    Source: Liu, Nocedal, "On the limited memory BFGS method" (1989); Nocedal, Wright, "Numerical optimization" (2006),
    algorithm 7.4. The first step, the line search and the tests for convergence are those of L-BFGS-B 3.0.

    >>> theta = np.array([3.0, -2.0])
    >>> LBFGS().minimize(lambda t: (float(t @ t), 2 * t), theta, max_iterations=10)
    'converged'
    >>> abs(theta).max() < 1e-6
    np.True_
    """

    history_size: int = 10
    tolerance_grad: float = 1e-5
    tolerance_change: float = 1e-12
    max_line_search: int = 20
    max_eval: int | None = None

    name: ClassVar[str] = "lbfgs"
    title: ClassVar[str] = "L-BFGS"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \alpha H g"
    formula_note: ClassVar[str] = (
        r"With $g = \partial J / \partial \theta$ and $H$ an estimate of the inverse of the second derivatives; in the "
        "first step a multiple of the identity:"
    )
    search_note: ClassVar[str] = (
        "a line search finds a step length that lowers $J$ enough. The first point tried is the current one."
    )

    def __post_init__(self) -> None:
        check_integer("LBFGS history_size", self.history_size, least=1)
        check_real("LBFGS tolerance_grad", self.tolerance_grad, least=0)
        check_real("LBFGS tolerance_change", self.tolerance_change, least=0)
        check_integer("LBFGS max_line_search", self.max_line_search, least=1)
        if self.max_eval is not None:
            check_integer("LBFGS max_eval", self.max_eval, least=1)

    def init(self, theta: Array) -> State:
        """No pairs (s, y) yet, and J not yet evaluated."""
        wide = theta.astype(np.float64)
        return {
            "s": np.zeros((self.history_size, wide.size)),
            "y": np.zeros((self.history_size, wide.size)),
            "rho": np.zeros(self.history_size),
            "pairs": np.zeros(1, dtype=np.int64),  # how many were stored; the newest `history_size` of them are kept
            "point": wide,
            "gradient": np.zeros_like(wide),
            "value": np.full(1, np.nan),
            "evaluations": np.zeros(1, dtype=np.int64),
            "ended": np.zeros(1, dtype=np.int64),
        }

    def step(self, problem: Problem, theta: Array, state: State) -> str:
        """One iteration: moves θ and the state. Returns "", "converged", or why it cannot continue.

        `problem(point)` is J and ∂J/∂θ at a float64 vector.
        """
        if not np.array_equal(state["point"].astype(theta.dtype), theta):
            used = state["evaluations"]
            state.update(self.init(theta) | {"evaluations": used})
        x, gradient = state["point"], state["gradient"]
        if math.isnan(state["value"][0]):
            value, now = self._evaluate(problem, x, state)
            if not (math.isfinite(value) and np.isfinite(now).all()):
                return NOT_FINITE
            state["value"][0], gradient[...] = value, now
            if self._is_flat(gradient):
                state["ended"][0] = _CONVERGED
        if state["ended"][0]:
            return "converged" if state["ended"][0] == _CONVERGED else LINE_SEARCH_FAILED
        before = float(state["value"][0])
        found = self._search(problem, state)
        if found is None and state["pairs"][0]:
            state["pairs"][0] = 0  # what was learned of the curvature may be wrong: try steepest descent
            found = self._search(problem, state)
        if found is None:
            state["ended"][0] = _FAILED
            return LINE_SEARCH_FAILED
        point, value, now, slope = found
        self._store_pair(point - x, now - gradient, slope, state)
        x[...], gradient[...], state["value"][0] = point, now, value
        theta[...] = x
        if self._is_flat(gradient) or before - value <= self.tolerance_change * max(abs(before), abs(value), 1.0):
            state["ended"][0] = _CONVERGED
        if self.max_eval is not None and state["evaluations"][0] > self.max_eval:
            return f"STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT, max_eval={self.max_eval}"
        return "converged" if state["ended"][0] else ""

    def value_of(self, state: State) -> float | None:
        """J at θ; None before the first step."""
        value = float(state["value"][0])
        return value if math.isfinite(value) else None

    def _is_flat(self, gradient: Array) -> bool:
        return float(np.abs(gradient).max(initial=0.0)) <= self.tolerance_grad

    @staticmethod
    def _evaluate(problem: Problem, point: Array, state: State) -> tuple[float, Array]:
        state["evaluations"] += 1
        value, gradient = problem(point)
        return float(value), gradient

    def _search(self, problem: Problem, state: State) -> tuple[Array, float, Array, float] | None:
        """The new point with J, its gradient and the slope −gᵀd·α that the search began with; None if there is none."""
        x, direction = state["point"], self._direction(state)
        slope = float(direction @ state["gradient"])
        if not (slope < 0 and math.isfinite(slope)):
            return None
        last: tuple[Array, float, Array] | None = None

        def phi(step: float) -> tuple[float, float]:
            nonlocal last
            point = x + step * direction
            value, gradient = self._evaluate(problem, point, state)
            last = point, value, gradient.astype(np.float64)  # a copy: a problem may use its array again
            return value, float(last[2] @ direction)

        # The first step has at most length 1, as nothing is known of the curvature.
        first = 1.0 if state["pairs"][0] else min(1.0 / float(np.sqrt(-slope)), 1e10)
        trial = more_thuente(phi, Trial(0.0, float(state["value"][0]), slope), first, self.max_line_search)
        return None if trial is None or last is None else (*last, -slope * trial.step)

    def _direction(self, state: State) -> Array:
        """−H g by the two-loop recursion."""
        pairs, rho = int(state["pairs"][0]), state["rho"].tolist()
        oldest = max(0, pairs - self.history_size)
        kept = [k % self.history_size for k in range(oldest, pairs)]  # from the oldest to the newest
        rows = [(state["s"][i], state["y"][i], rho[i]) for i in kept]
        d: Array = -state["gradient"]
        alphas = []
        for s, y, inverse in reversed(rows):
            alphas.append(inverse * s.dot(d))
            d -= alphas[-1] * y
        if rows:
            _, y, inverse = rows[-1]
            d *= 1.0 / (inverse * y.dot(y))
        for s, y, inverse in rows:
            d += (alphas.pop() - inverse * y.dot(d)) * s
        return d

    def _store_pair(self, s: Array, y: Array, slope: float, state: State) -> None:
        """Keep a pair if its curvature sᵀy is positive beyond rounding: else H would not be positive definite."""
        curvature = float(s @ y)
        if not curvature > np.finfo(np.float64).eps * slope:
            return
        i = int(state["pairs"][0]) % self.history_size
        state["s"][i], state["y"][i], state["rho"][i] = s, y, 1.0 / curvature
        state["pairs"] += 1
