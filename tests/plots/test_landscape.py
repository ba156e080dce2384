import numpy as np
import pytest

from pellucid import plots


def bowl(point):
    return float(point @ point)


def test_the_path_its_start_and_its_end_are_drawn():
    path = np.array([[1.0, 0.5], [0.5, 0.25], [0.0, 0.0]])
    ax = plots.descent(bowl, path)
    whole, start, end = ax.lines
    np.testing.assert_array_equal(whole.get_xydata(), path)
    np.testing.assert_array_equal(start.get_xydata(), path[:1])
    np.testing.assert_array_equal(end.get_xydata(), path[-1:])


def test_contour_lines_are_those_of_the_function():
    ax = plots.descent(bowl, [[1.0, 0.0], [0.0, 0.0]])
    (contours,) = ax.collections
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        if len(path.vertices):
            np.testing.assert_allclose((path.vertices**2).sum(axis=1), level, atol=0.01)


def test_a_single_point_is_a_path():
    assert len(plots.descent(bowl, [[0.3, 0.4]]).lines) == 3


def test_a_path_not_in_the_plane_is_refused():
    with pytest.raises(ValueError, match=r"path has shape \(1, 3\)"):
        plots.descent(bowl, [[1.0, 2.0, 3.0]])
