"""Each row of docs/deviations.md: what theirs does, and what ours does instead."""

from __future__ import annotations

import re
import signal
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.sparse import csr_matrix
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import get_tags

import pellucid
from pellucid import check_gradients

from .data import columns_of_labels, iris, not_converged, numbers, two_classes

TABLE = Path(__file__).parents[2] / "docs" / "deviations.md"
SATURATED = np.array([[500.0], [-500.0]])


def fit_quietly(model, *data, **more):
    with not_converged():
        return model.fit(*data, **more)


def test_every_row_has_its_test():
    differences = TABLE.read_text(encoding="utf-8").partition("\n## Names of options")[0]
    rows = [line for line in differences.splitlines() if line.startswith("| ")][2:]
    named = [re.findall(r"`(test_\w+)`", row) for row in rows]
    assert all(len(names) == 1 for names in named)
    tests = {name for name in globals() if name.startswith("test_")} - {"test_every_row_has_its_test"}
    assert {names[0] for names in named} == tests
    assert len(named) == len(tests)


def their_gradient(model, X, Y):
    """Of the loss that scikit-learn reports: by its back-propagation, and by differences."""
    shapes = [W.shape for W in model.coefs_]
    activations = [X, *(np.empty((len(X), shape[1])) for shape in shapes)]
    deltas = [None] * len(shapes)
    dW, db = [np.empty(s) for s in shapes], [np.empty(s[1]) for s in shapes]
    theta = np.concatenate([part.ravel() for part in [*model.coefs_, *model.intercepts_]])

    def run(point):
        return model._loss_grad_lbfgs(point, X, Y, None, activations, deltas, dW, db)

    analytic = run(theta)[1].copy()
    return analytic, approx_fprime(theta, lambda point: run(point)[0], 1e-6)


@pytest.mark.parametrize("k", [1, 3])
def test_squared_error_of_k_outputs(k):
    X, Y = numbers(40, k)
    Y = Y.reshape(len(Y), -1)
    arguments = {"hidden_layer_sizes": (4,), "activation": "tanh", "solver": "lbfgs", "max_iter": 1, "random_state": 0}
    theirs = fit_quietly(neural_network.MLPRegressor(**arguments, alpha=0.0), X, Y.squeeze())
    analytic, numeric = their_gradient(theirs, X, Y)
    np.testing.assert_allclose(analytic, k * numeric, atol=1e-5)  # k times too large
    assert k == 1 or not np.allclose(analytic, numeric, atol=1e-2)
    ours = fit_quietly(pellucid.MLPRegressor(**arguments), X, Y.squeeze())
    assert check_gradients(ours.to_network(), X, Y, penalty=pellucid.penalties.L2(1e-4 / len(X))).passed
    # `loss_` is the function whose gradient that is.
    sgd = {**arguments, "solver": "sgd", "alpha": 0.0, "learning_rate_init": 1e-9}
    ours = fit_quietly(pellucid.MLPRegressor(**sgd), X, Y.squeeze())
    theirs = fit_quietly(neural_network.MLPRegressor(**sgd), X, Y.squeeze())
    assert ours.loss_ == pytest.approx(ours.to_network().loss_value(X, Y), rel=1e-6)
    assert ours.loss_ == pytest.approx(k * theirs.loss_, rel=1e-6)


def test_alpha_in_a_smaller_last_batch():
    X, y = numbers(110)
    arguments = {"solver": "sgd", "batch_size": 100, "shuffle": False, "max_iter": 1, "random_state": 0, "alpha": 1.0}
    model = fit_quietly(pellucid.MLPRegressor(**arguments), X, y)
    theirs = fit_quietly(neural_network.MLPRegressor(**arguments), X, y)
    network = pellucid.Network([pellucid.Dense(5, 100, "relu"), pellucid.Dense(100, 1)], loss="squared_error")
    start = fit_quietly(pellucid.MLPRegressor(**arguments | {"learning_rate_init": 1e-300}), X, y)
    network.theta = start.to_network().theta
    network.fit(
        X, y, optimizer=pellucid.optimizers.Nesterov(learning_rate=0.001), epochs=1, batch_size=100, shuffle=False,
        penalty=pellucid.penalties.L2(1.0 / 100),
    )  # fmt: skip
    np.testing.assert_allclose(model.coefs_[0], network.layers[0].W, rtol=1e-12)
    assert not np.allclose(theirs.coefs_[0], network.layers[0].W, rtol=1e-6)


