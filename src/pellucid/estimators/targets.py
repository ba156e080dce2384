"""Encode labels as the matrix Y (n, k) that a network learns, and decode its outputs to labels.

=====================  =====================  ==================  ============================================
targets                Y                      output, loss        scikit-learn's name
=====================  =====================  ==================  ============================================
one of two classes     (n, 1), 0 or 1         sigmoid, binary CE  "binary"
one of k classes       (n, k), one-hot rows   softmax, CE         "multiclass"
k binary labels        (n, k), 0 or 1         sigmoid, binary CE  "multilabel-indicator"
m times one of kⱼ      (n, Σkⱼ), m one-hot    softmax by groups   "multiclass-multioutput"
=====================  =====================  ==================  ============================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.preprocessing import LabelBinarizer, LabelEncoder
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from pellucid.defaults import ESTIMATORS
from pellucid.estimators.multi_output import GroupedCrossEntropy, GroupedSoftmax
from pellucid.maths.typing import Array
from pellucid.models.recipes import Head, head_for_classes, head_for_labels


class Labels:
    """One label per sample, or a row of binary labels: scikit-learn's `LabelBinarizer`, with its messages."""

    def __init__(self, binarizer: LabelBinarizer) -> None:
        self.binarizer = binarizer

    @property
    def classes(self) -> Any:
        """The labels in order; the column numbers for binary labels."""
        return self.binarizer.classes_

    @property
    def multiclass(self) -> bool:
        """Whether there are more than two labels, of which each sample has one."""
        return self.binarizer.y_type_ == "multiclass"

    @property
    def multilabel(self) -> bool:
        """Whether each sample has a row of binary labels."""
        return str(self.binarizer.y_type_).startswith("multilabel")

    def head(self, label_smoothing: float) -> Head:
        """The last layer and the loss."""
        if self.multilabel:
            return head_for_labels(len(self.classes), label_smoothing=label_smoothing)
        return head_for_classes(len(self.classes), label_smoothing=label_smoothing, binary=ESTIMATORS.binary)

    def encode(self, y: Any) -> Array:
        """Y (n, k) of zeros and ones."""
        Y: Array = self.binarizer.transform(y)
        return Y.toarray() if hasattr(Y, "toarray") else Y

    def decode(self, Z: Array) -> Any:
        """Labels from the pre-activations Z (n, k): the most probable class, or 1 for binary labels with z > 0."""
        likely = Z if self.multiclass else (Z > 0).astype(np.int64)
        return self.binarizer.inverse_transform(likely.ravel() if Z.shape[1] == 1 else likely)

    def probabilities(self, Z: Array) -> Any:
        """Probabilities (n, classes); for binary labels the probability of each 1."""
        if self.multiclass:
            return softmax(Z, axis=1)
        if self.multilabel:
            return expit(Z)
        if len(self.classes) == 1:
            return np.ones_like(Z)
        return np.hstack([expit(-Z), expit(Z)])  # 1 − expit(Z) would lose digits if it is small

    def log_probabilities(self, Z: Array) -> Any:
        """Logarithms of the probabilities, computed from Z if a probability rounds to 0."""
        P = self.probabilities(Z)
        if self.multiclass:
            return _logarithm(P, log_softmax(Z, axis=1))
        if self.multilabel:
            return _logarithm(P, log_expit(Z))
        if len(self.classes) == 1:
            return np.zeros_like(Z)
        return _logarithm(P, np.hstack([log_expit(-Z), log_expit(Z)]))

    def decision(self, Z: Array) -> Any:
        """Z itself, (n,) for two classes."""
        return Z.ravel() if Z.shape[1] == 1 and not self.multilabel else Z

    def unknown(self, y: Any) -> tuple[Any, Any]:
        """The labels of y, and the unknown ones among them."""
        seen = unique_labels(y)
        return seen, np.setdiff1d(seen, self.classes)

    def n_labels(self, labels: Any) -> int:
        """The number of labels."""
        return len(labels)

    def weigh(self, class_weight: Any, y: Any, sample_weight: Array | None) -> Array:
        """Each sample's class weight. 'balanced' counts samples by their weights."""
        if self.multilabel:
            return np.asarray(compute_sample_weight(class_weight, y))
        present = np.unique(y)
        if isinstance(class_weight, str) and sample_weight is not None:
            weightless = [label for label in present.tolist() if not sample_weight[y == label].any()]
            if weightless:
                raise ValueError(
                    f"class_weight='balanced' needs a row of sample_weight > 0 in each class, and class "
                    f"{weightless[0]!r} has none: leave its rows out, or give class_weight as a dict"
                )
        weights = compute_class_weight(class_weight, classes=present, y=y, sample_weight=sample_weight)
        return weights[np.searchsorted(present, y)]


