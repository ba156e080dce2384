"""What people hand in, fitted: estimators, pipelines, searches, scikit-learn's own, on frames and on arrays."""

import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, MLPClassifier, MLPRegressor, Network

# Names that matplotlib would take for formulas, or leave out of a legend.
NAMES = np.array(["price in $ and US$", "_hidden", "two\nlines"])
X, codes = make_blobs(60, centers=3, random_state=1)
WORDS = NAMES[codes]
FRAME = pd.DataFrame(X, columns=["cost_$ ($)", "width"])


def fit(model, X=FRAME, y=WORDS):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


def classifier(**options):
    return MLPClassifier((4,), max_iter=8, random_state=0, **options)


def classifiers():
    """Each kind of thing, and the X and y it was fitted on."""
    net = Network([Dense(2, 4, "tanh"), Dense(4, 3, "softmax")])
    net.fit(X, codes, epochs=5, random_state=0, progress=False)
    piped = make_pipeline(StandardScaler(), classifier())
    search = GridSearchCV(make_pipeline(StandardScaler(), classifier()), {"mlpclassifier__alpha": [0.0, 1.0]}, cv=2)
    theirs = TheirClassifier((4,), max_iter=8, random_state=0)
    return {
        "network": (net, X, codes),
        "estimator": (fit(classifier(), X, WORDS), X, WORDS),
        "on a frame": (fit(classifier()), FRAME, WORDS),
        "pipeline": (fit(piped), FRAME, WORDS),
        "search": (fit(search), FRAME, WORDS),
        "scikit-learn's": (fit(theirs, X, WORDS), X, WORDS),
    }


def regressor():
    return fit(MLPRegressor(hidden_layer_sizes=(3,), max_iter=8, random_state=0), X[:, :1], X[:, 1])
