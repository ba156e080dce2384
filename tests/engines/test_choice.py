"""Which engine runs what, and what is said about it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from pellucid import Dense, Network, engines, optimizers, penalties
from pellucid.engines import choice
from pellucid.engines.formulas import BUILT_IN
from pellucid.maths.activations import ACTIVATIONS, Activation, Tanh
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import PENALTIES
from pellucid.optimizers import OPTIMIZERS, FirstOrder

X, Y = np.zeros((10, 2)), np.arange(10) % 2


@dataclass(frozen=True)
class Cubic(Activation):
    """An own activation."""

    name: ClassVar[str] = "cubic"

    def value(self, Z: np.ndarray) -> np.ndarray:
        return Z**3

    def derivative(self, Z: np.ndarray, A: np.ndarray) -> np.ndarray:
        return 3 * Z**2


@dataclass(frozen=True)
class FlatTanh(Tanh):
    """An own activation under a registered name."""


def network(activation: str | Activation = "tanh") -> Network:
    return Network([Dense(2, 3, activation), Dense(3, 2, "softmax")]).initialize(random_state=0)


def chosen(net: Network, engine: str, updates: int, samples: int) -> str:
    return choice.choose(engine, net, net.objective(), optimizers.Adam(), updates=updates, samples=samples)


def test_what_is_registered_has_a_kernel() -> None:
    assert all(BUILT_IN.activation_number(cls()) is not None for cls in ACTIVATIONS.values())
    assert all(BUILT_IN.penalty_number(cls()) is not None for cls in PENALTIES.values())
    rules = [cls() for cls in OPTIMIZERS.values() if issubclass(cls, FirstOrder)]
    assert sorted(BUILT_IN.rule_number(rule) for rule in rules) == list(range(len(rules)))
    for loss in (cls() for cls in LOSSES.values()):
        for output in (cls() for cls in ACTIVATIONS.values() if not loss.canonical_only or cls.name == loss.canonical):
            assert BUILT_IN.loss_number(loss, output) is not None


def test_a_registered_class_without_kernel_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_told", set())
    monkeypatch.setattr(ACTIVATIONS, "_classes", {**ACTIVATIONS._classes})
    ACTIVATIONS.register(Cubic)
    with pytest.warns(UserWarning, match="activation Cubic has no compiled kernel"):
        Network([Dense(2, 3, "cubic"), Dense(3, 2, "softmax")]).fit(X, Y, epochs=2)


def test_small_jobs_go_to_the_reference_and_large_ones_to_the_kernels() -> None:
    net = network()
    assert chosen(net, "auto", updates=200, samples=2000) == "reference"
    assert chosen(net, "auto", updates=1000, samples=10_000) == "compiled"
    assert chosen(net, "auto", updates=1, samples=1_000_000_000) == "compiled"
    assert chosen(net, "reference", updates=10**9, samples=10**9) == "reference"
    assert chosen(net, "compiled", updates=1, samples=1) == "compiled"


@pytest.mark.parametrize("activation", [Cubic(), FlatTanh()])
def test_an_own_activation_falls_back_and_is_told_once(activation: Activation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_told", set())
    with pytest.warns(UserWarning, match=f"activation {type(activation).__name__} has no compiled kernel"):
        network(activation).fit(X, Y, epochs=2)
    network(activation).fit(X, Y, epochs=2)  # warnings are errors: a second one would end this test
    with pytest.raises(ValueError, match="engine='compiled' has no kernel for activation"):
        network(activation).fit(X, Y, epochs=2, engine="compiled")


@pytest.mark.parametrize(("name", "value"), [("engine", "fast"), ("threads", 0)])
def test_what_is_not_understood_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        network().fit(X, Y, epochs=1, **{name: value})


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_lbfgs_on_both_engines(loss: str, rng: np.random.Generator) -> None:
    """Its line search amplifies rounding: the values agree early on, and both get equally far."""
    data = rng.normal(size=(60, 3))
    y = rng.integers(3, size=60) if loss == "cross_entropy" else rng.normal(size=(60, 3))
    last = Dense(4, 3, "softmax" if loss == "cross_entropy" else "identity")
    histories = []
    for engine in ("reference", "compiled"):
        net = Network([Dense(3, 4, "tanh"), last], loss).initialize(random_state=0)
        options = {"optimizer": "lbfgs", "epochs": 10, "penalty": penalties.L2(0.01), "engine": engine}
        histories.append(net.fit(data, y, **options))
    expected, actual = histories
    np.testing.assert_allclose(actual["objective"], expected["objective"], rtol=1e-7)
    np.testing.assert_allclose(actual["metric"], expected["metric"], rtol=1e-6)


@pytest.mark.parametrize("limit", [{"clip_norm": 0.05}, {"max_norm": 0.5}, {"clip_norm": 0.1, "max_norm": 1.0}])
@pytest.mark.parametrize("threads", [1, 2])
def test_limits_on_both_engines(limit: dict[str, float], threads: int, rng: np.random.Generator) -> None:
    data, y = rng.normal(size=(50, 4)), rng.integers(3, size=50)
    thetas = []
    for engine in ("reference", "compiled"):
        net = Network([Dense(4, 6, "tanh"), Dense(6, 3, "softmax")]).initialize(random_state=0)
        net.fit(data, y, epochs=20, batch_size=16, random_state=0, engine=engine, threads=threads, **limit)
        thetas.append(net.theta)
    np.testing.assert_allclose(thetas[1], thetas[0], rtol=1e-9, atol=1e-12)


def test_info_names_level_objects_and_versions() -> None:
    about = engines.info()
    assert about["level"]
    assert set(about["objects"]) == {"float32", "float64"}
    assert "not installed" not in (about["versions"][name] for name in ("numpy", "scipy", "llvmlite"))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("n", [1, 2, 8, 9, 64, 65])
@pytest.mark.parametrize("last", ["softmax", "sigmoid"])
def test_prediction(n: int, dtype: str, last: str, rng: np.random.Generator) -> None:
    loss = "cross_entropy" if last == "softmax" else "binary_cross_entropy"
    net = Network([Dense(3, 17, "gelu", dropout=0.5), Dense(17, 2, last)], loss, dtype).initialize(random_state=0)
    data = rng.normal(size=(n, 3))
    expected = net.forward(data).output
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(net.predict_proba(data), expected, rtol=tolerance, atol=tolerance)
    assert net.predict_proba(data).dtype == net.dtype
    net.theta = -net.theta
    np.testing.assert_allclose(net.predict_proba(data), net.forward(data).output, rtol=tolerance, atol=tolerance)


def test_prediction_from_several_threads(rng: np.random.Generator) -> None:
    net = Network([Dense(3, 17, "tanh"), Dense(17, 2, "softmax")]).initialize(random_state=0)
    batches = [rng.normal(size=(1 + i % 5, 3)) for i in range(400)]
    expected = [net.predict_proba(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for actual, wanted in zip(pool.map(net.predict_proba, batches), expected, strict=True):
            np.testing.assert_array_equal(actual, wanted)


def test_prediction_for_something_that_has_no_rows() -> None:
    net = Network([Dense(3, 2, "softmax")]).initialize(random_state=0)
    with pytest.raises(ValueError, match=r"X must have shape \(n, 3\), got \(\)"):
        net.predict_proba(np.array(1.0))
