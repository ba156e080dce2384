"""Every preset's sentence, tried: what it says is seen when its settings are trained, in the epochs it takes to look.

At 30 to 60 epochs a second the epochs here are 5 to 20 seconds on the page (sets at 200 a second: up to 10).
"""

import numpy as np
import pytest

from pellucid import datasets, lessons
from pellucid.playground.presets import PRESETS

from .lesson_runs import score, trained

SCHEMA = {
    "data", "classes", "samples", "noise", "test_share", "seed", "features", "hidden", "activations", "output", "loss",
    "initializer", "optimizer", "learning_rate", "schedule", "penalty", "penalty_rate", "dropout", "batch_size",
    "epochs", "speed",
}  # fmt: skip


def scores(name, epochs, **changes):
    net, _, rows = trained(name, epochs, **changes)
    return score(net, rows.X_train, rows.y_train), score(net, rows.X_test, rows.y_test)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_is_whole(preset):
    assert set(preset.settings) <= SCHEMA
    assert preset.settings["data"] in datasets.DATASETS
    assert len(preset.settings["hidden"]) == len(preset.settings["activations"])
    assert 40 < len(preset.notice) < 330
    assert "  " not in preset.notice
    assert preset.title


def test_lessons_that_can_be_watched_have_their_names():
    watched = set(PRESETS) & set(lessons.LESSONS)
    assert watched == {
        "logistic-regression", "moons", "moons-elu", "hidden-sizes", "clouds", "learning-rate", "optimizers",
        "symmetry", "vanishing-gradients", "overfitting", "universal",
    }  # fmt: skip


def test_logistic_regression():
    for epochs in (300, 1000):
        train, test = scores("logistic-regression", epochs)
        assert 0.83 < train < 0.92
        assert 0.83 < test < 0.92
    assert min(scores("logistic-regression", 600, features=("x1", "x2", "sin(pi*x1)"))) > 0.94


def test_moons():
    assert max(scores("moons", 10)) < 0.91
    train, test = scores("moons", 400)
    assert train > 0.96
    assert test > 0.93


def test_moons_elu():
    net, history, rows = trained("moons-elu", 600)
    assert min(score(net, rows.X_train, rows.y_train), score(net, rows.X_test, rows.y_test)) > 0.95
    assert len(rows.test) == 125
    for name in ("loss", "validation_loss"):
        assert history[name][-1] < 0.5 * history[name][0]


def test_hidden_sizes():
    test = {units: scores("hidden-sizes", 400, hidden=(units,), activations=("tanh",))[1] for units in (1, 2, 3, 4, 8)}
    assert test[1] < 0.87
    assert test[2] > 0.93
    assert test[3] > 0.94
    assert max(test[4], test[8]) < test[3] + 0.025


def test_clouds():
    assert min(scores("clouds", 20)) > 0.94
    loss = trained("clouds", 20)[1]["loss"][-1]
    whole = np.array(trained("clouds", 1500, batch_size=0)[1]["loss"])
    assert 7 < np.argmax(whole < loss) / 20 < 14


def test_learning_rate():
    losses = np.array(trained("learning-rate", 1500)[1]["loss"])
    assert np.mean(np.diff(losses[-300:]) > 0) > 0.3
    assert losses[-300:].max() > 2 * losses[-300:].min()
    calm = np.array(trained("learning-rate", 1500, learning_rate=0.5)[1]["loss"])
    slow = np.array(trained("learning-rate", 1500, learning_rate=0.02)[1]["loss"])
    assert np.all(np.diff(calm) < 0)
    assert np.all(np.diff(slow) < 0)
    assert calm[-1] < 0.15 < 0.25 < slow[-1]


def test_optimizers():
    train, test = scores("optimizers", 200)
    assert max(train, test) < 0.7
    for optimizer, rate in (("momentum", 0.03), ("nesterov", 0.03), ("adam", 0.01)):
        assert min(scores("optimizers", 200, optimizer=optimizer, learning_rate=rate)) > 0.97


def test_symmetry():
    net, _, rows = trained("symmetry", 600)
    first, last = net.layers
    assert np.ptp(first.W, axis=1).max() == 0
    assert np.ptp(last.W) == 0
    assert first.W.any()
    assert 0.8 < score(net, rows.X_train, rows.y_train) < 0.92
    free, _, _ = trained("symmetry", 600, initializer="xavier_uniform")
    assert np.ptp(free.layers[0].W, axis=1).min() > 1
    assert min(scores("symmetry", 600, initializer="xavier_uniform")) > 0.93
    still, _, _ = trained("symmetry", 100, activations=("tanh",))
    assert not still.layers[0].W.any()
    assert not still.layers[1].W.any()


def test_vanishing_gradients():
    net, history, rows = trained("vanishing-gradients", 400)
    assert net.loss_value(rows.X_train, rows.y_train) == pytest.approx(np.log(2), abs=0.02)
    assert history["loss"][-1] > 0.68
    assert min(scores("vanishing-gradients", 400, activations=("tanh",) * 6)) > 0.92
    gradient = net.initialize("xavier_uniform", random_state=0).backward(net.forward(rows.X_train), rows.y_train)
    first, last = (np.sqrt(np.mean(dW**2)) for dW, _ in (gradient.layers[0], gradient.layers[-1]))
    assert first < last / 1000


def test_overfitting():
    net, history, rows = trained("overfitting", 600)
    test = np.array(history["validation_loss"])
    assert test.argmin() < 50
    assert test[-1] > 3 * test.min()
    assert net.loss_value(rows.X_train, rows.y_train) < 0.05
    held = np.array(trained("overfitting", 600, penalty="l2", penalty_rate=0.01)[1]["validation_loss"])
    assert held[-1] < 1.2 * held.min()
    assert held[-1] < test[-1] / 3


def test_universal():
    assert min(scores("universal", 600)) > 0.95
    assert max(scores("universal", 600, hidden=(2,))) < 0.87
    assert min(scores("universal", 300, hidden=(), activations=(), features=("x1", "x2", "x1^2", "x2^2"))) > 0.95


def test_xor():
    assert min(scores("xor", 600)) > 0.92
    assert max(scores("xor", 300, hidden=(), activations=())) < 0.6
    assert min(scores("xor", 300, hidden=(), activations=(), features=("x1", "x2", "x1*x2"))) > 0.94


def test_sparse():
    def weights(**changes):
        net, _, rows = trained("sparse", 2000, **changes)
        sizes = dict(zip(rows.features_on, np.abs(net.layers[0].W[:, 0]), strict=True))
        squares = [sizes.pop("x1^2"), sizes.pop("x2^2")]
        return min(squares), np.array(list(sizes.values()))

    squares, others = weights()
    assert squares > 3
    assert others.max() < 0.02
    _, others = weights(penalty="none")
    assert others.min() > 0.03


def test_spirals():
    assert min(scores("spirals", 300)) > 0.97
    assert max(scores("spirals", 600, hidden=(4,), activations=("tanh",))) < 0.75


def test_spirals_3():
    assert min(scores("spirals-3", 300)) > 0.97
    assert min(scores("spirals-3", 300, classes=5)) > 0.95


def test_regression():
    _, test = scores("regression", 400)
    assert 0.85 < test < 0.94
    assert max(scores("regression", 300, hidden=(), activations=())) < 0.05
    _, y = datasets.hills(20_000, noise=0.1, random_state=0)
    assert 1 - 0.1**2 / y.var() == pytest.approx(0.94, abs=0.01)
