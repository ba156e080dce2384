import numpy as np
import pytest

from pellucid import EarlyStopping, plots

from .runs import X, Y, network, run


def test_it_keeps_theta_before_after_every_so_many_epochs_and_at_the_end():
    net, trail = run(epochs=7, every=3)
    assert trail.epochs.tolist() == [0, 3, 6, 7]
    np.testing.assert_array_equal(trail.thetas[0], network().theta)
    np.testing.assert_array_equal(trail.thetas[-1], net.theta)
    shorter, _ = run(epochs=3)
    np.testing.assert_array_equal(trail.thetas[1], shorter.theta)


def test_the_last_is_not_kept_twice():
    assert run(epochs=6, every=3)[1].epochs.tolist() == [0, 3, 6]


def test_a_network_of_the_trail_is_a_copy():
    net, trail = run()
    trail.network.theta = np.zeros_like(net.theta)
    np.testing.assert_array_equal(trail.network.theta, net.theta)
    np.testing.assert_array_equal(trail.network_at(0).theta, network().theta)


def test_a_second_run_starts_anew():
    net, trail = run(epochs=6)
    end = net.theta.copy()
    net.fit(X, Y, epochs=2, callbacks=[trail], progress=False)
    assert trail.epochs.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(trail.thetas[0], end)


def test_what_early_stopping_restored_is_the_end():
    net, trail = network(), plots.Trail()
    net.fit(
        X, Y, epochs=200, validation=(X, 1 - Y), early_stopping=EarlyStopping(patience=3), callbacks=[trail],
        progress=False,
    )  # fmt: skip
    np.testing.assert_array_equal(trail.thetas[-1], net.theta)
    assert (np.diff(trail.epochs) >= 0).all()


def test_an_empty_trail_says_how_to_fill_it():
    with pytest.raises(ValueError, match=r"callbacks=\[trail\]"):
        _ = plots.Trail().network


def test_every_must_be_positive():
    with pytest.raises(ValueError, match="every must be a whole number >= 1, got 0"):
        plots.Trail(every=0)
