"""Every preset's sentence, tried as its reader would: what it says is seen in the epochs that it takes to look.

At 30 epochs a second 300 epochs are 10 seconds on the page, at 200 a second 2000 are. What a sentence says without
"most" is seen from every seed of `SEEDS` (each draws other points and other first weights), and so from the preset's.
"""

import numpy as np
import pytest

from pellucid import datasets, lessons
from pellucid.playground.presets import PRESETS
from pellucid.playground.settings import Settings

from .lesson_runs import go, losses, scores, started, trained

pytestmark = pytest.mark.slow

SEEDS = range(8)


def over_seeds(name, epochs, **changes):
    """Scores (seeds, 2), on the training rows and on the test rows."""
    return np.array([scores(name, epochs, **changes, seed=seed) for seed in SEEDS])


def most(happened):
    """In six seeds of eight or more."""
    return np.sum(happened) >= 0.75 * len(SEEDS)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_preset_is_whole(preset):
    settings = Settings().changed(preset.settings)
    assert all(settings[name] == value for name, value in preset.settings.items())
    assert settings["data"] in datasets.DATASETS
    assert settings["seed"] in SEEDS
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
    for epochs in (300, 2000):
        wrong = 1 - over_seeds("logistic-regression", epochs)
        assert np.all((wrong > 0.08) & (wrong < 0.17))
        assert np.mean(wrong) == pytest.approx(1 / 8, abs=0.015)
    right = over_seeds("logistic-regression", 600, features=("x1", "x2", "sin(pi*x1)"))
    assert right.min() > 0.93
    assert right.mean() > 0.95


def test_moons():
    assert over_seeds("moons", 1).max() < 0.91  # a line
    right = over_seeds("moons", 300).min(axis=1)
    assert most(right > 0.93)
    assert right[PRESETS["moons"].settings["seed"]] > 0.95
    for epochs in (300, 5000):
        assert max(scores("moons", epochs, seed=4)) < 0.89


def test_moons_elu():
    for seed in SEEDS:
        start = started("moons-elu", seed=seed).run
        train, test = losses("moons-elu", 300, seed=seed)
        assert len(start.test) / (len(start.test) + len(start.data)) == pytest.approx(1 / 4, abs=0.005)
        assert train[-1] < 0.5 * start.network.loss_value(start.data.X, start.data.Y)
        assert test[-1] < 0.5 * start.network.loss_value(start.test.X, start.test.Y)
        train, test = (np.convolve(loss, np.full(20, 1 / 20), "valid") for loss in (train, test))  # but for the jitter
        assert np.corrcoef(train, test)[0, 1] > 0.9


def test_hidden_sizes():
    test = {
        units: over_seeds("hidden-sizes", 400, hidden=(units,), activations=("tanh",))[:, 1]
        for units in (1, 2, 3, 4, 8)
    }
    assert test[1].max() < 0.89
    assert test[1].mean() < test[2].mean() < test[4].mean() - 0.03
    assert most(test[2] < test[4] - 0.01)
    assert most(test[3] > 0.93)
    assert test[4].min() > 0.91
    assert np.mean(test[4] > 0.93) > 0.8
    assert np.all(test[8] < test[4] + 0.02)
    own = PRESETS["hidden-sizes"].settings["seed"]
    assert test[1][own] + 0.04 < test[2][own] < test[3][own] - 0.03


def test_clouds():
    for seed in SEEDS:
        assert min(scores("clouds", 20, seed=seed)) > 0.94
        small = losses("clouds", 20, seed=seed)[0][-1]
        whole = losses("clouds", 400, seed=seed, batch_size=0)[0]
        assert 8 < np.argmax(whole <= small) / 20 < 12


def test_learning_rate():
    def curve(seed, **changes):
        run = started("learning-rate", seed=seed, **changes).run
        go(run, 2000)
        return run.curve.rows[:, 1]

    for seed in SEEDS:
        # Which way a run jumps depends on the last digit, and so on the processor; that it does not settle does not.
        losses = curve(seed)
        rises = np.diff(losses) > 0
        assert 0.2 < rises.mean() < 0.8
        assert 0.2 < rises[-300:].mean() < 0.8
        assert losses[-300:].max() > 1.5 * losses[-300:].min()
        calm, slow = curve(seed, learning_rate=0.1), curve(seed, learning_rate=0.002)
        assert np.all(np.diff(calm) < 0)
        assert np.all(np.diff(slow) < 0)
        assert slow[-1] > 0.29
        assert slow[-1] > calm[-1] + 0.03
    own = PRESETS["learning-rate"].settings["seed"]
    assert curve(own, learning_rate=0.1)[-1] < 0.05


