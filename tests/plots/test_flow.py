import numpy as np
import pytest

from pellucid import Dense, Network, penalties, plots

from .runs import X, Y, network, run


def test_gradient_norms_are_those_of_backward_at_each_theta():
    _, trail = run(epochs=4)
    penalty = penalties.L2(0.1)
    ax = plots.gradient_norms(trail, X, Y, penalty=penalty, reduction="sum")
    for layer, line in enumerate(ax.lines):
        expected = []
        for theta in trail.thetas:
            net = network()
            net.theta = theta
            dW = net.backward(net.forward(X), Y, penalty=penalty, reduction="sum").layers[layer][0]
            expected.append(np.sqrt(np.mean(dW**2)))
        np.testing.assert_allclose(line.get_ydata(), expected)
        assert line.get_xdata().tolist() == [0, 1, 2, 3, 4]
    assert ax.get_yscale() == "log"
    assert "gradient" in ax.get_ylabel()


def test_update_ratios_are_steps_over_weights():
    _, trail = run(epochs=4, every=2)
    ax = plots.update_ratios(trail)
    W = trail.thetas[:, :6]  # the first layer's weights
    expected = np.linalg.norm(np.diff(W, axis=0), axis=1) / np.linalg.norm(W[:-1], axis=1)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), expected)
    assert ax.lines[0].get_xdata().tolist() == [2, 4]
    assert "in 2 epochs" in ax.get_ylabel()


def test_layers_are_told_apart_without_colour():
    ax = plots.gradient_norms(run()[1], X, Y)
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines}) == len(ax.lines) == 2


def test_a_gradient_of_zero_is_a_gap():
    net = Network([Dense(2, 2, "tanh"), Dense(2, 2, "softmax")]).initialize("zeros", random_state=0)
    trail = plots.Trail()
    net.fit(X, Y, epochs=1, callbacks=[trail], progress=False)
    ax = plots.gradient_norms(trail, X, Y)
    assert np.isnan(ax.lines[0].get_ydata()).all()


def test_one_point_makes_no_step():
    with pytest.raises(ValueError, match="a trail of 0 points"):
        plots.update_ratios(plots.Trail())


def test_nine_layers_have_nine_colours_from_dark_to_light():
    net = Network([Dense(2, 3, "tanh"), *(Dense(3, 3, "tanh") for _ in range(7)), Dense(3, 2, "softmax")])
    trail = plots.Trail()
    net.fit(X, Y, epochs=40, random_state=0, callbacks=[trail], progress=False)
    ax = plots.gradient_norms(trail, X, Y)
    means = [line for line in ax.lines if line.get_label().startswith("layer")]
    lightness = [np.dot(line.get_color(), (0.3, 0.59, 0.11)) for line in means]
    assert len(means) == 9
    assert lightness == sorted(lightness)
    assert len(set(lightness)) == 9
    assert len(ax.lines) == 18  # behind each mean, faint, what it is the mean of
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1 - 5


def test_the_line_of_a_long_trail_is_the_geometric_mean_of_neighbours():
    values = np.exp(np.random.default_rng(0).normal(size=100))
    means = plots.flow.smooth(values)
    np.testing.assert_allclose(means[50], np.exp(np.log(values[45:56]).mean()))
    assert np.std(np.log(means)) < 0.5 * np.std(np.log(values))
