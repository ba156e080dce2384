"""The compiled engine computes what the reference engine computes: same θ, same history, up to rounding."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pellucid import Dense, Network
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import PENALTIES, Penalty
from pellucid.optimizers import OPTIMIZERS, FirstOrder

FIRST_ORDER = [name for name in OPTIMIZERS.names() if issubclass(OPTIMIZERS[name], FirstOrder)]
HIDDEN = [name for name in ACTIVATIONS.names() if ACTIVATIONS[name].elementwise]
TOLERANCE = {"float64": 1e-10, "float32": 1e-4}


def can_follow(loss: str, activation: str) -> bool:
    try:
        LOSSES[loss]().check_output(ACTIVATIONS[activation]())
    except ValueError:
        return False
    return True


PAIRS = [(loss, last) for loss in LOSSES.names() for last in ACTIVATIONS.names() if can_follow(loss, last)]


# y/a has its pole at 0, which ReLU reaches: a last place of a near it decides half the digits of θ, on either engine.
STEADY_PAIRS = [pair for pair in PAIRS if pair != ("poisson", "relu")]


def targets(loss: str, n: int, k: int, rng: np.random.Generator) -> Any:
    if loss == "cross_entropy":
        return rng.integers(k, size=n)
    if loss == "binary_cross_entropy":
        return rng.integers(2, size=(n, k))
    if loss == "poisson":
        return rng.poisson(2.0, size=(n, k)).astype(float)
    return rng.normal(size=(n, k))


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Relative to the size of the whole vector: single parameters may pass through 0."""
    return float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-3))


def fit_both(
    layers: list[Dense], loss: str, X: np.ndarray, y: Any, dtype: str, seed: int = 0, **options: Any
) -> tuple[Network, Network]:
    """The same run on both engines; their histories are compared here."""
    pair = []
    for engine in ("reference", "compiled"):
        network = Network(layers, loss, dtype).initialize("xavier_normal", biases="zeros", random_state=seed)
        history = network.fit(X, y, engine=engine, random_state=seed, **options)
        pair.append((network, history))
    (reference, expected), (compiled, actual) = pair
    tolerance = TOLERANCE[dtype]
    for column in ("loss", "objective"):
        np.testing.assert_allclose(actual[column], expected[column], rtol=tolerance * 10, atol=tolerance * 10)
    # Close to a tie, rounding may decide on the class: of few samples, one is a large share.
    slack = 2 / len(X) if dtype == "float32" else 1e-6
    np.testing.assert_allclose(actual["metric"], expected["metric"], rtol=1e-3, atol=slack)
    assert actual["rate"] == expected["rate"]
    return compiled, reference


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("loss", "last"), PAIRS)
def test_every_loss_with_every_output_activation(loss: str, last: str, dtype: str, rng: np.random.Generator) -> None:
    X, k = rng.normal(size=(37, 3)), 3
    layers = [Dense(3, 5, "tanh"), Dense(5, k, last)]
    options = {"optimizer": OPTIMIZERS["gradient_descent"](0.01), "epochs": 20, "batch_size": 8}
    compiled, reference = fit_both(layers, loss, X, targets(loss, 37, k, rng), dtype, **options)
    assert difference(compiled.theta, reference.theta) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_hidden_activation(hidden: str, dtype: str, rng: np.random.Generator) -> None:
    X = rng.normal(size=(50, 4)) * 0.2  # small enough that the exponential of an exponential is
    layers = [Dense(4, 7, hidden), Dense(7, 5, hidden), Dense(5, 3, "softmax")]
    options = {"optimizer": OPTIMIZERS["gradient_descent"](0.005), "epochs": 25, "batch_size": 13}
    compiled, reference = fit_both(layers, "cross_entropy", X, targets("cross_entropy", 50, 3, rng), dtype, **options)
    assert difference(compiled.theta, reference.theta) <= TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("optimizer", FIRST_ORDER)
def test_every_optimizer(optimizer: str, dropout: float, dtype: str, rng: np.random.Generator) -> None:
    X = rng.normal(size=(45, 4))
    layers = [Dense(4, 6, "tanh", dropout=dropout), Dense(6, 5, "sigmoid", dropout=dropout), Dense(5, 3, "softmax")]
    weight = rng.uniform(0.5, 2.0, size=45)
    options = {"epochs": 20, "batch_size": 10, "sample_weight": weight, "penalty": PENALTIES["l2"](0.01)}
    y = targets("cross_entropy", 45, 3, rng)
    compiled, reference = fit_both(layers, "cross_entropy", X, y, dtype, optimizer=optimizer, **options)
    assert difference(compiled.theta, reference.theta) <= TOLERANCE[dtype]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("penalty", [None, *(PENALTIES[name](0.02) for name in PENALTIES.names())])
