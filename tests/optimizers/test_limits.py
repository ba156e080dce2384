"""Clipped gradients and shortened weights."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.optimizers import Limits


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
