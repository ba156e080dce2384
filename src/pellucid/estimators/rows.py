"""Validated training data, between the user's arguments and the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pellucid.maths.typing import Array
from pellucid.network.checks import relative_weights

RARE = 1 / 10
"""Share of nonzero entries below which the product of a sparse matrix is faster than the compiled engine's product of
the dense one."""

FEW_ENTRIES = 1_000_000
"""Number of entries up to which the memory of a dense matrix does not matter."""

MANY_BYTES = 2**30
"""Size from which on a matrix is not made dense: memory matters more than time."""


@dataclass
class Rows:
    """Validated data: X (n, p), dense or CSR, encoded targets Y (n, k), weights (n,) or None, and the original targets.
    The original weights are 2^`exponent` times `weight`: see `relative_weights`.
    """

    X: Any
    Y: Array
    weight: Array | None
    y: Any
    exponent: int = 0

    def take(self, index: Array) -> Rows:
        """A subset of the rows."""
        weight = None if self.weight is None else self.weight[index]
        return Rows(self.X[index], self.Y[index], weight, self.y[index], self.exponent)

    @property
    def total_weight(self) -> float:
        """Σw of the original weights, n without weights; infinite if it overflows."""
        if self.weight is None:
            return float(len(self.Y))
        with np.errstate(over="ignore", under="ignore"):
            return float(np.ldexp(self.weight.sum(dtype=np.float64), self.exponent))


def weighed(weight: Array, dtype: Any) -> tuple[Array, int]:
    """Weights of `dtype` whose sum does not overflow, and the power of two that they must be multiplied by."""
    relative = relative_weights(weight, dtype)
    largest = float(weight.max(initial=0.0))
    if not largest:
        return relative, 0
    return relative, int(np.frexp(largest)[1]) - int(np.frexp(float(relative.max()))[1])


Role = Literal["first", "warm", "partial", "watched"]
"""Purpose of the rows: a first fit, a warm start, `partial_fit`, or validation."""


def pays_sparse(X: Any, engine: str) -> bool:
    """Whether a sparse X (n, p) stays sparse, for the reference engine, or is made dense for the compiled one.

    The decision follows rules, not timings, so that runs are reproducible: an explicit engine is respected; else a
    matrix with few nonzero entries, or one too large to be made dense, stays sparse.
    """
    if engine != "auto":
        return engine == "reference"
    entries = X.shape[0] * X.shape[1]
    if entries * X.dtype.itemsize >= MANY_BYTES:
        return True
    return bool(entries > FEW_ENTRIES and X.nnz <= RARE * entries)
