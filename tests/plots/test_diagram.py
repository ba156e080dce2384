import numpy as np
import pytest
from matplotlib.patches import Circle

from pellucid import Dense, Network, plots

from .runs import network


def edges(ax, layer, sign):
    (found,) = (c for c in ax.collections if c.get_label() == f"layer {layer}, {sign}")
    return found


def test_every_unit_is_a_circle_and_every_weight_a_line():
    ax = plots.network_diagram(network())
    assert sum(isinstance(patch, Circle) for patch in ax.patches) == 2 + 3 + 2
    assert [len(edges(ax, n, "positive").get_segments()) + len(edges(ax, n, "negative").get_segments())
            for n in (1, 2)] == [6, 6]  # fmt: skip


def test_width_is_the_size_of_the_weight():
    net = network()
    net.layers[0].W = [[1.0, -2.0, 4.0], [0.5, -1.0, 3.0]]
    ax = plots.network_diagram(net)
    widths = np.array(edges(ax, 1, "positive").get_linewidths())
    np.testing.assert_allclose(widths / widths.max(), np.array([1.0, 4.0, 0.5, 3.0]) / 4.0)
    assert len(edges(ax, 1, "negative").get_segments()) == 2


def test_sign_is_told_by_colour_and_by_dashes():
    ax = plots.network_diagram(network())
    positive, negative = edges(ax, 1, "positive"), edges(ax, 1, "negative")
    assert positive.get_linestyles()[0][1] is None  # solid
    assert negative.get_linestyles()[0][1] is not None
    assert not np.allclose(positive.get_colors(), negative.get_colors())


def test_biases_and_the_largest_weight_stand_in_numbers():
    net = network()
    net.layers[0].b = [0.25, -1.5, 0.0]
    net.layers[0].W = [[1.0, -2.0, 4.0], [0.5, -1.0, 3.0]]
    texts = {text.get_text() for text in plots.network_diagram(net).texts}
    assert {"0.2", "−1.5", "0.0", "largest |w| 4", "3 tanh", "2 softmax"} <= texts


def test_large_layers_are_cut_in_the_middle():
    net = Network([Dense(30, 4, "tanh"), Dense(4, 2, "softmax")]).initialize(random_state=0)
    ax = plots.network_diagram(net, max_units=7)
    texts = [text.get_text() for text in ax.texts]
    assert "⋮" in texts
    assert {"$x_{1}$", "$x_{3}$", "$x_{28}$", "$x_{30}$"} <= set(texts)
    assert "$x_{4}$" not in texts


def test_weights_of_zero_are_no_error():
    net = network()
    net.layers[0].W = np.zeros((2, 3))
    ax = plots.network_diagram(net)
    assert max(edges(ax, 1, "negative").get_linewidths()) == 0
    ax.figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": ["one"]}, "inputs holds 1 names; the network has 2 inputs"),
        ({"outputs": ["a", "b", "c"]}, "outputs holds 3 names; the network has 2 outputs"),
        ({"max_units": 2}, "max_units=2: expected 3 or more"),
    ],
)
def test_mistakes_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        plots.network_diagram(network(), **options)
