import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from pellucid import Dense, Network, plots

from .runs import X, Y, network


def one_unit(w1, w2, b=0.0):
    net = Network([Dense(2, 1, "tanh"), Dense(1, 2, "softmax")]).initialize(random_state=0)
    net.layers[0].W, net.layers[0].b = [[w1], [w2]], [b]
    return net


def contours(ax):
    return [c for c in ax.collections if isinstance(c, QuadContourSet)]


def test_a_panel_for_each_unit_and_one_scale_for_all():
    axes = plots.unit_maps(network(), X, resolution=20)
    assert [ax.get_title() for ax in axes] == ["unit 1", "unit 2", "unit 3"]
    levels = [contours(ax)[0].levels for ax in axes]
    assert all(np.array_equal(levels[0], other) for other in levels)
    (bar,) = (ax for ax in axes[0].figure.axes if ax not in axes)
    assert bar.get_ylabel() == "output $a$ (tanh)"


def test_the_dashed_line_is_where_the_sum_is_zero():
    (ax,) = plots.unit_maps(one_unit(1.0, 0.0, -0.5), X, resolution=60)
    line = contours(ax)[1]
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 0.5, atol=1e-9)
    assert line.linestyles == "--"


def test_a_unit_whose_sum_has_one_sign_has_no_line():
    (ax,) = plots.unit_maps(one_unit(0.1, 0.0, 9.0), X, resolution=10)
    assert len(contours(ax)) == 1


def test_a_unit_that_says_one_thing_everywhere_is_drawn():
    (ax,) = plots.unit_maps(one_unit(0.0, 0.0, 0.0), X, resolution=10)
    ax.figure.draw_without_rendering()


def test_points_and_other_layers():
    axes = plots.unit_maps(network(), X, Y, layer=-1, resolution=10)
    assert len(axes) == 2
    offsets = np.concatenate([c.get_offsets() for c in axes[0].collections[-2:]])
    np.testing.assert_array_equal(offsets, X)


def test_of_many_units_the_first_are_drawn():
    net = Network([Dense(2, 30, "tanh"), Dense(30, 2, "softmax")]).initialize(random_state=0)
    assert len(plots.unit_maps(net, X, max_units=5, resolution=5)) == 5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": 3}, "layer=3: the network has 2 layers, counted from 1"),
        ({"layer": 0}, "layer=0"),
        ({"max_units": 0}, "max_units=0"),
        ({"columns": 0}, "columns=0"),
    ],
)
def test_mistakes_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        plots.unit_maps(network(), X, **options)


def test_a_plane_needs_two_inputs():
    net = Network([Dense(3, 2, "softmax")]).initialize(random_state=0)
    with pytest.raises(ValueError, match="needs a network of 2 inputs, this one has 3"):
        plots.unit_maps(net, X)


def test_the_old_name_of_max_units_is_accepted_with_a_warning():
    net = Network([Dense(2, 9, "tanh"), Dense(9, 2, "softmax")]).initialize(random_state=0)
    with pytest.warns(FutureWarning, match=r"unit_maps\(most=…\) is deprecated: write max_units=") as caught:
        panels = plots.unit_maps(net, [[0.0, 0.0], [1.0, 1.0]], most=5, resolution=5)
    assert len(panels) == 5
    assert caught[0].filename == __file__
    with pytest.raises(TypeError, match="most is the old name of max_units"):
        plots.unit_maps(net, [[0.0, 0.0], [1.0, 1.0]], most=5, max_units=5)
