"""Data between the user's hands and the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.checks import relative_weights

RARE = 1 / 10
"""The share of entries that are not zero below which a product of the sparse matrix takes less time than the compiled
engine's of the dense one."""

FEW_ENTRIES = 1_000_000
"""Dense matrices up to this size are small beside all else."""

MANY_BYTES = 2**30
"""Dense matrices from this size on are not made: memory counts more than time."""


@dataclass
class Rows:
    """Checked data: X (n, p), dense or CSR, encoded targets Y (n, k), weights (n,) or None, and the targets as users
    write them. What users weighed is 2^`exponent` times `weight`: see `relative_weights`.
    """

    X: Any
    Y: Array
    weight: Array | None
    y: Any
    exponent: int = 0

    def take(self, index: Array) -> Rows:
        """Some of the rows."""
        weight = None if self.weight is None else self.weight[index]
        return Rows(self.X[index], self.Y[index], weight, self.y[index], self.exponent)

    @property
    def total_weight(self) -> float:
        """Σw as users weighed, n without weights; infinite where that is no number."""
        if self.weight is None:
            return float(len(self.Y))
        with np.errstate(over="ignore", under="ignore"):
            return float(np.ldexp(self.weight.sum(dtype=np.float64), self.exponent))


def weighed(weight: Array, dtype: Any) -> tuple[Array, int]:
    """Weights as numbers of `dtype` that can be added up, and the power of two that they are to be multiplied by."""
    relative = relative_weights(weight, dtype)
    largest = float(weight.max(initial=0.0))
    if not largest:
        return relative, 0
    return relative, int(np.frexp(largest)[1]) - int(np.frexp(float(relative.max()))[1])


Role = Literal["first", "warm", "partial", "watched"]
"""What rows are given for: a first fit, a warm start, `partial_fit`, or validation."""


def pays_sparse(X: Any, engine: str) -> bool:
    """Whether to leave a sparse X (n, p) as it is, for the reference engine, or to make it dense for the compiled one.

    By rules, not by timing, so that a run repeats: who asks for an engine gets it; else few entries, or too many to be
    made dense, stay sparse.
    """
    if engine != "auto":
        return engine == "reference"
    entries = X.shape[0] * X.shape[1]
    if entries * X.dtype.itemsize >= MANY_BYTES:
        return True
    return bool(entries > FEW_ENTRIES and X.nnz <= RARE * entries)
