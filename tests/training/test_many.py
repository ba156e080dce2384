"""`fit_many`: a stream of random numbers for each network, one value for all or one for each, errors with a number."""

from typing import Any

import numpy as np
import pytest

from pellucid import Dense, DivergenceError, Network, fit_many
from pellucid.optimizers import Adam, GradientDescent, Momentum
from pellucid.penalties import L2

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 3)), RNG.integers(2, size=40)
OPTIONS: dict[str, Any] = {"epochs": 4, "batch_size": 16}
M = 3


def bare() -> Network:
    """Without weights: they are drawn by `fit`, as are shuffles, masks and the validation split."""
    return Network([Dense(3, 5, "tanh", dropout=0.3), Dense(5, 2, "softmax")])


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_each_network_has_its_own_stream_and_a_fit_that_repeats_it(threads: int, engine: Any) -> None:
    many = [bare() for _ in range(M)]
    histories = fit_many(many, X, Y, threads=threads, random_state=0, validation=0.2, engine=engine, **OPTIONS)
    for i, (net, history) in enumerate(zip(many, histories, strict=True)):
        alone = bare()
        seed = np.random.SeedSequence(0).spawn(M)[i]
        assert alone.fit(X, Y, random_state=seed, validation=0.2, engine=engine, **OPTIONS)["loss"] == history["loss"]
        assert alone == net
    assert many[0] != many[1] != many[2] != many[0]


def test_more_networks_do_not_change_the_first() -> None:
    few, many = [bare() for _ in range(2)], [bare() for _ in range(5)]
    fit_many(few, X, Y, random_state=4, **OPTIONS)
    fit_many(many, X, Y, random_state=4, **OPTIONS)
    assert few == many[:2]


@pytest.mark.parametrize(
    ("random_state", "seeds"),
    [
        (lambda: [7, 8, 7], [7, 8, 7]),
        (lambda: np.array([7, 8, 7]), [7, 8, 7]),
        (lambda: range(3), [0, 1, 2]),
        (lambda: np.int64(5), np.random.SeedSequence(5).spawn(M)),
        (lambda: np.random.SeedSequence(5), np.random.SeedSequence(5).spawn(M)),
        (lambda: np.random.default_rng(5), np.random.SeedSequence(5).spawn(M)),
        (lambda: [np.random.default_rng(i) for i in range(M)], [0, 1, 2]),
    ],
)
def test_what_random_state_may_be(random_state: Any, seeds: list[Any]) -> None:
    many = [bare() for _ in range(M)]
    fit_many(many, X, Y, threads=2, random_state=random_state(), **OPTIONS)
    for net, seed in zip(many, seeds, strict=True):
        alone = bare()
        alone.fit(X, Y, random_state=seed, **OPTIONS)
        assert alone == net


def test_an_old_random_state_gives_streams_that_repeat() -> None:
    first, again = ([bare() for _ in range(M)] for _ in range(2))
    for nets in (first, again):
        fit_many(nets, X, Y, random_state=np.random.RandomState(3), **OPTIONS)
    assert first == again
    assert first[0] != first[1]


def test_nothing_given_is_fresh_for_each() -> None:
    first, second = bare(), bare()
    fit_many([first, second], X, Y, **OPTIONS)
    assert first != second


def test_a_value_for_each() -> None:
    given: dict[str, list[Any]] = {
        "X": [X, X[:30], X[:, ::-1].tolist()],
        "y": [Y, 1 - Y[:30], Y.tolist()],
        "optimizer": ["adam", Momentum(0.05), GradientDescent],
        "epochs": [3, 5, 2],
        "batch_size": [None, 8, 1],
        "sample_weight": [None, np.arange(30) + 1.0, [1.0] * 40],
        "validation": [(X[:5], Y[:5]), 0.2, None],
        "penalty": [None, L2(0.1), L2(0.2)],
        "random_state": [5, 6, 7],
        "engine": ["reference", "compiled", "auto"],
        "optimizer_state": [{}, None, {}],
    }
    seen: list[list[int]] = [[], [], []]
    callbacks = [[lambda run, i=i: seen[i].append(run.epoch)] for i in range(M)]
    many = [bare() for _ in range(M)]
    histories = fit_many(many, given["X"], given["y"], threads=2, callbacks=callbacks, **{
        name: values for name, values in given.items() if name not in ("X", "y")
    })  # fmt: skip
    assert [len(history) for history in histories] == [3, 5, 2] == [len(epochs) for epochs in seen]
    for i, (net, history) in enumerate(zip(many, histories, strict=True)):
        alone = bare()
        own = {name: values[i] for name, values in given.items()} | {"optimizer_state": None}
        assert alone.fit(**own)["objective"] == history["objective"]
        assert alone == net


