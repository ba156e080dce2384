"""What a run can be given, and what it can be told while it goes on."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dense, Network, callbacks, optimizers
from pellucid.engines.reference import ReferenceEvaluator
from pellucid.training.loop import new_state


@pytest.fixture
def data(rng):
    X = rng.normal(size=(40, 3))
    return X, (X[:, 0] > 0).astype(int)


def network():
    return Network([Dense(3, 5, "tanh"), Dense(5, 2, "softmax")]).initialize(random_state=0)


def test_two_runs_with_one_state_are_one_run(data):
    X, y = data
    whole, parts = network(), network()
    rule = optimizers.Adam(learning_rate=0.05)
    whole.fit(X, y, optimizer=rule, epochs=10)
    state = new_state(parts, rule)
    for _ in range(2):
        parts.fit(X, y, optimizer=rule, epochs=5, optimizer_state=state)
    np.testing.assert_allclose(parts.theta, whole.theta, rtol=1e-12)
    assert state["t"][0] == 10


def test_a_callback_may_move_the_learning_rate(data):
    X, y = data

    def slower(run):
        run.rate_factor *= 0.5

    history = network().fit(X, y, optimizer="gradient_descent", epochs=4, callbacks=[slower])
    np.testing.assert_allclose(history["rate"], [0.01, 0.005, 0.0025, 0.00125])


def test_max_seconds_ends_a_run(data):
    history = network().fit(*data, epochs=10**6, callbacks=[callbacks.MaxSeconds(0.02)])
    assert history.stopped == "max_seconds: 0.02 s have passed"
    assert history["seconds"][-1] >= 0.02
    with pytest.raises(ValueError, match="seconds must be a number > 0, got 0"):
        callbacks.MaxSeconds(0)


def test_limits_reach_the_run(data):
    X, y = data
    start, moved = network(), network()
    moved.fit(X, y, optimizer=optimizers.GradientDescent(1.0), epochs=1, clip_norm=1e-3)
    assert np.linalg.norm(moved.theta - start.theta) == pytest.approx(1e-3)
    moved.fit(X, y, epochs=3, max_norm=0.2)
    assert all(np.linalg.norm(layer.W, axis=0).max() <= 0.2 + 1e-12 for layer in moved.layers)
    with pytest.raises(ValueError, match="clip_norm and max_norm must be None for optimizer 'lbfgs'"):
        moved.fit(X, y, optimizer="lbfgs", clip_norm=1.0)


def test_each_epoch_shuffles_the_last_ones_order(data):
    X, y = data
    seen = []

    class Spy(np.random.RandomState):
        def permutation(self, x):
            seen.append(np.array(x))
            return super().permutation(x)

    network().fit(X, y, epochs=3, batch_size=8, random_state=Spy(0))
    random, order = np.random.RandomState(0), np.arange(40)
    for given in seen:
        np.testing.assert_array_equal(given, order)
        order = random.permutation(order)
    assert len(seen) == 3


def test_lbfgs_keeps_to_its_evaluations(data):
    history = network().fit(*data, optimizer=optimizers.LBFGS(max_evaluations=4), epochs=100)
    assert len(history) <= 4
    assert "EVALUATIONS EXCEEDS LIMIT" in history.stopped
    assert history.ending == "gave up"


def test_lbfgs_evaluates_no_point_twice(data, monkeypatch):
    points = []
    evaluate = ReferenceEvaluator.evaluate

    def noting(self, *, with_gradient):
        points.append(self._network.theta.tobytes())
        return evaluate(self, with_gradient=with_gradient)

    monkeypatch.setattr(ReferenceEvaluator, "evaluate", noting)
    history = network().fit(*data, optimizer="lbfgs", epochs=10, engine="reference")
    assert len(history) <= len(points) == len(set(points))
