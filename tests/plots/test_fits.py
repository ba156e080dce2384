import numpy as np
import pytest

from pellucid import plots

X, y = np.array([[0.0], [2.0]]), np.array([1.0, 5.0])


class Line:
    def __init__(self, slope):
        self.slope = slope

    def predict(self, X):
        return self.slope * X


def test_each_model_is_a_line_over_the_points():
    ax = plots.fitted_curves({"flat": Line(0.0), "steep": Line(2.0)}, X, y, margin=0.5)
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), np.column_stack([X, y]))
    flat, steep = ax.lines
    assert (steep.get_xdata()[0], steep.get_xdata()[-1]) == (-0.5, 2.5)
    np.testing.assert_allclose(steep.get_ydata(), 2 * steep.get_xdata())
    assert flat.get_linestyle() != steep.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["data", "flat", "steep"]


@pytest.mark.parametrize(
    ("models", "inputs", "targets", "message"),
    [
        ({}, X, y, "models is empty"),
        ({"a": Line(1.0)}, y, y, r"X has shape \(2,\); a curve needs \(n, 1\)"),
        ({"a": Line(1.0)}, X, y[:1], "y holds 1 numbers; expected one for each of 2 rows"),
    ],
)
def test_mistakes_are_told(models, inputs, targets, message):
    with pytest.raises(ValueError, match=message):
        plots.fitted_curves(models, inputs, targets)
