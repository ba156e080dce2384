"""How fast training goes: epochs that a chosen speed allows for, by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass

LONGEST_DEBT = 0.25
"""Seconds of training that a slow machine owes at most: what it could not do in time is left undone."""
AS_FAST_AS_IT_GOES = 10**9


@dataclass
class Pace:
    """How many epochs a speed allows for: owed since the last look at the clock."""

    owed: float = 0.0
    looked: float = 0.0

    def start(self) -> None:
        """The first epoch is due at once."""
        self.owed, self.looked = 1.0, time.perf_counter()

    def due(self, speed: int) -> int:
        """Epochs to run now."""
        now = time.perf_counter()
        self.owed = min(self.owed + speed * (now - self.looked), max(1.0, speed * LONGEST_DEBT))
        self.looked = now
        return int(self.owed) if speed else AS_FAST_AS_IT_GOES
