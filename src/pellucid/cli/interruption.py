"""Ctrl-C while a result is being shown: it is deferred, or ends only optional work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pellucid.training.interruption import answering_ctrl_c

MAX_DEFERRED = 3
"""Presses of Ctrl-C after which it takes effect at once, even if results are lost."""


class HeldBack:
    """Counts presses of Ctrl-C while it is deferred."""

    def __init__(self) -> None:
        self.pressed = 0
        self._through = False

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Context manager in which Ctrl-C raises KeyboardInterrupt; at once if it has been pressed already."""
        self._through = True
        try:
            if self.pressed:
                raise KeyboardInterrupt
            yield
        finally:
            self._through = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Count the press, and raise KeyboardInterrupt if that is allowed now."""
        self.pressed += 1
        if self._through or self.pressed >= MAX_DEFERRED:
            raise KeyboardInterrupt


@contextmanager
def held_back() -> Iterator[HeldBack]:
    """Context manager in which Ctrl-C is deferred, so that results are shown. (A fit handles Ctrl-C itself.)"""
    held = HeldBack()
    with answering_ctrl_c(held.handle):
        yield held
