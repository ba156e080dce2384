"""From scikit-learn, to scikit-learn, to a glass box: the same answers to 1e-12."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss

from pellucid import MLPClassifier, MLPRegressor, from_sklearn

from .data import columns_of_labels, iris, not_converged, numbers, two_classes, yes_or_no_labels


def fit(model, *data):
    with not_converged():
        return model.fit(*data)


def same(a, b):
    np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize("data", [iris, two_classes, yes_or_no_labels])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"activation": "logistic", "early_stopping": True}, {"solver": "lbfgs", "hidden_layer_sizes": (7, 5)}],
    ids=str,
)
def test_classifiers_from_scikit_learn_and_back(data, arguments):
    X, y = data()
    theirs = fit(neural_network.MLPClassifier(max_iter=20, random_state=0, **arguments), X, y)
    ours = from_sklearn(theirs)
    same(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    back = ours.to_sklearn()
    same(back.predict_proba(X), theirs.predict_proba(X))
    assert back.get_params() == theirs.get_params()
    assert ours.score(X, y) == back.score(X, y) == theirs.score(X, y)
    assert ours.loss_ == theirs.loss_
    assert not np.shares_memory(ours.coefs_[0], theirs.coefs_[0])


@pytest.mark.parametrize("arguments", [{}, {"loss": "poisson"}, {"hidden_layer_sizes": (), "solver": "sgd"}], ids=str)
@pytest.mark.parametrize("k", [1, 3])
def test_regressors_from_scikit_learn_and_back(arguments, k):
    X, y = numbers(60, k)
    y = np.abs(y)
    theirs = fit(neural_network.MLPRegressor(max_iter=20, random_state=0, **arguments), X, y)
    ours = from_sklearn(theirs)
    same(ours.predict(X), theirs.predict(X))
    same(ours.to_sklearn().predict(X), theirs.predict(X))


@pytest.mark.parametrize("scale", [None, "standard", "robust"])
def test_scaling_is_folded_into_the_layers(scale):
    X, y = numbers(80)
    X = X * [1, 20, 0.1, 3, 5] + 2
    model = fit(MLPRegressor(activation="tanh", scale=scale, dropout=0.2, max_iter=30, random_state=0), X, 30 * y - 7)
    np.testing.assert_allclose(model.to_sklearn().predict(X), model.predict(X), rtol=1e-11, atol=1e-10)
    np.testing.assert_allclose(model.to_network().predict(X), model.predict(X), rtol=1e-11, atol=1e-10)
    X, y = iris()
    model = fit(MLPClassifier(scale=scale, max_iter=30, random_state=0), X * 7 + 3, y)
    same(model.to_sklearn().predict_proba(X * 7 + 3), model.predict_proba(X * 7 + 3))
    same(model.to_network().predict_proba(X * 7 + 3), model.predict_proba(X * 7 + 3))


@pytest.mark.parametrize("data", [iris, two_classes, yes_or_no_labels, columns_of_labels])
def test_the_network_answers_as_the_estimator(data):
    X, y = data()
    model = fit(MLPClassifier((6, 4), ("elu", "tanh"), max_iter=5, random_state=0), X, y)
    answers = model.predict_proba(X)
    same(model.to_network().forward(X).output, {
        two_classes: lambda: answers[:, 1:], columns_of_labels: lambda: np.hstack(answers)
    }.get(data, lambda: answers)())  # fmt: skip
    network = model.to_network()
    network.theta = 0 * network.theta
    assert model.coefs_[0].any()  # a copy


def test_the_network_keeps_the_dropout_it_was_trained_with():
    X, y = iris()
    model = fit(MLPClassifier((6, 4), dropout=(0.25, 0.5), max_iter=5, random_state=0), X, y)
    model.set_params(dropout=0.1)  # is for the next fit
    network = model.to_network()
    assert [spec.dropout for spec in network.specs] == [0.25, 0.5, 0.0]
    same(network.predict_proba(X), model.predict_proba(X))
    theirs = fit(neural_network.MLPClassifier((6, 4), max_iter=5, random_state=0), X, y)
    assert [spec.dropout for spec in from_sklearn(theirs).to_network().specs] == [0.0, 0.0, 0.0]


def test_targets_as_the_network_takes_them():
    X, y = columns_of_labels()
    model = fit(MLPClassifier(max_iter=2, random_state=0), X, y)
    Y = model.encode_targets(y)
    assert (Y.sum(axis=1) == y.shape[1]).all()
    np.testing.assert_array_equal(model._targets.decode(Y), y)
    X, y = iris()
    model = fit(MLPClassifier(max_iter=2, random_state=0), X, y)
    loss = model.to_network().loss_value(X, model.encode_targets(y))
    assert loss == pytest.approx(log_loss(y, model.predict_proba(X)), rel=1e-12)
    with pytest.raises(ValueError, match=r"`y` has classes not in `self\.classes_`"):
        model.encode_targets(["no such"])
    with pytest.raises(NotFittedError):
        MLPClassifier().encode_targets(y)
    X, y = numbers(30, 2)
    model = fit(MLPRegressor(max_iter=2, scale="standard"), X, y)
    np.testing.assert_array_equal(model.encode_targets(y), y)
    with pytest.raises(ValueError, match=r"y must have 2 column\(s\)"):
        model.encode_targets(y[:, 0])


def test_both_go_on_learning():
    X, y = iris()
    theirs = fit(neural_network.MLPClassifier(max_iter=5, random_state=0), X, y)
    ours = from_sklearn(theirs)
    before = ours.loss_
    for _ in range(20):
        ours.partial_fit(X, y)
    assert ours.loss_ < before
    assert ours.t_ == 25 * len(X)
    back = ours.to_sklearn()
    back.partial_fit(X, y)
    assert back.loss_ < before


def test_what_scikit_learn_has_no_word_for():
    X, y = iris()
    for model in (MLPClassifier((5,), "elu"), MLPClassifier((5, 4), ("relu", "tanh"))):
        with pytest.raises(ValueError, match=r"for all hidden layers, this estimator has .*use to_network"):
            fit(model.set_params(max_iter=2), X, y).to_sklearn()
    with pytest.raises(ValueError, match="several columns with classes each: use to_network"):
        fit(MLPClassifier(max_iter=2), *columns_of_labels()).to_sklearn()
    model = fit(MLPClassifier(solver="nadam", learning_rate="cosine", class_weight="balanced", max_iter=2), X, y)
    theirs = model.to_sklearn()
    assert (theirs.solver, theirs.learning_rate) == ("adam", "constant")
    same(theirs.predict_proba(X), model.predict_proba(X))


def test_what_is_no_fitted_mlp_is_refused():
    with pytest.raises(TypeError, match=r"from_sklearn takes a fitted sklearn.neural_network.MLPClassifier or"):
        from_sklearn(MLPClassifier())
    with pytest.raises(NotFittedError):
        from_sklearn(neural_network.MLPClassifier())
    for way in ("to_network", "to_sklearn"):
        with pytest.raises(NotFittedError):
            getattr(MLPClassifier(), way)()
