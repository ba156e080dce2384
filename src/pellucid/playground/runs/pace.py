"""Speed of training: the number of epochs that are due at a chosen speed."""

from __future__ import annotations

import time
from dataclasses import dataclass

MAX_BACKLOG_SECONDS = 0.25
"""Maximum backlog of a slow machine, in seconds of training; older epochs are dropped."""
UNLIMITED = 10**9


@dataclass
class Pace:
    """Counts the epochs that are due at a speed; `owed` are those since `looked`, the time of the last call."""

    owed: float = 0.0
    looked: float = 0.0

    def start(self) -> None:
        """Start the clock; the first epoch is due at once."""
        self.owed, self.looked = 1.0, time.perf_counter()

    def due(self, speed: int) -> int:
        """The number of epochs to run now."""
        now = time.perf_counter()
        self.owed = min(self.owed + speed * (now - self.looked), max(1.0, speed * MAX_BACKLOG_SECONDS))
        self.looked = now
        return int(self.owed) if speed else UNLIMITED
