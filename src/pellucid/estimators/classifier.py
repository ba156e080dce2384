"""`MLPClassifier`: `BaseMLP` with class labels as targets."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target

from pellucid.engines import EngineName
from pellucid.estimators.base import BaseMLP
from pellucid.estimators.labels import labels_as_given
from pellucid.estimators.rows import Role, Rows, weighed
from pellucid.estimators.signature import arguments_of
from pellucid.estimators.solvers import is_stochastic
from pellucid.estimators.targets import LabelColumns, Labels, targets_for
from pellucid.maths.activations import Activation
from pellucid.maths.losses import Loss
from pellucid.maths.typing import Array

LARGE = 1e150
"""Larger class weights are scaled down before they are multiplied by sample weights."""


def _is_nested(classes: Any) -> bool:
    """Whether the classes of several columns are given, one list per column."""
    return isinstance(classes, (list, tuple)) and any(isinstance(c, (list, tuple, np.ndarray)) for c in classes)


@arguments_of("classifier")
class MLPClassifier(ClassifierMixin, BaseMLP):
    r"""A multi-layer perceptron for classification: scikit-learn's `MLPClassifier` with more features.

    Minimises J(θ) = Σᵢ wᵢ ℓᵢ/Σᵢ wᵢ + (alpha/2 Σ w² + l1 Σ |w|)/(sample weight of a batch), with ℓ the cross-entropy
    after a softmax, or after a sigmoid for two classes and for binary labels.

    Arguments up to `max_fun` have scikit-learn's meaning and defaults; `docs/deviations.md` lists where the two
    differ, and why.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : array (k,), or list of arrays
        The labels in order; a list for targets of several columns with classes each.
    coefs_ : list of arrays (p, h)
        The weights of each layer. Predictions read them, so changes take effect.
    intercepts_ : list of arrays (h,)
        The biases of each layer.
    loss_ : float
        J in the last epoch, averaged over its batches, each before its update.
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
        Units of the last layer.
    out_activation_ : str
        'softmax', 'logistic', or 'grouped_softmax'.

    Examples
    --------
    >>> from pellucid import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), "elu", solver="lbfgs", scale="standard", random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    >>> model.predict_proba(X[:1]).shape
    (1, 3)
    """

    _is_classifier = True
    _targets: Labels | LabelColumns

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
            Labels; a matrix of zeros and ones for binary labels, or several columns with classes each.
        sample_weight : array-like (n,) or None
            Weights >= 0; a weight of 2 equals repeating the row.
        X_val, y_val, sample_weight_val : like X, y and sample_weight, or None
            Validation data, used without class_weight. The weights with the best validation score are kept.

        Returns
        -------
        The fitted estimator itself.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    @available_if(is_stochastic)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Continue training with one epoch over the given data.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like (k,) or None
            All labels of all calls, or a list of them for targets of several columns; required in the first call.

        Returns
        -------
        The estimator itself.
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight 'balanced' is not supported for partial_fit, which does not see all samples: "
                "give a dict, for instance from sklearn.utils.compute_class_weight"
            )
        y = labels_as_given(y)
        classes = classes if classes is None or _is_nested(classes) else labels_as_given(classes)
        if type_of_target(y) == "multiclass-multioutput":
            if not hasattr(self, "_targets"):
                if classes is None:
                    raise ValueError("classes must be passed on the first call to partial_fit.")
                self._targets = LabelColumns(y, classes)
                self.classes_ = self._targets.classes
                self._targets_announced = True
        elif _check_partial_fit_first_call(self, classes):
            self._targets = targets_for(y, classes)
            self._targets_announced = True
        return self._fit(X, y, sample_weight, (None, None, None), incremental=True)

    def _as_given(self, y: Any) -> Any:
        return labels_as_given(y)

    def _check_y(self, y: Any, role: Role) -> tuple[Array, Any]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "_targets") or (role == "first" and not self._targets_announced):
            self._targets = targets_for(y)
            self.classes_ = self._targets.classes
        elif role == "warm" or (role == "partial" and self.warm_start):
            self._refuse_other_labels(y)
        else:
            self._refuse_new_labels(y)
        self._targets_announced = False
        self._history_scores = not isinstance(self._targets, LabelColumns)
        return self._targets.encode(y), y

    _targets_announced = False
    """Whether `partial_fit` has just been given all classes."""

    def _refuse_other_labels(self, y: Any) -> None:
        seen, new = self._targets.unknown(y)
        if len(new) or self._targets.n_labels(seen) != self._targets.n_labels(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {seen}"
            )

    def _refuse_new_labels(self, y: Any) -> None:
        seen, new = self._targets.unknown(y)
        if len(new):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {seen}."
            )

    def _class_weights(self, y: Any, weight: Array | None, role: Role) -> Array | None:
        if self.class_weight is None or role == "watched":
            return weight
        factors = self._targets.weigh(self.class_weight, y, weight).astype(np.float64)
        if weight is None:
            return factors
        return weighed(factors, np.dtype(np.float64))[0] * weight if factors.max() > LARGE else factors * weight

    def _output(self) -> tuple[Activation, Loss]:
        head = self._targets.head(self.label_smoothing)
        return head.activation, head.loss

    def _engine(self) -> EngineName:
        # Grouped softmaxes have no kernel: do not let 'auto' warn about that.
        asked = super()._engine()
        return "reference" if asked == "auto" and isinstance(self._targets, LabelColumns) else asked

    def _stratify(self, rows: Rows) -> Any:
        return rows.Y.astype(bool) if rows.Y.shape[1] == 1 else None

    # ---------------------------------------------------------------- predictions

    def decision_function(self, X: Any) -> Any:
        """The pre-activations Z of the last layer, from which softmax or sigmoid computes probabilities.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.

        Returns
        -------
        array (n,) for two classes, else (n, k); a list of arrays for targets of several columns
        """
        Z = self._pre_activations(X)
        return self._targets.decision(Z)

    def predict(self, X: Any) -> Any:
        """The most probable label of each row; 1 for binary labels with a probability above one half.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.

        Returns
        -------
        array (n,) or (n, k) of labels
        """
        Z = self._pre_activations(X)
        return self._targets.decode(Z)

    def predict_proba(self, X: Any) -> Any:
        """Probabilities of the classes, in the order of `classes_`.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.

        Returns
        -------
        array (n, k); for binary labels the probability of each 1; a list of arrays for targets of several columns
        """
        Z = self._pre_activations(X)
        return self._targets.probabilities(Z)

    def predict_log_proba(self, X: Any) -> Any:
        """The logarithms of `predict_proba`, computed from Z if a probability rounds to 0: always finite.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.

        Returns
        -------
        Of the shape of `predict_proba`.
        """
        Z = self._pre_activations(X)
        return self._targets.log_probabilities(Z)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The (weighted) accuracy; if y has several columns, all of them must be right.

        Parameters
        ----------
        X : array-like or sparse matrix (n, p)
            Inputs.
        y : array-like (n,) or (n, k)
            True labels.
        sample_weight : array-like (n,) or None
            Weights of the rows.

        Returns
        -------
        float
        """
        answers, y = self.predict(X), labels_as_given(y)
        if isinstance(self._targets, LabelColumns):
            return float(np.average((answers == np.asarray(y)).all(axis=1), weights=sample_weight))
        return float(accuracy_score(y, answers, sample_weight=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
