"""Maps are the network's own numbers, a point at its place."""

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.playground.rows.data import toy
from pellucid.playground.views.pictures import NAN_LEVEL, as_bytes, draw


def test_maps_and_boundary_are_what_the_network_says_at_each_point():
    rows = toy("spirals", classes=3)
    net = Network([Dense(2, 5, "relu"), Dense(5, 3, "softmax")]).initialize("normal", random_state=0)
    g = 20
    pictures = draw(net, rows.grid(g), None)
    assert pictures.maps.shape == (8, g // 2, g // 2)
    assert pictures.boundary.shape == (3, g, g)
    (left, right), (bottom, top) = rows.ranges
    row, column = 4, 12
    x = left + (column + 0.5) / g * (right - left)
    y = top - (row + 0.5) / g * (top - bottom)
    passed = net.forward([[x, y]])
    np.testing.assert_allclose(pictures.boundary[:, row, column] / 255, passed.output[0], atol=0.5 / 255 + 1e-9)
    units = pictures.maps[:, row // 2, column // 2] / 127 * pictures.scales
    np.testing.assert_allclose(
        units, np.concatenate([passed.A[0][0], passed.A[1][0]]), atol=pictures.scales.max() / 127
    )


def test_regression_is_shown_on_the_range_of_its_values():
    rows = toy("plane", features=["x1", "x2"])
    net = Network([Dense(2, 1)], loss="squared_error")
    net.layers[0].W = [[1.0], [0.0]]
    pictures = draw(net, rows.grid(10), (-2.0, 1.0))
    left, right = rows.ranges[0]
    expected = left + (np.arange(10) + 0.5) / 10 * (right - left)
    np.testing.assert_allclose(pictures.boundary[0, 3] / 127 * 2, expected, atol=1 / 127)


def test_what_is_no_number_is_marked():
    maps, scales = as_bytes(np.array([[np.nan, np.inf, 2.0], [0.1, 0.0, -0.2]]))
    assert maps[0].tolist() == [NAN_LEVEL, NAN_LEVEL, 127]
    assert scales.tolist() == pytest.approx([2.0, 1.0])
