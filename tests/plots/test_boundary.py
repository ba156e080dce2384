import numpy as np
import pytest
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.contour import QuadContourSet

from pellucid import plots

from .models import LABELS, POINTS, Always, HalfPlane, Wedges


def artists(ax, kind):
    return [artist for artist in ax.collections if isinstance(artist, kind)]


@pytest.mark.parametrize("shape", ["two columns", "one column", "flat"])
def test_two_classes_are_shaded_by_probability_with_a_line_at_one_half(shape):
    ax = plots.decision_boundary(HalfPlane(shape), POINTS, LABELS, resolution=41)
    shades, line = artists(ax, QuadContourSet)
    np.testing.assert_allclose(shades.levels, np.linspace(0, 1, 11))
    assert line.levels.tolist() == [0.5]
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 0.0, atol=1e-9)  # x1 = 0, where sigmoid is 1/2


def test_the_points_lie_on_the_shade_in_the_colours_of_their_classes():
    ax = plots.decision_boundary(HalfPlane(), POINTS, LABELS)
    zero, one = artists(ax, PathCollection)
    np.testing.assert_array_equal(zero.get_offsets(), POINTS[:2])
    np.testing.assert_array_equal(one.get_offsets(), POINTS[2:])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1"]


def test_the_plane_reaches_beyond_the_points_by_the_margin():
    ax = plots.decision_boundary(HalfPlane(), POINTS, LABELS, margin=0.25)
    assert ax.get_xlim() == (-2.25, 2.25)
    assert ax.get_ylim() == (-1.25, 1.25)


def test_more_classes_become_regions():
    y = Wedges().predict(np.array([[0.0, 2.0], [0.0, -2.0], [0.0, 0.0]]))
    ax = plots.decision_boundary(Wedges(), [[0.0, 2.0], [0.0, -2.0], [0.0, 0.0]], y, resolution=50)
    (mesh,) = artists(ax, QuadMesh)
    answers = np.asarray(mesh.get_array()).reshape(50, 50)
    assert answers[-1, 0] == 0  # high, at the top
    assert answers[0, 0] == 1  # low
    assert answers[25, 0] == 2  # middle
    assert len(artists(ax, QuadContourSet)) == 2  # two lines part three regions


def test_probabilities_of_three_classes_become_regions_too():
    class Three:
        def predict_proba(self, X):
            scores = np.exp(X @ np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]))
            return scores / scores.sum(axis=1, keepdims=True)

        def predict(self, X):
            return self.predict_proba(X).argmax(axis=1)

    ax = plots.decision_boundary(Three(), POINTS, np.eye(3)[[2, 2, 0, 0]], resolution=30)
    (mesh,) = artists(ax, QuadMesh)
    assert set(np.asarray(mesh.get_array()).ravel()) == {0, 1, 2}  # class 1 too, which no point has
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "2"]


def test_the_models_own_names_of_classes_are_used():
    class Named(HalfPlane):
        classes_ = np.array(["left", "right"])

    ax = plots.decision_boundary(Named(), POINTS[:2], ["left", "left"])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left"]


def test_a_model_with_one_answer_has_no_line():
    ax = plots.decision_boundary(Always(1), POINTS, LABELS)
    assert artists(ax, QuadContourSet) == []


def test_an_answer_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match="returns 7, which is not among the classes"):
        plots.decision_boundary(Always(7), POINTS, LABELS)


def test_the_legend_can_be_left_out():
    assert plots.decision_boundary(HalfPlane(), POINTS, LABELS, legend=False).get_legend() is None


def test_points_that_were_kept_back_are_hollow_and_their_legend_stands_aside():
    ax = plots.decision_boundary(HalfPlane(), POINTS, LABELS, test=(POINTS + 0.3, LABELS), resolution=10)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1", "0, test", "1, test"]
    hollow = artists(ax, PathCollection)[2:]
    assert all(np.allclose(marks.get_facecolor(), 1.0) for marks in hollow)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1


def test_both_axes_may_have_one_scale():
    ax = plots.decision_boundary(HalfPlane(), POINTS * [3, 1], LABELS, equal=True, resolution=10)
    ax.figure.draw_without_rendering()
    box, (left, right), (low, high) = ax.get_window_extent(), ax.get_xlim(), ax.get_ylim()
    assert box.width / (right - left) == pytest.approx(box.height / (high - low))


def test_of_many_points_some_are_drawn():
    ax = plots.decision_boundary(HalfPlane(), POINTS, LABELS, max_points=3, resolution=10)
    assert sum(len(marks.get_offsets()) for marks in artists(ax, PathCollection)) == 3


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_plane_fits_the_points_whatever_their_unit(scale):
    ax = plots.decision_boundary(Always(1), POINTS[:3] * scale, LABELS[:3], resolution=10)
    left, right = ax.get_xlim()
    assert 3 * scale < right - left < 5 * scale


def test_the_plane_around_one_point():
    ax = plots.decision_boundary(HalfPlane(), POINTS[:1], LABELS[:1], resolution=10)
    assert ax.get_xlim() == (-1.5, -0.5)
