"""Validation data of one's own, what is watched on it, and which weights are kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss, make_scorer

from pellucid import MLPClassifier, MLPRegressor

from .data import digits, iris, not_converged, numbers, yes_or_no_labels


def halves():
    X, y = digits(300)
    return X[:200], y[:200], X[200:], y[200:]


def fit(model, *data, **more):
    with not_converged():
        return model.fit(*data, **more)


def test_own_validation_data_are_watched_and_the_best_weights_kept():
    X, y, X_val, y_val = halves()
    arguments = {"learning_rate_init": 0.05, "max_iter": 30, "tol": 0.0, "random_state": 0, "batch_size": 20}
    model = fit(MLPClassifier(**arguments), X, y, X_val=X_val, y_val=y_val)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == model.n_iter_ == 30
    assert model.best_validation_score_ == max(model.validation_scores_) == pytest.approx(model.score(X_val, y_val))
    blind = fit(MLPClassifier(**arguments), X, y)
    np.testing.assert_allclose(model.loss_curve_, blind.loss_curve_)  # watching changes nothing
    assert blind.validation_scores_ is blind.validation_loss_curve_ is blind.best_validation_score_ is None


def test_the_validation_loss_is_the_mean_loss():
    X, y, X_val, y_val = halves()
    model = fit(MLPClassifier(max_iter=3, random_state=0, scoring="loss"), X, y, X_val=X_val, y_val=y_val)
    assert model.validation_loss_curve_[-1] == pytest.approx(log_loss(y_val, model.predict_proba(X_val)))
    assert model.validation_scores_ == [-value for value in model.validation_loss_curve_]


def test_early_stopping_on_own_data_ends_the_run():
    X, y, X_val, y_val = halves()
    model = MLPClassifier(early_stopping=True, learning_rate_init=0.02, n_iter_no_change=3, random_state=0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    assert model.n_iter_ < 200
    assert model.history_.stopped.startswith("Validation score did not improve")
    assert model.history_.ending == "early stopping"
    assert model.t_ == model.n_iter_ * len(X)  # nothing was held back


@pytest.mark.parametrize(
    ("scoring", "score"),
    [
        ("balanced_accuracy", lambda model, X, y: balanced_accuracy_score(y, model.predict(X))),
        ("neg_log_loss", lambda model, X, y: -log_loss(y, model.predict_proba(X))),
        (make_scorer(balanced_accuracy_score), lambda model, X, y: balanced_accuracy_score(y, model.predict(X))),
        (lambda model, X, y: 7.0, lambda model, X, y: 7.0),
    ],
)
def test_any_scorer_can_be_watched(scoring, score):
    X, y, X_val, y_val = halves()
    model = fit(
        MLPClassifier(scoring=scoring, max_iter=8, scale="standard", random_state=0), X, y, X_val=X_val, y_val=y_val
    )
    assert model.best_validation_score_ == pytest.approx(score(model, X_val, y_val))


def test_scorers_get_the_raw_inputs_and_the_users_labels():
    X, y = iris()
    names = np.array(["a", "b", "c"])[y]
    seen = []

    def scorer(model, X_val, y_val):
        seen.append((X_val, y_val))
        return model.score(X_val, y_val)

    frame = pd.DataFrame(X * 10 + 5, columns=list("pqrs"))
    model = MLPClassifier(scoring=scorer, early_stopping=True, scale="robust", max_iter=5, random_state=0)
    fit(model, frame, names)
    held, labels = seen[0]
    assert set(labels) <= {"a", "b", "c"}
    assert all((frame.to_numpy() == row).all(axis=1).any() for row in held)


def test_regression_scores_are_r2_of_raw_targets():
    X, y = numbers()
    model = MLPRegressor(scale="standard", max_iter=10, random_state=0)
    fit(model, X[:80], 100 * y[:80] + 7, X_val=X[80:], y_val=100 * y[80:] + 7)
    assert model.best_validation_score_ == pytest.approx(model.score(X[80:], 100 * y[80:] + 7))


def test_validation_weights():
    X, y = numbers()
    weight = np.r_[np.ones(20), np.zeros(20)]
    model = fit(
        MLPRegressor(max_iter=5, random_state=0), X[:80], y[:80], X_val=X[80:], y_val=y[80:], sample_weight_val=weight
    )
    assert model.best_validation_score_ == pytest.approx(model.score(X[80:100], y[80:100]))


def test_lbfgs_watches_too():
    X, y, X_val, y_val = halves()
    model = MLPClassifier(solver="lbfgs", early_stopping=True, n_iter_no_change=2, random_state=0, alpha=0.0)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    assert len(model.validation_scores_) == model.n_iter_
    assert model.best_validation_score_ == pytest.approx(model.score(X_val, y_val))
    assert MLPClassifier(solver="lbfgs", early_stopping=True, random_state=0).fit(X, y).validation_scores_ is None


def test_yes_or_no_labels_are_right_if_all_are():
    X, Y = yes_or_no_labels()
    model = fit(MLPClassifier(max_iter=5, random_state=0), X[:60], Y[:60], X_val=X[60:], y_val=Y[60:])
    assert model.best_validation_score_ == pytest.approx(model.score(X[60:], Y[60:]))


def test_what_does_not_fit_is_refused():
    X, y, X_val, y_val = halves()
    cases = [
        ({"X_val": X_val}, "X_val and y_val must be given together, got only X_val"),
        ({"y_val": y_val}, "X_val and y_val must be given together, got only y_val"),
        ({"X_val": X_val[:, :3], "y_val": y_val}, "X has 3 features, but MLPClassifier is expecting 64"),
        ({"X_val": X_val, "y_val": y_val + 5}, "`y` has classes not in `self.classes_`"),
        ({"X_val": X_val, "y_val": y_val[:-1]}, "inconsistent numbers of samples"),
    ]
    for arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            MLPClassifier(max_iter=2).fit(X, y, **arguments)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        MLPClassifier(early_stopping=True).partial_fit(X, y, classes=range(10))
    with pytest.raises(ValueError, match="The validation set is too small"):
        MLPRegressor(early_stopping=True).fit(X[:2], y[:2])
    with pytest.raises(ValueError, match="'no_such' is not a valid scoring value"):
        MLPClassifier(scoring="no_such", max_iter=2).fit(X, y, X_val=X_val, y_val=y_val)
