"""The training doctor: planted illnesses are found under their names, healthy runs are left in peace."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from pellucid import Dense, MLPClassifier, Network, diagnose
from pellucid.maths.penalties import L2
from pellucid.optimizers import Adam, GradientDescent, Momentum

pytestmark = pytest.mark.slow


def blobs(n=200, seed=0):
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    return random.normal(size=(n, 2)) + 2.0 * y[:, None], y


def build(sizes, hidden, output="softmax", loss="cross_entropy", weights="xavier_uniform", seed=0):
    layers = [Dense(p, h, hidden) for p, h in itertools.pairwise(sizes[:-1])]
    return Network([*layers, Dense(sizes[-2], sizes[-1], output)], loss=loss).initialize(weights, random_state=seed)


ILL = {}


def ill(name, plant):
    def register(function):
        ILL[plant] = (name, function)
        return function

    return register


@ill("non-finite values", "NaN in one input")
def _():
    X, y = blobs()
    net = build([2, 4, 2], "tanh")
    X[3, 1] = np.nan
    return diagnose(net, X, y)


@ill("non-finite values", "an infinite weight")
def _():
    X, y = blobs()
    net = build([2, 4, 2], "tanh")
    net.layers[1].W[0, 0] = np.inf
    return diagnose(net, X, y)


@ill("unscaled inputs", "a column in thousands")
def _():
    X, y = blobs()
    net = build([2, 8, 2], "relu")
    X = X * [1.0, 3000.0]
    history = net.fit(X, y, epochs=30, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("unscaled targets", "scikit-learn's diabetes, targets as they are")
def _():
    X, y = datasets.load_diabetes(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    net = build([10, 8, 1], "relu", "identity", "squared_error")
    history = net.fit(X, y, epochs=30, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("dead units", "ReLU after one huge step")
def _():
    X, y = blobs()
    net = build([2, 16, 2], "relu", weights="he_normal")
    net.layers[0].b = np.full(16, -20.0)
    return diagnose(net, X, y, history=net.fit(X, y, epochs=20, random_state=0, progress=False))


@ill("saturated units", "sigmoid with weights N(0, 20²)")
def _():
    X, y = blobs()
    net = build([2, 12, 2], "sigmoid")
    net.layers[0].W = np.random.default_rng(0).normal(size=(2, 12)) * 200
    return diagnose(net, X + 3, y)


@ill("symmetric units", "zero weights")
def _():
    X, y = blobs()
    net = build([2, 6, 2], "tanh", weights="zeros")
    return diagnose(net, X, y, history=net.fit(X, y, epochs=30, random_state=0, progress=False))


@ill("vanishing gradients", "eight layers of sigmoids")
def _():
    X, y = blobs()
    net = build([2, *[10] * 8, 2], "sigmoid")
    return diagnose(net, X, y, history=net.fit(X, y, epochs=20, random_state=0, progress=False))


@ill("exploding gradients", "eight layers of ReLU with weights N(0, 1)")
def _():
    X, y = blobs()
    return diagnose(build([2, *[20] * 8, 2], "relu", weights="normal"), X, y)


@ill("rate too high", "descent that oscillates")
def _():
    X, y = blobs()
    net = build([2, 5, 2], "tanh")
    history = net.fit(X, y, optimizer=GradientDescent(30.0), epochs=60, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("rate too high", "batches of 8 that jump, after a first epoch that was worse")
def _():
    X, y = blobs(100)
    net = build([2, 20, 2], "tanh")
    history = net.fit(X, y, optimizer=GradientDescent(5.0), batch_size=8, epochs=60, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("rate too high", "a loss that rises")
def _():
    X, y = blobs()
    net = build([2, 5, 1], "tanh", "identity", "squared_error")
    history = net.fit(X, y, optimizer=Momentum(0.9), epochs=12, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("rate too low", "descent with a rate of 1e-5")
def _():
    X, y = blobs()
    net = build([2, 5, 2], "tanh")
    history = net.fit(X, y, optimizer=GradientDescent(1e-5), epochs=100, random_state=0, progress=False)
    return diagnose(net, X, y, history=history)


@ill("overfitting", "random labels, 60 rows, 100 units, validation data")
def _():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(120, 5)), random.integers(0, 2, 120)
    net = build([5, 100, 2], "tanh")
    history = net.fit(
        X[:60], y[:60], optimizer=Adam(0.01), epochs=300, random_state=0, validation=(X[60:], y[60:]), progress=False
    )
    return diagnose(net, X[:60], y[:60], history=history)


@ill("class imbalance ignored", "3 % of a class that overlaps with the other")
def _():
    random = np.random.default_rng(0)
    y = (np.arange(600) % 33 == 0).astype(int)
    X = random.normal(size=(600, 2)) + 0.7 * y[:, None]
    net = build([2, 5, 2], "tanh")
    return diagnose(
        net,
        X,
        y,
        history=net.fit(X, y, optimizer=Adam(0.02), epochs=100, batch_size=None, random_state=0, progress=False),
    )


@pytest.mark.parametrize("plant", ILL)
def test_planted_illness_is_found(plant):
    name, treat = ILL[plant]
    result = treat()
    assert name in result.names, result.text
    [finding] = [finding for finding in result if finding.name == name]
    assert any(character.isdigit() for character in finding.what)
    assert finding.why
    assert finding.advice
    assert finding.what.split()[0] in result.text


def standardised(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def healthy_runs():
    """Public data, sensible settings, five seeds each."""
    iris, wine, cancer = (
        standardised(f) for f in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer)
    )
    digits = datasets.load_digits(return_X_y=True)
    digits = digits[0] / 16, digits[1]
    diabetes = standardised(datasets.load_diabetes)
    diabetes = diabetes[0], (diabetes[1] - diabetes[1].mean()) / diabetes[1].std()
    moons = datasets.make_moons(200, noise=0.2, random_state=0)
    linnerud = standardised(datasets.load_linnerud)
    linnerud = linnerud[0], StandardScaler().fit_transform(linnerud[1])
    stop = {"validation": 0.2, "early_stopping": True}
    plans = [
        (moons, [2, 8, 2], "tanh", "adam", {"optimizer": Adam(0.02), "epochs": 800}),
        (moons, [2, 3, 2], "tanh", "descent", {"optimizer": GradientDescent(0.5), "epochs": 1000}),
        (iris, [4, 10, 3], "tanh", "adam", {"optimizer": Adam(0.01), "epochs": 100, "batch_size": 16}),
        (wine, [13, 10, 3], "relu", "early", {"optimizer": Adam(0.005), "epochs": 200, "batch_size": 16, **stop}),
        (cancer, [30, 16, 2], "relu", "momentum", {"optimizer": Momentum(0.01), "epochs": 60, "batch_size": 32}),
        (cancer, [30, 16, 8, 2], "elu", "early", {"optimizer": "adam", "epochs": 100, "batch_size": 32, **stop}),
        (
            digits,
            [64, 32, 10],
            "relu",
            "adam",
            {"optimizer": "adam", "epochs": 30, "batch_size": 64, "penalty": L2(1e-4)},
        ),
        (digits, [64, 32, 16, 10], "sigmoid", "adam", {"optimizer": Adam(0.01), "epochs": 30, "batch_size": 64}),
        (diabetes, [10, 8, 1], "relu", "early", {"optimizer": "adam", "epochs": 100, "batch_size": 16, **stop}),
        (linnerud, [3, 4, 3], "tanh", "lbfgs", {"optimizer": "lbfgs", "epochs": 50, "penalty": L2(0.1)}),
    ]
    for plan, seed in itertools.product(plans, range(5)):
        yield (*plan, seed)


def test_at_most_two_findings_on_fifty_healthy_runs():
    findings, runs = [], 0
    for (X, y), sizes, hidden, name, options, seed in healthy_runs():
        regression = y.dtype.kind == "f"
        output, loss = ("identity", "squared_error") if regression else ("softmax", "cross_entropy")
        weights = "he_normal" if hidden in ("relu", "elu") else "xavier_uniform"
        net = build(sizes, hidden, output, loss, weights, seed)
        history = net.fit(X, y, random_state=seed, progress=False, **options)
        findings += [(name, sizes, seed, str(finding)) for finding in diagnose(net, X, y, history=history)]
        runs += 1
    assert runs == 50
    assert len(findings) <= 2, findings


def test_nothing_is_said_of_an_estimator_that_scales_its_inputs():
    X, y = datasets.load_wine(return_X_y=True)
    X, _, y, _ = train_test_split(X, y, random_state=0)
    model = MLPClassifier(
        hidden_layer_sizes=(16,), scale="standard", max_iter=300, random_state=0, early_stopping=True
    ).fit(X, y)
    assert diagnose(model, X, y).names == ()
    assert "unscaled inputs" in diagnose(model.to_network(), X, y).names


def test_a_running_history_can_be_diagnosed():
    X, y = blobs()
    net = build([2, 5, 2], "tanh")
    seen = []

    def doctor(run):
        seen.append(diagnose(run.network, X, y, history=run.history).names)

    net.fit(X, y, optimizer=GradientDescent(30.0), epochs=30, random_state=0, callbacks=[doctor], progress=False)
    assert len(seen) == 30
    assert "rate too high" not in seen[0]  # too early to tell
    assert "rate too high" in seen[-1]


def test_the_diagnosis_can_be_read_and_saved(tmp_path):
    X, y = blobs()
    net = build([2, 6, 2], "tanh", weights="zeros")
    result = diagnose(net, X * 1000, y)
    assert len(result) == 2
    assert bool(result)
    assert "2 findings" in result.text
    assert "What to try:" in result.text
    assert "Unscaled inputs" in result.save(tmp_path / "report.html").read_text(encoding="utf-8")
    healthy = diagnose(build([2, 6, 2], "tanh"), X, y)
    assert not healthy
    assert "Nothing wrong was found" in healthy.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [0]), r"X must have shape \(n, 2\), got \(1, 1\)"),
        (([[1.0, 2.0]], [7]), "class numbers 0 to 1, got 7"),
    ],
)
def test_data_that_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        diagnose(build([2, 3, 2], "tanh"), *arguments)


def test_a_history_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="history must be what fit returns"):
        diagnose(build([2, 3, 2], "tanh"), [[1.0, 2.0]], [0], history=[1.0, 0.5])
