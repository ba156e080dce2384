"""A progress bar for runs of more than a second."""

from __future__ import annotations

import math
import sys
import time
from typing import IO, TYPE_CHECKING, Self, cast

from pellucid.maths.notices import PatientStream, is_terminal
from pellucid.training.callbacks import Callback, Run

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

DELAY_SECONDS = 1.0
"""Runs that are shorter show nothing."""

REFRESH_SECONDS = 0.1


class ProgressBar(Callback):
    """Epochs done, time left, loss and validation loss, on standard error; nothing in the first second.

    rich is imported only if something is shown.
    """

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._began = self._next = 0.0

    def epochs_until_callback(self, run: Run) -> float:
        """Any number: engines return to Python often enough for a progress bar."""
        return math.inf

    def on_fit_begin(self, run: Run) -> None:
        """Start measuring the time."""
        self._began = time.perf_counter()
        self._next = self._began + DELAY_SECONDS

    def on_epoch_end(self, run: Run) -> None:
        """Update the bar, at most ten times per second."""
        now = time.perf_counter()
        if now < self._next:
            return
        self._next = now + REFRESH_SECONDS
        if self._progress is None:
            self._start(run)
        self._show(run)

    def on_fit_end(self, run: Run) -> None:
        """Show the final state, and leave it on the screen."""
        self._show(run)
        self.close()

    def close(self) -> None:
        """Restore the terminal; also called after an error."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("training"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(compact=True),
            console=Console(file=cast(IO[str], PatientStream(sys.stderr))),
        )
        self._task = self._progress.add_task("training", total=run.epochs, numbers="")
        self._progress.start()

    def _show(self, run: Run) -> None:
        if self._progress is None or self._task is None or not len(run.history):
            return
        last = run.history.last
        numbers = f"loss {last['loss']:.4g}"
        if last["validation_loss"] is not None:
            numbers += f" · validation {last['validation_loss']:.4g}"
        self._progress.update(self._task, completed=len(run.history), numbers=numbers)


class Steps:
    """Shows the current step of several on standard error, after the first second; cleared at the end."""

    def __init__(self, title: str, progress: bool | None) -> None:
        self._title, self._wanted = title, wants_progress(progress)
        self._progress: Progress | None = None
        self._began = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, step: str) -> None:
        """Show the step that begins."""
        if not self._wanted or time.perf_counter() - self._began < DELAY_SECONDS:
            return
        text = f"{self._title}: {step}"
        if self._progress is None:
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            console = Console(file=cast(IO[str], PatientStream(sys.stderr)))
            if not console.is_terminal:  # a log: print lines
                console.print(f"{text} …", markup=False, highlight=False)
                return
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._progress = Progress(*columns, console=console, transient=True)
            self._task = self._progress.add_task("")
            self._progress.start()
        self._progress.update(self._task, description=text)


def wants_progress(progress: bool | None) -> bool:
    """Resolve `progress=None`: True if standard error is a terminal."""
    return is_terminal(sys.stderr) if progress is None else progress
