"""Sums over millions of float32 rows keep float32's digits, in both engines: rounding does not grow with n."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from pellucid import Dense, Network
from pellucid.maths.metrics import R2, Accuracy
from pellucid.optimizers import GradientDescent
from pellucid.penalties import L1

pytestmark = pytest.mark.slow

N = 3_000_000
DIGITS = 1e-6


@pytest.fixture(scope="module")
def rows():
    """Inputs that are all positive, so that no error cancels, and targets 0."""
    rng = np.random.default_rng(0)
    return rng.uniform(0.5, 1.5, (N, 1)).astype("f4"), np.zeros((N, 2), "f4"), rng.uniform(size=N).astype("f4")


def one_step(X, Y, weight, **options):
    """∂J/∂w, ∂J/∂b and J of a = x, from one step of rate 1."""
    net = Network([Dense(1, 2)], "squared_error", "float32")
    net.layers[0].W = [[1.0, 1.0]]
    history = net.fit(X, Y, optimizer=GradientDescent(1.0), epochs=1, batch_size=None, sample_weight=weight, **options)
    return 1 - float(net.layers[0].W[0, 0]), -float(net.layers[0].b[0]), history["loss"][0]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("options", [{"engine": "reference"}, {"engine": "compiled"}, {"threads": 2}], ids=str)
def test_gradients_and_losses(rows, options, weighted):
    X, Y, weight = rows
    x, w = X[:, 0].astype("f8"), weight.astype("f8") if weighted else np.ones(N)
    exact = np.array([w @ x**2, w @ x, w @ x**2]) / w.sum()
    found = np.array(one_step(X, Y, weight if weighted else None, **options))
    # The step itself is subtracted from 1 in float32, which loses another digit.
    np.testing.assert_allclose(found, exact, rtol=DIGITS)


def test_constant_residuals_do_not_drift():
    X, Y = np.ones((N, 1), "f4"), np.zeros((N, 2), "f4")
    for engine in ("reference", "compiled"):
        np.testing.assert_allclose(one_step(X, Y, None, engine=engine)[1:], [1.0, 1.0], rtol=DIGITS)


def test_a_sparse_gradient(rows):
    X, Y, _ = rows
    x = X[:, 0].astype("f8")
    found = one_step(csr_array(X), Y, None)
    np.testing.assert_allclose(found, np.array([x @ x, x.sum(), x @ x]) / N, rtol=DIGITS)


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics(rows, weighted):
    X, _, weight = rows
    w = weight if weighted else None
    Y = np.hstack([X, X + 1000])  # the second varies little beside its mean
    x, f8 = Y.astype("f8"), weight.astype("f8") if weighted else np.ones(N)
    spread = f8 @ (x - np.average(x, axis=0, weights=f8)) ** 2
    A = Y + np.float32(0.125)
    metric = R2(Y, w)
    exact = 1 - (f8.sum() * 0.125**2 / spread).mean()
    assert metric.value(metric.tally(A)) == pytest.approx(exact, rel=1e-6)
    right = Accuracy(X > 1, w, one_of_k=False)
    assert right.value(right.tally(np.ones_like(X))) == pytest.approx(f8 @ (X[:, 0] > 1) / f8.sum(), rel=1e-9)


def test_the_penalty_of_a_million_weights():
    net = Network([Dense(1000, 1000)], "squared_error", "float32")
    net.layers[0].W = np.full((1000, 1000), 0.1)
    for engine in ("reference", "compiled"):
        history = net.copy().fit(
            np.zeros((2, 1000)), np.zeros((2, 1000)), optimizer=GradientDescent(1e-9), epochs=1, penalty=L1(1.0),
            engine=engine,
        )  # fmt: skip
        assert history["objective"][0] == pytest.approx(1e6 * float(np.float32(0.1)), rel=DIGITS)
