"""Epochs are run in one go as far as nothing can happen between them, and no number depends on it."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from pellucid import MLPClassifier
from pellucid.engines.reference import ReferenceEngine


@pytest.fixture
def calls(monkeypatch):
    """How many epochs each call of the engine ran."""
    counts = []
    run = ReferenceEngine.run

    def counting(self, epochs, interrupted):
        counts.append(len(epochs))
        return run(self, epochs, interrupted)

    monkeypatch.setattr(ReferenceEngine, "run", counting)
    return counts


def data(rng):
    X = rng.normal(size=(60, 4))
    return X, (X[:, 0] + X[:, 1] ** 2 > 0.5).astype(int)


ARGUMENTS = [
    {"n_iter_no_change": 3, "tol": 1e-3, "learning_rate_init": 0.05},  # ends when patience does
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 2, "learning_rate_init": 0.5},
    {"max_iter": 7},
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_the_same_run_as_one_epoch_at_a_time(rng, calls, arguments):
    X, y = data(rng)
    arguments = {"hidden_layer_sizes": (8,), "max_iter": 300, "random_state": 0, "batch_size": 16} | arguments
    arguments["engine"] = "reference"
    seen = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        together = MLPClassifier(**arguments).fit(X, y)
        assert len(calls) < together.n_iter_ / 2
        calls.clear()
        single = MLPClassifier(**arguments, callbacks=lambda run: seen.append(run.epoch)).fit(X, y)
    assert set(calls) == {1}
    assert seen == list(range(single.n_iter_))
    assert together.loss_curve_ == single.loss_curve_
    assert together.history_["rate"] == single.history_["rate"]
    assert together.history_.stopped == single.history_.stopped
    assert together.best_loss_ == single.best_loss_
    for ours, theirs in zip(together.coefs_, single.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_is_printed_is_printed_epoch_by_epoch(rng, calls, capsys):
    X, y = data(rng)
    with pytest.warns(ConvergenceWarning):
        MLPClassifier((4,), max_iter=5, random_state=0, verbose=True, engine="reference").fit(X, y)
    assert calls == [1] * 5
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"Iteration {i}" for i in range(1, 6)
    ]


def test_a_search_without_callbacks_runs_epochs_together(rng, calls):
    """scikit-learn hands every estimator of a search a context for callbacks, also where there are none."""
    X, y = data(rng)
    model = MLPClassifier(max_iter=8, random_state=0, engine="reference")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        GridSearchCV(model, {"hidden_layer_sizes": [(3,), (4,)]}, cv=2, refit=False).fit(X, y)
    assert calls == [8] * 4
