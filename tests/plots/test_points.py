import numpy as np
import pytest
from matplotlib.colors import to_rgb

from pellucid import plots
from pellucid.plots import style


def test_each_class_is_a_collection_of_its_own_points():
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0], [3.0, 1.0]])
    ax = plots.dataset(X, ["b", "a", "b", "a"])
    first, second = ax.collections
    assert first.get_label() == "a"
    np.testing.assert_array_equal(first.get_offsets(), X[[1, 3]])
    np.testing.assert_array_equal(second.get_offsets(), X[[0, 2]])


def test_classes_differ_in_colour_and_in_marker():
    ax = plots.dataset(np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 3)
    colors = {tuple(collection.get_facecolor()[0]) for collection in ax.collections}
    shapes = {collection.get_paths()[0].vertices.tobytes() for collection in ax.collections}
    assert len(colors) == len(shapes) == 3


def test_axes_are_labelled_and_a_title_is_set():
    ax = plots.dataset([[0.0, 1.0]], [0], names=("height", "weight"), title="One person")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("height", "weight", "One person")


def test_one_hot_rows_are_read_as_classes():
    ax = plots.dataset([[0.0, 0.0], [1.0, 1.0]], [[0, 1, 0], [0, 0, 1]])
    assert [collection.get_label() for collection in ax.collections] == ["1", "2"]


def test_axes_given_are_drawn_on_and_returned():
    ax = style.new_axes(None, style.SQUARE)
    assert plots.dataset([[0.0, 0.0]], [0], ax=ax) is ax


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, 2.0, 3.0]], [0], r"X has shape \(1, 3\)"),
        ([1.0, 2.0], [0, 1], r"X has shape \(2,\)"),
        ([[np.nan, 1.0]], [0], "NaN"),
        ([[0.0, 1.0]], [0, 1], r"y has shape \(2,\); expected \(1,\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(X, y, message):
    with pytest.raises(ValueError, match=message):
        plots.dataset(X, y)


def test_a_continuous_target_is_not_taken_for_classes():
    with pytest.raises(ValueError, match="100 different values"):
        plots.dataset(np.zeros((100, 2)), np.linspace(0, 1, 100))


def test_pairs_of_colour_and_marker_do_not_repeat_for_64_classes():
    assert len({(style.color(i), style.marker(i)) for i in range(64)}) == 64


def test_neighbouring_colours_differ_in_lightness():
    def lightness(index):
        red, green, blue = to_rgb(style.color(index))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert abs(lightness(0) - lightness(1)) > 0.2


def test_a_tint_goes_from_white_to_the_full_colour():
    assert style.tint(3, 0.0) == (1.0, 1.0, 1.0)
    assert style.tint(3, 1.0) == pytest.approx(to_rgb(style.color(3)))
