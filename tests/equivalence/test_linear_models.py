"""A network without hidden layers is a generalised linear model: it must agree with scikit-learn's."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression, PoissonRegressor, QuantileRegressor, Ridge
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, Network
from pellucid.losses import Quantile
from pellucid.optimizers import LBFGS, Adam
from pellucid.penalties import L2

EXACT = LBFGS(tolerance_grad=1e-10, tolerance_change=1e-16)


@pytest.fixture(scope="module")
def wine():
    X, y = load_wine(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_softmax_is_logistic_regression(wine, strength, weighted):
    X, y = wine
    weight = np.random.default_rng(0).uniform(0.1, 2, len(y)) if weighted else None
    theirs = LogisticRegression(C=1 / strength, tol=1e-12, max_iter=10_000).fit(X, y, sample_weight=weight)
    net = Network([Dense(13, 3, "softmax")])
    net.fit(
        X, y, optimizer=EXACT, epochs=5000, penalty=L2(strength), reduction="sum", sample_weight=weight, random_state=0
    )
    assert net.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_one_sigmoid_is_binary_logistic_regression():
    X, y = load_iris(return_X_y=True)
    X, y = StandardScaler().fit_transform(X[50:]), y[50:] - 1
    theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000).fit(X, y)
    net = Network([Dense(4, 1, "sigmoid")], "binary_cross_entropy")
    net.fit(X, y, optimizer=EXACT, epochs=5000, penalty=L2(1.0), reduction="sum", random_state=0)
    assert net.predict_proba(X) == pytest.approx(theirs.predict_proba(X), abs=1e-6)


def test_squared_error_is_ridge_regression(wine):
    X, _ = wine
    targets = X[:, :2] * 3 + 1
    theirs = Ridge(alpha=2.0, tol=1e-12).fit(X[:, 2:], targets)
    net = Network([Dense(11, 2)], "squared_error")
    net.fit(X[:, 2:], targets, optimizer=EXACT, epochs=5000, penalty=L2(2.0), reduction="sum", random_state=0)
    assert net.predict(X[:, 2:]) == pytest.approx(theirs.predict(X[:, 2:]), abs=1e-6)


def test_poisson_is_poisson_regression(wine):
    X, _ = wine
    counts = np.random.default_rng(0).poisson(np.exp(0.5 * X[:, 0] + 0.2))
    theirs = PoissonRegressor(alpha=0.1, tol=1e-12, max_iter=10_000).fit(X, counts)
    net = Network([Dense(13, 1, "exponential")], "poisson")
    net.fit(X, counts, optimizer=EXACT, epochs=5000, penalty=L2(0.1), random_state=0)
    assert net.predict(X) == pytest.approx(theirs.predict(X), rel=1e-5)


def test_quantile_loss_comes_to_quantile_regression(wine):
    X, _ = wine
    y = X[:, 0]
    theirs = QuantileRegressor(quantile=0.8, alpha=0.0).fit(X[:, 1:3], y)
    net = Network([Dense(2, 1)], Quantile(level=0.8))
    net.fit(X[:, 1:3], y, optimizer=Adam(0.05), epochs=3000, schedule="cosine", random_state=0)
    assert net.predict(X[:, 1:3]) == pytest.approx(theirs.predict(X[:, 1:3]), abs=0.02)


def test_integer_weights_are_repeated_rows_through_a_whole_training(wine):
    X, y = wine
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    rows = np.repeat(np.arange(len(y)), weight)
    thetas = []
    for data in ((X, y, weight.astype(float)), (X[rows], y[rows], None)):
        net = Network([Dense(13, 6, "tanh"), Dense(6, 3, "softmax")]).initialize(random_state=0)
        net.fit(data[0], data[1], sample_weight=data[2], epochs=100, batch_size=None, penalty=L2(0.01))
        thetas.append(net.theta)
    assert thetas[0] == pytest.approx(thetas[1], rel=1e-12, abs=1e-12)
