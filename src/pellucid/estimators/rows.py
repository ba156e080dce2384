"""Data between the user's hands and the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pellucid.maths.typing import Array


@dataclass
class Rows:
    """Checked data: X (n, p), encoded targets Y (n, k), weights (n,) or None, and the targets as users write them."""

    X: Array
    Y: Array
    weight: Array | None
    y: Any

    def take(self, index: Array) -> Rows:
        """Some of the rows."""
        return Rows(self.X[index], self.Y[index], None if self.weight is None else self.weight[index], self.y[index])


Role = Literal["first", "warm", "partial", "watched"]
"""What rows are given for: a first fit, a warm start, `partial_fit`, or validation."""
