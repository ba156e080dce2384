"""The recipe before a training: healthy networks pass it, and each planted fault fails in its own step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_moons
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pellucid import MLPClassifier, Network, initializers, preflight
from pellucid.explanation.preflight import recipe
from pellucid.explanation.preflight.result import Verdict
from pellucid.explanation.preflight.trial import Trial
from pellucid.maths.typing import Array
from pellucid.optimizers import Adam, GradientDescent, Momentum

pytestmark = pytest.mark.slow


def standardised(X: Array) -> Array:
    return StandardScaler().fit_transform(X)


def moons() -> tuple[Array, Array]:
    return make_moons(300, noise=0.2, random_state=0)


def digits() -> tuple[Array, Array]:
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def classes(load: Any) -> tuple[Array, Array]:
    X, y = load(return_X_y=True)
    return standardised(X), y


def diabetes() -> tuple[Array, Array]:
    X, y = load_diabetes(return_X_y=True)
    return standardised(X), standardised(y[:, None])[:, 0]


def sine() -> tuple[Array, Array]:
    X = np.linspace(-1, 1, 200)[:, None]
    return standardised(X), np.sin(4 * X[:, 0])


HEALTHY = {
    "moons": moons,
    "digits": digits,
    "iris": lambda: classes(load_iris),
    "wine": lambda: classes(load_wine),
    "breast cancer": lambda: classes(load_breast_cancer),
    "diabetes": diabetes,
    "sine": sine,
}
OPTIMIZERS = {"adam": Adam(0.01), "momentum": Momentum(0.05), "lbfgs": "lbfgs"}


@pytest.mark.parametrize("data", HEALTHY)
@pytest.mark.parametrize(("activation", "weights"), [("tanh", "xavier_uniform"), ("relu", "he_normal")])
def test_healthy_networks_pass(data: str, activation: str, weights: str) -> None:
    X, y = HEALTHY[data]()
    outputs = 1 if y.dtype.kind == "f" else len(np.unique(y))
    net = Network([X.shape[1], 16, outputs], activation).initialize(weights, random_state=0)
    theta = net.theta.copy()
    result = preflight(net, X, y, optimizer=Adam(0.01), epochs=50, batch_size=32)
    assert result, str(result)
    assert {verdict.outcome for verdict in result.verdicts} == {"ok"}, str(result)
    np.testing.assert_array_equal(net.theta, theta)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_healthy_runs_of_every_kind_pass(optimizer: str) -> None:
    X, y = moons()
    batch = None if optimizer == "lbfgs" else 32
    for seed in range(3):
        net = Network([2, 12, 2], "silu").initialize(random_state=seed)
        result = preflight(net, X, y, optimizer=OPTIMIZERS[optimizer], batch_size=batch, random_state=seed)
        assert result, str(result)


class WrongSign:
    def value(self, Z: Array) -> Array:
        return np.tanh(Z)

    def derivative(self, Z: Array) -> Array:
        return np.tanh(Z) ** 2 - 1


def fresh(activation: Any = "tanh", weights: Any = "xavier_uniform") -> Network:
    return Network([2, 16, 2], activation).initialize(weights, random_state=0)


def test_shuffled_labels_fail_where_inputs_should_help() -> None:
    for seed in range(3):
        X, y = moons()
        result = preflight(fresh(), X, np.random.default_rng(seed).permutation(y), optimizer=Adam(0.01), batch_size=32)
        assert not result
        failed = {verdict.name for verdict in result.verdicts if verdict.passed is False}
        # The doctor sees it too, in the data alone.
        assert "inputs help" in failed, str(result)
        assert failed <= {"first look", "inputs help"}, str(result)


def test_inputs_that_carry_nothing_fail_there_too() -> None:
    X = np.random.default_rng(0).normal(size=(300, 5))
    y = np.random.default_rng(1).normal(size=300)
    result = preflight(Network([5, 16, 1], "tanh"), X, y, optimizer=Adam(0.01), batch_size=32)
    assert result["inputs help"].passed is False, str(result)


@pytest.mark.parametrize("optimizer", [Adam(10.0), GradientDescent(100.0)])
def test_a_rate_that_is_too_large(optimizer: Any) -> None:
    result = preflight(fresh(), *moons(), optimizer=optimizer, batch_size=32)
    assert result["learning rate"].passed is False
    assert "It is too large: try" in result["learning rate"].advice
    advised = float(result["learning rate"].advice.split("try ")[1].rstrip("."))
    cured = preflight(fresh(), *moons(), optimizer=type(optimizer)(advised), batch_size=32)
    assert cured["learning rate"].passed, str(cured)


def test_a_rate_that_is_too_small() -> None:
    result = preflight(fresh(), *moons(), optimizer=GradientDescent(1e-5), batch_size=32)
    assert result["learning rate"].passed is False
    assert "too small" in result["learning rate"].advice


def test_weights_that_are_too_large() -> None:
    result = preflight(fresh(weights=initializers.Normal(scale=20)), *moons(), optimizer=Adam(0.01), batch_size=32)
    assert result["loss at the start"].passed is False


def test_targets_far_from_zero() -> None:
    X, y = sine()
    result = preflight(Network([1, 16, 1], "tanh"), X, y + 100, optimizer=Adam(0.01), batch_size=32)
    assert result["loss at the start"].passed is False


def test_weights_that_are_all_zero() -> None:
    result = preflight(fresh(weights="zeros"), *moons(), optimizer=Adam(0.01), batch_size=32)
    assert result["first look"].passed is False
    assert "symmetric units" in result["first look"].what
    assert result["one batch by heart"].passed is False
    assert result["inputs help"].passed is None  # nothing is learned: the inputs are not to blame


@pytest.mark.filterwarnings("ignore:.*no compiled kernel")
def test_a_wrong_derivative() -> None:
    result = preflight(fresh(WrongSign), *moons(), optimizer=Adam(0.01), batch_size=32)
    assert result["gradient"].passed is False
    assert "WrongSign" in result["gradient"].advice


def test_too_little_capacity() -> None:
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]] * 20) + np.random.default_rng(0).normal(0, 0.01, (80, 2))
    y = np.array([0, 1, 1, 0] * 20)
    assert preflight(Network([2, 2]), X, y, optimizer=Adam(0.03))["one batch by heart"].passed is False
    assert preflight(Network([2, 8, 2], "tanh"), X, y, optimizer=Adam(0.03))["one batch by heart"].passed


def test_it_repeats_and_takes_weights_penalties_and_reductions() -> None:
    from pellucid.penalties import L2

    X, y = moons()
    options: dict[str, Any] = {
        "optimizer": GradientDescent(0.01),
        "penalty": L2(0.01),
        "reduction": "sum",
        "sample_weight": np.linspace(0.5, 2, 300),
    }
    first, second = (preflight(fresh(), X, y, **options) for _ in range(2))
    assert first.verdicts == second.verdicts
    assert first, str(first)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_estimators_pipelines_and_many_rows() -> None:
    X, y = make_moons(5000, noise=0.2, random_state=0)
    model = make_pipeline(StandardScaler(), MLPClassifier((16,), max_iter=3))
    model.fit(X, y)
    result = preflight(model, X, y, optimizer=Adam(0.01), batch_size=32)
    assert result, str(result)
    assert "1000 of 5000 rows" in str(result)


def test_few_rows_and_constant_targets_are_no_error() -> None:
    few = preflight(Network([2, 3, 2], "tanh"), [[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert few["inputs help"].outcome == "cannot be told"
    constant = preflight(Network([1, 4, 1], "tanh"), sine()[0], np.zeros(200), optimizer=Adam(0.01))
    assert constant["loss at the start"].outcome == "ok"


def test_it_shows_itself() -> None:
    result = preflight(fresh(), *moons(), optimizer=Adam(10.0), batch_size=32)
    assert "learning rate" in repr(result)
    assert repr(result) == str(result).rstrip("\n")
    assert "<table" in result._repr_html_()


def test_wrong_arguments_are_named() -> None:
    X, y = moons()
    with pytest.raises(ValueError, match="random_state"):
        preflight(fresh(), X, y, random_state=-1)
    with pytest.raises(ValueError, match=r"X must have 2 column\(s\)"):
        preflight(fresh(), X[:, :1], y)
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        preflight(fresh(), X, y, optimizer="adamm")


def test_ctrl_c_keeps_the_verdicts_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = digits()
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    (name, first_look), *later = recipe.STEPS

    def look_then_start_the_timer(trial: Trial) -> Iterator[Verdict]:
        yield from first_look(trial)
        timer.start()

    monkeypatch.setattr(recipe, "STEPS", ((name, look_then_start_the_timer), *later))
    try:
        result = preflight(Network([64, 200, 200, 10], "tanh"), X, y, epochs=10_000, batch_size=1)
    finally:
        timer.cancel()
        timer.join()
    assert result.interrupted
    assert 0 < len(result.verdicts) < 7
    assert "interrupted" in result.title


def test_progress_stands_on_standard_error_beyond_a_second() -> None:
    code = (
        "import time, pellucid.training.progress as p\n"
        "with p.Steps('preflight', True) as steps:\n"
        "    steps.show('too soon'); time.sleep(1.1); steps.show('learning rates'); time.sleep(0.2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout == b""
    assert b"preflight: learning rates" in done.stderr
    assert b"too soon" not in done.stderr
