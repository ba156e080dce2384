"""Scores of predictions for the held-out rows, and whether two models differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pellucid.maths.percent import percent
from pellucid.models.encoded_table import Floats, Parts
from pellucid.models.scores import class_scores, log_losses, value_scores
from pellucid.tables.errors import quoted
from pellucid.tables.tasks import Task

SKEWED = 0.9
"""Share of the most frequent class above which accuracy is uninformative: always predicting it is right that often."""

MIN_DIFFERING_ROWS = 6


@dataclass(frozen=True)
class Scores:
    """A model's errors on the held-out rows, one per row, and the scores to display.

    For a class, an error is 1 if it is wrong (for balanced accuracy: times a weight that gives all classes the same
    total weight), and `log_losses` are −log of the probability of the true class; for a value, it is the squared error.
    """

    name: str
    errors: Floats
    figures: dict[str, float]
    log_losses: Floats | None = None


@dataclass(frozen=True)
class Evaluator:
    """The true targets, and the score used to compare models, with a reason if it is not the usual one."""

    y: Floats
    weight: Floats
    figure: str
    reason: str = ""

    @classmethod
    def of(cls, task: Task, parts: Parts, *, weighted: bool) -> Evaluator:
        """Choose the score for the held-out rows; `weighted`: classes had weights in training."""
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
        """Accuracy, balanced accuracy and log loss."""
        wrong = (predicted != self.y).astype(np.float64)
        figures = class_scores(self.y, predicted, probabilities)
        return Scores(name, wrong * self.weight, figures, log_losses(self.y, probabilities))

    def evaluate_values(self, name: str, predicted: Floats) -> Scores:
        """R² and the root mean squared error."""
        return Scores(name, (predicted - self.y) ** 2, value_scores(self.y, predicted))


def clear_difference(first: Scores, second: Scores) -> int:
    """The better model on the held-out rows: 1 the first, -1 the second, 0 if the difference may be due to chance.

    Both have the same rows, so the differences of their errors are tested row by row: their mean must be more than two
    standard errors from zero, and enough rows must differ: `MIN_DIFFERING_ROWS` equal signs are the smallest number
    that is significant at the level of 5 %.
    """
    return _clear(second.errors - first.errors)


def lower_log_loss(first: Scores, second: Scores) -> bool:
    """Whether the probabilities of the first are clearly better than those of the second, by their log loss."""
    if first.log_losses is None or second.log_losses is None:
        return False
    return _clear(second.log_losses - first.log_losses) > 0


def _clear(difference: Floats) -> int:
    if np.count_nonzero(difference) < MIN_DIFFERING_ROWS:
        return 0
    mean = float(difference.mean())
    standard_error = float(difference.std(ddof=1)) / np.sqrt(len(difference))
    return int(np.sign(mean)) if abs(mean) > 2 * standard_error else 0
