"""`MLPRegressor`: `BaseMLP` with numbers as targets."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.special import xlogy
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from pellucid.estimators.base import BaseMLP
from pellucid.estimators.custom_functions import check_custom_loss
from pellucid.estimators.rows import Role, Rows
from pellucid.estimators.signature import arguments_of
from pellucid.estimators.solvers import is_stochastic
from pellucid.maths.activations import Activation
from pellucid.maths.losses import LOSSES, Loss
from pellucid.maths.metrics import R2
from pellucid.maths.typing import Array
from pellucid.models.recipes import head_for_values
from pellucid.network.checks import relative_weights, warn_of_lost_digits


@arguments_of("regressor")
class MLPRegressor(RegressorMixin, BaseMLP):
    r"""A multi-layer perceptron for regression: scikit-learn's `MLPRegressor` with more features.

    Minimises J(θ) = Σᵢ wᵢ ℓᵢ/Σᵢ wᵢ + (alpha/2 Σ w² + l1 Σ |w|)/(sample weight of a batch), with ℓ the loss summed over
    the k outputs: for the squared error ℓ = ½ Σⱼ (aⱼ − yⱼ)², whose gradient is descended exactly.

    Arguments up to `max_fun` have scikit-learn's meaning and defaults; `docs/deviations.md` lists where the two
    differ, and why.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    coefs_ : list of arrays (p, h)
        The weights of each layer. Predictions read them, so changes take effect.
    intercepts_ : list of arrays (h,)
        The biases of each layer.
    loss_ : float
        J in the last epoch, averaged over its batches, each before its update; for scaled targets with `scale`.
    loss_curve_ : list of float
        J in each epoch.
    best_loss_ : float or None
        The lowest of `loss_curve_`; None with early stopping.
    validation_scores_ : list of float or None
        The score on validation data after each epoch; None without.
    validation_loss_curve_ : list of float or None
        The mean loss on validation data after each epoch, without penalty; None without.
    best_validation_score_ : float or None
        The highest of `validation_scores_`, whose weights are kept.
    history_ : History
        All measurements of the last run.
    n_iter_ : int
        Epochs of the last run.
    t_ : int
        Samples seen since the weights were drawn.
    n_features_in_ : int
        p.
    feature_names_in_ : array (p,)
        Names of the columns, if X had names.
    n_layers_ : int
        Layers, counting inputs and outputs.
    n_outputs_ : int
        k.
    out_activation_ : str
        'identity', or 'exp' for the Poisson loss.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import MLPRegressor
    >>> X = np.linspace(-1, 1, 60).reshape(-1, 1)
    >>> model = MLPRegressor(hidden_layer_sizes=(8,), activation="tanh", solver="lbfgs", random_state=0)
    >>> model.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.99
    True
    """

    # ---------------------------------------------------------------- learning

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Fit the network to data.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs; a sparse matrix stays sparse if that is faster.
        y : array-like (n,) or (n, k)
            Numbers.
        sample_weight : array-like (n,) or None
            Weights >= 0; a weight of 2 equals repeating the row.
        X_val, y_val, sample_weight_val : like X, y and sample_weight, or None
            Validation data. The weights with the best validation score are kept.

        Returns
        -------
        The fitted estimator itself.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @available_if(is_stochastic)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Continue training with one epoch over the given data.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.

        Returns
        -------
        The estimator itself.
        """
        return self._fit(X, y, sample_weight, (None, None, None), incremental=True)

    def _as_given(self, y: Any) -> Any:
        warn_of_lost_digits("y", y)
        return y

    def _check_y(self, y: Any, role: Role) -> tuple[Array, Any]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        Y = y.reshape(len(y), -1).astype(np.float64, copy=False)
        if role != "first" and Y.shape[1] != self.n_outputs_:
            raise ValueError(f"y must have {self.n_outputs_} column(s) as in the first call to fit, got {Y.shape[1]}")
        if role == "first":
            check_custom_loss(self._loss(), Y)
        return Y, y

    def _loss(self) -> Loss:
        return LOSSES.resolve(self.loss)

    def _output(self) -> tuple[Activation, Loss]:
        head = head_for_values(loss=self._loss())
        return head.activation, head.loss

    def _scales_targets(self) -> bool:
        return self._output()[0].name == "identity"

    def _loss_constant(self, rows: Rows) -> float:
        """For 'poisson', Σⱼ yⱼ ln yⱼ − yⱼ: with it the loss is half the deviance, 0 for perfect predictions."""
        if self._loss().name != "poisson":
            return 0.0
        Y = rows.Y.astype(np.float64)
        return float(np.average((xlogy(Y, Y) - Y).sum(axis=1), weights=rows.weight))

    # ---------------------------------------------------------------- predictions

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R², averaged over outputs: scikit-learn's `r2_score`, except for constant targets.

        For a target with the same value in every row, R² is 1 if every prediction is right, else 0. `r2_score`
        documents the same, but takes the rounding error of the mean for variance: −10³² for y = 0.1.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.
        y : array-like (n,) or (n, k)
            True numbers.
        sample_weight : array-like (n,) or None
            Weights of the rows.

        Returns
        -------
        float
        """
        answers = np.asarray(self.predict(X))
        Y = np.asarray(y, dtype=np.float64).reshape(len(answers), -1)
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        counted = Y if weight is None else Y[weight > 0]
        if len(Y) > 1 and len(counted) and (counted == counted[:1]).all(axis=0).any():
            metric = R2(Y, None if weight is None else relative_weights(weight, Y.dtype))
            return metric.value(metric.tally(answers.reshape(Y.shape)))
        return float(r2_score(y, answers, sample_weight=sample_weight))

    def predict(self, X: Any) -> Array:
        """The predicted numbers of each row.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.

        Returns
        -------
        array (n,), or (n, k) for k outputs
        """
        Z = self._pre_activations(X)
        A = self._answer[0].value(Z)
        if self._target_scaling is not None:
            A = self._target_scaling.undo(A)
        return A.ravel() if A.shape[1] == 1 else A