def test_optimizers():
    assert over_seeds("optimizers", 300).max() < 0.75
    for optimizer, rate in (("momentum", 0.03), ("nesterov", 0.03), ("adam", 0.005)):
        assert over_seeds("optimizers", 300, optimizer=optimizer, learning_rate=rate).min() > 0.97


def test_symmetry():
    for seed in SEEDS:
        first, last = trained("symmetry", 600, seed=seed).run.network.layers
        assert np.ptp(first.W, axis=1).max() == 0
        assert np.ptp(last.W) == 0
        assert first.W.any()
        free = trained("symmetry", 600, seed=seed, initializer="xavier_uniform").run.network
        assert np.ptp(free.layers[0].W, axis=1).min() > 1
        still = trained("symmetry", 100, seed=seed, activations=("tanh",)).run.network
        assert not still.layers[0].W.any()
        assert not still.layers[1].W.any()
    assert over_seeds("symmetry", 600).max() < 0.92
    assert over_seeds("symmetry", 600, initializer="xavier_uniform").min() > 0.92


def test_vanishing_gradients():
    for seed in SEEDS:
        run = started("vanishing-gradients", seed=seed).run
        gradient = run.network.backward(run.network.forward(run.data.X), run.data.Y)
        first, last = (np.sqrt(np.mean(dW**2)) for dW, _ in (gradient.layers[0], gradient.layers[-1]))
        assert first < last / 1000
        go(run, 400)
        assert run.network.loss_value(run.data.X, run.data.Y) == pytest.approx(np.log(2), abs=0.02)
        assert run.curve.rows[-1, 1] == pytest.approx(np.log(2), abs=0.02)
    assert over_seeds("vanishing-gradients", 400, activations=("tanh",) * 6).min() > 0.88


def test_overfitting():
    for seed in SEEDS:
        train, test = losses("overfitting", 600, seed=seed)
        assert test.argmin() < 60
        assert test[-1] > 3 * test.min()
        assert train[-1] < 0.03
        _, held = losses("overfitting", 600, seed=seed, penalty="l2", penalty_rate=0.02)
        assert held[-1] < 1.15 * held.min()
        assert held[-1] < test[-1] / 2.5


def test_universal():
    right = over_seeds("universal", 300).min(axis=1)
    assert most(right > 0.92)
    assert right[PRESETS["universal"].settings["seed"]] > 0.95
    assert over_seeds("universal", 600, hidden=(2,)).max() < 0.9
    assert over_seeds("universal", 300, hidden=(), activations=(), features=("x1", "x2", "x1^2", "x2^2")).min() > 0.97


def test_xor():
    assert over_seeds("xor", 300).min() > 0.9
    guessed = over_seeds("xor", 300, hidden=(), activations=())
    assert guessed.max() < 0.65
    assert guessed.mean() == pytest.approx(0.5, abs=0.05)
    assert over_seeds("xor", 300, hidden=(), activations=(), features=("x1", "x2", "x1*x2")).min() > 0.9


def test_sparse():
    def weights(**changes):
        state = trained("sparse", 2000, **changes)
        sizes = dict(zip(state.rows.features_on, np.abs(state.run.network.layers[0].W[:, 0]), strict=True))
        squares = [sizes.pop("x1^2"), sizes.pop("x2^2")]
        return min(squares), np.array(list(sizes.values()))

    for seed in SEEDS:
        squares, others = weights(seed=seed)
        assert squares > 4
        assert others.max() < 0.03
        _, free = weights(seed=seed, penalty="none")
        assert np.median(free) > 0.1
        assert free.sum() > 15 * others.sum()


def test_spirals():
    assert over_seeds("spirals", 300).min() > 0.96
    assert over_seeds("spirals", 2000, hidden=(3,), activations=("tanh",)).max() < 0.85


def test_spirals_3():
    assert over_seeds("spirals-3", 300).min() > 0.97
    assert over_seeds("spirals-3", 300, classes=5).min() > 0.96


def test_regression():
    test = over_seeds("regression", 400)[:, 1]
    assert np.all((test > 0.85) & (test < 0.94))
    assert over_seeds("regression", 300, hidden=(), activations=()).max() < 0.05
    _, y = datasets.hills(20_000, noise=0.1, random_state=0)
    assert 1 - 0.1**2 / y.var() == pytest.approx(0.94, abs=0.01)
