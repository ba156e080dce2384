"""Predictions of a fitted estimator, and its conversion to other objects."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from pellucid.estimators import convert
from pellucid.estimators.inference import pre_activations
from pellucid.maths.typing import Array
from pellucid.model import Network


class FittedMixin:
    """Mix-in for fitted estimators. It reads `coefs_` and `intercepts_`, also if users have changed them."""

    if TYPE_CHECKING:  # arguments come from the table, and scikit-learn's own names have no types

        def __getattr__(self, name: str) -> Any: ...

    def _pre_activations(self, X: Any) -> Array:
        """Z of the last layer for X, after validation."""
        check_is_fitted(self, "coefs_")
        X = self._check_inputs(X)
        weights, biases = self.coefs_, self.intercepts_
        if self._input_scaling is not None:
            if issparse(X):
                W, b = self._input_scaling.into_first_layer(weights[0], biases[0])
                weights, biases = [W, *weights[1:]], [b, *biases[1:]]
            else:
                X = self._input_scaling.apply(X)
        return pre_activations(X, weights, biases, self._hidden)

    def _check_inputs(self, X: Any) -> Any:
        """X as returned by `validate_data`, with a fast path for finite matrices of the right width."""
        fast = (
            type(X) is np.ndarray
            and X.ndim == 2
            and X.shape[1] == self.n_features_in_
            and X.shape[0] > 0
            and X.dtype.kind == "f"
            and "feature_names_in_" not in self.__dict__
        )
        if fast:
            with np.errstate(over="ignore", invalid="ignore"):  # a non-finite sum only triggers the full check
                if math.isfinite(X.sum()):
                    return X
        return validate_data(self, X, accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)

    # ---------------------------------------------------------------- conversion

    def to_network(self) -> Network:
        """The trained network as a `Network` for unscaled inputs and targets; `scale` is folded into its layers.

        Returns
        -------
        Network
            A copy: it shares no memory with the estimator. `encode_targets` encodes targets for it.
        """
        return convert.to_network(self)

    def encode_targets(self, y: Any) -> Array:
        """Encode targets for the network of `to_network()`.

        Parameters
        ----------
        y : array-like (n,) or (n, k)
            As for `fit`.

        Returns
        -------
        array (n, units of the last layer)

        Raises
        ------
        ValueError
            If y holds a label that is not in `classes_`, or has another number of columns.

        Examples
        --------
        >>> from pellucid import MLPClassifier
        >>> model = MLPClassifier((2,), solver="lbfgs", random_state=0).fit([[0.0], [1.0], [2.0]], ["a", "b", "c"])
        >>> model.encode_targets(["c", "a"])
        array([[0, 0, 1],
               [1, 0, 0]])
        """
        check_is_fitted(self, "coefs_")
        checked = check_array(
            self._as_given(y), accept_sparse="csr", ensure_2d=False, dtype=None, input_name="y", estimator=self
        )
        encoded: Array = self._check_y(checked, "watched")[0]
        return encoded

    def to_sklearn(self) -> Any:
        """An estimator of scikit-learn with the same weights and predictions.

        Arguments that scikit-learn lacks and only training uses (dropout, schedules, class weights, …) are dropped;
        those that change predictions raise a ValueError.

        Returns
        -------
        sklearn.neural_network.MLPClassifier or MLPRegressor
        """
        return convert.to_sklearn(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags
