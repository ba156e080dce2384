"""Integer weights are repeated rows; class weights are sample weights."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from pellucid import MLPClassifier, MLPRegressor

from .data import columns_of_labels, iris, not_converged, numbers, two_classes, yes_or_no_labels

# On the full batch and without dropout: else other rows meet in a batch, or other units are silent.
SETTINGS = [
    {},
    {"solver": "lbfgs", "max_iter": 30},
    {"scale": "standard", "solver": "sgd", "learning_rate_init": 0.05},
    {"scale": "robust", "l1": 0.01, "clip_norm": 0.5, "max_norm": 1.0, "solver": "nadam"},
    {"learning_rate": "cosine", "solver": "rmsprop", "activation": "gelu"},
]


def predictions(model, X):
    answers = model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)
    return np.hstack(answers) if isinstance(answers, list) else answers


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (MLPClassifier, iris),
        (MLPClassifier, two_classes),
        (MLPClassifier, yes_or_no_labels),
        (MLPClassifier, columns_of_labels),
        (MLPRegressor, numbers),
        (MLPRegressor, lambda: numbers(90, 3)),
    ],
)
def test_integer_weights_are_repeated_rows(kind, data, settings):
    X, y = data()
    times = np.random.default_rng(0).integers(0, 4, len(y))
    arguments = {"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0} | settings
    times_n = int(times.sum())
    with not_converged():
        weighted = kind(**arguments | {"batch_size": len(y)}).fit(X, y, sample_weight=times)
        repeated = kind(**arguments | {"batch_size": times_n}).fit(X.repeat(times, axis=0), y.repeat(times, axis=0))
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-6)
    np.testing.assert_allclose(predictions(weighted, X), predictions(repeated, X), atol=1e-5)


@pytest.mark.parametrize(
    ("data", "class_weight"),
    [
        (iris, {0: 1.0, 1: 3.0, 2: 0.5}),
        (iris, {1: 2.0}),
        (iris, "balanced"),
        (two_classes, {"yes": 5.0, "no": 1.0}),
        (two_classes, "balanced"),
        (yes_or_no_labels, [{0: 1.0, 1: 2.0}] * 4),
        (yes_or_no_labels, "balanced"),
        (columns_of_labels, [{0: 1.0, 1: 2.0, 2: 3.0}, {0: 0.5, 1: 1.5}]),
    ],
)
def test_class_weights_are_sample_weights(data, class_weight):
    X, y = data()
    own = np.random.default_rng(1).uniform(0.5, 2, len(y))
    of_class = compute_sample_weight(class_weight, y)
    if isinstance(class_weight, str) and y.ndim == 1:  # counted by weight, so that a weight of 2 is a row twice
        labels = np.unique(y)
        of_class = sum((y == c) * own.sum() / (len(labels) * own[y == c].sum()) for c in labels)
    with not_converged():
        weighed = MLPClassifier(class_weight=class_weight, max_iter=10, random_state=0).fit(X, y, own)
        same = MLPClassifier(max_iter=10, random_state=0).fit(X, y, own * of_class)
    np.testing.assert_allclose(weighed.coefs_[0], same.coefs_[0], atol=1e-12)


def test_class_weights_move_the_answers():
    X, y = two_classes()
    rare = np.flatnonzero(y == "yes")[:5]
    rows = np.concatenate([np.flatnonzero(y == "no"), rare])
    arguments = {"hidden_layer_sizes": (10,), "max_iter": 60, "learning_rate_init": 0.02, "random_state": 0}
    with not_converged():
        plain = MLPClassifier(**arguments).fit(X[rows], y[rows])
        balanced = MLPClassifier(**arguments, class_weight="balanced").fit(X[rows], y[rows])
    assert (balanced.predict(X) == "yes").sum() > (plain.predict(X) == "yes").sum() + 5


def test_balanced_weights_need_all_samples():
    X, y = iris()
    with pytest.raises(ValueError, match=r"class_weight 'balanced' is not supported for partial_fit.*give a dict"):
        MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
    weighed = MLPClassifier(class_weight={1: 2.0}, random_state=0).partial_fit(X, y, classes=[0, 1, 2])
    same = MLPClassifier(random_state=0).partial_fit(X, y, 1.0 + (y == 1), classes=[0, 1, 2])
    np.testing.assert_allclose(weighed.coefs_[0], same.coefs_[0], atol=1e-12)
