"""A run from outside: what is learned, recorded, split, stopped; and what is refused."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from pellucid import Dense, EarlyStopping, Network, schedules
from pellucid.callbacks import Callback
from pellucid.optimizers import OPTIMIZERS, Adam, GradientDescent
from pellucid.penalties import L2
from pellucid.training.history import COLUMNS, History


@pytest.fixture(scope="module")
def moons():
    return make_moons(100, noise=0.2, random_state=0)


def network(dropout=0.0, dtype="float64"):
    layers = [Dense(2, 8, "tanh", dropout=dropout), Dense(8, 2, "softmax")]
    return Network(layers, dtype=dtype).initialize(random_state=0)


@pytest.mark.parametrize("batch_size", [None, 32, 1])
@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_every_optimizer_learns_in_batches_of_any_size(name, batch_size, moons):
    X, y = moons
    if name == "lbfgs" and batch_size is not None:
        with pytest.raises(ValueError, match="batch_size must be None for optimizer 'lbfgs'"):
            network().fit(X, y, optimizer=name, batch_size=batch_size)
        return
    net = network()
    before = net.loss_value(X, y)
    rule = OPTIMIZERS[name]() if name in ("lbfgs", "adagrad") else OPTIMIZERS[name](learning_rate=0.005)
    history = net.fit(X, y, optimizer=rule, epochs=20, batch_size=batch_size, random_state=0)
    assert net.loss_value(X, y) < before
    assert len(history) == 20
    assert history.stopped == history.ending == "completed"


def test_the_history_is_what_happened(moons):
    X, y = moons
    net, values = network(), []
    net.theta = net.theta
    expected = [net.loss_value(X, y)]

    def look(run):
        values.append(run.network.loss_value(X, y))
        assert len(run.history["loss"]) == run.epoch + 1

    history = net.fit(X, y, epochs=5, penalty=L2(0.1), validation=(X[:20], y[:20]), callbacks=[look])
    assert history["loss"] == pytest.approx(expected + values[:-1])  # each before its update
    assert history["objective"][0] == pytest.approx(
        expected[0] + L2(0.1).value(network().layers[0].W) + L2(0.1).value(network().layers[1].W)
    )
    assert history["validation_loss"][-1] == pytest.approx(net.loss_value(X[:20], y[:20]))
    assert history["validation_metric"][-1] == pytest.approx((net.predict(X[:20]) == y[:20]).mean())
    assert history["epoch"] == [0, 1, 2, 3, 4]
    assert history["seconds"] == sorted(history["seconds"])
    assert "validation loss" in repr(history)


def test_a_history_survives_json(moons):
    history = network().fit(*moons, epochs=3, validation=0.2, early_stopping=True, random_state=0)
    again = History.from_json(history.to_json())
    assert list(again) == list(history)
    assert (again.stopped, again.best_epoch, again.metric_name) == (history.stopped, history.best_epoch, "accuracy")
    assert again.ending == history.ending
    assert set(again.last) == set(COLUMNS)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_epoch_numbers_of_batches_are_those_of_the_whole_at_rest(reduction, moons):
    """With a rate too small to move anything, an epoch in uneven batches must report J of the full data."""
    X, y = moons
    weight = np.linspace(0, 3, 100)
    options = {"penalty": L2(0.1), "reduction": reduction, "sample_weight": weight}
    net = network()
    history = net.fit(X, y, optimizer=GradientDescent(1e-300), epochs=1, batch_size=32, random_state=0, **options)
    assert history["objective"][0] == pytest.approx(net.loss_value(X, y, weight, penalty=L2(0.1), reduction=reduction))
    assert history["loss"][0] == pytest.approx(net.loss_value(X, y, weight))
    assert history["metric"][0] == pytest.approx(np.average(net.predict(X) == y, weights=weight))


def test_the_same_seed_gives_the_same_bits_and_another_does_not(moons):
    X, y = moons

    def theta(seed):
        net = network(dropout=0.3)
        net.fit(X, y, epochs=5, batch_size=16, random_state=seed, validation=0.2)
        return net.theta

    assert np.array_equal(theta(1), theta(1))
    assert not np.array_equal(theta(1), theta(2))


@pytest.mark.parametrize("shuffle", [True, False])
def test_every_row_is_seen_once_an_epoch(shuffle):
    """One weight a row, moved by its own row alone: after an epoch each has moved exactly once."""
    X, y = np.eye(10), np.ones(10)
    net = Network([Dense(10, 1)], "squared_error").initialize("zeros")
    net.fit(
        X, y, optimizer=GradientDescent(0.1), epochs=1, batch_size=3, reduction="sum", shuffle=shuffle, random_state=0
    )
    moved = net.layers[0].W[:, 0]
    assert (moved > 0).all()
    first = 0.1  # the first batch sees b = 0, so its rows move by the rate exactly
    assert np.isclose(moved, first).sum() == 3
    assert np.isclose(moved[:3], first).all() != shuffle


def test_a_network_without_weights_draws_them_from_the_seed(moons):
    layers = [Dense(2, 8, "tanh"), Dense(8, 2, "softmax")]
    one, two = Network(layers), Network(layers)
    one.fit(*moons, epochs=1, random_state=5)
    two.fit(*moons, epochs=1, random_state=5)
    assert np.array_equal(one.theta, two.theta)
    assert one.theta.any()


def test_fitting_again_goes_on(moons):
    net = network()
    first = net.fit(*moons, epochs=50)["loss"][-1]
    assert net.fit(*moons, epochs=50)["loss"][0] < first


def test_a_share_is_split_off_and_not_trained_on(moons):
    X, y = moons
    net = network()
    seen = []
    history = net.fit(X, y, epochs=2, validation=0.25, random_state=0, callbacks=lambda run: seen.append(run.epoch))
    assert seen == [0, 1]
    # 75 of 100 rows were trained on: the accuracy is a multiple of 1/75, that of validation of 1/25.
    assert history["metric"][0] * 75 == pytest.approx(round(history["metric"][0] * 75))
    assert history["validation_metric"][0] * 25 == pytest.approx(round(history["validation_metric"][0] * 25))


def test_early_stopping_restores_the_best(moons):
    X, y = moons
    thetas = []
    net = network()
    history = net.fit(
        X[:50],
        1 - y[:50],  # learning the wrong thing, so the validation loss only rises
        optimizer=Adam(0.05),
        epochs=200,
        validation=(X[50:], y[50:]),
        early_stopping=EarlyStopping(patience=5),
        callbacks=[lambda run: thetas.append(run.network.theta.copy())],
    )
    assert history.stopped == "early stopping: no better validation_loss for 5 epochs"
    assert history.ending == "early stopping"
    assert len(history) == history.best_epoch + 6
    assert history.best_epoch == int(np.argmin(history["validation_loss"]))
    assert np.array_equal(net.theta, thetas[history.best_epoch])


def test_early_stopping_on_the_training_loss_restores_what_the_loss_was_measured_at(moons):
    X, y = moons
    net = network()
    history = net.fit(
        X, y, optimizer=GradientDescent(30.0), epochs=60, early_stopping=EarlyStopping("loss", patience=8)
    )
    assert net.loss_value(X, y) == pytest.approx(min(history["loss"]))


def test_early_stopping_can_leave_the_last(moons):
    X, y = moons
    net = network()
    thetas = []
    net.fit(
        X[:50], 1 - y[:50], optimizer=Adam(0.05), epochs=30, validation=(X[50:], y[50:]),
        early_stopping=EarlyStopping("validation_metric", patience=3, restore_best=False),
        callbacks=[lambda run: thetas.append(run.network.theta.copy())],
    )  # fmt: skip
    assert np.array_equal(net.theta, thetas[-1])


def test_callbacks_are_told_and_can_stop(moons):
    told = []

    class Teller(Callback):
        def on_fit_begin(self, run):
            told.append(("begin", run.epoch))

        def on_epoch_end(self, run):
            told.append(("epoch", run.epoch))
            if run.epoch == 2:
                run.stop("enough")

        def on_fit_end(self, run):
            told.append(("end", run.history.stopped))

    history = network().fit(*moons, epochs=10, callbacks=[Teller()])
    assert told == [("begin", -1), ("epoch", 0), ("epoch", 1), ("epoch", 2), ("end", "enough")]
    assert (history.stopped, history.ending) == ("enough", "callback")


def test_rates_follow_the_schedule_update_by_update(moons):
    X, y = moons
    plan = schedules.Cosine()
    history = network().fit(X, y, optimizer=GradientDescent(0.1), epochs=4, batch_size=50, schedule=plan)
    assert history["rate"] == pytest.approx([0.1 * plan.factor(e + 0.5, 4) for e in range(4)])


def test_a_plateau_lowers_the_rate(moons):
    X, y = moons
    plan = schedules.ReduceOnPlateau(gamma=0.5, patience=2, min_delta=10.0)  # nothing is ever an improvement
    history = network().fit(X, y, optimizer=GradientDescent(0.1), epochs=7, schedule=plan)
    assert history["rate"] == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025])


def test_lbfgs_converges_and_says_so(moons):
    X, y = moons
    net = network()
    history = net.fit(X, y, optimizer="lbfgs", epochs=2000, penalty=L2(0.01))
    assert history.stopped == history.ending == "converged"
    assert history["rate"] == [None] * len(history)
    assert np.abs(net.backward(net.forward(X), y, penalty=L2(0.01)).theta).max() < 1e-4
    assert history["loss"][-1] == pytest.approx(net.loss_value(X, y))


def test_lbfgs_at_its_minimum_still_has_a_history():
    net = Network([Dense(1, 1)], "squared_error").initialize("zeros")
    history = net.fit([[1.0], [2.0]], [0.0, 0.0], optimizer="lbfgs")
    assert history["loss"] == [0.0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype_is_kept_and_x_and_y_are_left_alone(dtype, moons):
    X, y = moons[0].astype(dtype), moons[1]
    X.setflags(write=False)
    net = network(dropout=0.2, dtype=dtype)
    net.fit(X, y, epochs=3, batch_size=32, random_state=0)
    assert net.theta.dtype == np.dtype(dtype)
    assert net.predict_proba(X).dtype == np.dtype(dtype)


BAD = [
    ({"epochs": 0}, ValueError, "epochs must be a whole number >= 1, got 0"),
    ({"epochs": 2.5}, TypeError, "epochs must be a whole number >= 1, got 2.5"),
    ({"batch_size": -1}, ValueError, "batch_size must be a whole number >= 1, got -1"),
    ({"optimizer": "adan"}, ValueError, "unknown optimizer 'adan': did you mean 'adam'"),
    ({"optimizer": 3}, TypeError, "optimizer must be a name"),
    ({"schedule": "cosin"}, ValueError, "unknown schedule 'cosin': did you mean 'cosine'"),
    ({"reduction": "avg"}, ValueError, "unknown reduction 'avg'"),
    ({"penalty": "l2"}, TypeError, "penalty must be None or a penalty object"),
    ({"early_stopping": True}, ValueError, "no validation data: give validation="),
    ({"early_stopping": 5}, TypeError, "early_stopping must be True, None or an EarlyStopping object, got 5"),
    ({"validation": 1.5}, ValueError, "validation must be a number > 0 and < 1, got 1.5"),
    ({"validation": 0.001}, ValueError, "validation=0.001 of 100 rows leaves 0"),
    ({"validation": ([[1.0]], [0])}, ValueError, r"validation: X must have 2 column\(s\)"),
    ({"validation": (1,)}, ValueError, "got 1 parts"),
    ({"callbacks": [3]}, TypeError, "callbacks must hold functions or Callback objects, got 3"),
    ({"sample_weight": [1.0]}, ValueError, r"sample_weight must have shape \(100,\)"),
    ({"random_state": "x"}, ValueError, "random_state must be"),
    ({"optimizer": "lbfgs", "schedule": "cosine"}, ValueError, "schedule must be None for optimizer 'lbfgs'"),
]


@pytest.mark.parametrize(("options", "error", "message"), BAD)
def test_bad_arguments_are_named_and_nothing_is_touched(options, error, message, moons):
    net = network()
    theta = net.theta.copy()
    with pytest.raises(error, match=message):
        net.fit(*moons, **options)
    assert np.array_equal(net.theta, theta)


def test_lbfgs_and_dropout_do_not_go_together(moons):
    with pytest.raises(ValueError, match="dropout must be 0 for optimizer 'lbfgs'"):
        network(dropout=0.5).fit(*moons, optimizer="lbfgs")


def test_a_history_shows_itself_in_a_notebook_and_draws_itself():
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
    history = Network([2, 3, 2], "tanh").fit(X, y, epochs=100, validation=0.2, random_state=0, progress=False)
    page = history._repr_html_()
    assert "100 epochs" in page
    assert page.count("<tr>") == 12
    assert "<td>1</td>" in page
    assert "<td>100</td>" in page
    assert "validation loss" in page
    axes = history.plot(log=True)
    assert len(axes.lines) == 2
    empty = History("accuracy")
    assert empty._repr_html_().startswith("<details><summary>History(empty)</summary>")
    assert "1 epoch," in repr(Network([2, 2]).fit(X, y, epochs=1, random_state=0))
