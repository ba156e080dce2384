"""The same run gives the same bits: again, beside others, with callbacks, with a given number of threads."""

from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Network, fit_many
from pellucid.training.callbacks import Callback

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(150, 5)), RNG.integers(3, size=150)
OPTIONS: dict[str, Any] = {"engine": "compiled", "epochs": 12, "batch_size": 32, "random_state": 3}


def network(units: int = 9) -> Network:
    return Network([Dense(5, units, "tanh", dropout=0.2), Dense(units, 3, "softmax")]).initialize(random_state=1)


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "momentum"])
@pytest.mark.parametrize("threads", [1, 2])
def test_again(optimizer: str, threads: int) -> None:
    first, again = network(), network()
    histories = [net.fit(X, Y, optimizer=optimizer, threads=threads, **OPTIONS) for net in (first, again)]
    np.testing.assert_array_equal(first.theta, again.theta)
    assert histories[0]["loss"] == histories[1]["loss"]


@pytest.mark.parametrize("optimizer", ["adam", "nadam", "adamw"])
def test_epoch_by_epoch_or_all_in_one_call(optimizer: str) -> None:
    together, apart = network(), network()
    expected = together.fit(X, Y, optimizer=optimizer, **OPTIONS)
    actual = apart.fit(X, Y, optimizer=optimizer, callbacks=[Callback()], **OPTIONS)
    np.testing.assert_array_equal(apart.theta, together.theta)
    for column in ("epoch", "loss", "objective", "metric", "rate"):
        assert actual[column] == expected[column]


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_many_at_once(threads: int) -> None:
    sizes = (1, 2, 3, 5, 8, 20, 50, 100)
    many = [network(units) for units in sizes]
    histories = fit_many(many, X, Y, threads=threads, **OPTIONS)
    seeds = np.random.SeedSequence(OPTIONS["random_state"]).spawn(len(sizes))
    for units, trained, history, seed in zip(sizes, many, histories, seeds, strict=True):
        alone = network(units)
        assert alone.fit(X, Y, **(OPTIONS | {"random_state": seed}))["loss"] == history["loss"]
        np.testing.assert_array_equal(trained.theta, alone.theta)


def test_one_of_many_fails_and_its_error_is_raised() -> None:
    with pytest.raises(ValueError, match="X must have 4 column"):
        fit_many([network(), Network([Dense(4, 3, "softmax")])], X, Y, threads=2, **OPTIONS)


def test_read_only_and_strided_data() -> None:
    wide = np.zeros((150, 10))
    wide[:, ::2] = X
    frozen = X.copy()
    frozen.setflags(write=False)
    nets = [network() for _ in range(4)]
    for net, data in zip(nets, (X, wide[:, ::2], np.asfortranarray(X), frozen), strict=True):
        net.fit(data, Y, **OPTIONS)
        np.testing.assert_array_equal(net.theta, nets[0].theta)
