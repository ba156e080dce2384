"""The part of a fit that `partial_fit` and warm starts continue from, besides the weights, in scikit-learn's terms.

It is not a `TrainingState`: each call may have other rows, shuffles them anew, and a warm start restarts the optimizer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pellucid.maths.typing import Array
from pellucid.optimizers import State


@dataclass
class FitProgress:
    """Where the training of an estimator stands.

    Attributes
    ----------
    epochs, samples : int
        Numbers since the weights were initialized.
    waited : int
        Epochs since the last improvement.
    best_loss, best_score : float
        The lowest training loss, the highest validation score.
    best_theta : array or None
        The parameters with that score.
    rate_factor : float
        Factor on the learning rate, reduced by 'adaptive'.
    optimizer : dict or None
        The state of the optimizer; None before it has begun.
    random : RandomState or None
        The random numbers that `partial_fit` continues with.
    """

    epochs: int = 0
    samples: int = 0
    waited: int = 0
    best_loss: float = math.inf
    best_score: float = -math.inf
    best_theta: Array | None = None
    rate_factor: float = 1.0
    optimizer: State | None = None
    random: np.random.RandomState | None = field(default=None, repr=False)

    def restart(self) -> None:
        """Reset the optimizer and its learning rate before a new call of `fit`, as scikit-learn does."""
        self.rate_factor = 1.0
        self.optimizer = None
