"""Data between the user's hands and the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pellucid.maths.typing import Array

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
    write them.
    """

    X: Any
    Y: Array
    weight: Array | None
    y: Any

    def take(self, index: Array) -> Rows:
        """Some of the rows."""
        return Rows(self.X[index], self.Y[index], None if self.weight is None else self.weight[index], self.y[index])


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
