"""Ctrl-C while there is a result to be shown: it waits, or ends only what can be left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pellucid.training.interruption import answering_ctrl_c

MOST_PATIENCE = 3
"""Presses of Ctrl-C after which it is obeyed at once, whatever is lost."""


class HeldBack:
    """How often Ctrl-C was pressed while it had to wait."""

    def __init__(self) -> None:
        self.pressed = 0
        self._through = False

    @contextmanager
    def let_through(self) -> Iterator[None]:
        """Within, Ctrl-C raises KeyboardInterrupt; at once if it has been pressed already."""
        self._through = True
        try:
            if self.pressed:
                raise KeyboardInterrupt
            yield
        finally:
            self._through = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note it, and obey it where it may be obeyed."""
        self.pressed += 1
        if self._through or self.pressed >= MOST_PATIENCE:
            raise KeyboardInterrupt


@contextmanager
def held_back() -> Iterator[HeldBack]:
    """Within, Ctrl-C waits: what was learned is on its way to be shown. (A fit answers it by itself.)"""
    held = HeldBack()
    with answering_ctrl_c(held.handle):
        yield held
