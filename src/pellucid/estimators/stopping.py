"""scikit-learn's rule for when to end, with its words, as a callback of the training loop.

An epoch improves if its training loss is lower than the best so far by at least `tol` or, with early stopping, if its
validation score is higher than the best so far by at least `tol`. After more than `patience` epochs in a row without,
the run ends ('adaptive': the learning rate is divided by 5 first, until it is 10⁻⁶). Unlike `pellucid.EarlyStopping`,
the best is the best whether or not it is better by `tol`, and the run ends one epoch later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pellucid.estimators.clock import Clock
from pellucid.training.callbacks import Callback, Run

SMALLEST_RATE = 1e-6
LOWERED_BY = 5.0

Score = Callable[[Run], float]


@dataclass(frozen=True)
class Patience:
    """What the rule is told: see `n_iter_no_change`, `tol`, `learning_rate` and `early_stopping` of the estimators."""

    epochs: float
    tol: float
    adaptive: bool
    watch_score: bool


class StoppingRule(Callback):
    """Keeps count in the estimator's clock, so that the next call goes on counting.

    Attributes
    ----------
    scores : list of float
        Of the run's epochs, where there is validation data.
    run : Run
        The run it was told of last.
    """

    def __init__(self, patience: Patience, clock: Clock, score: Score | None, say: Callable[[str], None]) -> None:
        self._patience, self._clock, self._score, self._say = patience, clock, score, say
        self.scores: list[float] = []
        self.run: Run | None = None

    def on_fit_begin(self, run: Run) -> None:
        """Go on at the learning rate that is left."""
        self.run = run
        run.rate_factor = self._clock.rate_factor

    def on_epoch_end(self, run: Run) -> None:
        """Count, say what happened, and end the run or lower the rate where patience is at an end."""
        clock, patience = self._clock, self._patience
        loss = float(run.history["objective"][-1])
        self._say(f"Iteration {run.epoch + 1}, loss = {loss:.8f}")
        score = self._take_score(run)
        if patience.watch_score and score is not None:
            improved = score >= clock.best_score + patience.tol
        else:
            improved = loss <= clock.best_loss - patience.tol
        clock.best_loss = min(clock.best_loss, loss)
        if score is not None and score > clock.best_score:
            clock.best_score = score
            clock.best_theta = run.network.theta.copy()
        clock.waited = 0 if improved else clock.waited + 1
        if clock.waited > patience.epochs:
            self._out_of_patience(run)

    def _take_score(self, run: Run) -> float | None:
        if self._score is None:
            return None
        score = self._score(run)
        self.scores.append(score)
        self._say(f"Validation score: {score:f}")
        return score

    def _out_of_patience(self, run: Run) -> None:
        patience = self._patience
        what = "Validation score" if patience.watch_score else "Training loss"
        reason = f"{what} did not improve more than tol={patience.tol:f} for {patience.epochs:.0f} consecutive epochs."
        rate = run.history["rate"][-1]
        if not patience.adaptive or rate is None:
            self._say(f"{reason} Stopping.")
            run.stop(reason)
        elif rate <= SMALLEST_RATE:
            self._say(f"{reason} Learning rate too small. Stopping.")
            run.stop(reason)
        else:
            run.rate_factor /= LOWERED_BY
            self._clock.rate_factor = run.rate_factor
            self._clock.waited = 0
            self._say(f"{reason} Setting learning rate to {rate / LOWERED_BY:f}")

    def diverged(self) -> None:
        """Note an epoch that blew up: it has no score."""
        if self._score is not None:
            self.scores.append(math.nan)
