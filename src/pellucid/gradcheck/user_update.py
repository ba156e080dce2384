"""An update rule supplied by the user: calls it in any of its signatures and records the path of θ.

The calls also show side effects: a changed gradient, a state kept outside of `state`, a θ that does not move.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.base import FirstOrder


def run_update(update: Any, start: Array, gradients: Array, rate: float) -> tuple[Array, list[Cause], bool]:
    """θ before and after each step, causes found by the calls, and whether the results are float32."""
    call, repeatable = _adapt(update, rate)
    path, causes, single = _run_once(call, start, gradients)
    if not causes and repeatable:
        again, _, _ = _run_once(call, start, gradients)
        if not np.array_equal(path, again, equal_nan=True):
            causes.append(
                Cause(
                    "state shared",
                    "Started again with an empty state, it takes other steps: something is kept outside of `state` "
                    "(a global, a default argument), so that several parameters would share it.",
                )
            )
    return path, causes, single


def _run_once(
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
        words = "θ does not change: the new θ is neither returned nor written into the old one (θ[...] = …)."
        causes.append(Cause("θ is not moved", words))
    return whole, causes, single


def _adapt(update: Any, rate: float) -> tuple[Callable[[Array, Array, dict[str, Any]], Any], bool]:
    """A function of (θ, g, state), and whether it must keep all of its state in `state`.

    A closure or an object may keep its own state.
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
