"""Somebody's own activations, loss, update rule and penalty on the compiled engine, from their kernel formulas."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.engines import choice, objects
from pellucid.engines.formulas import BUILT_IN, formulas_for
from pellucid.engines.kernels.level import current
from pellucid.maths.activations import Activation, Tanh
from pellucid.maths.elementary import absolute, exp, log1p, maximum, sigmoid, sqrt, tanh
from pellucid.maths.losses import Loss
from pellucid.maths.penalties import Penalty
from pellucid.optimizers import FirstOrder


@dataclass(frozen=True)
class Gate(Activation):
    """z σ(β z)."""

    beta: float = 1.5

    kernel_options: ClassVar[tuple[str, ...]] = ("beta",)
    derivative_from: ClassVar[Any] = "z"

    def value(self, Z: np.ndarray) -> np.ndarray:
        return Z / (1 + np.exp(-self.beta * Z))

    def derivative(self, Z: np.ndarray, A: np.ndarray) -> np.ndarray:
        S = 1 / (1 + np.exp(-self.beta * Z))
        return S + self.beta * A * (1 - S)

    @staticmethod
    def kernel_value(z: Any, beta: Any) -> Any:
        return z * sigmoid(beta * z)

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any, beta: Any) -> Any:
        s = sigmoid(beta * z)
        return d * (s + beta * a * (1.0 - s))


class Bump:
    """e^{−z²}, of no class of Pellucid."""

    def value(self, Z: np.ndarray) -> np.ndarray:
        return np.exp(-(Z**2))

    def derivative(self, Z: np.ndarray) -> np.ndarray:
        return -2 * Z * np.exp(-(Z**2))

    @staticmethod
    def kernel_value(z: Any) -> Any:
        return exp(-(z**2))

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        return d * (-2.0 * z * a)


@dataclass(frozen=True)
class LogCosh(Loss):
    """Σ ln cosh(s (a − y))/s."""

    scale: float = 2.0

    kernel_options: ClassVar[tuple[str, ...]] = ("scale",)

    def value(self, Y: np.ndarray, A: np.ndarray) -> np.ndarray:
        return (np.log(np.cosh(self.scale * (A - Y))) / self.scale).sum(axis=1)

    def gradient(self, Y: np.ndarray, A: np.ndarray) -> np.ndarray:
        return np.tanh(self.scale * (A - Y))

    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any, scale: Any) -> tuple[Any, Any]:
        r = absolute(scale * (a - y))
        return (r + log1p(exp(-2.0 * r)) - 0.6931471805599453) / scale, tanh(scale * (a - y))


@dataclass(frozen=True)
class AMSGrad(FirstOrder):
    """Three vectors, one more than any of Pellucid's rules moves."""

    beta: float = 0.9

    kernel_vectors: ClassVar[tuple[str, ...]] = ("m", "v", "largest")
    kernel_numbers: ClassVar[tuple[str, ...]] = ("beta", "correction")

    def init(self, theta: np.ndarray, decayed: np.ndarray | None = None) -> dict[str, np.ndarray]:
        return {name: np.zeros_like(theta) for name in self.kernel_vectors} | {"t": np.zeros(1)}

    def step(self, theta: np.ndarray, gradient: np.ndarray, state: dict[str, np.ndarray], rate: float) -> None:
        m, v, largest = (state[name] for name in self.kernel_vectors)
        state["t"] += 1
        m += (1 - self.beta) * (gradient - m)
        v += 0.01 * (gradient * gradient - v)
        np.maximum(largest, v, out=largest)
        theta -= rate * m / (1 - self.beta ** state["t"][0]) / (np.sqrt(largest) + 1e-8)

    def step_numbers(self, state: dict[str, np.ndarray], rates: np.ndarray) -> list[Any]:
        return [self.beta, 1 / (1 - self.beta ** (state["t"][0] + 1 + np.arange(len(rates))))]

    def count_steps(self, state: dict[str, np.ndarray], n: int) -> None:
        state["t"] += n

    @staticmethod
    def kernel_step(
        theta: Any, g: Any, m: Any, v: Any, largest: Any, rate: Any, beta: Any, correction: Any
    ) -> tuple[Any, ...]:
        m = m + (1.0 - beta) * (g - m)
        v = v + 0.01 * (g * g - v)
        largest = maximum(largest, v)
        return theta - rate * m * correction / (sqrt(largest) + 1e-8), m, v, largest


