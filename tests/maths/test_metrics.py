import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from pellucid.losses import LOSSES
from pellucid.maths.metrics import R2, metric_for


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "squared_error"])
def test_metrics_are_those_of_scikit_learn_however_cut_into_batches(loss, weighted, rng):
    n, k = 90, 3
    y = {"cross_entropy": rng.integers(0, k, n), "binary_cross_entropy": rng.integers(0, 2, (n, k))}.get(
        loss, rng.normal(size=(n, k))
    )
    Y, A = LOSSES.resolve(loss).encode(y, k, np.dtype("float64")), rng.uniform(size=(n, k))
    weight = rng.uniform(size=n) if weighted else None
    metric = metric_for(LOSSES.resolve(loss), Y, weight)
    order = rng.permutation(n)
    ours = metric.value(sum(metric.tally(A[rows], rows) for rows in np.split(order, 9)))
    theirs = {
        "cross_entropy": lambda: accuracy_score(y, A.argmax(axis=1), sample_weight=weight),
        "binary_cross_entropy": lambda: accuracy_score(y, A >= 0.5, sample_weight=weight),
        "squared_error": lambda: r2_score(y, A, sample_weight=weight),
    }[loss]()
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize(("A", "expected"), [([[1.0], [1.0]], 1.0), ([[1.0], [2.0]], 0.0)])
def test_r2_of_a_constant_target(A, expected):
    metric = R2(np.ones((2, 1)))
    assert metric.value(metric.tally(np.array(A))) == expected
