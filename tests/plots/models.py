"""Models whose answers are known everywhere in the plane."""

import numpy as np


class HalfPlane:
    """Class 1 to the right of x1 = 0; the probability is the sigmoid of x1, in the shape asked for."""

    def __init__(self, shape: str = "two columns"):
        self.shape = shape

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)

    def predict_proba(self, X):
        second = 1 / (1 + np.exp(-X[:, 0]))
        return {
            "two columns": np.column_stack([1 - second, second]),
            "one column": second[:, np.newaxis],
            "flat": second,
        }[self.shape]


class Wedges:
    """Three classes by x2, named by words, without probabilities."""

    names = np.array(["high", "low", "middle"])  # sorted, as np.unique gives them

    def predict(self, X):
        return self.names[np.where(X[:, 1] > 1, 0, np.where(X[:, 1] < -1, 1, 2))]


class Always:
    """One answer for every sample."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, X):
        return np.full(len(X), self.answer)


POINTS = np.array([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.5], [2.0, -1.0]])
LABELS = np.array([0, 0, 1, 1])
