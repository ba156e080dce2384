"""A sparse X stays sparse where that pays: the same numbers, without the memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.sparse import coo_array, csc_matrix, csr_array, csr_matrix, random_array
from sklearn import neural_network

from pellucid import Dense, MLPClassifier, MLPRegressor, Network, explain
from pellucid.estimators.rows import FEW_ENTRIES, MANY_BYTES, RARE, pays_sparse

from .data import not_converged


def fit(model, *data, **more):
    with not_converged():
        return model.fit(*data, **more)


def words(n, p, share, seed=0):
    """A sparse matrix as of words in texts, and whether the first half of the words outweighs the second."""
    rng = np.random.default_rng(seed)
    X = random_array((n, p), density=share, rng=rng, format="csr")
    return X, np.where(X[:, : p // 2].sum(axis=1) > X[:, p // 2 :].sum(axis=1), "first", "second")


def test_a_wide_matrix_that_would_not_fit_dense():
    """40 000 × 100 000 numbers are 30 GiB; the fit takes a few times the memory of its 200 000 weights."""
    X, y = words(40_000, 100_000, 1e-4)
    arguments = {"hidden_layer_sizes": (2,), "solver": "sgd", "batch_size": 2000, "max_iter": 2, "random_state": 0}
    tracemalloc.start()
    ours = fit(MLPClassifier(**arguments), X, y)
    ours.predict_proba(X)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    theirs = fit(neural_network.MLPClassifier(**arguments), X, y)
    for our, their in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-9, atol=1e-12)


SETTINGS = [
    {},
    {"solver": "lbfgs", "alpha": 0.1},
    {"early_stopping": True, "solver": "nadam", "learning_rate": "cosine"},
    {"dropout": 0.3, "clip_norm": 0.5, "max_norm": 1.0, "hidden_layer_sizes": (8, 5), "activation": ("elu", "tanh")},
    {"hidden_layer_sizes": (), "l1": 1e-3},
    {"scale": "robust"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("container", [csr_matrix, csr_array, csc_matrix, coo_array])
def test_the_same_numbers_as_dense(settings, container):
    X, y = words(150, 40, 0.2)
    arguments = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "engine": "reference"} | settings
    weight = np.linspace(0.5, 2, len(y))
    kept = container(X)
    dense, sparse = (fit(MLPClassifier(**arguments), A, y, weight) for A in (X.toarray(), kept))
    np.testing.assert_allclose(sparse.loss_curve_, dense.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(sparse.predict_proba(kept), dense.predict_proba(X.toarray()), rtol=1e-7, atol=1e-9)
    assert sparse.score(kept, y) == dense.score(X.toarray(), y)


def test_float32_validation_data_and_partial_fit():
    X, y = words(120, 30, 0.2)
    X32, numbers = X.astype(np.float32), (y == "first").astype(np.float64)
    arguments = {"hidden_layer_sizes": (5,), "max_iter": 5, "random_state": 0, "engine": "reference"}
    sparse, dense = (
        fit(MLPRegressor(**arguments), A[:80], numbers[:80], X_val=A[80:], y_val=numbers[80:])
        for A in (X32, X32.toarray())
    )
    assert sparse.coefs_[0].dtype == np.float32
    np.testing.assert_allclose(sparse.validation_scores_, dense.validation_scores_, rtol=1e-3)
    parts = [MLPRegressor(**arguments) for _ in range(2)]
    for _ in range(3):
        for model, A in zip(parts, (X, X.toarray()), strict=True):
            model.partial_fit(A, numbers)
    np.testing.assert_allclose(parts[0].predict(X), parts[1].predict(X.toarray()), rtol=1e-9)


def test_where_it_pays():
    few = csr_array((10, 10))
    rare = csr_array((FEW_ENTRIES // 100, 101))
    rows = int(RARE * 101) + 1
    full = csr_array(np.pad(np.ones((FEW_ENTRIES // 100, rows)), ((0, 0), (0, 101 - rows))))
    huge = csr_array((MANY_BYTES // 8, 1))
    assert [pays_sparse(X, "auto") for X in (few, rare, full, huge)] == [False, True, False, True]
    assert [pays_sparse(X, "reference") for X in (few, full)] == [True, True]
    assert [pays_sparse(X, "compiled") for X in (rare, huge)] == [False, False]


def test_a_network_takes_a_sparse_matrix():
    X, y = words(60, 12, 0.3)
    y = (y == "first").astype(int)
    nets = [Network([Dense(12, 4, "tanh"), Dense(4, 2, "softmax")]) for _ in range(2)]
    for net, A in zip(nets, (X, X.toarray()), strict=True):
        net.fit(A, y, epochs=5, batch_size=16, validation=0.2, random_state=0, engine="auto")
    np.testing.assert_allclose(nets[0].theta, nets[1].theta, rtol=1e-10)
    np.testing.assert_allclose(nets[0].predict_proba(X), nets[1].predict_proba(X.toarray()), rtol=1e-10)
    np.testing.assert_array_equal(explain(nets[0], X[:2], y[:2]).step.X, X[:2].toarray())
    with pytest.raises(ValueError, match="engine='compiled' takes no sparse X"):
        nets[0].fit(X, y, engine="compiled")
    with pytest.raises(
        ValueError, match=r"X must have 12 column\(s\), the first layer's n_inputs, got shape \(60, 11\)"
    ):
        nets[0].predict(X[:, :11])
    X.data[X.indptr[7]] = np.nan
    with pytest.raises(ValueError, match=f"X must be finite, got nan in row 8, column {X.indices[X.indptr[7]] + 1}"):
        nets[0].fit(X, y)


def test_numbers_that_blow_up_are_told_of_sparse_rows_too():
    X, y = words(60, 12, 0.3)
    model = MLPRegressor(solver="sgd", learning_rate_init=1e9, engine="reference", random_state=0)
    with pytest.raises(ValueError, match=r"training diverged in epoch .* in layer"):
        model.fit(1e8 * X, (y == "first").astype(float))
