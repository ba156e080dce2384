"""The first 500 passes of the tutorials' training, against a plain NumPy loop written out here."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from pellucid import Dense, Network
from pellucid.optimizers import GradientDescent
from pellucid.penalties import L2

PASSES, RATE, DECAY = 500, 0.01, 0.01


def plain_loop(X, y, hidden):
    random = np.random.RandomState(0)
    W1, b1 = random.randn(2, hidden) / np.sqrt(2), np.zeros(hidden)
    W2, b2 = random.randn(hidden, 2) / np.sqrt(hidden), np.zeros(2)
    thetas, losses = [], []
    for _ in range(PASSES):
        A = np.tanh(X @ W1 + b1)
        scores = np.exp(A @ W2 + b2)
        P = scores / scores.sum(axis=1, keepdims=True)
        squares = DECAY / 2 * ((W1**2).sum() + (W2**2).sum())
        losses.append(-np.log(P[np.arange(len(X)), y]).sum() + squares)
        delta = P.copy()
        delta[np.arange(len(X)), y] -= 1
        back = delta @ W2.T * (1 - A**2)
        W2, b2 = W2 - RATE * (A.T @ delta + DECAY * W2), b2 - RATE * delta.sum(axis=0)
        W1, b1 = W1 - RATE * (X.T @ back + DECAY * W1), b1 - RATE * back.sum(axis=0)
        thetas.append(np.concatenate([W1.ravel(), b1, W2.ravel(), b2]))
    return thetas, losses


@pytest.mark.parametrize("hidden", [3, 20])
def test_every_pass_agrees(hidden):
    X, y = make_moons(200, noise=0.20, random_state=0)
    thetas, losses = plain_loop(X, y, hidden)
    net = Network([Dense(2, hidden, "tanh"), Dense(hidden, 2, "softmax")])
    net.initialize("normal_fan_in", random_state=np.random.RandomState(0))
    ours = []
    history = net.fit(
        X, y, optimizer=GradientDescent(RATE), epochs=PASSES, batch_size=None, penalty=L2(DECAY), reduction="sum",
        callbacks=[lambda run: ours.append(run.network.theta.copy())],
    )  # fmt: skip
    assert np.abs(np.array(ours) - np.array(thetas)).max() < 1e-10
    assert history["objective"] == pytest.approx(losses, rel=1e-10)
