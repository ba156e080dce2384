"""Ctrl-C: the first one stops the run after the current batch, a second one aborts it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class TrainingInterruptedWarning(UserWarning):
    """Ctrl-C stopped a run; the current parameters are kept."""


class Interruption:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.requested = False

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.requested

    def handle(self, signal_number: int, frame: FrameType | None) -> None:
        """Set the flag on the first signal; on the second, raise KeyboardInterrupt as Python does."""
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Context manager in which Ctrl-C sets a flag, so that no update is applied partially. Signals reach only the main
    thread; in others, and if SIGINT has a handler outside Python (None), the flag is never set.
    """
    interruption = Interruption()
    with answering_ctrl_c(interruption.handle):
        yield interruption


@contextmanager
def answering_ctrl_c(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Context manager in which `handle` handles Ctrl-C, if this is the main thread and Python handles the signal."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
