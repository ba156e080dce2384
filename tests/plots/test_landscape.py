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


def test_several_paths_share_one_surface_and_are_told_apart_without_colour():
    paths = {"one": [[1.0, 0.5], [0.5, 0.2]], "two": [[1.0, 0.5], [-0.5, 0.1], [0.0, 0.0]]}
    ax = plots.descents(bowl, paths)
    for line, path in zip(ax.lines, paths.values(), strict=False):
        np.testing.assert_array_equal(line.get_xydata(), path)
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two", "start"]
    (contours,) = ax.collections
    assert len(contours.levels) == 9


def test_no_paths_and_wrong_paths_are_refused():
    with pytest.raises(ValueError, match="paths is empty"):
        plots.descents(bowl, {})
    with pytest.raises(ValueError, match=r"paths\['bad'\] has shape \(3,\)"):
        plots.descents(bowl, {"bad": [1.0, 2.0, 3.0]})
