r"""Leave-one-out scores of simple reference models: linear and Gaussian kernel ridge regression.

The leave-one-out residuals of kernel ridge regression have a closed form, so that no model has to be fitted per row:
with $G = K + λI$ the residual of row i, left out, is $[G^{-1}y]_i / [G^{-1}]_{ii}$.

Source: Wahba, "Spline Models for Observational Data" (1990), chapter 4; Rifkin, Lippert, "Notes on Regularized Least
Squares" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pellucid.maths.typing import Array

MAX_ROWS = 400
MIN_EXPLAINED = 8.0
"""Divided by the number of rows: R² that targets without a signal sometimes reach."""

PERMUTATIONS = 59
"""Number of shuffled targets. Without a signal, the true targets score best of 60 with probability 1/60."""

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)
WIDTHS = (0.3, 1.0)
"""Widths of the Gaussian kernels, in units of the median distance between two rows."""


@dataclass(frozen=True)
class Probe:
    """Leave-one-out scores on `n` of the rows.

    `line` and `curve` are R² (0: no better than the mean), `line_accuracy` and `curve_accuracy` the accuracies (None
    without classes); `curve` is the best of all models, including the linear one. `by_chance` are the best R² on
    shuffled targets.
    """

    n: int
    line: float
    curve: float
    line_accuracy: float | None
    curve_accuracy: float | None
    by_chance: tuple[float, ...]

    @property
    def has_signal(self) -> bool:
        """Whether the true targets are predicted clearly better than all shuffled ones."""
        return self.curve > max(1.25 * max(self.by_chance), MIN_EXPLAINED / self.n)


def probe(X: Array, Y: Array, classes: Array | None) -> Probe | None:
    """Score the reference models; None with too few rows, or constant targets or inputs."""
    random = np.random.default_rng(0)
    rows = np.sort(random.choice(len(X), MAX_ROWS, replace=False)) if len(X) > MAX_ROWS else np.arange(len(X))
    some, targets = X[rows].astype(np.float64), Y[rows].astype(np.float64)
    numbers = None if classes is None else classes[rows]
    return _scores(
        some.tobytes(), targets.tobytes(), None if numbers is None else numbers.astype(np.int64).tobytes(), len(rows)
    )


@lru_cache(maxsize=4)  # repeated diagnoses of a run have the same rows
def _scores(inputs_bytes: bytes, targets_bytes: bytes, classes_bytes: bytes | None, n: int) -> Probe | None:
    X = np.frombuffer(inputs_bytes, dtype=np.float64).reshape(n, -1)
    Y = np.frombuffer(targets_bytes, dtype=np.float64).reshape(n, -1)
    classes = None if classes_bytes is None else np.frombuffer(classes_bytes, dtype=np.int64)
    random = np.random.default_rng(0)
    means = Y.mean(axis=0)
    with np.errstate(all="ignore"):
        inputs, targets = standardised(X), Y - means
        size = float(np.abs(targets).max()) if targets.size else 0.0
        targets = targets / (size or 1.0)
    if n < 8 or not inputs.shape[1] or not targets.any() or not np.isfinite(targets).all():
        return None
    k = targets.shape[1]
    shuffled = np.hstack([targets, *(targets[random.permutation(n)] for _ in range(PERMUTATIONS))])
    total = (targets**2).sum()
    line = np.full(PERMUTATIONS + 1, -np.inf)
    curve = line.copy()
    line_answers = curve_answers = np.zeros((n, k))
    for i, kernel in enumerate(_kernels(inputs)):
        values, vectors = np.linalg.eigh(kernel + 1.0)
        rotated = vectors.T @ shuffled
        for strength in STRENGTHS:
            inverse = 1 / (np.maximum(values, 0) + strength * n / 10)
            errors = (vectors * inverse) @ rotated / ((vectors**2) @ inverse)[:, None]
            scores = 1 - (errors**2).reshape(n, PERMUTATIONS + 1, k).sum(axis=(0, 2)) / total
            answers = targets - errors[:, :k]
            if i == 0 and scores[0] > line[0]:
                line_answers = answers
            if i == 0:
                line = np.maximum(line, scores)
            if scores[0] > curve[0]:
                curve_answers = answers
            curve = np.maximum(curve, scores)

    def accuracy(answers: Array) -> float | None:
        if classes is None:
            return None
        outputs = answers * size + means
        predicted = (outputs[:, 0] >= 0.5).astype(np.int64) if k == 1 else outputs.argmax(axis=1)
        return float((predicted == classes).mean())

    return Probe(
        n, float(line[0]), float(curve[0]), accuracy(line_answers), accuracy(curve_answers),
        tuple(float(score) for score in curve[1:]),
    )  # fmt: skip


def standardised(X: Array) -> Array:
    """Columns scaled to mean 0 and standard deviation 1; constant ones are dropped."""
    X = X.astype(np.float64)
    X = X / np.maximum(np.abs(X).max(axis=0), np.finfo(float).tiny)
    X = X - X.mean(axis=0)
    spread = X.std(axis=0)
    varies = spread > 1e-12
    scaled: Array = X[:, varies] / spread[varies]
    return scaled


def _kernels(X: Array) -> list[Array]:
    """The linear kernel, then Gaussian kernels of several widths."""
    products = X @ X.T
    lengths = np.diag(products)
    distances = np.maximum(lengths[:, None] + lengths - 2 * products, 0)
    middle = float(np.median(distances[np.triu_indices(len(X), 1)])) or 1.0
    return [products / X.shape[1], *(np.exp(-distances / (2 * width**2 * middle)) for width in WIDTHS)]