def test_how_data_for_each_are_told_from_data_for_all() -> None:
    table, labels = [[0.0], [1.0]], [0, 1]

    def trained(X: Any, y: Any) -> list[Network]:
        nets = [Network([1, 2, 2]), Network([1, 2, 2])]
        fit_many(nets, X, y, random_state=[0, 0], epochs=2)
        return nets

    first, second = trained(table, labels)  # lists of two rows, for two networks
    assert first == second
    one_hot = np.eye(2)
    assert trained(table, one_hot)[0] == first  # an array is for all
    three = [[0.0], [1.0], [2.0]]
    for y in ([[0, 1, 1], [1, 0, 1]], [np.array([0, 1, 1]), np.array([1, 0, 1])], (np.array([0, 1, 1]), [1, 0, 1])):
        nets = trained(three, y)
        assert nets[0] != nets[1]
    nets = trained(np.array([table, [[5.0], [7.0]]]), labels)  # an array of tables; y for both
    assert nets[0] == first
    assert nets[1] != first
    assert trained([np.array(table), [[5.0], [7.0]]], [np.array(labels)] * 2) == nets
    with pytest.raises(ValueError, match="y may be one table of 2 rows for all networks, or a column for each"):
        trained(table, [[0, 1], [1, 0]])


def failing(**options: Any) -> str:
    with pytest.raises((ValueError, TypeError)) as caught:
        fit_many([bare() for _ in range(M)], options.pop("X", X), options.pop("y", Y), **({"epochs": 1} | options))
    return str(caught.value)


def test_what_does_not_fit_is_named() -> None:
    assert "epochs must be one value for all 3 networks, or a list of 3, one for each: got a list of 2" in failing(
        epochs=[1, 2]
    )
    assert "X must be one value for all 3 networks" in failing(X=[X, X])
    assert "y of network 2 must have 40 rows, as its X has, got 39" in failing(y=[Y, Y[1:], Y])
    assert "y must be one value for all 3 networks" in failing(y=[Y, Y])
    assert "sample_weight of network 3 must have 40 rows" in failing(sample_weight=[None, None, [1.0]])
    assert "validation must be one value for all 3" in failing(validation=[0.1, 0.2])
    assert "callbacks must be one value for all 3" in failing(callbacks=[[], []])
    assert "random_state must be one value for all 3" in failing(random_state=[1, 2])
    assert "random_state must be a whole number >= 0, a SeedSequence, a generator or None, or a list of 3" in failing(
        random_state="seed"
    )
    generator = np.random.default_rng(0)
    assert "got the same one twice" in failing(random_state=[generator, generator, 0])
    assert "optimizer_state must be a list of 3 dictionaries" in failing(optimizer_state={})
    assert "got the same one twice" in failing(optimizer_state=[state := {}, state, {}])
    assert failing(learning_rate=0.1).startswith("fit_many() takes no argument learning_rate: write optimizer=Adam(")
    assert failing(epochs=0).startswith("epochs must be")  # the same for all: no network is named
    with pytest.raises(TypeError, match=r"got one Network: write \[net\]"):
        fit_many(bare(), X, Y)  # type: ignore[arg-type]
    assert fit_many([], X, Y) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_names_its_network_and_the_others_are_trained(threads: int) -> None:
    nets = [bare() for _ in range(M)]
    nets[1] = Network([3, 1], "squared_error")
    rates = [0.1, 1e200, 0.1]
    with pytest.raises(DivergenceError, match=r"^network 2 of 3: training diverged in epoch \d+: ") as caught:
        fit_many(nets, X, Y, threads=threads, random_state=0, optimizer=list(map(GradientDescent, rates)), epochs=20)
    histories = caught.value.histories  # type: ignore[attr-defined]
    assert [None if history is None else len(history) for history in histories] == [20, None, 20]
    assert np.isfinite(nets[1].theta).all()
    alone = bare()
    seed = np.random.SeedSequence(0).spawn(M)[2]
    alone.fit(X, Y, random_state=seed, optimizer=GradientDescent(0.1), epochs=20)
    assert alone == nets[2]


def test_the_numbers_of_further_errors_are_said() -> None:
    with pytest.raises(ValueError, match=r"^network 1 of 3: X must have 4 column.* \(network 3 failed, too\)$"):
        fit_many([Network([4, 2]), bare(), Network([5, 2])], X, Y, **OPTIONS)


def test_fit_takes_a_seed_sequence() -> None:
    first, again = bare(), bare()
    first.fit(X, Y, random_state=np.random.SeedSequence(9), **OPTIONS)
    again.fit(X, Y, random_state=np.random.default_rng(np.random.SeedSequence(9)), **OPTIONS)
    assert first == again
    drawn = bare().initialize(random_state=np.random.SeedSequence(9))
    assert drawn == bare().initialize(random_state=np.random.default_rng(np.random.SeedSequence(9)))


def test_adam_of_each_starts_anew() -> None:
    """An optimizer that is given for all holds no state: two equal networks stay equal."""
    nets = [bare().initialize(random_state=0) for _ in range(2)]
    fit_many(nets, X, Y, threads=2, optimizer=Adam(0.01), random_state=[1, 1], **OPTIONS)
    assert nets[0] == nets[1]
