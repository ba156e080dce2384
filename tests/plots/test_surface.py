import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

from pellucid import Dense, Network, optimizers, plots

from .runs import X, Y, run


def line(ax, label):
    (found,) = (line for line in ax.lines if line.get_label() == label)
    return found


def test_two_parameters_are_drawn_as_they_are_with_their_names():
    _, trail = run()
    ax = plots.loss_surface(trail, X, Y, parameters=(1, 7), resolution=8)
    np.testing.assert_allclose(line(ax, "path").get_xydata(), trail.thetas[:, [1, 7]])
    np.testing.assert_allclose(line(ax, "end").get_xydata()[0], trail.thetas[-1, [1, 7]])
    assert ax.get_xlabel() == "layer 1, weight $w_{1,2}$"
    assert ax.get_ylabel() == "layer 1, bias $b_{2}$"


def test_principal_directions_keep_the_distances_of_a_path_in_a_plane():
    net = Network([Dense(1, 1)], "squared_error")  # two parameters: the whole path lies in the plane
    net.theta = np.array([3.0, -2.0])
    trail = plots.Trail()
    net.fit([[0.0], [1.0]], [1.0, 3.0], optimizer=optimizers.GradientDescent(0.3), epochs=20, callbacks=[trail])
    ax = plots.loss_surface(trail, [[0.0], [1.0]], [1.0, 3.0], resolution=5)
    path = line(ax, "path").get_xydata()
    np.testing.assert_allclose(path[-1], 0.0, atol=1e-12)
    np.testing.assert_allclose(
        np.linalg.norm(path, axis=1), np.linalg.norm(trail.thetas - trail.thetas[-1], axis=1), atol=1e-12
    )
    assert path[0, 0] < 0
    shares = [int(label.split("(")[1].split("%")[0]) for label in (ax.get_xlabel(), ax.get_ylabel())]
    assert sum(shares) in (99, 100, 101)
    assert shares[0] >= shares[1]


def test_heights_are_those_of_the_loss():
    net = Network([Dense(1, 1)], "squared_error")
    net.theta = np.array([3.0, -2.0])
    trail = plots.Trail()
    net.fit([[1.0]], [2.0], optimizer=optimizers.GradientDescent(0.1), epochs=3, callbacks=[trail])
    ax = plots.loss_surface(trail, [[1.0]], [2.0], parameters=(0, 1), resolution=80)
    lines = next(c for c in ax.collections if isinstance(c, QuadContourSet) and not c.filled)
    checked = 0
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for w, b in path.vertices:
            assert 0.5 * (w + b - 2.0) ** 2 == pytest.approx(level, abs=0.01)
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("parameters", [(0, 0), (0, 99), (-1, 2)])
def test_parameters_that_are_no_two_positions_are_refused(parameters):
    with pytest.raises(ValueError, match="two different positions in θ, from 0 to 16"):
        plots.loss_surface(run()[1], X, Y, parameters=parameters)


def test_a_straight_path_wants_parameters():
    net, trail = Network([Dense(1, 1)], "squared_error"), plots.Trail()
    net.theta = np.array([3.0, 3.0])
    net.fit(
        [[1.0]], [2.0], optimizer=optimizers.GradientDescent(0.1), epochs=4, callbacks=[trail]
    )  # W and b move alike
    with pytest.raises(ValueError, match=r"straight line.*parameters="):
        plots.loss_surface(trail, [[1.0]], [2.0])


def test_an_empty_trail_is_refused():
    with pytest.raises(ValueError, match="no path"):
        plots.loss_surface(plots.Trail(), X, Y)
