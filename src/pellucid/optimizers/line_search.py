"""A line search for the strong Wolfe conditions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

SUFFICIENT_DECREASE = 1e-3
"""c₁ in φ(α) ≤ φ(0) + c₁ α φ′(0)."""
CURVATURE = 0.9
"""c₂ in |φ′(α)| ≤ c₂ |φ′(0)|."""
INTERVAL = 0.1
"""A bracket of less than this share of its upper end is not searched further."""
MAX_STEP = 1e10
BACKTRACK = 0.1
"""The share of a step that is tried next if φ overflows or is NaN at its end."""

Phi = Callable[[float], tuple[float, float]]
"""φ(α) = J(θ + α d) and its derivative φ′(α)."""


@dataclass(frozen=True)
class Trial:
    """A step α with φ(α) and φ′(α)."""

    step: float
    value: float
    slope: float


def more_thuente(phi: Phi, start: Trial, step: float, max_evaluations: int) -> Trial | None:
    """A step α with φ(α) ≤ φ(0) + c₁ α φ′(0) and |φ′(α)| ≤ c₂ |φ′(0)|, c₁ = 10⁻³, c₂ = 0.9.

    `start` is α = 0, with φ′(0) < 0; `step` is tried first. The last trial is the one returned. None if
    `max_evaluations` of φ found none. A trial where φ is infinite or NaN counts as too long a step.

    Source: Moré, Thuente, "Line search algorithms with guaranteed sufficient decrease", ACM TOMS 20 (1994); the
    safeguards are those of MINPACK-2's `dcsrch`.

    >>> quadratic = lambda a: ((a - 3) ** 2, 2 * (a - 3))
    >>> more_thuente(quadratic, Trial(0.0, 9.0, -6.0), 1.0, 20)
    Trial(step=1.0, value=4.0, slope=-4.0)
    """
    expected = SUFFICIENT_DECREASE * start.slope
    best = other = start  # the ends of the interval; of both, `best` has the lower φ
    bracketed, first_stage = False, True
    width = MAX_STEP
    width_before = 2 * width
    low, high = 0.0, 5 * step
    longest = MAX_STEP
    for _ in range(max_evaluations):
        trial = Trial(step, *phi(step))
        if not (math.isfinite(trial.value) and math.isfinite(trial.slope)):
            longest = step
            step = best.step + BACKTRACK * (step - best.step)
            low, high = min(low, best.step), min(high, longest)
            continue
        enough = trial.value <= start.value + step * expected
        if enough and trial.slope >= 0:
            first_stage = False
        if enough and abs(trial.slope) <= -CURVATURE * start.slope:
            return trial
        if bracketed and (step <= low or step >= high or high - low <= INTERVAL * high):
            return trial if trial.value <= start.value else None
        if step == MAX_STEP and enough:
            return trial
        if first_stage and trial.value <= best.value and not enough:
            # Until a step decreases φ enough, φ less the expected decrease is what is minimised.
            tilted = [Trial(t.step, t.value - t.step * expected, t.slope - expected) for t in (best, other, trial)]
            following, bracketed, order = _next_step(tilted[0], tilted[1], tilted[2], bracketed, low, high)
        else:
            following, bracketed, order = _next_step(best, other, trial, bracketed, low, high)
        best, other = ((best, other, trial)[i] for i in order)
        if bracketed:
            if abs(other.step - best.step) >= 0.66 * width_before:
                following = best.step + 0.5 * (other.step - best.step)
            width_before, width = width, abs(other.step - best.step)
            low, high = sorted((best.step, other.step))
        else:
            low, high = following + 1.1 * (following - best.step), following + 4 * (following - best.step)
        step = min(max(following, 0.0), longest)
        if step == longest < MAX_STEP:
            step = 0.5 * (best.step + longest)
        if bracketed and (step <= low or step >= high or high - low <= INTERVAL * high):
            step = best.step
    return None


def _next_step(
    best: Trial, other: Trial, trial: Trial, bracketed: bool, low: float, high: float
) -> tuple[float, bool, tuple[int, int]]:
    """The step to try next, whether a minimum is bracketed, and which of (best, other, trial) are the new interval.

    The four cases of Moré and Thuente, section 4, by cubic and quadratic interpolation.
    """
    x, t = best.step, trial.step
    opposite = trial.slope * math.copysign(1.0, best.slope) < 0
    if trial.value > best.value:
        root, theta = _cubic(best, trial)
        if t < x:
            root = -root
        share = ((root - best.slope) + theta) / (((root - best.slope) + root) + trial.slope)
        cubic = x + share * (t - x)
        quadratic = x + best.slope / ((best.value - trial.value) / (t - x) + best.slope) / 2 * (t - x)
        nearer = abs(cubic - x) < abs(quadratic - x)
        return cubic if nearer else cubic + (quadratic - cubic) / 2, True, (0, 2)
    order = (2, 0) if opposite else (2, 1)
    if opposite:
        root, theta = _cubic(best, trial)
        if t > x:
            root = -root
        share = ((root - trial.slope) + theta) / (((root - trial.slope) + root) + best.slope)
        cubic = t + share * (x - t)
        secant = t + trial.slope / (trial.slope - best.slope) * (x - t)
        return cubic if abs(cubic - t) > abs(secant - t) else secant, True, order
    if abs(trial.slope) < abs(best.slope):
        root, theta = _cubic(best, trial)
        if t > x:
            root = -root
        below = (root + (best.slope - trial.slope)) + root
        share = ((root - trial.slope) + theta) / below if below else 0.0
        cubic = t + share * (x - t) if share < 0 and root else (high if t > x else low)
        secant = t + trial.slope / (trial.slope - best.slope) * (x - t)
        if bracketed:
            step = cubic if abs(cubic - t) < abs(secant - t) else secant
            inside = t + 0.66 * (other.step - t)
            return min(inside, step) if t > x else max(inside, step), True, order
        step = cubic if abs(cubic - t) > abs(secant - t) else secant
        return min(max(step, low), high), False, order
    if bracketed:
        root, theta = _cubic(other, trial)
        if t > other.step:
            root = -root
        share = ((root - trial.slope) + theta) / (((root - trial.slope) + root) + other.slope)
        return t + share * (other.step - t), True, order
    return (high if t > x else low), False, order


def _cubic(a: Trial, b: Trial) -> tuple[float, float]:
    """√(θ² − a′ b′) and θ of the cubic through two trials; 0 if the cubic has no minimum."""
    theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    scale = max(abs(theta), abs(a.slope), abs(b.slope)) or 1.0
    return scale * math.sqrt(max(0.0, (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale))), theta
