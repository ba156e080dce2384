"""How good predictions are, as one figure each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import r2_score

Floats = npt.NDArray[np.float64]

MIN_PROBABILITY = 1e-15
"""Smaller probabilities of the true class count as this: the log loss stays finite."""


def log_losses(y: npt.NDArray[Any], probabilities: Floats) -> Floats:
    """−ln of the probability of the true class, for each row (n,); `y` holds class numbers.

    >>> log_losses(np.array([1, 0]), np.array([[0.0, 1.0], [0.5, 0.5]])).round(3)
    array([-0.   ,  0.693])
    """
    of_truth = probabilities[np.arange(len(y)), y.astype(np.int64)]
    losses: Floats = -np.log(np.clip(of_truth, MIN_PROBABILITY, None))
    return losses


def class_scores(y: npt.NDArray[Any], predicted: npt.NDArray[Any], probabilities: Floats) -> dict[str, float]:
    """Accuracy, its mean over classes, and log loss; `y` and `predicted` (n,) hold class numbers.

    >>> class_scores(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]), np.full((4, 2), 0.5))["balanced accuracy"]
    0.5
    """
    right = (predicted == y).astype(np.float64)
    recalls = [float(right[y == one].mean()) for one in np.unique(y)]
    return {
        "accuracy": float(right.mean()),
        "balanced accuracy": float(np.mean(recalls)),
        "log loss": float(log_losses(y, probabilities).mean()),
    }


def value_scores(y: Floats, predicted: Floats) -> dict[str, float]:
    """R² and the root of the mean squared error, in the unit of y.

    >>> value_scores(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
    {'R²': 1.0, 'RMSE': 0.0}
    """
    return {"R²": float(r2_score(y, predicted)), "RMSE": float(np.sqrt(((predicted - y) ** 2).mean()))}
