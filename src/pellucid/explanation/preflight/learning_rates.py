"""The steps "learning rate" and "rate not at an edge": a range test of rates a factor √10 apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from pellucid.explanation.preflight.result import Outcome, Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.optimizers import FirstOrder

RATE_RATIO = 10**0.5
"""Ratio of consecutive rates."""

RATES_PER_SIDE = 4
"""Rates tested on each side of the given one, at first."""

MAX_EXTENSIONS = 12
"""Largest number of further rates."""

MIN_PROGRESS = 0.2
"""Smallest decrease of the loss by a rate, relative to that by the best rate."""


def learning_rates(trial: Trial) -> Iterator[Verdict]:
    """Test rates on both sides of the given one; the best must have a worse one on each side."""
    rule = trial.rule
    if not isinstance(rule, FirstOrder):
        yield Verdict("learning rate", "not applicable", f"{rule.name} has none")
        yield Verdict("rate not at an edge", "not applicable", f"{rule.name} has none")
        return
    start = trial.loss(trial.network, trial.data)
    losses = {k: _after(trial, rule, k) for k in range(-RATES_PER_SIDE, RATES_PER_SIDE + 1) if not trial.interrupted()}
    for _ in range(
        MAX_EXTENSIONS
    ):  # until the best has a worse one on each side, and a rate that is too large is known
        best = min(losses, key=lambda k: (losses[k], k))
        if best == min(losses):
            losses[best - 1] = _after(trial, rule, best - 1)
        elif all(_went_well(loss, start) for loss in losses.values()) or best == max(losses):
            losses[max(losses) + 1] = _after(trial, rule, max(losses) + 1)
        else:
            break
    best = min(losses, key=lambda k: (losses[k], k))
    gained = start - losses[best]
    if gained <= 1e-3 * abs(start):
        what = (
            f"no rate of {_rate(rule, min(losses)):.2g} to {_rate(rule, max(losses)):.2g} lowers the loss {start:.4g}"
        )
        outcome: Outcome = "cannot be told" if start < 1e-3 else "FAILED"
        yield Verdict("learning rate", outcome, what, "See the other steps for the reason.")
        yield Verdict("rate not at an edge", "cannot be told", "there is no best rate")
        return
    trial.best_rate = _rate(rule, best)
    yield _verdict_on_rate(rule, losses, best, start, trial.updates)
    inner = min(losses) < best < max(losses)
    what = f"best {trial.best_rate:.2g} of {_rate(rule, min(losses)):.2g} to {_rate(rule, max(losses)):.2g}"
    advice = "" if inner else f"Try rates beyond {trial.best_rate:.2g}: the best tested rate is the last on its side."
    yield Verdict("rate not at an edge", "ok" if inner else "FAILED", what, advice)


def _verdict_on_rate(rule: FirstOrder, losses: dict[int, float], best: int, start: float, updates: int) -> Verdict:
    """The given rate, number 0, compared with the other tested rates."""
    yours, best_rate = rule.learning_rate, _rate(rule, best)
    too_large = [k for k in sorted(losses) if k > best and not _went_well(losses[k], start)]
    edge = f"; {_rate(rule, too_large[0]):.2g} is too large" if too_large else ""
    what = (
        f"{yours:.2g} ends at {losses[0]:.4g} after {updates} updates; best {best_rate:.2g} at {losses[best]:.4g}{edge}"
    )
    if too_large and too_large[0] <= 0:
        return Verdict("learning rate", "FAILED", what, f"It is too large: try {best_rate:.2g}.")
    gained = (start - losses[0]) / (start - losses[best])
    if best > 0 and gained < MIN_PROGRESS:
        longer = "or train for more epochs, or in smaller batches"
        return Verdict(
            "learning rate", "FAILED", what, f"It is too small for so few updates: try {best_rate:.2g}, {longer}."
        )
    return Verdict("learning rate", "ok", what)


def _rate(rule: FirstOrder, k: int) -> float:
    """Rate number k; 0 is the given rate."""
    return rule.learning_rate * RATE_RATIO**k


def _after(trial: Trial, rule: FirstOrder, k: int) -> float:
    """The loss after a training with rate number k."""
    _, loss = trial.train(replace(rule, learning_rate=_rate(rule, k)), trial.data)
    return loss if math.isfinite(loss) else math.inf


def _went_well(loss: float, start: float) -> bool:
    return math.isfinite(loss) and loss <= 1.2 * start
