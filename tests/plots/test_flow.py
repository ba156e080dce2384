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
