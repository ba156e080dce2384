"""What a run can be given, and what it can be told while it goes on."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network, callbacks, optimizers, schedules
from pellucid.engines.reference import ReferenceEvaluator
from pellucid.maths.metrics import metric_for
from pellucid.training.callbacks import Callback
from pellucid.training.data import check_data
from pellucid.training.stepper import begin_batches, new_state


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
    history = network().fit(*data, optimizer=optimizers.LBFGS(max_eval=4), epochs=100)
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


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_run_may_end_in_the_midst_of_an_epoch_and_be_taken_up_there(data, engine, dropout):
    X, y = data
    settings = {"optimizer": "nadam", "batch_size": 7, "engine": engine, "schedule": "cosine", "epochs": 5}
    whole, part = (
        Network([Dense(3, 5, "tanh", dropout=dropout), Dense(5, 2, "softmax")]).initialize(random_state=0)
        for _ in range(2)
    )
    thetas = [whole.theta.copy()]
    whole.fit(X, y, **settings, random_state=3, callbacks=[lambda run: thetas.append(run.network.theta.copy())])
    history = part.fit(X, y, **settings, random_state=3, max_updates=6 * 3)
    np.testing.assert_array_equal(part.theta, thetas[3])
    assert len(history) == 3
    assert history.stopped == "max_updates: 18 updates are done"
    # Batch by batch, forwards, back, and forwards again: the same bits at every turn.
    part.theta = thetas[0]
    random = np.random.default_rng(3)
    stepper = begin_batches(
        part, part.objective(), optimizers.NAdam(), check_data(part, X, y), metric_for(part.loss, part.encode(y)),
        random, epochs=5, batch_size=7, schedule=schedules.Cosine(), engine=engine,
    )  # fmt: skip
    seen, states = [], []
    for _ in range(3 * 6):
        states.append(stepper.state())
        rows, _ = stepper.next_batch()
        result = stepper.run_batches(1)
        seen.append((stepper.job.network.theta.copy(), rows, result.total_loss))
    np.testing.assert_array_equal(part.theta, thetas[3])
    assert sorted(np.concatenate([rows for _, rows, _ in seen[:6]])) == list(range(40))
    for back in (17, 12, 3):
        stepper.restore(states[back])
        for theta, rows, total_loss in seen[back:]:
            np.testing.assert_array_equal(stepper.next_batch()[0], rows)
            assert stepper.run_batches(1).total_loss == total_loss
            np.testing.assert_array_equal(part.theta, theta)


def test_max_updates_at_whole_epochs_and_beyond_the_plan(data):
    X, y = data
    assert network().fit(X, y, epochs=3, batch_size=10, max_updates=8).stopped == "max_updates: 8 updates are done"
    assert network().fit(X, y, epochs=2, batch_size=10, max_updates=8).stopped == "completed"
    with pytest.raises(ValueError, match="max_updates must be a whole number >= 1, got 0"):
        network().fit(X, y, max_updates=0)
    with pytest.raises(ValueError, match="max_updates must be None for optimizer 'lbfgs'"):
        network().fit(X, y, optimizer="lbfgs", max_updates=3)


def test_a_blow_up_in_the_part_of_an_epoch_is_told(data):
    X, y = data
    net = Network([Dense(3, 2)], loss="squared_error").initialize(random_state=0)
    with pytest.raises(DivergenceError):
        net.fit(X, np.column_stack([y, y]), optimizer=optimizers.GradientDescent(1e200), batch_size=5, max_updates=6)
    assert np.isfinite(net.theta).all()


def test_an_empty_memory_is_filled_and_gone_on_with(data):
    X, y = data
    whole, parts, memory = network(), network(), {}
    whole.fit(X, y, epochs=6)
    for _ in range(2):
        parts.fit(X, y, epochs=3, optimizer_state=memory)
    np.testing.assert_allclose(parts.theta, whole.theta, rtol=1e-12)
    assert memory["t"][0] == 6


def test_the_old_name_of_epochs_until_callback_is_taken_with_a_warning(data):
    with pytest.warns(FutureWarning, match="Every.epochs_ahead is now called epochs_until_callback"):

        class Every(Callback):
            def epochs_ahead(self, run):
                return 4

            def on_epoch_end(self, run):
                seen.append(run.epoch)

    seen = []
    network().fit(*data, epochs=12, callbacks=[Every()], engine="compiled")
    assert seen == [3, 7, 11]
