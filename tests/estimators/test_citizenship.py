"""Inside scikit-learn: pipelines, searches, callbacks, frames, displays."""

from __future__ import annotations

import threading

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.ensemble import BaggingRegressor
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

from pellucid import MLPClassifier, MLPRegressor, activations, losses, optimizers

from .data import digits, iris, not_converged, numbers


def fit(model, *data, **more):
    with not_converged():
        return model.fit(*data, **more)


def test_pipelines_and_cross_validation():
    X, y = iris()
    model = make_pipeline(StandardScaler(), MLPClassifier((10,), learning_rate_init=0.02, random_state=0))
    with not_converged():
        assert cross_val_score(model, X * 9 + 4, y, cv=3).mean() > 0.9
    assert is_classifier(MLPClassifier())
    assert is_regressor(MLPRegressor())


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_grid_search_over_threads_and_processes(backend, monkeypatch):
    import joblib

    # Workers are new processes, which know nothing of filters set here.
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    X, y = digits(150)
    grid = {"hidden_layer_sizes": [(5,), (10,), (6, 4)], "activation": ["relu", activations.ELU(alpha=0.5)]}
    search = GridSearchCV(MLPClassifier(max_iter=15, learning_rate_init=0.02, random_state=0), grid, cv=2, n_jobs=2)
    with joblib.parallel_backend(backend):
        fit(search, X, y)
    alone = fit(clone(search).set_params(n_jobs=1), X, y)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])
    assert search.best_params_ == alone.best_params_


def test_runs_in_threads_do_not_disturb_each_other():
    X, y = digits(100)
    alone = fit(MLPClassifier(max_iter=5, random_state=0), X, y).coefs_[0]
    results = []

    def work():
        results.append(MLPClassifier(max_iter=5, random_state=0, tol=1e9, n_iter_no_change=10).fit(X, y).coefs_[0])

    with not_converged():
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 4
    for W in results:
        np.testing.assert_array_equal(W, alone)


def test_clones_keep_option_objects():
    model = MLPRegressor(
        losses.Huber(delta=2.0), activation=("tanh",), solver=optimizers.Adam(beta_1=0.8), callbacks=[print]
    )
    assert clone(model).get_params() == model.get_params()


def test_meta_estimators():
    X, y = iris()
    calibrated = fit(CalibratedClassifierCV(MLPClassifier(max_iter=30, random_state=0), cv=2), X, y)
    assert calibrated.predict_proba(X).shape == (150, 3)
    model = fit(MLPClassifier(max_iter=100, learning_rate_init=0.02, random_state=0), X, y)
    importance = permutation_importance(model, X, y, n_repeats=3, random_state=0)
    assert importance.importances_mean.argmax() in (2, 3)  # petals
    X, y = numbers()
    bagging = fit(BaggingRegressor(MLPRegressor(solver="lbfgs", max_iter=30), n_estimators=3, random_state=0), X, y)
    assert bagging.score(X, y) > 0.8


def test_decision_boundary_display():
    mpl.use("agg")
    X, y = iris()
    model = fit(MLPClassifier(max_iter=20, random_state=0), X[:, :2], y)
    for response in ("predict", "predict_proba", "decision_function"):
        display = DecisionBoundaryDisplay.from_estimator(model, X[:, :2], response_method=response, grid_resolution=20)
        display.figure_.clear()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_and_their_names(frame):
    X, y = iris()
    columns = ["sepal length", "sepal width", "petal length", "petal width"]
    table = frame(dict(zip(columns, X.T, strict=True)))
    model = fit(MLPClassifier(max_iter=5, random_state=0), table, y)
    assert list(model.feature_names_in_) == columns
    np.testing.assert_array_equal(model.predict(table), fit(MLPClassifier(max_iter=5, random_state=0), X, y).predict(X))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        model.predict(X)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table[columns[::-1]])


def test_html_shows_every_parameter_with_its_help():
    X, y = iris()
    page = estimator_html_repr(fit(MLPClassifier((7,), dropout=0.1, max_iter=3), X, y))
    for words in ("hidden_layer_sizes", "dropout", "class_weight", "n_iter_", "coefs_"):
        assert words in page
    assert "The probability with which an output of a hidden layer is set to 0 in a training step" in page


def test_metadata_routing():
    X, y = iris()
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    with config_context(enable_metadata_routing=True), not_converged():
        model = MLPClassifier(max_iter=3, random_state=0).set_fit_request(sample_weight=True, X_val=True, y_val=True)
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
        pipeline.fit(X, y, sample_weight=weight, X_val=X[:30], y_val=y[:30])
    inner = pipeline[-1]
    assert len(inner.validation_scores_) == 3
    direct = fit(MLPClassifier(max_iter=3, random_state=0), StandardScaler().fit_transform(X), y, sample_weight=weight)
    np.testing.assert_allclose(inner.loss_curve_, direct.loss_curve_)
    for method in ("fit", "partial_fit", "score"):
        assert hasattr(model, f"set_{method}_request")


class Recorder:
    """A callback by scikit-learn's protocol."""

    def __init__(self, stop_at=None):
        self.calls, self.stop_at, self.epochs = [], stop_at, 0

    def setup(self, estimator, context):
        self.calls.append("setup")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, metadata=None, fitted_estimator=None):
        self.calls.append(f"end {context.task_name}")
        if context.task_name == "epoch" and fitted_estimator is not None:
            self.epochs += 1
            assert fitted_estimator.predict(X).shape == (len(y),)
        return self.epochs == self.stop_at

    def teardown(self, estimator, context):
        self.calls.append("teardown")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_of_scikit_learn_are_told_and_may_stop(solver):
    X, y = iris()
    recorder = Recorder(stop_at=3)
    model = MLPClassifier(solver=solver, random_state=0).set_callbacks(recorder).fit(X, y)
    assert model.n_iter_ == 3
    epoch = ["begin epoch", "end epoch"]
    assert recorder.calls == ["setup", "begin fit", *epoch * 3, "end fit", "teardown"]
    recorder = Recorder()
    model = fit(MLPClassifier(solver="lbfgs", random_state=0).set_callbacks(recorder), X, y)
    assert recorder.epochs == model.n_iter_
    assert recorder.calls.count("begin epoch") == recorder.calls.count("end epoch")


def test_the_scoring_monitor_logs_each_epoch():
    X, y = iris()
    monitor = ScoringMonitor(scoring="accuracy")
    model = fit(MLPClassifier(max_iter=4, random_state=0).set_callbacks(monitor), X, y)
    scores = [row["accuracy"] for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    assert len(scores) == 4
    assert scores[-1] == model.score(X, y)


def test_the_progress_bar_of_scikit_learn_shows(capsys):
    X, y = iris()
    fit(MLPClassifier(max_iter=3, random_state=0).set_callbacks(ProgressBar()), X, y)
    assert "MLPClassifier" in capsys.readouterr().out
