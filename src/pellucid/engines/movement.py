"""Check that a custom update rule fulfils the contract of `FirstOrder.step`: update θ in place."""

from __future__ import annotations

import numpy as np

from pellucid.maths.typing import Array
from pellucid.optimizers import FirstOrder, State

MANY_UPDATES = 20
"""Updates without a change of θ after which a rule counts as faulty; some rules accumulate gradients at first."""
HOW = "step(theta, gradient, state, rate) must change theta in place, as in `theta -= rate * gradient`, and return None"


class Movement:
    """Observes the updates of a run until θ has changed once.

    Attributes
    ----------
    seen : bool
        Whether θ has changed; assumed for Pellucid's optimizers.
    idle : int
        Number of updates with nonzero gradient and rate that did not change θ.
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
        """Check θ after an update; TypeError if the rule returns a value or does not change θ."""
        if returned is not None and returned is not self._theta:
            raise TypeError(
                f"{self._name}.step returned {type(returned).__name__}, and what it returns is not used: {HOW}"
            )
        if self.seen:
            return
        if not np.array_equal(self._theta, self._theta_before, equal_nan=True):
            self.seen, self.idle = True, 0
        elif (self._theta - rate * gradient != self._theta).any():  # else the step is lost in rounding
            self.idle += 1
            if self.idle >= MANY_UPDATES or not self._remembers():
                raise TypeError(self.words)

    @property
    def words(self) -> str:
        """The error message for a rule that does not change θ."""
        return (
            f"{self._name}.step moved no parameter in {self.idle} update{'s' * (self.idle > 1)} with a gradient and a "
            f"rate that are not 0: {HOW}"
        )

    def _remembers(self) -> bool:
        """Whether the rule has changed its state, as rules do that accumulate gradients."""
        before = self._state_before
        return self._state.keys() != before.keys() or not all(
            np.array_equal(array, before[name], equal_nan=True) for name, array in self._state.items()
        )
