"""scikit-learn's stopping rule, with its messages, as a callback of the training loop.

An epoch is an improvement if its training loss is lower than the best so far by at least `tol` or, with early stopping,
if its validation score is higher than the best so far by at least `tol`. After more than `patience` consecutive epochs
without an improvement the run ends ('adaptive': the learning rate is first divided by 5, until it is 10⁻⁶). Unlike in
`pellucid.EarlyStopping`, the best value is updated also if it is better by less than `tol`, and the run ends one epoch
later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pellucid.estimators.progress import FitProgress
from pellucid.training.callbacks import Callback, Run

MIN_RATE = 1e-6
LOWERED_BY = 5.0

Score = Callable[[Run], float]


@dataclass(frozen=True)
class Patience:
    """Options of the rule: `n_iter_no_change`, `tol`, `learning_rate` and `early_stopping` of the estimators."""

    epochs: float
    tol: float
    adaptive: bool
    watch_score: bool


class StoppingRule(Callback):
    """The rule; it counts in the estimator's `FitProgress`, so that the next call continues to count.

    Attributes
    ----------
    scores : list of float
        Validation scores of the epochs of this run, if there is validation data.
    run : Run
        The last run.
    """

    def __init__(
        self, patience: Patience, progress: FitProgress, score: Score | None, say: Callable[[str], None] | None
    ) -> None:
        self._patience, self._progress, self._score, self._say = patience, progress, score, say
        self.scores: list[float] = []
        self.run: Run | None = None
        self._seen = 0

    def on_fit_begin(self, run: Run) -> None:
        """Continue with the current learning rate."""
        self.run = run
        run.rate_factor = self._progress.rate_factor

    def epochs_until_callback(self, run: Run) -> float:
        """The earliest end of patience; 1 if each epoch is scored or printed."""
        if self._score is not None or self._say is not None:
            return 1
        return max(1, self._patience.epochs + 1 - self._progress.waited)

    def on_epoch_end(self, run: Run) -> None:
        """Count the epochs since the last call; stop the run or lower the rate if patience is exhausted."""
        for loss in run.history["objective"][self._seen :]:
            self._seen += 1
            self._count(run, loss)

    def _count(self, run: Run, loss: float) -> None:
        progress, patience = self._progress, self._patience
        self._print(f"Iteration {self._seen}, loss = {loss:.8f}")
        score = self._take_score(run)
        if patience.watch_score and score is not None:
            improved = score >= progress.best_score + patience.tol
        else:
            improved = loss <= progress.best_loss - patience.tol
        progress.best_loss = min(progress.best_loss, loss)
        if score is not None and score > progress.best_score:
            progress.best_score = score
            progress.best_theta = run.network.theta.copy()
        progress.waited = 0 if improved else progress.waited + 1
        if progress.waited > patience.epochs:
            self._out_of_patience(run)

    def _take_score(self, run: Run) -> float | None:
        if self._score is None:
            return None
        score = self._score(run)
        self.scores.append(score)
        self._print(f"Validation score: {score:f}")
        return score

    def _out_of_patience(self, run: Run) -> None:
        patience = self._patience
        what = "Validation score" if patience.watch_score else "Training loss"
        reason = f"{what} did not improve more than tol={patience.tol:f} for {patience.epochs:.0f} consecutive epochs."
        rate = run.history["rate"][-1]
        if not patience.adaptive or rate is None:
            self._print(f"{reason} Stopping.")
            run.stop(reason, ending="early stopping")
        elif rate <= MIN_RATE:
            self._print(f"{reason} Learning rate too small. Stopping.")
            run.stop(reason, ending="early stopping")
        else:
            run.rate_factor /= LOWERED_BY
            self._progress.rate_factor = run.rate_factor
            self._progress.waited = 0
            self._print(f"{reason} Setting learning rate to {rate / LOWERED_BY:f}")

    def _print(self, words: str) -> None:
        if self._say is not None:
            self._say(words)

    def diverged(self) -> None:
        """Record that an epoch diverged: it has no score."""
        if self._score is not None:
            self.scores.append(math.nan)
