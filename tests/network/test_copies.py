"""A network stays one object through pickles, copies, files and other processes: its layers are views of its θ."""

import copy
import multiprocessing
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from pellucid import Dense, Network, losses

X = np.random.default_rng(0).normal(size=(200, 3))
Y = (X[:, 0] > 0).astype(int)


def network(dtype: str = "float64") -> Network:
    return Network([Dense(3, 4, "tanh", dropout=0.1), Dense(4, 2, "softmax")], dtype=dtype).initialize(random_state=0)


def through_joblib(net: Network, tmp_path: Path, mmap_mode: Any = None) -> Network:
    joblib.dump(net, tmp_path / "net.joblib")
    return joblib.load(tmp_path / "net.joblib", mmap_mode=mmap_mode)


WAYS = {
    "pickle": lambda net, _: pickle.loads(pickle.dumps(net)),
    "pickle, protocol 2": lambda net, _: pickle.loads(pickle.dumps(net, protocol=2)),
    "deepcopy": lambda net, _: copy.deepcopy(net),
    "copy()": lambda net, _: net.copy(),
    "joblib": through_joblib,
    "joblib, memory-mapped": lambda net, path: through_joblib(net, path, "r"),
    "inside a list": lambda net, _: pickle.loads(pickle.dumps([net, net]))[1],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_copy_trains_predicts_and_goes_on_as_the_first_does(
    way: str, dtype: str, engine: Any, tmp_path: Path
) -> None:
    net = network(dtype)
    net.fit(X, Y, epochs=3, random_state=0, engine=engine)
    back = WAYS[way](net, tmp_path)
    assert back == net
    assert all(np.shares_memory(part, back.theta) for layer in back.layers for part in (layer.W, layer.b))
    for one in (net, back):
        one.fit(X, Y, epochs=20, batch_size=16, random_state=1, engine=engine)
    np.testing.assert_array_equal(back.theta, net.theta)
    np.testing.assert_allclose(
        back.predict_proba(X[:10]), back.predict_proba(X)[:10], rtol=1e-12 if dtype == "float64" else 1e-5
    )
    back.theta = np.zeros(back.theta.size)
    assert not back.layers[0].W.any()
    back.layers[1].b = [1.0, 2.0]
    back.layers[0].W[0, 0] = 5
    assert back.theta[0] == 5
    np.testing.assert_array_equal(back.theta[-2:], [1, 2])
    assert net != back


def test_a_pickle_of_the_old_layout_is_bound_again() -> None:
    net = network()
    state = net.__dict__ | {"layers": copy.deepcopy(net.layers)}
    back = Network.__new__(Network)
    back.__setstate__(copy.deepcopy(state))
    assert back == net
    assert np.shares_memory(back.layers[0].W, back.theta)


def test_a_shallow_copy_shares_its_numbers() -> None:
    net = network()
    twin = copy.copy(net)
    twin.layers[0].W[0, 0] = 7
    assert net.theta[0] == 7
    assert twin == net


def test_equality_is_that_of_layers_loss_type_and_every_number() -> None:
    net = network()
    assert net == net.copy()
    assert hash(net) == hash(net.copy())
    assert len({net, net.copy()}) == 1
    other = net.copy()
    other.theta[3] = np.nextafter(other.theta[3], 1)
    assert other != net
    assert hash(other) == hash(net)
    assert net != network("float32")
    assert net != Network([Dense(3, 4, "tanh"), Dense(4, 2, "softmax")])
    assert Network([3, 1]) != Network([3, 1], losses.Huber())
    assert net != "a network"


def test_equal_networks_predict_by_their_own_numbers() -> None:
    first = network()
    second = first.copy()
    before = first.predict_proba(X[:2])
    np.testing.assert_array_equal(second.predict_proba(X[:2]), before)
    second.theta *= 2
    np.testing.assert_array_equal(first.predict_proba(X[:2]), before)
    assert not np.array_equal(second.predict_proba(X[:2]), before)


def trained(net: Network) -> Network:
    net.fit(X, Y, epochs=5, random_state=0, engine="compiled")
    return net


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_it_travels_to_processes_and_back(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        return  # no fork on Windows: nothing to hold
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        back = pool.submit(copy.deepcopy, network()).result(timeout=120)  # pickled there, copied, and pickled back
    assert trained(back) == trained(network())
    assert np.shares_memory(back.layers[0].W, back.theta)


def test_it_travels_to_loky_and_to_threads() -> None:
    expected = trained(network())
    for back in joblib.Parallel(n_jobs=2)(joblib.delayed(copy.deepcopy)(network()) for _ in range(2)):
        assert trained(back) == expected
    nets = [network() for _ in range(4)]
    workers = [threading.Thread(target=trained, args=(net,)) for net in nets]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(net == expected for net in nets)


def test_a_gradient_keeps_its_views() -> None:
    net = network()
    gradient = net.backward(net.forward(X), Y)
    for back in (pickle.loads(pickle.dumps(gradient)), copy.deepcopy(gradient)):
        np.testing.assert_array_equal(back.theta, gradient.theta)
        for (dW, db), (dW2, db2) in zip(back.layers, gradient.layers, strict=True):
            assert np.shares_memory(dW, back.theta)
            assert np.shares_memory(db, back.theta)
            np.testing.assert_array_equal(dW, dW2)
            np.testing.assert_array_equal(db, db2)


class Scaled(Dense):
    """Changes something, which would never be used."""

    def forward(self, X: Any) -> Any:
        return 2 * X


class Renamed(Dense):
    """Changes nothing."""


def test_a_subclass_of_dense_that_would_be_ignored_is_refused() -> None:
    with pytest.raises(TypeError, match=r"layers\[0\] is a Scaled, a subclass of Dense, whose forward would never"):
        Network([Scaled(2, 3, "tanh"), Dense(3, 2, "softmax")])
    assert Network([Renamed(2, 2, "softmax")]).n_outputs == 2
