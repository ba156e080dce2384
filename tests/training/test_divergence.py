"""NaN and infinity are noticed within an epoch, and said where."""

import copy
import pickle

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network
from pellucid.optimizers import Adam, GradientDescent, RMSProp


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


LABELS = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize(
    "rule", [GradientDescent(1e30), Adam(1e20), RMSProp(1e25), GradientDescent(1e18)], ids=lambda rule: f"{rule}"
)
def test_a_loss_beyond_all_measure_is_no_result(rule, batch_size, dtype, engine):
    """Every number is finite, as tanh and softmax keep it so, and nothing was learned."""
    net = Network([2, 4, 2], "tanh", dtype=dtype).initialize(random_state=0)
    start = net.theta.copy()
    with pytest.raises(DivergenceError, match=r"diverged in epoch \d+: the loss grew from \d.* to .*, with weights W"):
        net.fit(X, LABELS, optimizer=rule, epochs=40, batch_size=batch_size, engine=engine, random_state=0)
    assert net.loss_value(X, LABELS) < 10
    assert abs(net.theta).max() < 10
    assert net.theta.shape == start.shape


def test_what_was_learned_before_is_kept():
    def jump(run):
        if run.epoch == 29:
            run.rate_factor = 1e30

    calm, net = (Network([2, 4, 2], "tanh").initialize(random_state=0) for _ in range(2))
    calm.fit(X, LABELS, optimizer=GradientDescent(0.1), epochs=30)
    with pytest.raises(DivergenceError, match="diverged in epoch 32: the loss grew") as caught:
        net.fit(X, LABELS, optimizer=GradientDescent(0.1), epochs=60, callbacks=[jump])
    assert caught.value.epoch == 31
    assert "(now 1e+29; try 0.1)" in str(caught.value)
    np.testing.assert_array_equal(net.theta, calm.theta)


def test_a_large_loss_of_large_targets_is_none():
    large = Network([2, 1])
    history = large.fit(X, 1e12 * y, optimizer=GradientDescent(0.1), epochs=200, random_state=0)
    assert history["loss"][0] > 1e20
    assert history["metric"][-1] > 0.99
    hand = Network([2, 1])
    hand.layers[0].W = [[1e12], [-1e12]]
    assert hand.fit(X, y, optimizer=GradientDescent(0.1), epochs=200)["metric"][-1] < 0  # on its way from 1e24
    assert hand.loss_value(X, y) < 1e20


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_the_error_travels_between_processes(way):
    with pytest.raises(DivergenceError) as caught:
        network().fit(X, y, optimizer=GradientDescent(50.0), epochs=500)
    back = way(caught.value)
    assert type(back) is DivergenceError
    assert (str(back), back.epoch, back.layer) == (str(caught.value), caught.value.epoch, caught.value.layer)
