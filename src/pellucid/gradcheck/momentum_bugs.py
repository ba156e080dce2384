"""Common mistakes in gradient descent, momentum and Nesterov momentum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.gradcheck.optimizer_bug import OptimizerBug, Step
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.base import State
from pellucid.optimizers.descent import Momentum, Nesterov


def momentum_bugs(rule: Momentum) -> Iterator[OptimizerBug]:
    """Common mistakes in momentum and Nesterov momentum."""
    mu, ahead = rule.momentum, isinstance(rule, Nesterov)

    def step_with(
        *, mu: float = mu, ahead: bool = ahead, share: float = 1.0, late: bool = False, twice: bool = False,
        forgets: bool = False, opposed: bool = False, doubled: bool = False,
    ) -> Step:  # fmt: skip
        def move(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
            old = np.zeros_like(theta) if forgets else state.get("v", np.zeros_like(theta))
            v = (-mu if opposed else mu) * old - share * rate * g
            if twice:
                v = mu * v - share * rate * g
            state["v"] = v
            if late:
                return theta + old
            if doubled:
                return theta + v - rate * g
            return theta + mu * v - rate * share * g if ahead else theta + v

        return move

    yield OptimizerBug(step_with(), None)
    kept = "v must be kept from step to step"
    for step, name, words in (
        (step_with(forgets=True), "state not carried over", f"v starts at 0 in every step: {kept}."),
        (
            step_with(share=1 - mu),
            "factor 1 − μ added",
            "The gradient has a factor 1 − μ, which v ← μ v − η g has not.",
        ),
        (step_with(mu=mu**2), "momentum applied twice", "The old velocity is multiplied by μ twice, μ²."),
        (step_with(twice=True), "momentum applied twice", "v is moved twice in each step."),
        (step_with(late=True), "old velocity", "θ is moved by the velocity before its update."),
        (
            step_with(opposed=True),
            "momentum's sign flipped",
            "The old velocity is subtracted: in v ← μ v − η g it is added.",
        ),
        (
            step_with(ahead=not ahead),
            "look-ahead missing" if ahead else "Nesterov's step",
            "The look-ahead is missing: θ ← θ + μ v − η g, where v is the new velocity."
            if ahead
            else "θ is moved by μ v − η g, Nesterov's step (momentum applied once more); here it is v.",
        ),
        (step_with(doubled=True, ahead=False), "gradient applied twice", "η g is in v, and is subtracted once more."),
    ):
        yield OptimizerBug(step, Cause(name, words))
    for other in (0.0, 0.5, 0.8, 0.95, 0.99):
        if other != mu:
            yield OptimizerBug(step_with(mu=other), Cause("another constant", f"μ is {other:g}, not {mu:g}."))


def descent_bugs() -> Iterator[OptimizerBug]:
    """Common mistakes in plain gradient descent."""
    for mu in (0.5, 0.8, 0.9, 0.95, 0.99):

        def move(theta: Array, g: Array, state: State, rate: float, t: int, mu: float = mu) -> Array:
            state["v"] = mu * state.get("v", np.zeros_like(theta)) - rate * g
            return theta + state["v"]

        yield OptimizerBug(move, Cause("momentum added", f"It has a momentum of {mu:g}; plain descent has none."))

    def signs(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
        return theta - rate * np.sign(g)

    def normalised(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
        return theta - rate * g / np.linalg.norm(g)

    def summed(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
        state["g"] = state.get("g", np.zeros_like(theta)) + g
        return theta - rate * state["g"]

    def decaying(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
        return theta - rate / t * g

    yield OptimizerBug(signs, Cause("signs only", "It moves by the signs of the gradient, not by the gradient."))
    yield OptimizerBug(
        normalised, Cause("normalised", "The gradient is divided by its norm: each step has the length η.")
    )
    yield OptimizerBug(
        summed, Cause("gradients added up", "The gradients are added up from step to step: start from zeros.")
    )
    yield OptimizerBug(decaying, Cause("rate falls", "The rate is divided by the number of the step."))
