r"""How much of the targets the plainest other models can tell: a line, and a smooth curve, each row judged by the rest.

Kernel ridge regression answers each row without itself in closed form, so that nothing has to be trained:
with $G = K + λI$ the error of row i, left out, is $[G^{-1}y]_i / [G^{-1}]_{ii}$.

Source: Wahba, "Spline Models for Observational Data" (1990), chapter 4; Rifkin, Lippert, "Notes on Regularized Least
Squares" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pellucid.maths.typing import Array

MOST_ROWS = 400
LEAST = 8.0
"""Divided by the rows: a share of variance that is found in targets without a signal now and then."""

PERMUTATIONS = 59
"""Shuffled targets that the true ones are compared with: a score above all of them is one of 60."""

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)
WIDTHS = (0.3, 1.0)
"""Of the curves, as shares of the median distance between two rows."""


@dataclass(frozen=True)
class Probe:
    """What was found on `n` of the rows, each left out of what answers it.

    `line` and `curve` are the shares of variance explained (0: no better than the mean), `line_accuracy` and
    `curve_accuracy` the shares of classes that are right (None where there are no classes); `curve` is the best of all,
    the line included. `by_chance` are the best scores on shuffled targets.
    """

    n: int
    line: float
    curve: float
    line_accuracy: float | None
    curve_accuracy: float | None
    by_chance: tuple[float, ...]

    @property
    def has_signal(self) -> bool:
        """Whether the targets can be told better than all their shufflings can."""
        return self.curve > max(1.25 * max(self.by_chance), LEAST / self.n)


def probe(X: Array, Y: Array, classes: Array | None) -> Probe | None:
    """Ask a line and curves; None where there is nothing to tell (few rows, constant targets or inputs)."""
    random = np.random.default_rng(0)
    rows = np.sort(random.choice(len(X), MOST_ROWS, replace=False)) if len(X) > MOST_ROWS else np.arange(len(X))
    some, targets = X[rows].astype(np.float64), Y[rows].astype(np.float64)
    numbers = None if classes is None else classes[rows]
    return _asked(
        some.tobytes(), targets.tobytes(), None if numbers is None else numbers.astype(np.int64).tobytes(), len(rows)
    )


@lru_cache(maxsize=4)  # a run that is looked at again and again has the same rows
def _asked(inputs_bytes: bytes, targets_bytes: bytes, classes_bytes: bytes | None, n: int) -> Probe | None:
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
        turned = vectors.T @ shuffled
        for strength in STRENGTHS:
            inverse = 1 / (np.maximum(values, 0) + strength * n / 10)
            errors = (vectors * inverse) @ turned / ((vectors**2) @ inverse)[:, None]
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
        said = (outputs[:, 0] >= 0.5).astype(np.int64) if k == 1 else outputs.argmax(axis=1)
        return float((said == classes).mean())

    return Probe(
        n, float(line[0]), float(curve[0]), accuracy(line_answers), accuracy(curve_answers),
        tuple(float(score) for score in curve[1:]),
    )  # fmt: skip


def standardised(X: Array) -> Array:
    """Columns with mean 0 and spread 1; constant ones are left out."""
    X = X.astype(np.float64)
    X = X / np.maximum(np.abs(X).max(axis=0), np.finfo(float).tiny)
    X = X - X.mean(axis=0)
    spread = X.std(axis=0)
    varies = spread > 1e-12
    scaled: Array = X[:, varies] / spread[varies]
    return scaled


def _kernels(X: Array) -> list[Array]:
    """A line's, then curves' of several widths."""
    products = X @ X.T
    lengths = np.diag(products)
    distances = np.maximum(lengths[:, None] + lengths - 2 * products, 0)
    middle = float(np.median(distances[np.triu_indices(len(X), 1)])) or 1.0
    return [products / X.shape[1], *(np.exp(-distances / (2 * width**2 * middle)) for width in WIDTHS)]
