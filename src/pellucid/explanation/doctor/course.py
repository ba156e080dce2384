"""Illnesses that only the history shows: a rate too high or too low, overfitting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding

FEWEST_EPOCHS = 10


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
    elif swings > 0.4 and jump > 0.03 * min(abs(start), _guessing(case)):
        what = (
            f"In the second half of the run the loss jumps by {jump:.3g} from epoch to epoch, and turns round in "
            f"{swings:.0%} of them (it began at {start:.4g})."
        )
    if what:
        yield Finding(
            "rate too high",
            what,
            "Each step goes past the bottom of the valley and up the other side.",
            f"a learning rate of {rate / 3:.2g} or {rate / 10:.2g} (now {rate:.3g}), a schedule that lowers it, or "
            "reduction='mean' if you chose 'sum'.",
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
    if 0 < fall < 0.1 * abs(float(losses[0])) and even and last > 0.5 * first:
        yield Finding(
            "rate too low",
            f"The loss fell by only {fall / abs(float(losses[0])):.1%} in {len(losses)} epochs, as fast at the end as "
            "at the start.",
            "The steps are so short that the surface looks like a plane; at this speed the bottom is far away.",
            f"a learning rate of {rate * 10:.2g} (now {rate:.3g}), or adam.",
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
    epoch = history["epoch"][best] + 1
    if since >= 5 and turned and losses[-1] < losses[best]:
        yield Finding(
            "overfitting",
            f"Since epoch {epoch} the validation loss has risen from {watched[best]:.4g} to {late:.4g}, while the "
            f"training loss fell from {losses[best]:.4g} to {losses[-1]:.4g}.",
            "The network learns its training rows by heart, and gets worse on all others.",
            "early_stopping=True, a penalty (L2(0.001) or more), dropout, fewer units, or more data.",
        )


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
