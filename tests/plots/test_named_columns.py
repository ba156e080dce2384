"""A model that was fitted on named columns is drawn without a warning about names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import MLPClassifier, MLPRegressor, plots

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(40, 2))
LABELS = np.where(NUMBERS[:, 0] > 0, "yes", "no")


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_no_warning_about_names(frame):
    table = frame({"a": NUMBERS[:, 0], "b": NUMBERS[:, 1]})
    options = {"hidden_layer_sizes": (4,), "solver": "lbfgs", "random_state": 0}
    classifier = make_pipeline(StandardScaler(), MLPClassifier(**options)).fit(table, LABELS)
    regressor = MLPRegressor(**options).fit(table, NUMBERS[:, 0])
    for rows in (table, NUMBERS):
        plots.confusion_matrix(classifier, rows, LABELS)
        plots.decision_boundary(classifier, rows, LABELS, resolution=10)
        plots.residuals(regressor, rows, NUMBERS[:, 0])
