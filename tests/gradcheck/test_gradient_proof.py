"""Right gradients are never called wrong, wrong ones never right: raw tables, trained networks, every scale.

The fuzz draws tables × networks × losses × penalties × weights × states of training; each case is checked with its own
gradient, with the same in float32, and with one fault planted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_blobs

from pellucid import Dense, Network, check_gradients, explain, grade, optimizers
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import L1, L2, ElasticNet
from pellucid.network.forward import draw_masks

pytestmark = pytest.mark.slow

HIDDEN = [name for name, cls in ACTIVATIONS.items() if cls.elementwise and name != "exponential"]
FACTORS = (1.001, 0.999, 1.002, 1.01, 0.9, 2.0, 0.5, -1.0, 4.0, 0.25, 0.0)


def _tables() -> dict[str, tuple[Any, Any]]:
    random = np.random.default_rng(5)
    return {
        "wine": load_wine(return_X_y=True),
        "cancer": load_breast_cancer(return_X_y=True),
        "digits": load_digits(return_X_y=True),
        "iris": load_iris(return_X_y=True),
        "diabetes": load_diabetes(return_X_y=True, scaled=False),
        "columns from 1e-6 to 1e6": (random.normal(size=(100, 7)) * 10.0 ** np.arange(-6, 7, 2), np.arange(100) % 3),
        "blobs": make_blobs(100, centers=3, random_state=0),
    }


TABLES = _tables()


@dataclass
class Case:
    """A network and what it is checked on."""

    network: Network
    X: Any
    y: Any
    options: dict[str, Any]

    def check(self, gradient=None):
        return check_gradients(self.network, self.X, self.y, gradient=gradient, **self.options)

    def back_propagation(self, dtype):
        """Its gradient, computed in this precision."""
        network = self.network.copy(dtype)
        dropout = any(spec.dropout for spec in network.specs)
        masks = draw_masks(network.layers, len(self.X), 0, 0, network.dtype) if dropout else None
        options = dict(self.options)
        weight = options.pop("sample_weight")
        return network.backward(network.forward(self.X, masks), self.y, weight, **options).theta


def draw(seed):
    """A random case."""
    random = np.random.default_rng([seed, 11])
    pick = lambda options: options[random.integers(len(options))]  # noqa: E731
    X, y = TABLES[pick(list(TABLES))]
    rows = random.choice(len(X), random.integers(1, 25), replace=False)
    X, y = X[rows][:, :20], y[rows]
    n = len(X)
    classes = np.unique(y, return_inverse=True)[1]
    loss, outputs = pick(LOSSES.names()), 1
    if loss == "cross_entropy":
        output, y, outputs = "softmax", classes, max(2, int(classes.max()) + 1)
    elif loss == "binary_cross_entropy":
        output, y = "sigmoid", classes % 2
    elif loss == "poisson":
        output, y = pick(["exponential", "softplus"]), np.abs(y).round().astype(float)
    else:
        output = pick(["identity", "identity", "tanh", "sigmoid", "softplus", "relu", "softmax"])
        outputs = 2 if output == "softmax" else pick([1, 2])
        y = np.column_stack([y.astype(float)] * outputs) + 0.1 * np.arange(outputs)
    sizes = [X.shape[1], *(int(h) for h in random.integers(1, 9, random.integers(0, 4)))]
    dropout = pick([0.0, 0.0, 0.0, 0.3])
    layers = [Dense(p, h, pick(HIDDEN), dropout=dropout) for p, h in itertools.pairwise(sizes)]
    network = Network([*layers, Dense(sizes[-1], outputs, output)], loss=loss, dtype=pick(["float64", "float32"]))
    scheme = pick(["xavier_uniform", "he_normal", "normal", "normal_fan_in"])
    network.initialize(scheme, biases=pick(["zeros", "normal"]), random_state=seed)
    weights = [
        None,
        None,
        random.random(n) + 0.1,
        10.0 ** random.uniform(0, 12, n),
        10.0 ** random.uniform(-30, -20, n),
        (np.arange(n) % 3 == 0) * 1.0,
    ]
    options = {
        "sample_weight": pick(weights),
        "penalty": pick([None, None, L2(0.1), L1(0.1), ElasticNet(0.01), L2(1e-8), L2(1e4)]),
        "reduction": pick(["mean", "mean", "sum"]),
    }
    before = network.theta.copy()
    state = pick(["fresh", "fresh", "trained", "by heart", "with zeros"])
    if state in ("trained", "by heart"):
        epochs, rate = (200, 0.05) if state == "trained" else (2000, 0.1)
        network.fit(
            X, y, optimizer=optimizers.Adam(rate), epochs=epochs, batch_size=None, progress=False, random_state=0
        )
    elif state == "with zeros":  # units at kinks, dead ones, weights on the kink of L1
        network.theta = np.where(random.random(before.size) < 0.3, 0, before)
    if not np.isfinite(network.theta).all():
        network.theta = before
    return Case(network, X, y, options)


@pytest.mark.filterwarnings("ignore")  # networks of raw tables diverge, and say so
def test_right_gradients_are_never_accused_and_faults_never_missed(proof_size):
    counts = dict.fromkeys(("right", "partly", "nothing determined", "found", "fault undetermined"), 0)
    for seed in range(proof_size(45, 300)):
        with np.errstate(all="ignore"):
            case = draw(seed)
            result, own = case.check(), case.back_propagation("float64")
            assert result.passed, (seed, str(result))
            assert result.causes == ()
            single = case.back_propagation("float32")
            if np.isfinite(single).all():
                assert case.check(single).passed, (seed, "float32", str(case.check(single)))
            counts["nothing determined" if not result.determined else "partly" if result.undetermined else "right"] += 1

            random = np.random.default_rng([seed, 12])
            groups = case.network.groups
            touched = groups if random.random() < 0.3 else [groups[random.integers(len(groups))]]
            bad, factor = own.copy(), FACTORS[random.integers(len(FACTORS))]
            for group in touched:
                group.of(bad)[...] *= factor
            if np.array_equal(bad, own) or not np.isfinite(bad).all():
                continue
            verdicts = case.check(bad)
            if verdicts.passed:
                labels = {f"{group.name} of layer {group.layer + 1}" for group in touched if group.of(own).any()}
                assert labels <= set(verdicts.undetermined), (seed, factor, str(verdicts))
                assert "cannot tell" in verdicts.verdict
            counts["fault undetermined" if verdicts.passed else "found"] += 1
    print(counts)
    assert counts["right"] + counts["partly"] > 5 * counts["nothing determined"]
    assert counts["found"] > 5 * counts["fault undetermined"]


# ------------------------------------------------------------------ cases that were accused


def table_case(name, activation, seed, rows=20, hidden=5):
    X, y = TABLES[name]
    step = max(1, len(X) // rows)
    X, y = X[::step][:rows], y[::step][:rows]
    if name == "diabetes":
        layers = [Dense(X.shape[1], hidden, activation), Dense(hidden, 1)]
        return Network(layers, loss="squared_error").initialize(random_state=seed), X, y
    layers = [Dense(X.shape[1], hidden, activation), Dense(hidden, int(y.max()) + 1, "softmax")]
    return Network(layers).initialize(random_state=seed), X, y


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("name", ["wine", "cancer", "digits", "diabetes"])
def test_raw_tables_pass(name, activation):
    for seed in (0, 1, 2):
        network, X, y = table_case(name, activation, seed)
        result = check_gradients(network, X, y)
        assert result, str(result)
        assert result.causes == ()
        wrong = network.backward(network.forward(X), y).theta
        wrong[network.groups[2].start : network.groups[2].stop] *= 1.001
        found = check_gradients(network, X, y, gradient=wrong)
        assert [group.label for group in found.groups if not group.passed] == ["W of layer 2"]


def test_wine_relu_every_tenth_row():
    X, y = load_wine(return_X_y=True)
    network = Network([Dense(13, 5, "relu"), Dense(5, 3, "softmax")]).initialize(random_state=1)
    assert check_gradients(network, X[::10][:20], y[::10][:20]).error < 1e-9


def learned_by_heart(dtype="float64", epochs=3000):
    random = np.random.default_rng(0)
    X = random.normal(size=(30, 10))
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    network = Network([Dense(10, 50, "tanh"), Dense(50, 2, "softmax")], dtype=dtype).initialize(random_state=0)
    network.fit(X, y, optimizer=optimizers.Adam(0.1), epochs=epochs, progress=False)
    return network, X, y


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_that_has_learned_by_heart_is_not_accused(dtype):
    network, X, y = learned_by_heart(dtype)
    result = check_gradients(network, X, y)
    assert result.passed, str(result)
    text = str(explain(network, X[:10], y[:10]))
    assert "NOT agree" not in text
    assert "agree" in text or "cannot be told" in text


def test_blobs_after_2000_passes_of_adam():
    X, y = make_blobs(60, centers=3, random_state=0)
    network = Network([Dense(2, 8, "tanh"), Dense(8, 3, "softmax")]).initialize(random_state=0)
    network.fit(X, y, optimizer=optimizers.Adam(0.1), epochs=2000, progress=False)
    assert check_gradients(network, X, y).passed


def test_explain_agrees_on_raw_tables():
    for name, activation in (("wine", "relu"), ("diabetes", "tanh"), ("cancer", "sigmoid")):
        for dtype in ("float64", "float32"):
            network, X, y = table_case(name, activation, 1)
            text = str(explain(network.copy(dtype), X, y))
            assert "NOT agree" not in text
            assert "They agree" in text


# ------------------------------------------------------------------ undetermined


def saturated():
    network = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)
    network.layers[0].W *= 1e4
    return network, np.array([[1.0, 2.0], [-1.0, 0.5]]), [0, 1]


def test_saturated_units_cannot_be_told_and_the_reason_is_given():
    network, X, y = saturated()
    result = check_gradients(network, X, y)
    assert result.passed
    assert result
    assert result.undetermined == ("W of layer 1", "b of layer 1")
    assert {group.verdict for group in result.groups} == {"right", "undetermined"}
    assert "J does not move" in {group.reason for group in result.groups}
    assert "undetermined" in str(result)
    assert "scale the columns of X" in result.verdict
    assert "The gradient is right" not in result.verdict


def test_a_check_that_told_nothing_is_neither_true_nor_failed():
    network, X, _ = saturated()
    network.layers[1].W *= 1e3  # every sample learned by heart
    y = network.predict(X)
    result = check_gradients(network, X, y)
    assert result.passed
    assert not result.determined
    assert not result
    assert "nothing could be checked" in str(result)
    assert result.verdict.startswith("Nothing could be checked.")
    tiny = np.full(network.theta.size, 1e-30)
    assert check_gradients(network, X, y, gradient=tiny).passed
    large = np.full(network.theta.size, 1e-3)
    assert not check_gradients(network, X, y, gradient=large).passed


def test_one_wrong_element_does_not_hide_behind_a_large_one():
    X, y = TABLES["columns from 1e-6 to 1e6"]
    network = Network([Dense(7, 4, "tanh"), Dense(4, 3, "softmax")]).initialize(random_state=0)
    network.layers[0].W /= 10.0 ** np.arange(-6, 7, 2)[:, None]
    right = network.backward(network.forward(X[:20]), y[:20]).theta
    sizes = np.abs(right[:28]).reshape(7, 4).max(axis=1)
    assert sizes[0] < 1e-9 * sizes[-1]
    for place in (0, 5, 27):
        wrong = right.copy()
        wrong[place] *= 1.001
        result = check_gradients(network, X[:20], y[:20], gradient=wrong)
        assert [group.n_wrong for group in result.groups] == [1, 0, 0, 0]
        assert result.error == pytest.approx(1e-3, rel=0.01)


def test_a_kink_that_an_own_activation_does_not_name_is_found():
    class Plain(type(ACTIVATIONS.resolve("relu"))):
        kinks = ()

    network = Network([Dense(1, 1, Plain()), Dense(1, 1)], "squared_error")
    network.layers[0].W = [[0.0]]
    network.layers[1].W = [[1.0]]
    result = check_gradients(network, [[1.0]], [1.0])
    assert result.passed
    assert result.groups[0].skipped == 1
    assert result.groups[0].reason == "at a kink"


def test_a_check_shows_itself_in_a_line_and_in_a_notebook():
    network, X, y = table_case("iris", "tanh", 0)
    result = check_gradients(network, X, y)
    assert repr(result) == "GradientCheck(passed; 4 of 4 groups right)"
    assert repr(result.groups[0]).startswith("GroupCheck(W of layer 1: right, relative error ")
    html = result._repr_html_()
    assert html.startswith("<details><summary>Gradient check: passed. The gradient is right.</summary><table>")
    assert html.count("<tr>") == 5


# ------------------------------------------------------------------ from outside


def outside(case_network, X, y, dtype=float):
    """The same network as a bare function of its parameters."""

    def loss(theta):
        network = case_network.copy()
        network.theta = theta
        return dtype(network.loss_value(X, y))

    def gradient(theta):
        network = case_network.copy()
        network.theta = theta
        return network.backward(network.forward(X), y).theta

    return loss, gradient, case_network.theta.astype(np.float64)


@pytest.mark.parametrize("name", ["wine", "cancer", "diabetes", "columns from 1e-6 to 1e6"])
def test_grade_on_raw_tables(name):
    network, X, y = table_case(name, "softplus", 0, hidden=3)
    loss, gradient, theta = outside(network, X, y)
    assert grade(loss, gradient, theta).passed
    assert not grade(loss, lambda theta: 1.001 * gradient(theta), theta).passed


@pytest.mark.parametrize("inside", [False, True])
def test_grade_of_a_loss_in_float32(inside):
    """By its type, or only by its digits."""
    network, X, y = table_case("iris", "tanh", 0, hidden=3)
    loss, gradient, theta = outside(network.copy("float32") if inside else network, X, y, np.float32)
    answer = (lambda theta: float(loss(theta))) if inside else loss
    assert grade(answer, gradient, theta).passed
    assert grade(answer, lambda theta: gradient(theta).astype(np.float32), theta).passed
    assert not grade(answer, lambda theta: 1.1 * gradient(theta), theta).passed


def test_grade_of_a_network_that_has_learned_by_heart():
    _, X, y = learned_by_heart(epochs=1)
    small = Network([Dense(2, 4, "tanh"), Dense(4, 2, "softmax")]).initialize(random_state=0)
    small.fit(X[:, :2], y, optimizer=optimizers.Adam(0.1), epochs=3000, progress=False)
    loss, gradient, theta = outside(small, X[:, :2], y)
    result = grade(loss, gradient, theta)
    assert result.passed, str(result)
