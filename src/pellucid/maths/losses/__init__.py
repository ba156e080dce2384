"""Losses: ℓ(y, a) of each sample, each beside its gradient.

For k outputs the losses of the outputs are summed; over samples the objective takes their (weighted) mean or sum.

>>> import numpy as np
>>> from pellucid import losses
>>> Y, A = np.array([[1.0]]), np.array([[3.0]])
>>> losses.SquaredError().value(Y, A), losses.SquaredError().gradient(Y, A)
(array([2.]), array([[2.]]))
>>> losses.LOSSES.names()[:3]
['absolute_error', 'binary_cross_entropy', 'cross_entropy']
"""

from typing import TYPE_CHECKING

from pellucid.maths.losses import classification, regression
from pellucid.maths.losses.base import LOSSES as LOSSES
from pellucid.maths.losses.base import Loss as Loss
from pellucid.maths.losses.classification import *
from pellucid.maths.losses.regression import *

# Each file says which classes are its own. Type checkers read no sums of lists: to them, all imports are public.
if not TYPE_CHECKING:
    __all__ = sorted([
        "LOSSES", "Loss", *classification.__all__, *regression.__all__,
    ])  # fmt: skip
