"""One estimator is trained by one call at a time."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from pellucid import MLPClassifier, MLPRegressor

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("second", ["fit", "partial_fit"])
def test_a_second_training_is_refused_while_the_first_runs(kind: Any, second: str) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(run: Any) -> None:
        begun.set()
        go_on.wait(30)

    model = kind(
        hidden_layer_sizes=(3,), max_iter=2, tol=0, callbacks=[wait], n_iter_no_change=99, learning_rate_init=0.1
    )
    first = threading.Thread(target=lambda: model.fit(X, Y), daemon=True)
    first.start()
    assert begun.wait(30)
    try:
        with pytest.raises(RuntimeError, match="this estimator is being trained already"):
            getattr(model, second)(X, Y)
        with pytest.raises(ValueError, match="NaN"):
            clone(model).fit(np.full((2, 3), np.nan), [0, 1])  # another one is not
    finally:
        go_on.set()
        first.join()
    model.partial_fit(X, Y)  # over: the estimator can be trained again


def test_an_error_frees_the_estimator() -> None:
    model = MLPClassifier(hidden_layer_sizes=(3,), callbacks=[lambda run: 1 / 0])
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            model.fit(X, Y)
    model.set_params(callbacks=[lambda run: model.fit(X, Y)])
    with pytest.raises(RuntimeError, match="this estimator is being trained already"):
        model.fit(X, Y)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, clone, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_copy_trains_on_its_own(way: Any) -> None:
    """Neither moves what the other remembers: running means, the count of steps, the curve of the loss."""
    model, alone = (MLPClassifier(hidden_layer_sizes=(3,), max_iter=3, random_state=0).fit(X, Y) for _ in range(2))
    twin = way(model)
    for estimator in (twin, model, alone):
        for _ in range(3):
            estimator.partial_fit(X, Y, classes=[0, 1])
    assert model.loss_curve_ == alone.loss_curve_
    for W, expected in zip(model.coefs_, alone.coefs_, strict=True):
        np.testing.assert_array_equal(W, expected)
    if way is not clone:  # which begins anew
        assert twin.loss_curve_ == alone.loss_curve_