class LabelColumns:
    """Several labels per sample, one per column, each with its own classes and softmax."""

    multilabel = False
    multiclass = False

    def __init__(self, y: Any, classes: Any = None) -> None:
        columns = np.asarray(y).T if classes is None else classes
        self.encoders = [LabelEncoder().fit(column) for column in columns]

    @property
    def classes(self) -> list[Array]:
        """The labels of each column."""
        return [encoder.classes_ for encoder in self.encoders]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of classes of each column."""
        return tuple(len(classes) for classes in self.classes)

    def head(self, label_smoothing: float) -> Head:
        """A softmax for each column; the loss is the sum of the columns' cross-entropies."""
        return Head(sum(self.sizes), GroupedSoftmax(self.sizes), GroupedCrossEntropy(self.sizes, label_smoothing))

    def encode(self, y: Array) -> Array:
        """The columns' one-hot rows side by side."""
        return np.hstack(
            [np.eye(size)[e.transform(column)] for size, e, column in zip(self.sizes, self.encoders, y.T, strict=True)]
        )

    def _groups(self, Z: Array) -> list[Array]:
        return np.split(Z, np.cumsum(self.sizes)[:-1], axis=1)

    def decode(self, Z: Array) -> Array:
        """The most probable label of each column."""
        chosen = [group.argmax(axis=1) for group in self._groups(Z)]
        return np.column_stack([c[i] for c, i in zip(self.classes, chosen, strict=True)])

    def probabilities(self, Z: Array) -> list[Array]:
        """A matrix (n, classes) per column, as in scikit-learn's trees and `MultiOutputClassifier`."""
        return [softmax(group, axis=1) for group in self._groups(Z)]

    def log_probabilities(self, Z: Array) -> list[Array]:
        """Logarithms of the probabilities."""
        return [_logarithm(softmax(group, axis=1), log_softmax(group, axis=1)) for group in self._groups(Z)]

    def decision(self, Z: Array) -> list[Array]:
        """The pre-activations of each column."""
        return self._groups(Z)

    def unknown(self, y: Array) -> tuple[Any, Any]:
        """The labels of y by column, and the unknown ones among them."""
        seen = [np.unique(column) for column in y.T]
        new = [np.setdiff1d(s, classes) for s, classes in zip(seen, self.classes, strict=True)]
        return seen, np.concatenate(new)

    def n_labels(self, labels: list[Array]) -> int:
        """The number of labels in all columns."""
        return sum(map(len, labels))

    def weigh(self, class_weight: Any, y: Array, sample_weight: Array | None) -> Array:
        """The product of the columns' class weights."""
        return np.asarray(compute_sample_weight(class_weight, y))


def _logarithm(P: Array, from_Z: Array) -> Array:
    """ln P, equal to the logarithm of `predict_proba`; `from_Z` where P is 0 or has lost digits."""
    lost = np.finfo(P.dtype).tiny > P
    return np.where(lost, from_Z, np.log(np.where(lost, 1, P)))


def targets_for(y: Any, classes: Any = None) -> Labels | LabelColumns:
    """The encoder for these targets; `classes` are all classes of later calls of `partial_fit`."""
    check_classification_targets(y)
    if type_of_target(y) == "multiclass-multioutput":
        return LabelColumns(y)
    multilabel = str(type_of_target(y)).startswith("multilabel")
    return Labels(LabelBinarizer().fit(y if classes is None or multilabel else classes))