@pytest.mark.parametrize("weighted", [False, True])
def test_penalties_reductions_and_weights(
    reduction: str, penalty: Penalty | None, weighted: bool, rng: np.random.Generator
) -> None:
    X = rng.normal(size=(31, 2))
    weight = rng.integers(0, 3, size=31) + (np.arange(31) == 0) if weighted else None
    options = {"optimizer": OPTIMIZERS["momentum"](0.001), "epochs": 25, "batch_size": 8, "sample_weight": weight}
    layers = [Dense(2, 4, "tanh"), Dense(4, 2)]
    compiled, reference = fit_both(
        layers, "squared_error", X, rng.normal(size=(31, 2)), "float64", penalty=penalty, reduction=reduction, **options
    )
    assert difference(compiled.theta, reference.theta) <= 1e-10


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """Shapes and options of a run of about 20 steps."""
    n = draw(st.sampled_from([1, 2, 5, 16, 33, 64, 257, 300, 520]))
    widths = st.sampled_from([1, 2, 3, 7, 8, 17, 50])
    loss, last = draw(st.sampled_from(STEADY_PAIRS))
    k = draw(st.sampled_from([2, 3, 11])) if loss == "cross_entropy" else draw(st.sampled_from([1, 2, 9]))
    return {
        "n": n,
        "shape": [draw(st.sampled_from([1, 2, 3, 8, 9, 20])), *draw(st.lists(widths, max_size=3)), k],
        "hidden": draw(st.sampled_from([name for name in HIDDEN if name != "exponential"])),
        "loss": loss,
        "last": last,
        "batch_size": draw(st.sampled_from([None, 1, 7, 32, 256])),
        "dropout": draw(st.sampled_from([0.0, 0.5])),
        "dtype": draw(st.sampled_from(["float64", "float32"])),
        "seed": draw(st.integers(0, 1000)),
    }


WIDE = {
    "n": 20, "shape": [1, 1000, 2], "hidden": "tanh", "loss": "cross_entropy", "last": "softmax", "batch_size": 7,
    "dropout": 0.5, "dtype": "float64", "seed": 0,
}  # fmt: skip


@settings(max_examples=80)
@example(WIDE)
@example(WIDE | {"shape": [1000, 1, 2], "dtype": "float32"})
@example(WIDE | {"n": 50, "shape": [150, 110, 3], "batch_size": 33, "seed": 1})
@given(runs())
def test_shapes(run: dict[str, Any]) -> None:
    rng = np.random.default_rng(run["seed"])
    n, shape = run["n"], run["shape"]
    hidden = [Dense(p, h, run["hidden"], dropout=run["dropout"]) for p, h in pairwise(shape[:-1])]
    layers = [*hidden, Dense(shape[-2], shape[-1], run["last"])]
    X = rng.normal(size=(n, shape[0])) / np.sqrt(shape[0])
    n_batches = -(-n // min(run["batch_size"] or n, n))
    compiled, reference = fit_both(
        layers, run["loss"], X, targets(run["loss"], n, shape[-1], rng), run["dtype"], run["seed"],
        optimizer=OPTIMIZERS["gradient_descent"](1e-3), epochs=max(1, 20 // n_batches), batch_size=run["batch_size"],
    )  # fmt: skip
    assert difference(compiled.theta, reference.theta) <= TOLERANCE[run["dtype"]]


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("batch_size", [None, 40])
def test_threads_compute_the_same(threads: int, batch_size: int | None, rng: np.random.Generator) -> None:
    X = rng.normal(size=(130, 6))
    layers = [Dense(6, 20, "relu", dropout=0.2), Dense(20, 4, "softmax")]
    y = targets("cross_entropy", 130, 4, rng)
    options = {"optimizer": "adam", "epochs": 15, "batch_size": batch_size, "penalty": PENALTIES["l2"](0.01)}
    compiled, reference = fit_both(layers, "cross_entropy", X, y, "float64", threads=threads, **options)
    assert difference(compiled.theta, reference.theta) <= 1e-10
