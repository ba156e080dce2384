"""Illnesses that only the history shows: a rate too high or too low, a run that is not finished, overfitting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor import units
from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.trials import penalty_of
from pellucid.explanation.doctor.words import Remedy
from pellucid.training.history import History

FEWEST_EPOCHS = 10
UNFINISHED = 0.04
"""Of all that the loss fell, the share in its last fifth from which a run counts as unfinished."""
HUGE = 1e30
GOOD_ENOUGH = 0.95
"""An accuracy or R² from which on a loss that still falls is no complaint."""


def rate_too_high(case: Case) -> Iterator[Finding]:
    """The loss rises, or jumps up and down."""
    losses, rate = _losses(case)
    if losses is None or rate is None:
        return
    start, end, best = float(losses[0]), float(losses[-1]), float(losses.min())
    late = losses[len(losses) // 2 :]
    jumps = np.diff(late)
    jump = float(np.median(np.abs(jumps)))
    swings = float((np.sign(jumps[1:]) != np.sign(jumps[:-1])).mean()) if len(jumps) > 1 else 0.0
    what = ""
    if end > start * 1.05 and end - best > 0.05 * abs(start):
        what = f"The loss rose from {start:.4g} to {end:.4g} in {len(losses)} epochs (its lowest was {best:.4g})."
    elif not _noisy_by_dropout(case) and swings > 0.4 and jump > 0.03 * min(abs(start), _guessing(case)):
        what = (
            f"In the second half of the run the loss jumps by {jump:.3g} from epoch to epoch, and turns round in "
            f"{swings:.0%} of them (it began at {start:.4g})."
        )
    if what:
        yield case.finding(
            "rate too high",
            f"{what} The rate is {rate:.3g}.",
            "Each step goes past the bottom of the valley and up the other side.",
            Remedy("learning rate", rate / 10),
            Remedy("learning rate", rate / 3),
        )


def rate_too_low(case: Case) -> Iterator[Finding]:
    """The loss falls evenly, and hardly at all."""
    losses, rate = _losses(case)
    if losses is None or rate is None:
        return
    fall = float(losses[0] - losses[-1])
    tenth = max(2, len(losses) // 10)
    first, last = float(losses[0] - losses[tenth - 1]), float(losses[-tenth] - losses[-1])
    even = (np.diff(losses) < 0).mean() > 0.9
    if any(units.saturated(case)) or any(units.dead(case)):
        return  # units that pass no gradient learn slowly at any rate
    if 0 < fall < 0.1 * abs(float(losses[0])) and even and last > 0.5 * first:
        yield case.finding(
            "rate too low",
            f"The loss fell by only {fall / abs(float(losses[0])):.1%} in {len(losses)} epochs, as fast at the end as "
            f"at the start. The rate is {rate:.3g}.",
            "The steps are so short that the surface looks like a plane; at this speed the bottom is far away.",
            Remedy("learning rate", rate * 10),
        )


def not_finished(case: Case) -> Iterator[Finding]:
    """The loss still falls in the last epochs, by more than a run that is done would."""
    losses, rate = _losses(case)
    history = case.history
    if losses is None or rate is None or history is None or history.ending not in ("", "completed"):
        return
    if len(losses) < 2 * FEWEST_EPOCHS or any(rate_too_low(case)) or any(rate_too_high(case)):
        return
    if max(history["metric"][-5:]) >= GOOD_ENOUGH:
        return
    if case.trials is not None and case.trials.possible and not case.trials.signal:
        return  # more of it would be noise by heart
    losses = _smoothed(losses)
    fifth = max(2, len(losses) // 5)
    drop, whole = float(losses[-fifth] - losses[-1]), float(losses[0] - losses[-1])
    left = float(losses[-1])
    if drop <= 0 or whole <= 0:
        return
    # How far it fell in the last fifth, beside all that it fell, and beside what is left to fall.
    if drop > UNFINISHED * whole and drop > UNFINISHED * left and float(losses[-1]) > 0.02 * float(losses[0]):
        if history.has_validation and _rises_at_the_end(history):
            return  # more of the same would be learned by heart
        yield case.finding(
            "not finished",
            f"In the last {fifth} of {len(losses)} epochs the loss still fell from {losses[-fifth]:.4g} to "
            f"{losses[-1]:.4g}.",
            "The run ended on its way down: what it reaches is still before it.",
            Remedy("epochs", 4 * len(losses)),
            Remedy("learning rate", rate * 3),
        )


def near_overflow(case: Case) -> Iterator[Finding]:
    """Numbers that are finite, and so large that the next step will not be."""
    if case.history is None or not len(case.history):
        return
    losses = np.array(case.history["loss"], dtype=np.float64)
    largest = float(np.nanmax(np.where(np.isfinite(losses), losses, np.nan), initial=0.0))
    if largest > HUGE and np.isfinite(losses).all():
        rate = case.history["rate"][-1]
        yield case.finding(
            "numbers about to overflow",
            f"The loss reached {largest:.3g} in epoch {int(losses.argmax()) + 1}.",
            "The largest number there is has 308 digits; a few steps more, and all turns into infinity and NaN.",
            *([] if rate is None else [Remedy("learning rate", min(rate / 100, 0.01))]),
            text="scale inputs and targets",
        )


def overfitting(case: Case) -> Iterator[Finding]:
    """The validation loss has turned round while the training loss goes on falling."""
    history = case.history
    if history is None or len(history) < FEWEST_EPOCHS or not history.has_validation:
        return
    if history.best_epoch is not None:
        return  # early stopping has given the best parameters back
    if any(rate_too_high(case)):
        return  # a validation loss that jumps with all the rest turns round everywhere
    watched = np.array(history["validation_loss"], dtype=np.float64)
    losses = np.array(history["loss"], dtype=np.float64)
    if not (np.isfinite(watched).all() and np.isfinite(losses).all()):
        return
    watched, losses = _smoothed(watched), _smoothed(losses)  # one lucky epoch is no turning point
    best = int(watched.argmin())
    since = len(watched) - 1 - best
    late = float(np.median(watched[-max(1, since // 4) :])) if since else float(watched[-1])
    turned = late > 1.15 * float(watched[best]) and late - watched[best] > 0.02 * abs(float(watched[0]))
    epoch = best + 1
    if since >= 5 and turned and losses[-1] < losses[best]:
        yield case.finding(
            "overfitting",
            f"Since epoch {epoch} the validation loss has risen from {watched[best]:.4g} to {late:.4g}, while the "
            f"training loss fell from {losses[best]:.4g} to {losses[-1]:.4g}.",
            "The network learns its training rows by heart, and gets worse on all others.",
            Remedy("early stopping"),
            Remedy("l2", 10 * (penalty_of(case.penalty) or 0.001)),
            text="more data",
        )


def _noisy_by_dropout(case: Case) -> bool:
    """Whether the training loss jumps because other units are silent in each step."""
    return any(spec.dropout >= 0.3 for spec in case.network.specs)


def _rises_at_the_end(history: History) -> bool:
    watched = _smoothed(np.array(history["validation_loss"], dtype=np.float64))
    fifth = max(2, len(watched) // 5)
    return bool(watched[-1] >= watched[-fifth])


def _smoothed(values: np.ndarray) -> np.ndarray:
    """The median of each epoch and the two on either side."""
    padded = np.pad(values, 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)


def _guessing(case: Case) -> float:
    """The loss of one who answers every class alike, where that is known: ln k; else infinite."""
    if case.network.loss.name == "cross_entropy":
        return float(np.log(case.network.n_outputs))
    return float(np.log(2) * case.network.n_outputs) if case.network.loss.task == "classification" else np.inf


def _losses(case: Case) -> tuple[np.ndarray | None, float | None]:
    """The training losses of a run that was long enough, and its last rate."""
    history = case.history
    if history is None or len(history) < FEWEST_EPOCHS:
        return None, None
    losses = np.array(history["loss"], dtype=np.float64)
    return (losses, history["rate"][-1]) if np.isfinite(losses).all() else (None, None)
