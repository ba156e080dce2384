"""Convert a fitted estimator to a `Network` (`to_network`) or to scikit-learn's estimator (`to_sklearn`).

Scaling is folded into the first and the last layer, so that the result takes unscaled inputs and predicts in the
original units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from pellucid.maths.activations import Activation
from pellucid.maths.typing import Array
from pellucid.model import Network
from pellucid.network.layers import Dense

THEIR_ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
THEIR_SOLVERS = {"lbfgs", "sgd", "adam"}
THEIR_LEARNING_RATES = {"constant", "invscaling", "adaptive"}


def folded(estimator: Any) -> tuple[list[Array], list[Array]]:
    """Copies of weights and biases, with the scaling folded in."""
    weights = [W.copy() for W in estimator.coefs_]
    biases = [b.copy() for b in estimator.intercepts_]
    if estimator._input_scaling is not None:
        weights[0], biases[0] = estimator._input_scaling.into_first_layer(weights[0], biases[0])
    if estimator._target_scaling is not None:
        weights[-1], biases[-1] = estimator._target_scaling.out_of_last_layer(weights[-1], biases[-1])
    return weights, biases


def to_network(estimator: Any) -> Network:
    """The network of a fitted estimator: `BaseMLP.to_network`."""
    check_is_fitted(estimator, "coefs_")
    weights, biases = folded(estimator)
    output, loss = estimator._answer
    activations: list[Activation] = [*estimator._hidden, output]
    network = Network(
        [
            Dense(W.shape[0], W.shape[1], activation, dropout=rate)
            for W, activation, rate in zip(weights, activations, [*estimator._dropout, 0.0], strict=True)
        ],
        loss,
        np.result_type(*weights),
    )
    network.theta = np.concatenate([part.ravel() for pair in zip(weights, biases, strict=True) for part in pair])
    return network


def to_sklearn(estimator: Any) -> Any:
    """scikit-learn's equivalent of a fitted estimator: `BaseMLP.to_sklearn`."""
    from sklearn import neural_network

    check_is_fitted(estimator, "coefs_")
    kind = getattr(neural_network, "MLPClassifier" if estimator._is_classifier else "MLPRegressor")
    twin = kind(**_their_arguments(estimator, kind))
    twin.coefs_, twin.intercepts_ = folded(estimator)
    for name in ("n_features_in_", "feature_names_in_", "n_layers_", "n_outputs_", "out_activation_", "n_iter_", "t_"):
        if hasattr(estimator, name):
            setattr(twin, name, getattr(estimator, name))
    for name in ("loss_", "best_loss_", "validation_scores_", "best_validation_score_"):
        setattr(twin, name, getattr(estimator, name))
    twin.loss_curve_ = list(estimator.loss_curve_)
    twin.best_loss_ = None if estimator.early_stopping else estimator.best_loss_
    twin._no_improvement_count = 0
    if estimator._is_classifier:
        twin._label_binarizer, twin.classes_ = estimator._targets.binarizer, estimator.classes_
    return twin


def _their_arguments(estimator: Any, kind: type) -> dict[str, Any]:
    """The arguments that scikit-learn has; others that only training uses are dropped."""
    names = {activation.name for activation in estimator._hidden}
    if len(names) > 1 or not names <= set(THEIR_ACTIVATIONS):
        raise ValueError(
            f"scikit-learn has one of {sorted(THEIR_ACTIVATIONS.values())} for all hidden layers, "
            f"this estimator has {[activation.name for activation in estimator._hidden]}: use to_network()"
        )
    if estimator.out_activation_ == "grouped_softmax":
        raise ValueError(
            "scikit-learn's MLPClassifier takes no targets of several columns with classes each: use to_network()"
        )
    given = estimator.get_params(deep=False)
    arguments = {name: given[name] for name in kind().get_params() if name in given}
    arguments["activation"] = THEIR_ACTIVATIONS[names.pop()] if names else "relu"
    if not isinstance(estimator.solver, str) or estimator.solver not in THEIR_SOLVERS:
        del arguments["solver"]
    if not isinstance(estimator.learning_rate, str) or estimator.learning_rate not in THEIR_LEARNING_RATES:
        del arguments["learning_rate"]
    if not estimator._is_classifier:
        arguments["loss"] = "poisson" if estimator.out_activation_ == "exp" else "squared_error"
    return arguments
