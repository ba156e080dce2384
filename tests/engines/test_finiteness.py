"""NaN and infinity are noticed within the epoch, with the error of the reference engine."""

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.optimizers import GradientDescent
from pellucid.training.divergence import DivergenceError

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.integers(2, size=40)


def diverge(
    engine: str, theta: np.ndarray, dtype: str = "float64", **options: object
) -> tuple[DivergenceError, Network]:
    network = Network([Dense(3, 4, "relu"), Dense(4, 2, "softmax")], dtype=dtype)
    network.theta = theta
    with pytest.raises(DivergenceError) as caught:
        network.fit(X, Y, engine=engine, random_state=0, **({"epochs": 30, "batch_size": 8} | options))
    return caught.value, network


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("place", range(0, 26, 5))
@pytest.mark.parametrize("planted", [np.nan, np.inf])
def test_a_planted_parameter(place: int, planted: float, dtype: str) -> None:
    theta = RNG.normal(size=26)
    theta[place] = planted
    (expected, kept), (actual, ours) = (diverge(engine, theta, dtype) for engine in ("reference", "compiled"))
    assert actual.epoch == expected.epoch == 0
    assert actual.layer == expected.layer
    assert str(actual) == str(expected)
    np.testing.assert_array_equal(ours.theta, kept.theta)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_logits_that_overflow(dtype: str) -> None:
    theta = np.full(26, np.finfo(dtype).max / 100)
    expected, actual = (diverge(engine, theta, dtype)[0] for engine in ("reference", "compiled"))
    assert str(actual) == str(expected)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_loss_that_overflows_only_in_the_sum_of_the_workers(threads: int) -> None:
    """Each worker's share of the loss is finite, the whole is not: it is noticed in that epoch."""
    network = Network([Dense(1, 1)], "squared_error")
    inputs, targets = np.ones((6, 1)), np.zeros(6)
    broke = []
    for engine in ("reference", "compiled"):
        network.theta = [1e154, 0.0]  # three rows: 3/2 (1e154)² = 1.5e308, and twice that is too much
        with pytest.raises(DivergenceError) as caught:
            network.fit(inputs, targets, engine=engine, optimizer=GradientDescent(1e-3), epochs=3, threads=threads)
        broke.append(caught.value.epoch)
    assert broke == [0, 0]


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("threads", [1, 2])
def test_too_large_a_rate(batch_size: int | None, threads: int) -> None:
    """Many epochs are run in one call: the one that broke is told, and θ is that of the epoch before."""
    network = Network([Dense(3, 1)], "squared_error")  # linear: it blows up like a power, and not by chance
    network.theta = RNG.normal(size=network.theta.size)
    start = network.theta.copy()
    broke = {}
    for engine in ("reference", "compiled"):
        network.theta = start
        with pytest.raises(DivergenceError) as caught:
            network.fit(
                X, Y, engine=engine, optimizer=GradientDescent(7.0), batch_size=batch_size, epochs=500, random_state=0,
                threads=threads,
            )  # fmt: skip
        broke[engine] = caught.value, network.theta.copy()
    (expected, kept), (actual, ours) = broke["reference"], broke["compiled"]
    assert (actual.epoch, actual.layer) == (expected.epoch, expected.layer)
    assert np.isfinite(ours).all()
    np.testing.assert_allclose(ours, kept, rtol=1e-6)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_inputs_are_refused_before_anything_is_trained(engine: str) -> None:
    network = Network([Dense(3, 2, "softmax")]).initialize(random_state=0)
    before, broken = network.theta.copy(), X.copy()
    broken[7, 1] = np.nan
    with pytest.raises(ValueError, match="got nan in row 8, column 2"):
        network.fit(broken, Y, engine=engine)
    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_prediction_refuses_what_the_reference_refuses(bad: float) -> None:
    network = Network([Dense(3, 2, "softmax")]).initialize(random_state=0)
    with pytest.raises(ValueError, match="X must be finite"):
        network.predict_proba(np.array([[0.0, bad, 0.0]]))
