"""Convert fitted estimators of scikit-learn to Pellucid's."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn import neural_network
from sklearn.utils.validation import check_is_fitted

from pellucid.estimators import blueprint
from pellucid.estimators.classifier import MLPClassifier
from pellucid.estimators.regressor import MLPRegressor
from pellucid.estimators.targets import Labels

FITTED = (
    "n_features_in_", "feature_names_in_", "classes_", "n_layers_", "n_outputs_", "out_activation_", "n_iter_", "t_",
    "loss_",
)  # fmt: skip


def from_sklearn(fitted: Any) -> MLPClassifier | MLPRegressor:
    """Convert a fitted estimator of scikit-learn, with its arguments, weights and predictions.

    `partial_fit` and `warm_start` continue from its weights, with a new optimizer state.

    Parameters
    ----------
    fitted : sklearn.neural_network.MLPClassifier or MLPRegressor
        It is not changed; no memory is shared.

    Returns
    -------
    MLPClassifier or MLPRegressor

    Raises
    ------
    TypeError
        For anything else.
    sklearn.exceptions.NotFittedError
        If it has no weights yet.

    Examples
    --------
    >>> from sklearn.neural_network import MLPRegressor
    >>> from pellucid import from_sklearn
    >>> theirs = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", random_state=0).fit([[0.0], [1.0]], [0.0, 1.0])
    >>> bool(np.allclose(from_sklearn(theirs).predict([[0.5]]), theirs.predict([[0.5]]), rtol=0, atol=1e-12))
    True
    """
    ours: MLPClassifier | MLPRegressor
    if isinstance(fitted, neural_network.MLPClassifier):
        ours = MLPClassifier(**fitted.get_params())
    elif isinstance(fitted, neural_network.MLPRegressor):
        ours = MLPRegressor(**fitted.get_params())
    else:
        raise TypeError(
            f"from_sklearn takes a fitted sklearn.neural_network.MLPClassifier or MLPRegressor, got {fitted!r}"
        )
    check_is_fitted(fitted, "coefs_")
    ours._begin()
    ours._scaling_known = True
    for name in FITTED:
        if hasattr(fitted, name):
            setattr(ours, name, copy.deepcopy(getattr(fitted, name)))
    ours.coefs_ = [np.array(W) for W in fitted.coefs_]
    ours.intercepts_ = [np.array(b) for b in fitted.intercepts_]
    ours.loss_curve_ = list(getattr(fitted, "loss_curve_", [fitted.loss_]))
    # Their L-BFGS keeps no history.
    scores = getattr(fitted, "validation_scores_", None)
    ours.validation_scores_ = None if scores is None else list(scores)
    ours.best_validation_score_ = getattr(fitted, "best_validation_score_", None)
    ours.best_loss_ = getattr(fitted, "best_loss_", fitted.loss_)
    ours._progress.samples = fitted.t_
    ours._progress.epochs = fitted.n_iter_
    ours._hidden = blueprint.hidden_activations(fitted.activation, len(fitted.coefs_) - 1)
    ours._dropout = [0.0] * len(ours._hidden)
    if isinstance(ours, MLPClassifier):
        ours._targets = Labels(copy.deepcopy(fitted._label_binarizer))
    ours._answer = ours._output()
    return ours
