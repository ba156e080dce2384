"""The likely mistake in an update rule: the common mistakes are run on the same gradients, and their paths compared."""

from __future__ import annotations

import numpy as np

from pellucid.gradcheck.optimizer_bug import Step
from pellucid.gradcheck.optimizer_bugs import optimizer_bugs
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder, State


def step_errors(actual: Array, expected: Array) -> Array:
    """Error of each step: the largest difference of two moves, relative to the largest move of the element."""
    with np.errstate(all="ignore"):
        moves, right = np.diff(actual, axis=0), np.diff(expected, axis=0)
        single = np.array_equal(actual[1:], actual[1:].astype(np.float32), equal_nan=True)
        rounded = 4 * float(np.finfo(np.float32 if single else np.float64).eps) * np.abs(actual[1:])
        gap = np.maximum(np.abs(moves - right) - rounded, 0.0)
        errors: Array = (gap / np.abs(right).max(axis=0)).max(axis=1)
    return np.where(np.isfinite(errors), errors, np.inf)


def same_path(actual: Array, expected: Array, tolerance: float) -> bool:
    """Whether two paths agree to the tolerance in every step."""
    return bool((step_errors(actual, expected) <= tolerance).all())


def optimizer_cause(
    actual: Array, expected: Array, rule: FirstOrder, gradients: Array, rate: float, tolerance: float
) -> tuple[str, Cause | None]:
    """A note if the rule is right in another form; else the likely cause."""
    if not np.isfinite(actual).all():
        return "", _not_finite(actual, rule)
    found: list[Cause] = []
    scaled: Cause | None = _scaled(actual, expected, rate, tolerance)
    if scaled is not None and scaled.name != "constant factor":
        return "", scaled
    for bug in optimizer_bugs(rule):
        path = _path(bug.step, actual[0], gradients, rate)
        if same_path(actual, path, tolerance):
            if bug.cause is None:
                return bug.note, None
            found.append(bug.cause)
        elif scaled is None and bug.cause is not None:
            factor = _scaled(actual, path, rate, tolerance)
            if factor is not None and factor.name != "constant factor":
                scaled = Cause(f"{bug.cause.name}, {factor.name}", f"{bug.cause.sentence} Besides: {factor.sentence}")
    if found:
        names = list(dict.fromkeys(cause.name for cause in found))
        sentences = list(dict.fromkeys(cause.sentence for cause in found))[:3]
        return "", Cause(" or ".join(names), " Or: ".join(sentences))
    if scaled is not None:
        return "", scaled
    another = _another_rule(actual, rule, gradients, rate, tolerance)
    return "", another or _unexplained(actual, expected, tolerance)


def _path(step: Step, start: Array, gradients: Array, rate: float) -> Array:
    state: State = {}
    theta, path = start.copy(), [start.copy()]
    with np.errstate(all="ignore"):
        for number, gradient in enumerate(gradients, 1):
            theta = step(theta, gradient, state, rate, number)
            path.append(theta)
    return np.array(path)


def _not_finite(actual: Array, rule: FirstOrder) -> Cause:
    step = int(np.flatnonzero(~np.isfinite(actual).all(axis=1))[0])
    words = f"θ is NaN or infinite after step {step}. "
    if step == 1 and "beta_1" in rule.__dataclass_fields__:
        words += "If t counts from 0, 1 − βᵗ is 0 in the first step and is divided by: count from 1."
        return Cause("t counts wrongly or not finite", words)
    return Cause("not finite", words + "Look for a root of a negative number or a division by 0.")


def _scaled(actual: Array, expected: Array, rate: float, tolerance: float) -> Cause | None:
    """All moves are the right ones times a constant factor."""
    moves, right = np.diff(actual, axis=0), np.diff(expected, axis=0)
    if not np.isfinite(right).all() or not right.any():
        return None
    ratio = float((moves * right).sum() / (right**2).sum())
    if abs(ratio) < 1e-12 or abs(ratio - 1) < 1e-6:
        return None
    if not same_path(
        actual, actual[0] + np.vstack([np.zeros_like(actual[0]), np.cumsum(ratio * right, axis=0)]), tolerance
    ):
        return None
    for value, name, words in (
        (-1.0, "sign flipped", "Each move has the wrong sign: θ ← θ − η g goes down, θ + η g goes up."),
        (rate, "rate applied twice", "Each move has the rate twice, η² for η."),
        (1 / rate, "rate missing", "The rate is missing in each move."),
        (
            2.0,
            "step taken twice",
            "Each move is twice as long, as if θ were changed in place and once more in what is returned.",
        ),
        (-rate, "sign flipped, rate applied twice", "Each move has the wrong sign, and the rate twice."),
        (-1 / rate, "sign flipped, rate missing", "Each move has the wrong sign, and the rate is missing."),
    ):
        if abs(ratio / value - 1) <= 1e-6:
            return Cause(name, words)
    words = f"Each move is {ratio:.6g} times the right one, as if the rate were {ratio * rate:.6g}, not {rate:g}."
    return Cause("constant factor", words)


def _another_rule(actual: Array, rule: FirstOrder, gradients: Array, rate: float, tolerance: float) -> Cause | None:
    for name in OPTIMIZERS:
        other = OPTIMIZERS.resolve(name)
        if not isinstance(other, FirstOrder) or other.name == rule.name:
            continue
        theta, path = actual[0].copy(), [actual[0].copy()]
        state = other.init(theta.copy())
        for gradient in gradients:
            other.step(theta, gradient.copy(), state, rate)
            path.append(theta.copy())
        if same_path(actual, np.array(path), tolerance):
            return Cause("another rule", f"It is {name}, not {rule.name}.")
    return None


def _unexplained(actual: Array, expected: Array, tolerance: float) -> Cause:
    errors = step_errors(actual, expected)
    step = int(np.flatnonzero(errors > tolerance)[0]) + 1
    move, right = actual[step] - actual[step - 1], expected[step] - expected[step - 1]
    i = int(np.abs(move - right).argmax())
    start = "The first step is right, so look at what is kept from step to step. " if step == 2 else ""
    words = f"{start}From step {step} on it moves otherwise, in no way that points to one cause: "
    return Cause("unknown", words + f"parameter {i + 1} moves by {move[i]:.6g}, and should move by {right[i]:.6g}.")
