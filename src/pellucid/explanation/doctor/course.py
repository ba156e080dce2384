"""Problems that only the history shows: a rate too high or too low, an unfinished run, overfitting."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.data import baseline_loss
from pellucid.explanation.doctor.remedies import Remedy
from pellucid.explanation.doctor.settings import falls_short

MIN_EPOCHS = 10
"""Epochs needed to judge the learning rate or overfitting."""

MIN_EPOCHS_UNFINISHED = 3
"""Epochs needed to see that the loss is still falling."""

NOISY_DROPOUT = 0.3
"""Dropout from which on the loss fluctuates between epochs because of the masks alone."""

STILL_FALLING = 0.03, 0.08
"""A run is unfinished if its last fifth lowered the loss by these shares of the baseline loss and of the last loss."""

MIN_EPOCHS_PLATEAU = 20
"""Epochs needed before a loss that hardly falls counts as a plateau."""

STILL_FALLING_UNDERFIT = 0.012, 0.02
"""The same while the network still underfits."""


def rate_too_high(case: Case) -> Iterator[Finding]:
    """The loss rises or oscillates."""
    losses, rate = _losses(case)
    if losses is None or rate is None:
        return
    start, end, best = float(losses[0]), float(losses[-1]), float(losses.min())
    curve = losses
    if max((spec.dropout for spec in case.network.specs), default=0.0) >= NOISY_DROPOUT:
        watched = np.array(case.history["validation_loss"] if case.history else [], dtype=np.float64)
        curve = watched if len(watched) and np.isfinite(watched).all() else losses[:0]
    late = curve[len(curve) // 2 :]
    jumps = np.diff(late)
    jump = float(np.median(np.abs(jumps))) if len(jumps) else 0.0
    swings = float((np.sign(jumps[1:]) != np.sign(jumps[:-1])).mean()) if len(jumps) > 1 else 0.0
    chance = baseline_loss(case)
    # A loss that stays above that of a constant prediction: the first steps were far too long.
    overshot = case.network.loss.task == "classification" and (
        (end > 1.5 * chance and best > chance and swings > 0.3) or (rate > 5 and start > 1.2 * chance)
    )
    what = ""
    if end > start + 0.05 * abs(start) and end - best > 0.05 * abs(start):
        what = f"The loss rose from {start:.4g} to {end:.4g} in {len(losses)} epochs (its lowest was {best:.4g})."
    elif overshot:
        what = (
            f"After {len(losses)} epochs the loss is {end:.4g}, and was never below {best:.4g}; a constant prediction "
            f"gives {chance:.4g}."
        )
    elif swings > 0.4 and jump > 0.03 * min(abs(start), chance):
        what = (
            f"In the second half of the run the loss changes by {jump:.3g} from epoch to epoch, and changes direction "
            f"in {swings:.0%} of them (it began at {start:.4g})."
        )
    if what:
        yield Finding(
            "rate too high",
            f"{what} The rate is {rate:.3g}.",
            "Each step overshoots the minimum.",
            (Remedy("learning_rate", rate / (100 if rate >= 1 else 10)),),
            {"first loss": start, "last loss": end, "lowest loss": best, "rate": rate},
        )


def rate_too_low(case: Case) -> Iterator[Finding]:
    """The loss falls steadily, but hardly at all."""
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
            f"at the start; the rate is {rate:.3g}.",
            "The steps are so short that the loss falls linearly; at this speed the minimum is far away.",
            (Remedy("learning_rate", _sufficient_rate(losses, rate)),),
            {"fall": fall / abs(float(losses[0])), "rate": rate},
        )


def _sufficient_rate(losses: np.ndarray, rate: float) -> float:
    """The rate, raised by a power of ten, at which the loss would have fallen by about three times its value."""
    fall = float(losses[0] - losses[-1])
    times = 3 * abs(float(losses[-1])) / max(fall, 1e-300)
    return float(min(max(rate * 10.0 ** math.ceil(math.log10(times)), rate * 10), max(rate * 10, 0.5)))


def not_finished(case: Case) -> Iterator[Finding]:
    """The loss was still falling when the planned epochs ended."""
    history = case.history
    if history is None or len(history) < MIN_EPOCHS_UNFINISHED:
        return
    if history.ending in ("early stopping", "converged", "gave up"):
        return
    if history.best_epoch is not None and history.best_epoch < 0.8 * len(history):
        return
    losses = np.array(history["loss"], dtype=np.float64)
    if not np.isfinite(losses).all():
        return
    part = max(min(2, len(losses) - 1), len(losses) // 5)
    short = falls_short(case, unsure=True) is not None
    thresholds = STILL_FALLING_UNDERFIT if short else STILL_FALLING
    if short and len(losses) < MIN_EPOCHS_PLATEAU:
        thresholds = 0.001, 0.002
    fall = _fall(losses, part)
    end = float(np.median(losses[-max(1, part // 2) :]))
    chance = baseline_loss(case) if case.classes is not None else min(baseline_loss(case), abs(float(losses[0])))
    if not fall > max(thresholds[0] * chance, thresholds[1] * end) or case.accuracy == 1:
        return
    validation = ""
    if history.has_validation:
        watched = np.array(history["validation_loss"], dtype=np.float64)
        fell = _fall(watched, part)
        if not np.isfinite(fell) or fell <= 0.5 * thresholds[0] * chance:
            return  # more epochs would fit the training rows alone
        validation = f", and the validation loss by {fell:.3g}"
    more = (20 if short else 8) * end / (fall / part)
    epochs = _rounded(max((20 if len(losses) < 50 else 8) * len(losses), len(losses) + more))
    rate = history["rate"][-1]
    remedies = [Remedy("epochs", epochs)]
    yield Finding(
        "not finished",
        f"In the last {part} of {len(losses)} epochs the loss still fell by {fall:.3g}, to {float(losses[-1]):.4g}"
        f"{validation}; the run stopped because the planned number of epochs was reached.",
        "The network has not learned yet what it can."
        + ("" if rate is None else f" (A rate above {rate:.3g} gets there in fewer epochs, if it does not jump.)"),
        tuple(remedies),
        {"fall": fall, "last loss": float(losses[-1]), "epochs": len(losses)},
    )


def _fall(losses: np.ndarray, part: int) -> float:
    """Decrease of the loss over the last `part` epochs, between medians to reduce noise."""
    if part < 4:
        return float(losses[-part - 1] - losses[-1])
    near = max(1, part // 2)
    last, before = losses[-near:], losses[-part - near : -part] if len(losses) >= part + near else losses[:near]
    return float(np.median(before) - np.median(last))


def _rounded(epochs: float) -> int:
    """Round up to two significant digits."""
    step = 10 ** max(0, math.floor(math.log10(epochs)) - 1)
    return int(math.ceil(epochs / step) * step)


def overfitting(case: Case) -> Iterator[Finding]:
    """The validation loss rises while the training loss keeps falling."""
    history = case.history
    if history is None or len(history) < MIN_EPOCHS or not history.has_validation:
        return
    if history.best_epoch is not None:
        return  # early stopping has restored the best parameters
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
            "The network memorises its training rows and gets worse on new ones. (A penalty, dropout, fewer units or "
            "more rows help, too.)",
            (Remedy("early_stopping"),),
            {"lowest": float(watched[best]), "last": late, "epoch": epoch},
        )


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Running median over five epochs."""
    padded = np.pad(values, 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)


def _losses(case: Case) -> tuple[np.ndarray | None, float | None]:
    """The training losses and the last rate of a run of at least `MIN_EPOCHS` epochs; else None."""
    history = case.history
    if history is None or len(history) < MIN_EPOCHS:
        return None, None
    losses = np.array(history["loss"], dtype=np.float64)
    return (losses, history["rate"][-1]) if np.isfinite(losses).all() else (None, None)
