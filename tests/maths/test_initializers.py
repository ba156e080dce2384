import math

import numpy as np
import pytest

from pellucid.initializers import INITIALIZERS, Normal, Orthogonal, Uniform

P, H = 300, 200
VARIANCE = {
    "zeros": 0.0,
    "normal": 1.0,
    "normal_fan_in": 1 / P,
    "uniform": 0.5**2 / 3,
    "xavier_uniform": 2 / (P + H),
    "xavier_normal": 2 / (P + H),
    "he_normal": 2 / P,
    "he_uniform": 2 / P,
    "lecun_normal": 1 / P,
    "orthogonal": 1 / P,
}
BOUND = {"uniform": 0.5, "xavier_uniform": math.sqrt(6 / (P + H)), "he_uniform": math.sqrt(6 / P)}


def draw(name, random=None, shape=(P, H)):
    random = np.random.default_rng(0) if random is None else random
    return INITIALIZERS.resolve(name).sample(random, shape, n_inputs=P, n_units=H)


def test_every_initializer_has_a_law_here():
    assert sorted(VARIANCE) == INITIALIZERS.names()


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
def test_mean_variance_and_bound(name, source):
    W = draw(name, source(0))
    assert W.shape == (P, H)
    assert W.mean() == pytest.approx(0, abs=4 * math.sqrt(VARIANCE[name] / W.size) + 1e-12)
    assert W.var() == pytest.approx(VARIANCE[name], rel=0.02)
    assert np.abs(W).max() <= BOUND.get(name, np.inf)
    assert np.array_equal(W, draw(name, source(0)))


@pytest.mark.parametrize("shape", [(7, 3), (3, 7), (5, 5)])
def test_orthogonal_keeps_lengths(shape):
    W = Orthogonal(gain=2.0).sample(np.random.default_rng(0), shape, n_inputs=shape[0], n_units=shape[1])
    small = W.T @ W if shape[0] >= shape[1] else W @ W.T
    assert small == pytest.approx(4 * np.eye(min(shape)))


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_biases_can_be_drawn(name):
    assert draw(name, shape=(1, H)).shape == (1, H)


@pytest.mark.parametrize("make", [lambda: Normal(0), lambda: Uniform(-1), lambda: Orthogonal(gain=0)])
def test_bad_options_are_refused(make):
    with pytest.raises(ValueError, match="must be a number > 0"):
        make()
