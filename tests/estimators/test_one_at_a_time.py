"""One estimator is trained by one call at a time."""

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
