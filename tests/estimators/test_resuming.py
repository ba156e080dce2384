"""One call after another: partial_fit, warm start, and files between them."""

from __future__ import annotations

import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from pellucid import MLPClassifier, MLPRegressor, optimizers

from .data import iris, not_converged, numbers, two_classes, yes_or_no_labels


def fit(model, *data):
    with not_converged():
        return model.fit(*data)


@pytest.mark.parametrize(
    "arguments",
    [
        {"solver": "adam"},
        {"solver": "sgd"},
        {"solver": "nadam", "learning_rate": "cosine"},
        {"solver": optimizers.RMSProp(), "learning_rate": "one_cycle"},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 1},
        {"scale": "standard", "clip_norm": 0.1},
    ],
    ids=str,
)
def test_calls_of_partial_fit_are_epochs_of_fit(arguments):
    X, y = numbers()
    arguments = {"max_iter": 12, "random_state": 0} | arguments  # on the full batch, whose order says nothing
    whole = fit(MLPRegressor(**arguments), X, y)
    parts = MLPRegressor(**arguments)
    for _ in range(whole.n_iter_):
        parts.partial_fit(X, y)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-12)
    np.testing.assert_allclose(parts.coefs_[0], whole.coefs_[0], rtol=1e-10, atol=1e-12)
    assert parts.t_ == whole.t_
    assert parts.n_iter_ == 1


@pytest.mark.parametrize("data", [iris, two_classes, yes_or_no_labels])
def test_classes_come_with_the_first_call(data):
    X, y = data()
    classes = np.arange(4) if y.ndim == 2 else np.unique(y)
    model = MLPClassifier(random_state=0)
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        model.partial_fit(X, y)
    model.partial_fit(X[:30], y[:30], classes=classes)
    model.partial_fit(X[30:], y[30:])
    np.testing.assert_array_equal(model.classes_, classes)
    assert model.predict_proba(X).shape[1] == len(classes)
    if y.ndim == 1:
        with pytest.raises(ValueError, match=r"`y` has classes not in `self.classes_`"):
            model.partial_fit(X[:2], ["x", "yy"] if y.dtype.kind == "U" else [7, 8])
        with pytest.raises(ValueError, match="is not the same as on last call to partial_fit"):
            model.partial_fit(X, y, classes=classes[:-1])


def test_fit_after_partial_fit_begins_anew():
    X, y = iris()
    model = MLPClassifier(random_state=0, max_iter=3).partial_fit(X, y, classes=[0, 1, 2, 3])
    fit(model, X, y)
    assert list(model.classes_) == [0, 1, 2]
    np.testing.assert_array_equal(model.coefs_[0], fit(clone(model), X, y).coefs_[0])


def test_warm_start_goes_on_from_the_weights():
    X, y = iris()
    model = fit(MLPClassifier(warm_start=True, max_iter=10, random_state=0), X, y)
    first = model.loss_curve_[:]
    fit(model, X, y)
    assert model.loss_curve_[:10] == first
    assert model.loss_curve_[10] < first[-1]
    assert (len(model.loss_curve_), model.n_iter_, model.t_) == (20, 10, 20 * len(X))
    with pytest.raises(ValueError, match="warm_start can only be used where `y` has the same classes"):
        model.fit(X, np.minimum(y, 1))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(7,\) does not fit the weights of the last fit"):
        model.set_params(hidden_layer_sizes=(7,)).fit(X, y)
    model.set_params(hidden_layer_sizes=(100,))
    model.intercepts_[0] = np.zeros(1)  # a shape that NumPy would repeat
    with pytest.raises(ValueError, match="does not fit the weights of the last fit"):
        model.fit(X, y)


def test_warm_start_with_early_stopping_keeps_its_best():
    X, y = iris()
    model = fit(MLPClassifier(warm_start=True, early_stopping=True, max_iter=5, random_state=0), X, y)
    fit(model, X, y)
    assert len(model.validation_scores_) == 10
    assert model.best_validation_score_ == max(model.validation_scores_)


@pytest.mark.parametrize("through", ["pickle", "joblib"])
def test_files_keep_predictions_and_what_training_goes_on_from(through, tmp_path):
    X, y = numbers()
    model = fit(MLPRegressor(scale="robust", max_iter=5, random_state=0), X, y)
    if through == "pickle":
        twin = pickle.loads(pickle.dumps(model))
    else:
        joblib.dump(model, tmp_path / "model")
        twin = joblib.load(tmp_path / "model")
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    np.testing.assert_array_equal(twin.partial_fit(X, y).predict(X), model.partial_fit(X, y).predict(X))


def test_the_adaptive_rate_is_kept_between_calls():
    X, y = numbers()
    model = MLPRegressor(solver="sgd", learning_rate="adaptive", tol=1e9, n_iter_no_change=1, random_state=0)
    rates = [model.partial_fit(X, y).history_["rate"][-1] for _ in range(6)]
    np.testing.assert_allclose(rates, [1e-3, 1e-3, 1e-3, 2e-4, 2e-4, 4e-5])


def test_a_schedule_that_watches_epochs_needs_fit():
    X, y = numbers()
    with pytest.raises(ValueError, match="partial_fit does not support learning_rate='reduce_on_plateau'"):
        MLPRegressor(learning_rate="reduce_on_plateau").partial_fit(X, y)


def test_the_number_of_outputs_stays():
    X, y = numbers(50, 2)
    model = MLPRegressor().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y must have 2 column\(s\) as in the first call to fit, got 1"):
        model.partial_fit(X, y[:, 0])


def test_a_refused_call_leaves_the_fitted_model_as_it_was():
    X, y = numbers()
    model = fit(MLPRegressor(hidden_layer_sizes=(6,), warm_start=True, max_iter=5, random_state=0), X, y)
    before = model.predict(X)
    for arguments in ({"hidden_layer_sizes": (3, 3)}, {"activation": "no such"}, {"dropout": (0.1, 0.1)}, {"tol": -1}):
        with pytest.raises(ValueError, match=r"hidden_layer_sizes|activation|dropout|tol"):
            model.set_params(**arguments).fit(X, y)
        model.set_params(hidden_layer_sizes=(6,), activation="relu", dropout=0.0, tol=1e-4)
        np.testing.assert_array_equal(model.predict(X), before)
