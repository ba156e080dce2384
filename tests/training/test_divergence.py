"""NaN and infinity are noticed within an epoch, and said where."""

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network
from pellucid.optimizers import GradientDescent


def network(activation="relu", dtype="float64"):
    layers = [Dense(2, 4, activation), Dense(4, 3, activation), Dense(3, 1)]
    return Network(layers, "squared_error", dtype).initialize("he_normal", random_state=0)


X = np.random.default_rng(0).normal(size=(30, 2))
y = X @ [1.0, 2.0]


@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_too_large_a_rate(batch_size, dtype):
    net = network(dtype=dtype)
    seen = []
    with pytest.raises(DivergenceError, match=r"training diverged in epoch \d+: .* in layer \d of 3") as caught:
        net.fit(X, y, optimizer=GradientDescent(50.0), epochs=500, batch_size=batch_size, callbacks=seen.append)
    assert caught.value.epoch == len(seen)
    assert 0 <= caught.value.layer < 3
    assert "smaller learning rate (now 50; try 5)" in str(caught.value)
    assert np.isfinite(net.theta).all()


def test_unscaled_inputs_are_named():
    with pytest.raises(DivergenceError, match=r"scaled inputs \(\|X\| reaches 2.*e\+06"):
        network("identity").fit(X * 1e6, y, optimizer=GradientDescent(0.1), epochs=500)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_layer_is_named_where_a_number_is_planted(layer):
    """An infinite pre-activation, made by a weight just below the largest number, in each layer in turn."""

    def plant(run):
        if run.epoch == 1:
            run.network.layers[layer].W[...] = 1.7e308
            run.network.layers[layer].b[...] = 1.7e308

    net = network("softplus")
    with pytest.raises(DivergenceError, match=f"epoch 3: .* in layer {layer + 1} of 3") as caught:
        net.fit(X, y, epochs=10, callbacks=[plant])
    assert (caught.value.epoch, caught.value.layer) == (2, layer)
    assert np.isfinite(net.theta).all()


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_nan_in_a_weight_is_noticed_in_its_epoch(layer):
    def plant(run):
        if run.epoch == 1:
            run.network.layers[layer].W[0, 0] = np.nan

    net = network("tanh")
    with pytest.raises(DivergenceError, match=f"epoch 3: weights W .* in layer {layer + 1} of 3"):
        net.fit(X, y, epochs=10, callbacks=[plant])
    assert np.isfinite(net.theta).all()


def test_lbfgs_too():
    net = Network([Dense(2, 1, "exponential")], "poisson").initialize(random_state=0)
    net.layers[0].W = [[600.0], [600.0]]
    with pytest.raises(DivergenceError):
        net.fit(np.abs(X) * 100, np.ones(30), optimizer="lbfgs")
