"""Small data that the estimators' tests share."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from sklearn.datasets import load_digits, load_iris, make_multilabel_classification, make_regression
from sklearn.exceptions import ConvergenceWarning


def digits(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X[:n] / 16, y[:n]


def iris() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def two_classes() -> tuple[np.ndarray, np.ndarray]:
    X, y = iris()
    return X, np.where(y == 1, "yes", "no")


def numbers(n: int = 120, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    X, y = make_regression(n, 5, n_targets=k, noise=1.0, random_state=0)
    return X, (y - y.mean(axis=0)) / y.std(axis=0)


def yes_or_no_labels() -> tuple[np.ndarray, np.ndarray]:
    X, Y = make_multilabel_classification(80, 6, n_classes=4, random_state=0)
    return (X - X.mean(axis=0)) / X.std(axis=0), Y


def columns_of_labels() -> tuple[np.ndarray, np.ndarray]:
    """Two columns: three classes, and two."""
    X, y = iris()
    return X, np.column_stack([y, (X[:, 0] > 0).astype(int)])


@contextmanager
def not_converged() -> Iterator[None]:
    """Runs cut short on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
