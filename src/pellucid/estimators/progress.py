"""The training state of an estimator besides its weights, from which the next call continues.

Not a `TrainingState`: as in scikit-learn, each call may have other rows, and a warm start restarts the optimizer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pellucid.maths.typing import Array
from pellucid.optimizers import State


@dataclass
class FitProgress:
    """State of the training.

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
        Optimizer state; None before the first step.
    random : RandomState or None
        The random stream that `partial_fit` continues.
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
