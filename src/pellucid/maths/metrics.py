r"""Metrics: accuracy and R², accumulated batch by batch.

`tally` returns the contribution of a batch, as numbers that can be summed; `value` converts the sum into the metric.

>>> import numpy as np
>>> Y, A = np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]])
>>> metric = R2(Y)
>>> round(metric.value(metric.tally(A)), 3)
0.5
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np

from pellucid.maths.losses import Loss
from pellucid.maths.rows import ROWS_PER_SUM, weighted_sum_over_rows
from pellucid.maths.typing import Array


class Metric(Protocol):
    """A metric, made from targets and weights, that accumulates outputs."""

    name: ClassVar[str]

    def tally(self, A: Array, rows: Array | slice = ...) -> Any:
        """The contribution of the outputs A of `rows`: a number or an array, to be summed."""
        ...

    def value(self, tally: Any) -> float:
        """The metric, from the sum over all rows."""
        ...

    def values(self, tallies: Array) -> Array:
        """The metric of each of several sums."""
        ...


class Accuracy:
    """The (weighted) share of correct samples: the most probable of k classes (`one_of_k`), or all of the binary
    outputs, must be right.
    """

    name: ClassVar[str] = "accuracy"

    def __init__(self, Y: Array, weight: Array | None = None, *, one_of_k: bool) -> None:
        self._one_of_k = one_of_k
        self._truth = self._labels(Y)
        self._weight = weight
        self._total = float(len(Y) if weight is None else weight.sum(dtype=np.float64))

    def _labels(self, A: Array) -> Array:
        return A.argmax(axis=1) if self._one_of_k else A >= 0.5

    def tally(self, A: Array, rows: Array | slice = slice(None)) -> float:
        """The weight of the correct outputs A of `rows`."""
        right = self._labels(A) == self._truth[rows]
        if not self._one_of_k:
            right = right.all(axis=1)
        return float(
            np.count_nonzero(right) if self._weight is None else self._weight[rows][right].sum(dtype=np.float64)
        )

    def value(self, tally: float) -> float:
        """Tally over total weight."""
        return float(tally / self._total)

    def values(self, tallies: Array) -> Array:
        """Each tally over total weight."""
        return tallies / self._total


class R2:
    """R² = 1 − Σ w (a − y)²/Σ w (y − ȳ)², the share of explained variance, averaged over outputs.

    For a target without variance, whose rows of weight > 0 all have the same value, R² is 1 if all outputs are right,
    else 0, as in scikit-learn. The rounding error of the mean does not count as variance.
    """

    name: ClassVar[str] = "r2"

    def __init__(self, Y: Array, weight: Array | None = None) -> None:
        self._Y, self._weight = Y, weight
        counted = Y if weight is None or weight.all() else Y[weight > 0]
        constant = (counted == counted[:1]).all(axis=0)
        total = len(Y) if weight is None else weight.sum(dtype=np.float64)
        if total == 0:
            raise ValueError("R² needs a row of sample_weight > 0")
        mean = weighted_sum_over_rows(Y, weight) / total
        spread = np.zeros(Y.shape[1])
        for start in range(0, len(Y), ROWS_PER_SUM):
            rows = slice(start, start + ROWS_PER_SUM)
            centred = Y[rows] - mean
            spread += weighted_sum_over_rows(centred * centred, None if weight is None else weight[rows])
        self._spread: Array = np.where(constant, 0.0, spread)

    def tally(self, A: Array, rows: Array | slice = slice(None)) -> Array:
        """The weighted squared error of each output (k,) of the outputs A of `rows`."""
        error = A - self._Y[rows]
        return weighted_sum_over_rows(error * error, None if self._weight is None else self._weight[rows])

    def value(self, tally: Array) -> float:
        """One minus error over spread, averaged over outputs."""
        return float(self.values(tally))

    def values(self, tallies: Array) -> Array:
        """One minus error over spread, averaged over outputs, which are the last axis."""
        flat = self._spread == 0
        ratio = np.where(flat, tallies != 0, tallies / np.where(flat, 1, self._spread))
        return 1 - ratio.mean(axis=-1)


def metric_for(loss: Loss, Y: Array, weight: Array | None = None) -> Metric:
    """Accuracy for classification, R² for regression."""
    if loss.task == "classification":
        return Accuracy(Y, weight, one_of_k=loss.canonical == "softmax")
    return R2(Y, weight)
