"""Ctrl-C: the first one ends the run after the batch at hand, a second one breaks it off."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class TrainingInterruptedWarning(UserWarning):
    """Ctrl-C ended a run; what was learned until then is kept."""


class Interruption:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self) -> bool:
        """Whether to end."""
        return self.requested

    def handle(self, signal_number: int, frame: FrameType | None) -> None:
        """Note the first signal; on the second, raise KeyboardInterrupt as Python would."""
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Within, Ctrl-C sets a flag, so that no update is cut in half. Signals reach the main thread only; in any other
    thread, and where a program has taken over SIGINT without Python (a handler of None), the flag stays down.
    """
    interruption = Interruption()
    with answering_ctrl_c(interruption.handle):
        yield interruption


@contextmanager
def answering_ctrl_c(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Within, `handle` answers Ctrl-C, where this is the main thread and Python has the signal."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
