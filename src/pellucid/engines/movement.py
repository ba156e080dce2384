"""Whether an update rule does what the contract of `FirstOrder.step` asks for: move θ in place."""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array
from pellucid.optimizers import FirstOrder, State

MANY_UPDATES = 20
"""A rule may gather gradients for some updates before it moves; after so many without a move it never will."""
HOW = "step(theta, gradient, state, rate) must change theta in place, as in `theta -= rate * gradient`, and return None"


class Movement:
    """Watches the updates of a run until θ has moved once.

    Attributes
    ----------
    seen : bool
        Whether θ has moved; Pellucid's own rules are taken to do so.
    idle : int
        How many updates with a gradient and a rate have left θ as it was.
    """

    def __init__(self, rule: FirstOrder, theta: Array, state: State) -> None:
        self.seen = type(rule).__module__.startswith(f"{__name__.partition('.')[0]}.")
        self.idle = 0
        if not self.seen:
            self._name = type(rule).__name__
            self._theta, self._state = theta, state
            self._theta_before = theta.copy()
            self._state_before = {name: np.copy(array) for name, array in state.items()}

    def after_update(self, gradient: Array, rate: float, returned: object) -> None:
        """Look at θ after an update; TypeError where the rule cannot have meant what it did."""
        if returned is not None and returned is not self._theta:
            raise TypeError(
                f"{self._name}.step returned {type(returned).__name__}, and what it returns is not used: {HOW}"
            )
        if self.seen:
            return
        if not np.array_equal(self._theta, self._theta_before, equal_nan=True):
            self.seen, self.idle = True, 0
        elif (self._theta - rate * gradient != self._theta).any():  # else too small a step to be seen
            self.idle += 1
            if self.idle >= MANY_UPDATES or not self._state_changed():
                raise TypeError(self.words)

    @property
    def words(self) -> str:
        """The error message for a rule that moves nothing."""
        return (
            f"{self._name}.step moved no parameter in {self.idle} update{'s' * (self.idle > 1)} with a gradient and a "
            f"rate that are not 0: {HOW}"
        )

    def _state_changed(self) -> bool:
        """Whether the rule has changed its state, as one does that gathers gradients before it moves."""
        before = self._state_before
        return self._state.keys() != before.keys() or not all(
            np.array_equal(array, before[name], equal_nan=True) for name, array in self._state.items()
        )