def test_loss_curve_with_sample_weights():
    X, y = numbers(60)
    weight = np.random.default_rng(0).integers(1, 5, 60).astype(float)
    # A step too small to move: the loss of every batch is that of the same weights.
    arguments = {"solver": "sgd", "batch_size": 20, "max_iter": 1, "random_state": 0, "alpha": 0.0}
    arguments["learning_rate_init"] = 1e-300
    ours = fit_quietly(pellucid.MLPRegressor(**arguments), X, y, sample_weight=weight)
    theirs = fit_quietly(neural_network.MLPRegressor(**arguments), X, y, sample_weight=weight)
    exact = ours.to_network().loss_value(X, y, weight)
    assert ours.loss_ == pytest.approx(exact, rel=1e-12)
    assert theirs.loss_ != pytest.approx(exact, rel=1e-6)


def saturated(library):
    """Two classes, pre-activations of ± 500, and the labels the wrong way round."""
    arguments = {"hidden_layer_sizes": (), "solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "alpha": 0.0}
    model = fit_quietly(library.MLPClassifier(**arguments, warm_start=True, random_state=0), SATURATED, [0, 1])
    model.coefs_[0][:], model.intercepts_[0][:] = 1.0, 0.0
    return model


def test_loss_of_saturated_outputs():
    ours, theirs = saturated(pellucid), saturated(neural_network)
    assert fit_quietly(ours, SATURATED, [0, 1]).loss_ == pytest.approx(500.0)
    assert fit_quietly(theirs, SATURATED, [0, 1]).loss_ < 37


def test_log_probabilities_of_saturated_outputs():
    wide = 2 * SATURATED
    ours = saturated(pellucid).predict_log_proba(wide)
    np.testing.assert_allclose(ours, [[-1000.0, 0.0], [0.0, -1000.0]])
    with np.errstate(divide="ignore"):
        assert np.isinf(saturated(neural_network).predict_log_proba(wide)).any()
    near = SATURATED / 20  # 1 − p has few digits left there, ln p has all
    z = saturated(pellucid).decision_function(near)
    P = saturated(pellucid).predict_proba(near)
    np.testing.assert_allclose(P, np.column_stack([1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))]), rtol=1e-12)
    np.testing.assert_array_equal(saturated(pellucid).predict_log_proba(near), np.log(P))


def test_numbers_that_blow_up():
    X, y = iris()
    arguments = {"solver": "sgd", "learning_rate_init": 1e3, "activation": "identity", "random_state": 0}
    with pytest.raises(ValueError, match=r"Solver produced non-finite parameter weights\..*diverged in epoch .*layer"):
        pellucid.MLPRegressor(**arguments).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="weights with the best validation score are kept"):
        model = pellucid.MLPRegressor(**arguments | {"learning_rate_init": 1.0}, early_stopping=True).fit(X, y)
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.predict(X)).all()


def test_random_state_in_partial_fit():
    # From the same weights without momentum, two calls differ by the order of their rows alone.
    X, y = numbers(40)
    arguments = {"hidden_layer_sizes": (3,), "solver": "sgd", "momentum": 0, "batch_size": 1, "random_state": 0}
    for library, same in ((pellucid, False), (neural_network, True)):
        model = library.MLPRegressor(**arguments).partial_fit(X, y)
        weights, biases = [W.copy() for W in model.coefs_], [b.copy() for b in model.intercepts_]
        ends = []
        for _ in range(2):
            for i, (W, b) in enumerate(zip(weights, biases, strict=True)):
                model.coefs_[i][:], model.intercepts_[i][:] = W, b
            ends.append(model.partial_fit(X, y).coefs_[0].copy())
        assert np.array_equal(*ends) == same
    # Each call is one epoch of a fit.
    whole = fit_quietly(pellucid.MLPRegressor(max_iter=6, batch_size=7, shuffle=False, random_state=0), X, y)
    parts = pellucid.MLPRegressor(batch_size=7, shuffle=False, random_state=0)
    for _ in range(6):
        parts.partial_fit(X, y)
    np.testing.assert_array_equal(parts.coefs_[0], whole.coefs_[0])
    assert parts.loss_curve_ == whole.loss_curve_


