"""One common mistake in an update rule, as a rule that can be run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.base import State

Step = Callable[[Array, Array, State, float, int], Array]
"""(θ, g, state, rate, number of the step) → the new θ; changes the state in place."""


@dataclass(frozen=True)
class OptimizerBug:
    """An update rule with one mistake; or, without a cause, a right rule in another form, with a note."""

    step: Step
    cause: Cause | None
    note: str = ""
