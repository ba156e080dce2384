import numpy as np
import pytest

from pellucid import plots

from .models import LABELS, POINTS, HalfPlane


def test_the_matrix_counts_truth_against_answer():
    y = np.array([0, 1, 1, 1])
    ax = plots.confusion_matrix(HalfPlane(), POINTS, y)
    assert [text.get_text() for text in ax.texts] == ["1", "0", "1", "2"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_one_hot_targets_and_shares():
    ax = plots.confusion_matrix(HalfPlane(), POINTS, np.eye(2)[[0, 1, 1, 1]], normalize="true")
    assert [text.get_text() for text in ax.texts] == ["1.00", "0.00", "0.33", "0.67"]


def test_residuals_are_truth_less_prediction():
    class Line:
        def predict(self, X):
            return X[:, :1]  # a column, as some models answer

    y = np.array([0.0, -1.5, 1.0, 3.0])
    ax = plots.residuals(Line(), POINTS, y, unit="kg")
    np.testing.assert_allclose(ax.collections[0].get_offsets(), np.column_stack([POINTS[:, 0], y - POINTS[:, 0]]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("prediction (kg)", "true value − prediction (kg)")


def test_residuals_want_one_number_a_row():
    with pytest.raises(ValueError, match=r"y has shape \(3,\); residuals need one number for each of 4 rows"):
        plots.residuals(HalfPlane(), POINTS, LABELS[:3])