def test_no_partial_fit_for_lbfgs():
    for kind in ("MLPClassifier", "MLPRegressor"):
        assert not hasattr(getattr(pellucid, kind)(solver="lbfgs"), "partial_fit")
    assert hasattr(neural_network.MLPRegressor(solver="lbfgs"), "partial_fit")


def test_activation_changed_after_fit():
    X, y = numbers()
    for library, changes in ((pellucid, False), (neural_network, True)):
        model = fit_quietly(library.MLPRegressor(max_iter=3, random_state=0), X, y)
        before = model.predict(X)
        after = model.set_params(activation="identity").predict(X)
        assert np.array_equal(before, after) != changes


def test_one_class():
    X, _ = iris()
    for library, columns in ((pellucid, 1), (neural_network, 2)):
        model = fit_quietly(library.MLPClassifier(max_iter=2), X, np.zeros(len(X), int))
        assert model.predict_proba(X).shape == (len(X), columns)
        assert len(model.classes_) == 1
        assert (model.predict(X) == 0).all()
    ours = fit_quietly(pellucid.MLPClassifier(max_iter=2), X, np.zeros(len(X), int))
    assert (ours.predict_proba(X) == 1).all()
    assert (ours.predict_log_proba(X) == 0).all()


def test_negative_sample_weights():
    X, y = numbers()
    weight = np.where(np.arange(len(y)) == 3, -1.0, 1.0)
    fit_quietly(neural_network.MLPRegressor(max_iter=1), X, y, sample_weight=weight)
    with pytest.raises(ValueError, match=r"Negative values in data passed to `sample_weight`"):
        pellucid.MLPRegressor(max_iter=1).fit(X, y, sample_weight=weight)


def test_poisson_of_negative_targets():
    X, y = numbers()
    with pytest.raises(ValueError, match=r"y must be >= 0 for loss 'poisson', got -.* in row"):
        pellucid.MLPRegressor("poisson").fit(X, y)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        theirs = neural_network.MLPRegressor("poisson", max_iter=2).fit(X, y)
    assert np.isnan(theirs.loss_)


def test_float32_with_lbfgs():
    X, y = numbers()
    for library, dtype in ((pellucid, np.float32), (neural_network, np.float64)):
        model = fit_quietly(library.MLPRegressor(solver="lbfgs", max_iter=3), X.astype(np.float32), y)
        assert model.coefs_[0].dtype == dtype


def test_history_of_lbfgs():
    X, y = numbers()
    ours = fit_quietly(pellucid.MLPRegressor(solver="lbfgs", max_iter=5), X, y)
    assert len(ours.loss_curve_) == ours.n_iter_ == 5
    assert ours.best_loss_ == min(ours.loss_curve_) == ours.loss_
    assert ours.t_ == 5 * len(y)
    theirs = fit_quietly(neural_network.MLPRegressor(solver="lbfgs", max_iter=5), X, y)
    assert not hasattr(theirs, "loss_curve_")
    assert theirs.t_ == 0


def test_tags():
    assert get_tags(pellucid.MLPRegressor()).target_tags.multi_output
    assert get_tags(pellucid.MLPClassifier()).target_tags.multi_output
    assert not get_tags(neural_network.MLPRegressor()).target_tags.multi_output


def test_columns_of_labels():
    X, Y = columns_of_labels()
    with pytest.raises(ValueError, match="not supported with label binarization"):
        neural_network.MLPClassifier().fit(X, Y)
    model = pellucid.MLPClassifier(solver="lbfgs", random_state=0).fit(X, Y)
    assert model.predict(X).shape == Y.shape
    assert model.score(X, Y) > 0.95
    assert [p.shape[1] for p in model.predict_proba(X)] == [3, 2]


