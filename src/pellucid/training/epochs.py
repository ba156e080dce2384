"""Run epochs until there is a reason to stop."""

from __future__ import annotations

from collections.abc import Callable

from pellucid.engines.reference import ReferenceEngine
from pellucid.maths.notices import warn
from pellucid.training.iterations import IterationStepper
from pellucid.training.observer import Observer
from pellucid.training.stepper import BatchStepper


def run_to_end(
    stepper: BatchStepper | IterationStepper,
    observer: Observer,
    planned: int,
    max_updates: int | None,
    interrupted: Callable[[], bool],
) -> str:
    """Train until `planned` epochs or `max_updates` updates are done, a callback or the optimizer stops the run, or
    Ctrl-C; return the reason. A partial epoch of a continued run is finished first.
    """
    n_batches = stepper.n_batches
    if observer.out_of_patience():
        return "stopped"
    while stepper.epochs < planned:
        done = stepper.epochs * n_batches + stepper.batches
        left = None if max_updates is None else max_updates - done
        if left is not None and left <= 0:
            break
        if isinstance(stepper, IterationStepper):
            ended = _run_iteration(stepper, observer, interrupted)
        elif stepper.batches or (left is not None and left < n_batches):
            ended = _run_part(stepper, observer, n_batches if left is None else left, interrupted)
        else:
            most = planned - stepper.epochs if left is None else min(planned - stepper.epochs, left // n_batches)
            ended = _run_whole(stepper, observer, most, interrupted)
        if ended:
            return ended
    if max_updates is not None and stepper.epochs < planned:
        observer.run.stop(f"max_updates: {max_updates} updates are done", ending="completed")
    return "completed"


def _run_whole(stepper: BatchStepper, observer: Observer, most: int, interrupted: Callable[[], bool]) -> str:
    """As many epochs as can pass until validation, early stopping or a callback; why the run is to end, or ""."""
    ahead = 1 if stepper.watches_loss else min(observer.epochs_until_callback(), stepper.epochs_per_call)
    results, rates = stepper.run_epochs(int(min(ahead, most)), observer.run.rate_factor, interrupted)
    if rates is None or not len(results):
        return "interrupted"
    ended = observer.after_epochs(results, rates, stepper.before, measured_before=stepper.measured_before)
    error = stepper.check()
    if error is not None:
        raise error
    return "stopped" if ended else ""


def _run_iteration(stepper: IterationStepper, observer: Observer, interrupted: Callable[[], bool]) -> str:
    """One iteration of a rule that may end by itself; why the run is to end, or ""."""
    seen = stepper.run_batches(1, observer.run.rate_factor, interrupted)
    if seen is None:
        if stepper.ended and not len(observer.run.history):
            # Converged, or not finite, at the start: the history still gets the current numbers.
            observer.after_epoch(stepper.measure(), None)
        return stepper.ended or "interrupted"
    if observer.after_epoch(seen, None):
        return "stopped"
    return stepper.ended if stepper.epochs < observer.run.epochs else ""


def _run_part(stepper: BatchStepper, observer: Observer, count: int, interrupted: Callable[[], bool]) -> str:
    """Run some batches, up to the end of the current epoch; return the reason to stop, or ""."""
    seen = stepper.run_batches(count, observer.run.rate_factor, interrupted)
    if seen is None:
        return "interrupted"
    if stepper.batches:
        observer.after_part(seen, stepper.rate)
        return ""
    return "stopped" if observer.after_epoch(stepper.part or seen, stepper.last_rate) else ""


def check_movement(stepper: BatchStepper | IterationStepper, stacklevel: int) -> None:
    """Warn if a rule has not changed θ in a run that was too short for an error."""
    if isinstance(stepper, IterationStepper):
        if stepper.idle_words:
            warn(stepper.idle_words, stacklevel=stacklevel)
        return
    engine = stepper.engine
    if isinstance(engine, ReferenceEngine) and engine.movement.idle > 1:
        warn(engine.movement.words, stacklevel=stacklevel)
