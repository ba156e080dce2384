"""How good predictions for the held-out rows are, and which of two models is better by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.maths.percent import percent
from pellucid.models.encoded_table import Floats, Parts
from pellucid.models.scores import class_scores, log_losses, value_scores
from pellucid.tables.errors import quoted
from pellucid.tables.tasks import Task

SKEWED = 0.9
"""A class with more than this share of the rows makes accuracy say nothing: always naming it is right that often."""

MIN_DIFFERENT_ROWS = 6


@dataclass(frozen=True)
class Scores:
    """The scores of a model on the held-out rows: an error for each row, of which the mean counts, and figures to show.

    For a class, an error is 1 where it is wrong (by balanced accuracy: times a weight that makes all classes count the
    same), `log_losses` are −log of the probability of the true class; for a value, the squared error.
    """

    name: str
    errors: Floats
    figures: dict[str, float]
    log_losses: Floats | None = None


@dataclass(frozen=True)
class Evaluator:
    """Evaluates models on the same rows: the true targets, the figure that counts, and the reason if it is unusual."""

    y: Floats
    weight: Floats
    figure: str
    reason: str = ""

    @classmethod
    def of(cls, task: Task, parts: Parts, *, weighted: bool) -> Evaluator:
        """For the held-out rows; `weighted` says that the classes had weights in training."""
        y = np.asarray(task.y[parts.test], dtype=np.float64)
        if not task.classifies:
            return cls(y, np.ones(len(y)), "R²")
        counts = np.bincount(task.y[parts.train_valid].astype(np.int64))
        share = counts.max() / counts.sum()
        if share <= SKEWED and not weighted:
            return cls(y, np.ones(len(y)), "accuracy")
        of_class = np.bincount(y.astype(np.int64), minlength=len(task.classes))
        weight = len(y) / (np.count_nonzero(of_class) * of_class[y.astype(np.int64)])
        commonest = quoted(task.classes[int(counts.argmax())], longest=30)
        reason = f"{percent(share)} of the rows are {commonest}" if share > SKEWED else "--class-weight was given"
        return cls(y, weight, "balanced accuracy", reason)

    def evaluate_classes(self, name: str, predicted: Floats, probabilities: Floats) -> Scores:
        """The shares of rows, and of each class on average, that are found; and the log loss."""
        wrong = (predicted != self.y).astype(np.float64)
        figures = class_scores(self.y, predicted, probabilities)
        return Scores(name, wrong * self.weight, figures, log_losses(self.y, probabilities))

    def evaluate_values(self, name: str, predicted: Floats) -> Scores:
        """R² and the root of the mean squared error."""
        return Scores(name, (predicted - self.y) ** 2, value_scores(self.y, predicted))


def clear_difference(first: Scores, second: Scores) -> int:
    """Which model is better on the held-out rows: 1 the first, -1 the second, 0 where chance may have decided.

    Both are judged by the same rows, so it is the differences of their errors, row by row, that count. Their mean is
    clear of zero when it is more than two of its standard errors away, and when there are enough rows that differ: a
    coin that falls the same way `MIN_DIFFERENT_ROWS` times is the first to be odd at the level of 5 in 100.
    """
    return _clear(second.errors - first.errors)


def lower_log_loss(first: Scores, second: Scores) -> bool:
    """Whether the probabilities of the first are clearly better than those of the second, by their log loss."""
    if first.log_losses is None or second.log_losses is None:
        return False
    return _clear(second.log_losses - first.log_losses) > 0


def _clear(difference: Floats) -> int:
    if np.count_nonzero(difference) < MIN_DIFFERENT_ROWS:
        return 0
    mean = float(difference.mean())
    standard_error = float(difference.std(ddof=1)) / np.sqrt(len(difference))
    return int(np.sign(mean)) if abs(mean) > 2 * standard_error else 0
