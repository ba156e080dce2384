"""How much do the reference engine's clarity, history and checks cost over a tutorial's bare NumPy loop?

Moons (200 × 2), tanh with 3 hidden units, softmax, summed cross-entropy + L2, float64, full batch: the same work from
the same weights. The reference engine also computes loss and accuracy of every pass, which the loop does not.
Alternating, one thread each; the ratio of medians, and both final losses.

    python benchmarks/reference_against_plain_loop.py [passes] [rounds]
"""

import os
import statistics
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
from sklearn.datasets import make_moons

from pellucid import Dense, Network
from pellucid.optimizers import GradientDescent
from pellucid.penalties import L2

RATE, DECAY, HIDDEN = 0.01, 0.01, 3
X, y = make_moons(200, noise=0.20, random_state=0)


def plain_loop(passes):
    """As from-scratch tutorials write it."""
    random = np.random.RandomState(0)
    W1, b1 = random.randn(2, HIDDEN) / np.sqrt(2), np.zeros((1, HIDDEN))
    W2, b2 = random.randn(HIDDEN, 2) / np.sqrt(HIDDEN), np.zeros((1, 2))
    for _ in range(passes):
        a1 = np.tanh(X.dot(W1) + b1)
        scores = np.exp(a1.dot(W2) + b2)
        delta3 = scores / np.sum(scores, axis=1, keepdims=True)
        delta3[range(len(X)), y] -= 1
        dW2 = a1.T.dot(delta3)
        db2 = np.sum(delta3, axis=0, keepdims=True)
        delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
        dW1 = np.dot(X.T, delta2)
        db1 = np.sum(delta2, axis=0)
        dW2 += DECAY * W2
        dW1 += DECAY * W1
        W1 += -RATE * dW1
        b1 += -RATE * db1
        W2 += -RATE * dW2
        b2 += -RATE * db2
    scores = np.exp(np.tanh(X.dot(W1) + b1).dot(W2) + b2)
    return -np.log(scores[np.arange(len(X)), y] / scores.sum(axis=1)).mean()


def reference(passes):
    net = Network([Dense(2, HIDDEN, "tanh"), Dense(HIDDEN, 2, "softmax")])
    net.initialize("normal_fan_in", random_state=np.random.RandomState(0))
    net.fit(
        X,
        y,
        optimizer=GradientDescent(RATE),
        epochs=passes,
        batch_size=None,
        penalty=L2(DECAY),
        reduction="sum",
        engine="reference",
    )
    return net.loss_value(X, y)


def main(passes=20_000, rounds=7):
    sides = {"plain loop": plain_loop, "reference engine": reference}
    times = {name: [] for name in sides}
    for name, run in sides.items():
        print(f"{name}: mean loss {run(passes):.6f} after {passes} passes")
    for _ in range(rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run(passes)
            times[name].append(time.perf_counter() - start)
    for name, seconds in times.items():
        print(f"{name}: median {statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})")
    loop, engine = (statistics.median(seconds) for seconds in times.values())
    print(f"reference engine / plain loop: {engine / loop:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
