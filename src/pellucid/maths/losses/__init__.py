"""Losses: ℓ(y, a) of each sample, each beside its gradient.

For k outputs the losses of the outputs are summed; over samples the objective takes their (weighted) mean or sum.

>>> import numpy as np
>>> from pellucid import losses
>>> Y, A = np.array([[1.0]]), np.array([[3.0]])
>>> losses.SquaredError().value(Y, A), losses.SquaredError().gradient(Y, A)
(array([2.]), array([[2.]]))
>>> losses.LOSSES.names()  # doctest: +NORMALIZE_WHITESPACE
['absolute_error', 'binary_cross_entropy', 'cross_entropy', 'huber', 'poisson', 'quantile', 'squared_error']
"""

from pellucid.maths.losses.base import LOSSES, Loss
from pellucid.maths.losses.classification import BinaryCrossEntropy, CrossEntropy
from pellucid.maths.losses.regression import AbsoluteError, Huber, Poisson, Quantile, SquaredError

__all__ = [
    "LOSSES",
    "AbsoluteError",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Huber",
    "Loss",
    "Poisson",
    "Quantile",
    "SquaredError",
]