@dataclass(frozen=True)
class Cauchy(Penalty):
    """λ Σ ln(1 + (w − c)²), which is not 0 at w = 0."""

    centre: float = 0.5

    kernel_options: ClassVar[tuple[str, ...]] = ("strength", "centre")

    def value(self, W: np.ndarray) -> float:
        return float(self.strength * np.log1p((W - self.centre) ** 2).sum())

    def gradient(self, W: np.ndarray) -> np.ndarray:
        r = W - self.centre
        return self.strength * 2 * r / (1 + r**2)

    @staticmethod
    def kernel_formula(w: Any, strength: Any, centre: Any) -> tuple[Any, Any]:
        r = w - centre
        return strength * log1p(r * r), strength * (r + r) / (r * r + 1.0)


def network() -> Network:
    layers = [Dense(3, 5, Gate(beta=0.7)), Dense(5, 4, Bump()), Dense(4, 2, "identity")]
    return Network(layers, LogCosh(scale=1.3)).initialize(random_state=0)


RUN: dict[str, Any] = {"optimizer": AMSGrad(0.02), "penalty": Cauchy(0.01), "batch_size": 16, "random_state": 1}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(50, 3)), rng.normal(size=(50, 2))


def wanted() -> Any:
    net = network()
    return formulas_for(net, net.objective(penalty=RUN["penalty"]), RUN["optimizer"])


@pytest.mark.parametrize("threads", [1, 2])
def test_own_classes_train_equal_on_both_engines(threads: int, data: tuple[np.ndarray, np.ndarray]) -> None:
    thetas, states, histories = [], [], []
    for engine in ("reference", "compiled"):
        net = network()
        state = RUN["optimizer"].init(net.theta)
        histories.append(net.fit(*data, epochs=25, engine=engine, threads=threads, optimizer_state=state, **RUN))
        thetas.append(net.theta)
        states.append(state)
    np.testing.assert_allclose(thetas[1], thetas[0], rtol=1e-10, atol=1e-12)
    for column in ("loss", "objective", "metric"):
        np.testing.assert_allclose(histories[1][column], histories[0][column], rtol=1e-10)
    for name, array in states[0].items():
        np.testing.assert_allclose(states[1][name], array, rtol=1e-10, atol=1e-14)
    net = network()
    net.theta = thetas[0]
    np.testing.assert_allclose(net.predict(data[0][:3]), net.forward(data[0][:3]).output, rtol=1e-12)


