"""The loss curve: one point per epoch, thinned by powers of two if there are many."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pellucid.maths.typing import Array

MAX_POINTS = 4096
"""More points are thinned to half: a screen cannot show more, and a run may have millions of epochs."""
EPOCH, TRAINING, TEST = 0, 1, 2


@dataclass
class Curve:
    """Rows (epoch, training loss, test loss or NaN) of the finished epochs, every `stride`-th of them.

    Attributes
    ----------
    rows : array (points, 3)
    stride : int
        The k-th finished epoch is kept if k is a multiple of it.
    changed_from : int
        The first row that has changed since the last call of `changes`.

    >>> curve = Curve()
    >>> curve.extend(1, np.array([1.0, 2.0]), np.array([0.5, 0.4]))
    >>> curve.set_test(2, 0.6)
    >>> curve.rows
    array([[1. , 0.5, nan],
           [2. , 0.4, 0.6]])
    """

    rows: Array = field(default_factory=lambda: np.empty((0, 3)))
    stride: int = 1
    changed_from: int = 0

    def extend(self, first: int, epochs: Array, losses: Array) -> None:
        """Add finished epochs, the first of which is the `first`-th of the run (from 1)."""
        kept = np.arange(first, first + len(epochs)) % self.stride == 0
        new = np.column_stack([epochs[kept], losses[kept], np.full(int(kept.sum()), np.nan)])
        self.rows = np.concatenate([self.rows, new])
        while len(self.rows) > MAX_POINTS:
            # Row i belongs to epoch (i + 1)·stride: keep every second one.
            self.rows = self.rows[1::2].copy()
            self.stride *= 2
            self.changed_from = 0

    def set_test(self, finished: int, loss: float) -> None:
        """Set the test loss after the `finished`-th epoch, if that epoch is kept."""
        if finished and finished % self.stride == 0:
            row = finished // self.stride - 1
            self.rows[row, TEST] = loss
            self.changed_from = min(self.changed_from, row)

    def cut(self, finished: int) -> None:
        """Discard all points after the `finished`-th epoch."""
        self.rows = self.rows[: finished // self.stride]
        self.changed_from = min(self.changed_from, len(self.rows))

    def changes(self) -> tuple[int, Array]:
        """Changes since the last call: the first changed row, and the rows from there on."""
        start = min(self.changed_from, len(self.rows))
        self.changed_from = len(self.rows)
        return start, self.rows[start:]
