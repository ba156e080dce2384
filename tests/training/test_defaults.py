"""The first fit, with nothing said, solves what it is shown; and the defaults are what their one place says."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine, make_circles, make_moons
from sklearn.preprocessing import scale

from pellucid import Network
from pellucid.defaults import BATCH_ROWS, FULL_BATCH_ROWS, MIN_EPOCHS, NETWORK, UPDATES
from pellucid.optimizers import Adam
from pellucid.training.automatic import DEFAULT_OPTIMIZER, chosen_counts
from pellucid.training.loop import fit


def wine():
    X, y = load_wine(return_X_y=True)
    return scale(X), y


def digits():
    X, y = load_digits(return_X_y=True)
    return X / 16, y


def sine():
    x = np.linspace(-3, 3, 100)[:, None]
    return x, np.sin(2 * x[:, 0])


SHOWN = {
    "moons, 3 units": (make_moons(200, noise=0.2, random_state=0), [2, 3, 2], 0.97),
    "moons, 16 units": (make_moons(200, noise=0.2, random_state=0), [2, 16, 2], 0.98),
    "circles": (make_circles(300, noise=0.1, factor=0.5, random_state=0), [2, 8, 2], 0.98),
    "iris, as it comes": (load_iris(return_X_y=True), [4, 8, 3], 0.98),
    "wine": (wine(), [13, 8, 3], 0.99),
    "digits": (digits(), [64, 16, 10], 0.99),
    "a sine": (sine(), [1, 20, 1], 0.99),
    "XOR": ((np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])), [2, 4, 2], 1.0),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SHOWN)
def test_the_first_fit_solves_what_it_is_shown(name, seed):
    (X, y), sizes, least = SHOWN[name]
    network = Network(sizes)
    network.fit(X, y, random_state=seed, engine="compiled")
    assert network.score(X, y) >= least


@pytest.mark.parametrize(
    ("n_rows", "epochs", "updates_per_epoch"), [(4, 2000, 1), (256, 2000, 1), (257, 667, 3), (20_000, 20, 157)]
)
def test_the_number_of_updates_is_what_is_kept(n_rows, epochs, updates_per_epoch):
    X = np.linspace(-1, 1, n_rows)[:, None]
    state: dict = {}
    history = Network([1, 1]).fit(X, X[:, 0], random_state=0, optimizer_state=state, engine="compiled")
    assert len(history) == epochs
    assert state["t"] == epochs * updates_per_epoch


def test_what_is_validated_is_no_row_to_count():
    """300 rows of which 60 are validated leave 240, which make one batch."""
    X = np.linspace(-1, 1, 300)[:, None]
    assert len(Network([1, 1]).fit(X, X[:, 0], validation=0.2, random_state=0)) == UPDATES


def test_none_is_the_full_batch_of_any_number_of_rows():
    X = np.linspace(-1, 1, 300)[:, None]
    state: dict = {}
    Network([1, 1]).fit(X, X[:, 0], batch_size=None, epochs=7, optimizer_state=state)
    assert state["t"] == 7


def test_lbfgs_takes_all_rows_and_100_iterations():
    X = np.linspace(-1, 1, 300)[:, None]
    network = Network([1, 3, 1])
    history = network.fit(X, np.abs(X[:, 0]), optimizer="lbfgs", random_state=0)
    assert 1 < len(history) <= 100


@pytest.mark.parametrize("argument", ["epochs", "batch_size"])
def test_another_word_than_auto_is_refused(argument):
    with pytest.raises(ValueError, match=f"{argument} must be .* \"auto\", got 'all'"):
        Network([1, 1]).fit([[1.0]], [1.0], **{argument: "all"})


def test_the_method_and_the_function_have_the_same_defaults_and_say_them():
    method, function = (inspect.signature(one).parameters for one in (Network.fit, fit))
    for name in ("optimizer", "epochs", "batch_size"):
        assert method[name].default == function[name].default
    assert method["optimizer"].default == Adam(learning_rate=NETWORK.learning_rate)
    said = " ".join(inspect.getdoc(Network.fit).split())
    assert f"make {UPDATES} updates, and at least {MIN_EPOCHS}" in said
    assert f"the full batch of up to {FULL_BATCH_ROWS} rows, else {BATCH_ROWS}" in said
    assert f"Adam(learning_rate={NETWORK.learning_rate})" in said


def test_a_number_of_epochs_keeps_the_full_batch():
    assert chosen_counts(1, "auto", 1000, DEFAULT_OPTIMIZER) == (1, None)
    assert chosen_counts("auto", "auto", 1000, DEFAULT_OPTIMIZER) == (250, 128)