def test_auto_uses_what_is_compiled_and_says_once_how_to_compile(
    data: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network().fit(*data, epochs=1, engine="compiled", **RUN)
    net = network()
    job = net, net.objective(penalty=RUN["penalty"]), RUN["optimizer"]
    long = {"updates": 10_000, "samples": 100_000}
    assert choice.choose("auto", *job, **long) == "compiled"
    monkeypatch.setattr(choice, "_told", set())
    monkeypatch.setenv("PELLUCID_CACHE_DIR", str(tmp_path))
    assert choice.choose("auto", *job, updates=1, samples=10) == "reference"  # a short job says nothing
    with pytest.warns(UserWarning, match=r"AMSGrad.*Gate.*not compiled yet: engine='compiled' compiles them, once"):
        assert choice.choose("auto", *job, **long) == "reference"
    assert choice.choose("auto", *job, **long) == "reference"


def test_compiling_says_what_for_and_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PELLUCID_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(objects, "compile_object", lambda level, dtype, formulas: b"code")
    assert objects.find(current(), "float64", wanted())[2] == "compiled"
    assert "compiling its kernels with AMSGrad, Bump, Cauchy, Gate, LogCosh" in capsys.readouterr().err
    assert objects.find(current(), "float64", wanted())[2] == "cache"


def test_the_object_is_named_after_what_own_formulas_compute() -> None:
    name = objects.file_name(current(), "float64", wanted())
    assert name != objects.file_name(current(), "float64", BUILT_IN)

    class Bump:  # another class, the same function
        value, derivative = globals()["Bump"].value, globals()["Bump"].derivative

        @staticmethod
        def kernel_value(z: Any) -> Any:
            square = z * z
            return exp(-square)

        @staticmethod
        def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
            return d * (-2.0 * z * a)

    net = Network([Dense(3, 5, Gate()), Dense(5, 4, Bump()), Dense(4, 2, "identity")], LogCosh())
    again = formulas_for(net, net.objective(penalty=RUN["penalty"]), RUN["optimizer"])
    assert objects.file_name(current(), "float64", again) == name


@dataclass(frozen=True)
class Wrong(Tanh):
    kernel_value = Tanh.kernel_value

    @staticmethod
    def kernel_vjp(d: Any, z: Any, a: Any) -> Any:
        return d * (1.0 - a)


@dataclass(frozen=True)
class WrongLoss(LogCosh):
    @staticmethod
    def kernel_formula(y: Any, a: Any, z: Any, scale: Any) -> tuple[Any, Any]:
        return absolute(a - y), tanh(scale * (a - y))


@dataclass(frozen=True)
class WrongPenalty(Cauchy):
    @staticmethod
    def kernel_formula(w: Any, strength: Any, centre: Any) -> tuple[Any, Any]:
        return Cauchy.kernel_formula(w, strength, 0.0)


@dataclass(frozen=True)
class WrongCount(AMSGrad):
    kernel_step = AMSGrad.kernel_step

    def count_steps(self, state: dict[str, np.ndarray], n: int) -> None:
        """Forgets to count."""


@dataclass(frozen=True)
class Unnamed(AMSGrad):
    kernel_vectors: ClassVar[tuple[str, ...]] = ("m", "v", "biggest")
    kernel_step = AMSGrad.kernel_step

    def init(self, theta: np.ndarray, decayed: np.ndarray | None = None) -> dict[str, np.ndarray]:
        return AMSGrad().init(theta)


@dataclass(frozen=True)
class Branching(Tanh):
    @staticmethod
    def kernel_value(z: Any) -> Any:
        return z if z > 0 else -z

    kernel_vjp = Tanh.kernel_vjp


@pytest.mark.parametrize(
    ("activation", "loss", "changed", "words"),
    [
        (Wrong(), "squared_error", {}, r"Wrong\.kernel_vjp does not compute what its NumPy methods do"),
        ("tanh", WrongLoss(), {}, r"WrongLoss\.kernel_formula does not .* value is"),
        ("tanh", "squared_error", {"penalty": WrongPenalty(0.1)}, r"WrongPenalty\.kernel_formula"),
        ("tanh", "squared_error", {"optimizer": WrongCount()}, r"WrongCount\.count_steps .* state\['t'\] after step"),
        ("tanh", "squared_error", {"optimizer": Unnamed()}, r"Unnamed\.kernel_vectors names 'biggest'"),
        (Branching(), "squared_error", {}, "use select"),
    ],
)
def test_a_wrong_formula_is_named_before_anything_is_compiled(
    activation: Any, loss: Any, changed: Any, words: str, data: tuple[np.ndarray, np.ndarray]
) -> None:
    net = Network([Dense(3, 5, activation), Dense(5, 2, "identity")], loss).initialize(random_state=0)
    with pytest.raises((ValueError, TypeError), match=words):
        net.fit(*data, epochs=1, engine="compiled", **{"optimizer": "adam", **changed})


@dataclass(frozen=True)
class Steeper(Gate):
    """Inherits the formulas and computes something else."""

    def value(self, Z: np.ndarray) -> np.ndarray:
        return 2 * super().value(Z)

    def derivative(self, Z: np.ndarray, A: np.ndarray) -> np.ndarray:
        return 2 * super().derivative(Z, A / 2)


def test_an_inherited_formula_does_not_count(data: tuple[np.ndarray, np.ndarray]) -> None:
    net = Network([Dense(3, 5, Steeper()), Dense(5, 2, "identity")]).initialize(random_state=0)
    with pytest.raises(ValueError, match="no kernel for activation Steeper"):
        net.fit(*data, epochs=1, engine="compiled")
