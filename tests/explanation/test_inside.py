"""What can be explained and checked: networks, estimators, pipelines, searches, transformed targets."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import MLPClassifier, MLPRegressor, check_gradients, diagnose, explain
from pellucid.estimators.inside import look_inside

FRAME, NUMBERS = load_iris(return_X_y=True, as_frame=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]


@pytest.fixture(autouse=True)
def _short_runs_are_meant() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        yield


def _models() -> dict[str, Any]:
    estimator = MLPClassifier((5,), max_iter=5, random_state=0)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=5, random_state=0))
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-3, 1e-2]}, cv=2)
    return {"estimator": estimator, "pipeline": pipeline, "search": search}


@pytest.mark.parametrize("kind", ["estimator", "pipeline", "search"])
def test_each_is_explained_checked_and_diagnosed(kind: str) -> None:
    model = _models()[kind].fit(FRAME, NAMES)
    rows = [0, 60, 120]
    assert check_gradients(model, FRAME.iloc[rows], NAMES[rows])
    step = explain(model, FRAME.iloc[rows], NAMES[rows]).step
    np.testing.assert_allclose(step.forward_pass.output, model.predict_proba(FRAME.iloc[rows]), rtol=1e-12)
    diagnose(model, FRAME, NAMES)


def test_names_of_columns_and_classes_come_with_it() -> None:
    model = _models()["search"].fit(FRAME, NAMES)
    inside = look_inside(model, FRAME, NAMES)
    assert inside.feature_names == tuple(FRAME.columns)
    assert inside.class_names == ("setosa", "versicolor", "virginica")
    np.testing.assert_allclose(np.asarray(inside.X).mean(axis=0), 0, atol=1e-12)


def test_a_transformed_target_is_transformed() -> None:
    X, y = load_diabetes(return_X_y=True)
    inner = MLPRegressor(hidden_layer_sizes=(5,), max_iter=5, random_state=0)
    model = TransformedTargetRegressor(inner, transformer=StandardScaler()).fit(X, y)
    inside = look_inside(model, X, y)
    assert inside.y.std() == pytest.approx(1)
    assert check_gradients(model, X[:8], y[:8])


def test_columns_in_another_order_or_missing_are_not_taken_for_others() -> None:
    model = _models()["estimator"].fit(FRAME, NAMES)
    with pytest.raises(ValueError, match="in the order of the fit"):
        explain(model, FRAME[FRAME.columns[::-1]], NAMES)
    with pytest.raises(ValueError, match=r"'sepal length \(cm\)' is missing"):
        check_gradients(model, pd.DataFrame(FRAME.to_numpy(), columns=list("abcd")), NAMES)


def test_what_has_no_network_in_it_is_named() -> None:
    theirs = TheirClassifier((4,), max_iter=5).fit(FRAME, NUMBERS)
    explain(theirs, FRAME.iloc[:3], NUMBERS[:3])
    with pytest.raises(TypeError, match=r"give from_sklearn\(model\)"):
        check_gradients(theirs, FRAME, NUMBERS)
    with pytest.raises(TypeError, match="got StandardScaler: call fit first"):
        check_gradients(StandardScaler(), FRAME, NUMBERS)
    with pytest.raises(TypeError, match="got int"):
        check_gradients(3, FRAME, NUMBERS)
    with pytest.raises(ValueError, match="not fitted yet"):
        check_gradients(_models()["pipeline"], FRAME, NAMES)
