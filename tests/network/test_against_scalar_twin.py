"""Forward and backward against a network written with loops over single numbers."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import Dense, Network

path = Path(__file__).parents[1] / "reference" / "scalar_network.py"
spec = importlib.util.spec_from_file_location("scalar_network", path)
scalar_network = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scalar_network)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    hidden=st.sampled_from(["tanh", "sigmoid", "relu"]),
    n=st.integers(1, 5),
    seed=st.integers(0, 10_000),
    classify=st.booleans(),
)
def test_loss_and_gradient(sizes, hidden, n, seed, classify):
    random = np.random.default_rng(seed)
    last = "softmax" if classify else random.choice(["identity", "sigmoid", "tanh"])
    sizes[-1] = max(sizes[-1], 2)
    names = [hidden] * (len(sizes) - 2) + [str(last)]
    net = Network(
        [Dense(p, h, name) for p, h, name in zip(sizes, sizes[1:], names, strict=False)],
        loss="cross_entropy" if classify else "squared_error",
    ).initialize("normal", biases="normal", random_state=random)
    X = random.normal(size=(n, sizes[0]))
    y = random.integers(0, sizes[-1], n) if classify else random.normal(size=(n, sizes[-1]))

    value, dW, db = scalar_network.loss_and_gradient(
        [layer.W.tolist() for layer in net.layers], [layer.b.tolist() for layer in net.layers], names, X, y.tolist()
    )
    gradient = net.backward(net.forward(X), y)
    assert net.loss_value(X, y) == pytest.approx(value, rel=1e-12, abs=1e-14)
    for (ours_W, ours_b), theirs_W, theirs_b in zip(gradient.layers, dW, db, strict=True):
        assert ours_W == pytest.approx(np.array(theirs_W), rel=1e-10, abs=1e-13)
        assert ours_b == pytest.approx(np.array(theirs_b), rel=1e-10, abs=1e-13)
