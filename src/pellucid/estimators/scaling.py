"""Scaling inside an estimator: (A − centre)/spread by columns, fitted on weighted samples.

A weight of 2 is equivalent to repeating a row. So quantiles are the inverse of the weighted distribution function,
without interpolation.
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
    """Subtracts `centre` (p,) from columns and divides them by `spread` (p,)."""

    centre: Array
    spread: Array

    def apply(self, A: Array) -> Array:
        """(A − centre)/spread, of A's dtype."""
        return (A - self.centre.astype(A.dtype)) / self.spread.astype(A.dtype)

    def undo(self, A: Array) -> Array:
        """A·spread + centre, of A's dtype."""
        return A * self.spread.astype(A.dtype) + self.centre.astype(A.dtype)

    def into_first_layer(self, W: Array, b: Array) -> tuple[Array, Array]:
        """W and b for unscaled inputs that are equivalent to the given ones for scaled inputs."""
        scaled = W / self.spread[:, None]
        return scaled.astype(W.dtype), (b - self.centre @ scaled).astype(b.dtype)

    def out_of_last_layer(self, W: Array, b: Array) -> tuple[Array, Array]:
        """W and b that predict in original units, given those that predict in scaled units (no output activation)."""
        return (W * self.spread).astype(W.dtype), (b * self.spread + self.centre).astype(b.dtype)


def fit_scaling(kind: str, A: Array, weight: Array | None) -> Scaling:
    """Fit a "standard" or "robust" scaling to A (n, p). A constant column is only centred."""
    if weight is not None:
        # Make the mean weight about 1: scikit-learn's test for constant columns uses the sum of weights as the number
        # of rows. A power of two changes no digit.
        weight = np.ldexp(weight.astype(np.float64), -int(np.frexp(weight.mean(dtype=np.float64))[1]))
    if kind == "standard":
        scaler = StandardScaler().fit(A, sample_weight=weight)
        return Scaling(scaler.mean_, scaler.scale_)
    weights = np.ones(len(A)) if weight is None else weight.astype(np.float64)
    low, middle, high = np.quantile(A, [0.25, 0.5, 0.75], axis=0, weights=weights, method="inverted_cdf")
    spread = (high - low).astype(np.float64) / INTERQUARTILE_RANGE_OF_NORMAL
    # More than half of a column may have the same value (as in one-hot columns): then use its standard deviation.
    flat = spread <= 10 * np.finfo(A.dtype).eps * np.abs(middle)
    if flat.any():
        spread[flat] = StandardScaler().fit(A[:, flat], sample_weight=weight).scale_
    return Scaling(middle.astype(np.float64), spread)
