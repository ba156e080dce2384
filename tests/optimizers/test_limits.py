"""Clipped gradients and shortened weights."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network
from pellucid.optimizers import GradientDescent, Limits


def test_a_long_gradient_keeps_its_direction(rng):
    gradient = rng.normal(size=50)
    direction = gradient / np.linalg.norm(gradient)
    Limits(clip_norm=0.5).clip(gradient)
    np.testing.assert_allclose(gradient, 0.5 * direction)


def test_a_short_gradient_is_left_alone(rng):
    gradient = rng.normal(size=50)
    before = gradient.copy()
    Limits(clip_norm=1e3).clip(gradient)
    Limits().clip(gradient)
    np.testing.assert_array_equal(gradient, before)


def test_only_long_columns_are_shortened():
    W = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])
    Limits(max_norm=1.0).shorten([W])
    np.testing.assert_allclose(W, [[0.6, 0.3, 0.0], [0.8, 0.4, 0.0]])
    Limits().shorten([W])
    np.testing.assert_allclose(np.linalg.norm(W, axis=0), [1.0, 0.5, 0.0])


@pytest.mark.parametrize("name", ["clip_norm", "max_norm"])
def test_bounds_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name} must be a number > 0, got 0"):
        Limits(**{name: 0})


SIZES = [("float32", 1e-30), ("float32", 1e20), ("float64", 1e-200), ("float64", 1e200)]


@pytest.mark.parametrize(("dtype", "size"), SIZES)
def test_norms_neither_overflow_nor_vanish(dtype, size, rng):
    gradient = (rng.normal(size=50) * size).astype(dtype)
    direction = gradient.astype("f8") / size
    expected = direction / np.linalg.norm(direction)
    clipped = gradient.copy()
    Limits(clip_norm=size / 100).clip(clipped)
    np.testing.assert_allclose(clipped.astype("f8") / size, expected / 100, rtol=1e-6)
    W = gradient.reshape(25, 2)
    lengths = np.linalg.norm(direction.reshape(25, 2), axis=0)
    Limits(max_norm=size / 10).shorten([W])
    np.testing.assert_allclose(W.astype("f8") / size, direction.reshape(25, 2) / lengths / 10, rtol=1e-6)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e20), ("float64", 1e200), ("float32", 1e-30)])
def test_a_step_has_the_length_of_rate_times_clip_norm(dtype, size, engine, threads, rng):
    X, bound = rng.normal(size=(60, 3)) * size, min(1.0, size / 1000)
    net = Network([Dense(3, 1)], "absolute_error", dtype).initialize(random_state=0)
    net.theta = net.theta * bound * 0.1  # so that a tiny step is seen
    start = net.theta.astype("f8")
    rule = GradientDescent(0.1)
    net.fit(X, np.full(60, -1.0), optimizer=rule, epochs=1, clip_norm=bound, engine=engine, threads=threads)
    moved = (net.theta - start) / bound
    gradient = X.sum(axis=0) / size
    exact = np.append(gradient, 60 / size) if size > 1e-10 else None
    assert np.linalg.norm(moved) == pytest.approx(0.1, rel=1e-5)
    if exact is not None:
        signs = np.sign((X / size @ (start[:3] / bound)) * 1.0)
        exact = -(signs @ X / size)
        np.testing.assert_allclose(moved[:3], 0.1 * exact / np.linalg.norm(exact), rtol=1e-4)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize(("dtype", "size"), SIZES)
def test_units_with_huge_or_tiny_weights_are_shortened(dtype, size, engine, rng):
    net = Network([Dense(4, 3)], "squared_error", dtype)
    net.layers[0].W = rng.normal(size=(4, 3)) * size
    direction = net.layers[0].W.astype("f8") / size
    net.fit(np.zeros((2, 4)), np.zeros((2, 3)), optimizer=GradientDescent(0.1), epochs=1, max_norm=size / 10,
            engine=engine)  # fmt: skip
    expected = direction / np.linalg.norm(direction, axis=0) / 10
    np.testing.assert_allclose(net.layers[0].W.astype("f8") / size, expected, rtol=1e-5)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("rule", ["adam", "adamw", "nadam", "rmsprop", "adagrad"])
@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e20), ("float64", 1e200)])
def test_squares_that_overflow_are_no_silent_standstill(dtype, size, rule, engine, rng):
    X = rng.normal(size=(60, 3)) * size
    net = Network([Dense(3, 1)], "absolute_error", dtype).initialize(random_state=0)
    with pytest.raises(DivergenceError, match=r"squares of the gradient that \w+ remembers exceed .* clip_norm=1.0"):
        net.fit(X, np.zeros(60), optimizer=rule, epochs=3, engine=engine)
    net.fit(X, np.zeros(60), optimizer=rule, epochs=3, engine=engine, clip_norm=1.0)