def test_numbers_as_labels():
    X, y = numbers()
    with pytest.raises(ValueError, match="Unknown label type: continuous") as ours:
        pellucid.MLPClassifier().fit(X, y)
    with pytest.raises(ValueError, match="Unknown label type") as theirs:
        neural_network.MLPClassifier().fit(X, y)
    assert len(str(ours.value)) < 300 < len(str(theirs.value))


@pytest.mark.parametrize(
    ("odd", "named"), [(None, "a label in each row, got None"), (3, "one kind, got word and number")]
)
def test_labels_of_two_kinds(odd, named):
    X, y = two_classes()
    y = y.astype(object)
    y[7] = odd
    with pytest.raises(ValueError, match=rf"y must hold .*{named}.* row 8"):
        pellucid.MLPClassifier().fit(X, y)
    with pytest.raises(TypeError, match="not supported between instances"):
        neural_network.MLPClassifier().fit(X, y)


def test_score_of_a_constant_target():
    X, y = numbers()
    y = np.full(len(y), 0.1)
    ours = fit_quietly(pellucid.MLPRegressor(max_iter=2, random_state=0), X, y)
    theirs = fit_quietly(neural_network.MLPRegressor(max_iter=2, random_state=0), X, y)
    assert ours.score(X, y) == ours.score(X, y, np.ones(len(y))) == 0.0
    assert theirs.score(X, y) < -1e20
    columns = np.column_stack([y, X[:, 0]])
    ours = fit_quietly(pellucid.MLPRegressor(max_iter=2, random_state=0), X, columns)
    residual = ours.predict(X)[:, 1] - X[:, 0]
    share = 1 - residual @ residual / ((X[:, 0] - X[:, 0].mean()) ** 2).sum()
    assert ours.score(X, columns) == pytest.approx(share / 2)


@pytest.mark.parametrize("labels", [[2**63, 2**63 + 1, 1], [False, True, False], ["1", "2", "3"]])
def test_labels_that_numpy_would_change(labels):
    X, number = iris()
    y = [labels[i] for i in number]
    array = np.empty(len(y), dtype=object)
    array[:] = y
    for given in (y, array):
        model = fit_quietly(pellucid.MLPClassifier(max_iter=2), X, given)
        assert model.classes_.tolist() == sorted(set(labels))
    with pytest.raises(ValueError, match="one kind, got number and word"):
        pellucid.MLPClassifier().fit(X, [1, "1"] * 75)
    theirs = fit_quietly(neural_network.MLPClassifier(max_iter=2), X, [1, "1"] * 75)
    assert theirs.classes_.tolist() == ["1"]


def test_dates_in_inputs():
    days = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")[:, None]
    with pytest.raises(ValueError, match="X must hold numbers, and it holds dates"):
        pellucid.MLPRegressor().fit(days, np.arange(60.0))


def test_sparse_inputs():
    X, y = two_classes()
    X = np.where(np.abs(X) < 0.5, 0, X)
    dense = fit_quietly(pellucid.MLPClassifier(random_state=0, max_iter=5), X, y)
    sparse = fit_quietly(pellucid.MLPClassifier(random_state=0, max_iter=5), csr_matrix(X), y)
    np.testing.assert_array_equal(dense.coefs_[0], sparse.coefs_[0])
    np.testing.assert_allclose(dense.predict_proba(X), sparse.predict_proba(csr_matrix(X)), atol=1e-14)


def test_interruption():
    X, y = numbers()

    def press(run):
        if run.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.warns(UserWarning, match="training was interrupted after 3 of 50 epochs; what was learned is kept"):
        model = pellucid.MLPRegressor(max_iter=50, callbacks=[press], random_state=0).fit(X, y)
    assert model.n_iter_ == 3
    same = fit_quietly(pellucid.MLPRegressor(max_iter=3, random_state=0), X, y)
    np.testing.assert_array_equal(model.coefs_[0], same.coefs_[0])


def test_private_names():
    X, y = numbers()
    ours = fit_quietly(pellucid.MLPRegressor(max_iter=2), X, y)
    theirs = fit_quietly(neural_network.MLPRegressor(max_iter=2), X, y)
    for name in ("_optimizer", "_no_improvement_count"):
        assert hasattr(theirs, name)
        assert not hasattr(ours, name)
