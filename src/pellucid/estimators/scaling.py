"""Scaling inside an estimator: (A − centre)/spread by columns, learned from weighted samples.

Everything is weighted so that a weight of 2 is a row twice: of quantiles, the inverse of the weighted distribution
function is taken, which no interpolation depends on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.preprocessing import StandardScaler

from pellucid.maths.typing import Array

INTERQUARTILE_RANGE_OF_NORMAL = 1.3489795003921634
"""Φ⁻¹(¾) − Φ⁻¹(¼): divides the interquartile range so that normal columns get a standard deviation of 1."""


@dataclass(frozen=True)
class Scaling:
    """Columns are moved by `centre` (p,) and divided by `spread` (p,)."""

    centre: Array
    spread: Array

    def apply(self, A: Array) -> Array:
        """(A − centre)/spread, of A's dtype."""
        return (A - self.centre.astype(A.dtype)) / self.spread.astype(A.dtype)

    def undo(self, A: Array) -> Array:
        """A·spread + centre, of A's dtype."""
        return A * self.spread.astype(A.dtype) + self.centre.astype(A.dtype)

    def into_first_layer(self, W: Array, b: Array) -> tuple[Array, Array]:
        """W and b that do on raw inputs what the given ones do on scaled inputs."""
        scaled = W / self.spread[:, None]
        return scaled.astype(W.dtype), (b - self.centre @ scaled).astype(b.dtype)

    def out_of_last_layer(self, W: Array, b: Array) -> tuple[Array, Array]:
        """W and b that answer in raw units where the given ones answer in scaled units (no output activation)."""
        return (W * self.spread).astype(W.dtype), (b * self.spread + self.centre).astype(b.dtype)


def fit_scaling(kind: str, A: Array, weight: Array | None) -> Scaling:
    """Learn a "standard" or "robust" scaling from A (n, p). A constant column is only centred."""
    if weight is not None:
        # A weight of about 1 a row: scikit-learn takes a column for constant by the number of rows, which it adds up
        # from the weights. A power of two changes no digit.
        weight = np.ldexp(weight.astype(np.float64), -int(np.frexp(weight.mean(dtype=np.float64))[1]))
    if kind == "standard":
        scaler = StandardScaler().fit(A, sample_weight=weight)
        return Scaling(scaler.mean_, scaler.scale_)
    weights = np.ones(len(A)) if weight is None else weight.astype(np.float64)
    low, middle, high = np.quantile(A, [0.25, 0.5, 0.75], axis=0, weights=weights, method="inverted_cdf")
    spread = (high - low).astype(np.float64) / INTERQUARTILE_RANGE_OF_NORMAL
    # More than half of a column may be one value (a one-hot column, say): then its standard deviation is taken.
    flat = spread <= 10 * np.finfo(A.dtype).eps * np.abs(middle)
    if flat.any():
        spread[flat] = StandardScaler().fit(A[:, flat], sample_weight=weight).scale_
    return Scaling(middle.astype(np.float64), spread)
