r"""Grading update rules that somebody else wrote: run beside Pellucid's own on the same gradients.

The gradients are drawn once and do not depend on θ, so that a wrong step does not carry into the next. One parameter
has gradients of about 1e-7, where ε is seen. What differs is held against the rules of `slips`, one mistake in each: a
cause is named only if its rule takes the very steps that were taken.
"""

from __future__ import annotations

import html
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.gradcheck.slips import Memory, variants
from pellucid.maths.cause import Cause
from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.typing import Array
from pellucid.optimizers.base import OPTIMIZERS, FirstOrder

REPORT_WIDTH = 88
SIZES = np.array([1.0, 0.3, 3.0, 1e-7, 1.0, 0.05])
"""What the gradients of the six parameters are like."""


@dataclass(frozen=True)
class OptimizerGrade:
    """Whether an update rule takes the steps that it should; true where it does. `print` it for a table of the steps.

    Attributes
    ----------
    name : str
        The rule that it was held against.
    passed : bool
    errors : array
        Of each step, the largest difference of an element's move, relative to the largest move of that element.
    tolerance : float
    causes : tuple of Cause
        The likely mistakes, each with a `name` and a `sentence`; empty where all is right.
    note : str
        What is to be said of a right rule in another form.
    """

    name: str
    passed: bool
    errors: Array
    tolerance: float
    causes: tuple[Cause, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """What is to be said, in sentences."""
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
    r"""Hold an update rule against one of Pellucid's: both take the same steps from the same θ, g after g.

    Parameters
    ----------
    update : function, or object or class with a `step`
        θ, g → the new θ. It is called as `update(theta, gradient, state, rate)`. `state` is a dictionary, empty at
        first, that is kept from step to step. `update` may leave out `state` or `rate` (or both), if it keeps its own:
        `update(theta, gradient)`, `update(theta, gradient, rate)`, `update(theta, gradient, state)`. It returns the new
        θ, or (θ, state), or moves θ in place and returns nothing. A class is called without arguments to make one.
    rule : str or optimizer
        What it should be: a name ("adam", "momentum", …) or an object, as `Adam(beta_1=0.8)`. Not "lbfgs".
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
        If `update` cannot be called, its answer has not θ's shape, or the rule has no steps.

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
    theirs, causes, single = _walk(update, start, gradients, rate)
    state, theta, ours = right.init(start.copy()), start.copy(), [start.copy()]
    for gradient in gradients:
        right.step(theta, gradient.copy(), state, rate)
        ours.append(theta.copy())
    tolerance = max(tolerance, 1e-3) if single else tolerance
    errors = _errors(theirs, np.array(ours))
    if causes:
        return OptimizerGrade(right.name, False, errors, tolerance, tuple(causes))
    if (errors <= tolerance).all():
        return OptimizerGrade(right.name, True, errors, tolerance)
    note, cause = _explained(theirs, np.array(ours), right, gradients, rate, tolerance)
    if cause is None:
        return OptimizerGrade(right.name, True, errors, tolerance, note=note)
    return OptimizerGrade(right.name, False, errors, tolerance, (cause,))


def _errors(theirs: Array, ours: Array) -> Array:
    """Of each step, the largest difference of two moves, each element beside its own largest move."""
    with np.errstate(all="ignore"):
        moves, right = np.diff(theirs, axis=0), np.diff(ours, axis=0)
        single = np.array_equal(theirs[1:], theirs[1:].astype(np.float32), equal_nan=True)
        rounded = 4 * float(np.finfo(np.float32 if single else np.float64).eps) * np.abs(theirs[1:])
        gap = np.maximum(np.abs(moves - right) - rounded, 0.0)  # what rounding explains is no error
        errors: Array = (gap / np.abs(right).max(axis=0)).max(axis=1)
    return np.where(np.isfinite(errors), errors, np.inf)


def _same(theirs: Array, ours: Array, tolerance: float) -> bool:
    return bool((_errors(theirs, ours) <= tolerance).all())


# ------------------------------------------------------------------------------------------------ calling


def _walk(update: Any, start: Array, gradients: Array, rate: float) -> tuple[Array, list[Cause], bool]:
    """θ before and after each step, what the calls themselves show, and whether the answers have float32."""
    call, repeatable = _caller(update, rate)
    path, causes, single = _one_walk(call, start, gradients)
    if not causes and repeatable:
        again, _, _ = _one_walk(call, start, gradients)
        if not np.array_equal(path, again, equal_nan=True):
            causes.append(
                Cause(
                    "state shared",
                    "Started again with an empty state, it takes other steps: something is kept outside of `state` "
                    "(a global, a default argument), so that several parameters would share it.",
                )
            )
    return path, causes, single


def _one_walk(
    call: Callable[[Array, Array, dict[str, Any]], Any], start: Array, gradients: Array
) -> tuple[Array, list[Cause], bool]:
    state: dict[str, Any] = {}
    theta, path, single = start.copy(), [start.copy()], False
    causes: list[Cause] = []
    for gradient in gradients:
        seen, before = gradient.copy(), theta.copy()
        with np.errstate(all="ignore"):
            answer = call(theta, seen, state)
        if isinstance(answer, tuple) and len(answer) == 2:
            answer, state = answer[0], answer[1] if isinstance(answer[1], dict) else state
        if not np.array_equal(seen, gradient) and not causes:
            causes.append(Cause("changes the gradient", "It changes the gradient that it is given: work on a copy."))
        if answer is None:
            new = theta
        else:
            single |= np.asarray(answer).dtype == np.float32
            new = np.array(answer, dtype=np.float64)
        if new.shape != before.shape:
            raise ValueError(f"update must return θ with its shape {before.shape}, got {new.shape}")
        theta = new.copy()
        path.append(theta.copy())
    whole = np.array(path)
    if not causes and np.array_equal(whole, np.broadcast_to(start, whole.shape)):
        words = "θ stays where it is: the new θ is neither returned nor written into the old one (θ[...] = …)."
        causes.append(Cause("θ is not moved", words))
    return whole, causes, single


def _caller(update: Any, rate: float) -> tuple[Callable[[Array, Array, dict[str, Any]], Any], bool]:
    """A call of (θ, g, state), and whether all that it remembers ought to be in `state`.

    A closure or an object may remember by itself, as one made for one parameter does.
    """
    if isinstance(update, type):
        update = update()
    function = getattr(update, "step", update)
    if not callable(function):
        raise TypeError(
            "update must be a function (theta, gradient, state, rate) that returns the new theta, or an object with "
            f"such a `step`, got {type(update).__name__}"
        )
    try:
        names = [
            name
            for name, one in inspect.signature(function).parameters.items()
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
            and (one.default is one.empty or name in ("state", "rate", "learning_rate", "lr", "eta"))
        ]
    except ValueError:
        names = ["theta", "gradient", "state", "rate"]
    if isinstance(update, FirstOrder):

        def own(theta: Array, gradient: Array, state: dict[str, Any]) -> None:
            if not state:
                state.update(update.init(theta))
                state.setdefault("started", np.ones(1))
            update.step(theta, gradient, state, rate)

        return own, True
    plain = inspect.isfunction(function) and function.__closure__ is None
    if len(names) == 2:
        return lambda theta, gradient, state: function(theta, gradient), False
    if len(names) == 3:
        if "state" in names[2] or names[2] in ("s", "memory", "cache"):
            return lambda theta, gradient, state: function(theta, gradient, state), plain
        return lambda theta, gradient, state: function(theta, gradient, rate), False
    if len(names) == 4:
        if "state" in names[3] or names[3] in ("s", "memory", "cache"):
            return lambda theta, gradient, state: function(theta, gradient, rate, state), plain
        return lambda theta, gradient, state: function(theta, gradient, state, rate), plain
    raise TypeError(
        f"update must take (theta, gradient), with state or rate or both after them, got ({', '.join(names)})"
    )


# ------------------------------------------------------------------------------------------------ causes


def _explained(
    theirs: Array, ours: Array, rule: FirstOrder, gradients: Array, rate: float, tolerance: float
) -> tuple[str, Cause | None]:
    """A note, if the rule is right in another form; else the cause."""
    if not np.isfinite(theirs).all():
        return "", _not_finite(theirs, rule)
    found: list[Cause] = []
    scaled: Cause | None = _scaled(theirs, ours, rate, tolerance)
    if scaled is not None and scaled.name != "constant factor":
        return "", scaled
    for slip in variants(rule):
        path = _path(slip.move, theirs[0], gradients, rate)
        if _same(theirs, path, tolerance):
            if slip.cause is None:
                return slip.note, None
            found.append(slip.cause)
        elif scaled is None and slip.cause is not None:
            factor = _scaled(theirs, path, rate, tolerance)
            if factor is not None and factor.name != "constant factor":
                scaled = Cause(f"{slip.cause.name}, {factor.name}", f"{slip.cause.sentence} Besides: {factor.sentence}")
    if found:
        names = list(dict.fromkeys(cause.name for cause in found))
        sentences = list(dict.fromkeys(cause.sentence for cause in found))[:3]
        return "", Cause(" or ".join(names), " Or: ".join(sentences))
    if scaled is not None:
        return "", scaled
    another = _another_rule(theirs, rule, gradients, rate, tolerance)
    return "", another or _unknown(theirs, ours, tolerance)


def _path(
    move: Callable[[Array, Array, Memory, float, int], Array], start: Array, gradients: Array, rate: float
) -> Array:
    memory: Memory = {}
    theta, path = start.copy(), [start.copy()]
    with np.errstate(all="ignore"):
        for step, gradient in enumerate(gradients, 1):
            theta = move(theta, gradient, memory, rate, step)
            path.append(theta)
    return np.array(path)


def _not_finite(theirs: Array, rule: FirstOrder) -> Cause:
    step = int(np.flatnonzero(~np.isfinite(theirs).all(axis=1))[0])
    words = f"θ is NaN or infinite after step {step}. "
    if step == 1 and "beta_1" in rule.__dataclass_fields__:
        words += "If t counts from 0, 1 − βᵗ is 0 in the first step and is divided by: count from 1."
        return Cause("t counts wrongly or not finite", words)
    return Cause("not finite", words + "Look for a root of a negative number or a division by 0.")


def _scaled(theirs: Array, ours: Array, rate: float, tolerance: float) -> Cause | None:
    """All moves are the right ones times one number."""
    moves, right = np.diff(theirs, axis=0), np.diff(ours, axis=0)
    if not np.isfinite(right).all() or not right.any():
        return None
    ratio = float((moves * right).sum() / (right**2).sum())
    if abs(ratio) < 1e-12 or abs(ratio - 1) < 1e-6:
        return None
    if not _same(
        theirs, theirs[0] + np.vstack([np.zeros_like(theirs[0]), np.cumsum(ratio * right, axis=0)]), tolerance
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


def _another_rule(theirs: Array, rule: FirstOrder, gradients: Array, rate: float, tolerance: float) -> Cause | None:
    for name in OPTIMIZERS:
        other = OPTIMIZERS.resolve(name)
        if not isinstance(other, FirstOrder) or other.name == rule.name:
            continue
        theta, path = theirs[0].copy(), [theirs[0].copy()]
        state = other.init(theta.copy())
        for gradient in gradients:
            other.step(theta, gradient.copy(), state, rate)
            path.append(theta.copy())
        if _same(theirs, np.array(path), tolerance):
            return Cause("another rule", f"It is {name}, not {rule.name}.")
    return None


def _unknown(theirs: Array, ours: Array, tolerance: float) -> Cause:
    errors = _errors(theirs, ours)
    step = int(np.flatnonzero(errors > tolerance)[0]) + 1
    move, right = theirs[step] - theirs[step - 1], ours[step] - ours[step - 1]
    i = int(np.abs(move - right).argmax())
    start = "The first step is right, so look at what is kept from step to step. " if step == 2 else ""
    words = f"{start}From step {step} on it moves otherwise, in no way that points to one cause: "
    return Cause("unknown", words + f"parameter {i + 1} moves by {move[i]:.6g}, and should move by {right[i]:.6g}.")
