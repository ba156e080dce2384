"""Networks with operations train and predict on the compiled engine as on the reference engine."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.engines.abi import PREDICT, PREDICT_ARRAYS, in_order
from pellucid.engines.choice import load_kernels, missing_kernel
from pellucid.engines.formulas import BUILT_IN
from pellucid.engines.packing import pack
from pellucid.engines.prediction import predictor
from pellucid.engines.runner import flat, runner
from pellucid.engines.unavailable import switched
from pellucid.network.layers import Spec
from pellucid.operations import Operation, Parameter, Periodic, Scale
from pellucid.optimizers import LBFGS, OPTIMIZERS
from pellucid.penalties import L2

NETWORKS: dict[str, list[Spec]] = {
    "scale first": [Scale(3), Dense(3, 5, "tanh"), Dense(5, 2)],
    "scale between": [Dense(3, 5, "tanh"), Scale(5), Dense(5, 2)],
    "scale last": [Dense(3, 2, "tanh"), Scale(2)],
    "scale alone": [Scale(3)],
    "periodic first": [Periodic(3, 4, 0.3), Dense(24, 5, "tanh"), Dense(5, 2)],
    "periodic between": [Dense(3, 3, "tanh"), Periodic(3, 2, 0.3), Dense(12, 2)],
    "all after each other": [Scale(3), Periodic(3, 2, 0.3), Scale(12), Dense(12, 2)],
    "after dropout": [Dense(3, 6, "relu", dropout=0.3), Scale(6), Periodic(6, 1, 0.3), Dense(12, 2)],
}
OPTIMIZER = OPTIMIZERS["gradient_descent"](0.05)
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}


def table(layers: list[Spec], n: int = 37) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(size=(n, layers[0].n_inputs)), rng.normal(size=(n, layers[-1].units))


def check_agreement(
    layers: list[Spec],
    X: np.ndarray,
    y: np.ndarray,
    *,
    loss: str = "squared_error",
    dtype: str = "float64",
    tolerance: float = 1e-10,
    **options: Any,
) -> Network:
    """Train on both engines; compare the losses of each epoch, and θ relative to the size of the whole vector."""
    networks, losses = [], []
    for engine in ("reference", "compiled"):
        network = Network(layers, loss, dtype).initialize("xavier_normal", random_state=0)
        losses.append(network.fit(X, y, engine=engine, random_state=0, **options)["objective"])
        networks.append(network)
    reference, compiled = networks
    np.testing.assert_allclose(losses[1], losses[0], rtol=10 * tolerance, atol=10 * tolerance)
    assert np.abs(compiled.theta - reference.theta).max() <= tolerance * np.abs(reference.theta).max()
    return compiled


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_both_engines_agree_after_100_steps(name: str, dtype: str) -> None:
    layers = NETWORKS[name]
    X, y = table(layers)
    options = {"optimizer": OPTIMIZER, "epochs": 20, "batch_size": 8, "penalty": L2(0.01)}
    compiled = check_agreement(layers, X, y, dtype=dtype, tolerance=TOLERANCE[dtype], **options)
    start = compiled.copy().initialize("xavier_normal", random_state=0).theta
    for group in compiled.groups:
        assert np.abs(group.of(compiled.theta) - group.of(start)).max() > 1e-4, f"{group.name} has not been trained"


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "adamw", "rmsprop"])
def test_with_every_kind_of_update(optimizer: str) -> None:
    layers = NETWORKS["all after each other"]
    options = {"optimizer": OPTIMIZERS[optimizer](0.002), "epochs": 20, "batch_size": 8}
    check_agreement(layers, *table(layers), tolerance=1e-9, **options)


def test_with_lbfgs() -> None:
    layers = NETWORKS["periodic first"]
    options = {"optimizer": LBFGS(), "epochs": 5}
    check_agreement(layers, *table(layers), tolerance=1e-7, **options)


@pytest.mark.parametrize("limits", [{"max_norm": 0.7}, {"clip_norm": 0.1}])
@pytest.mark.parametrize("name", NETWORKS)
def test_with_limits(name: str, limits: dict[str, float]) -> None:
    """A maximum norm acts on the matrices of `Dense` layers only."""
    layers = NETWORKS[name]
    options = {"optimizer": OPTIMIZER, "epochs": 10, "batch_size": 8, **limits}
    check_agreement(layers, *table(layers), **options)


@pytest.mark.parametrize("name", NETWORKS)
def test_two_workers_and_many_tiles(name: str) -> None:
    layers = NETWORKS[name]
    options = {"optimizer": OPTIMIZER, "epochs": 4, "batch_size": 700, "threads": 2}
    check_agreement(layers, *table(layers, 1500), **options)


def test_classes_and_sample_weights() -> None:
    layers = [Scale(3), Periodic(3, 2, 0.3), Dense(12, 3, "softmax")]
    X, _ = table(layers)
    y, weight = np.arange(len(X)) % 3, np.linspace(0, 2, len(X))
    options = {"optimizer": OPTIMIZER, "epochs": 20, "batch_size": 8, "sample_weight": weight}
    check_agreement(layers, X, y, loss="cross_entropy", **options)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_prediction_of_few_rows(name: str, dtype: str) -> None:
    layers = NETWORKS[name]
    network = Network(layers, "squared_error", dtype).initialize(random_state=0)
    X, _ = table(layers)
    load_kernels(dtype, BUILT_IN)
    for rows in (1, 5, 37):
        packed = pack(network, network.objective(), BUILT_IN, n=rows, batch_size=rows, total_weight=1.0)
        out = np.zeros((rows, network.n_outputs), dtype)
        given = {
            "layers": packed.layers, "plan": packed.plan, "order": np.arange(rows), "options": packed.options,
            "X": flat(X[:rows].astype(dtype)), "theta": network.theta, "work": packed.work, "out": flat(out),
        }  # fmt: skip
        assert runner(dtype).call(PREDICT, in_order(PREDICT_ARRAYS, given)) == 0
        expected = network.outputs(X[:rows])
        np.testing.assert_allclose(out, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert (predictor(network) is None) == switched()  # used unless the kernels run in this process


@dataclass(frozen=True, eq=False)
class Doubled(Scale):
    def forward(self, parameters: Any, A: Any) -> Any:
        return 2 * A * parameters[0], A


@dataclass(frozen=True, eq=False)
class Faster(Scale):
    kernel_name: ClassVar[str | None] = "scale"

    def parameters(self) -> tuple[Parameter, ...]:
        return (Parameter("s", (self.n_inputs,), rate_factor=6.0),)


@dataclass(frozen=True, eq=False)
class Slower(Scale):
    kernel_name: ClassVar[str | None] = "scale"

    def parameters(self) -> tuple[Parameter, ...]:
        return (Parameter("s", (self.n_inputs,), penalized=True, decay_factor=0.5),)


@pytest.mark.parametrize(
    ("operation", "missing"),
    [
        (Scale(3), None),
        (Periodic(3, 2), None),
        (Doubled(3), "operation Doubled"),
        (Faster(3), "rate_factor 6 of parameter 's'"),
        (Slower(3), "decay_factor 0.5 of parameter 's'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_kernel(operation: Operation, missing: str | None) -> None:
    network = Network([operation, Dense(operation.units, 1)])
    assert missing_kernel(network, network.objective()) == missing
