"""The proof of back-propagation, for everything that is registered; and that the proof can fail."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from pellucid import Dense, Network, check_gradients
from pellucid.activations import ACTIVATIONS, ELU, Activation
from pellucid.initializers import Normal
from pellucid.losses import LOSSES, CrossEntropy
from pellucid.penalties import PENALTIES

HIDDEN = sorted(name for name, cls in ACTIVATIONS.items() if cls.elementwise)
SMALL = Normal(scale=0.4)
DEPTHS = {0: [], 1: [4], 3: [4, 3, 3]}


def network(loss, hidden, sizes, output=None, dropout=0.0):
    widths = [2, *sizes, 3]
    output = output or LOSSES[loss].canonical or "identity"
    layers = [
        Dense(p, h, output if i == len(sizes) else hidden, dropout=0.0 if i == len(sizes) else dropout)
        for i, (p, h) in enumerate(itertools.pairwise(widths))
    ]
    net = Network(layers, loss=loss).initialize(SMALL, biases=SMALL, random_state=3)
    if hidden == "exponential":  # three exponentials of each other leave the floating-point numbers otherwise
        for layer in net.layers[:-1]:
            layer.b -= 2
    return net


def data(loss, n=5):
    random = np.random.default_rng(0)
    y = {
        "cross_entropy": random.integers(0, 3, n),
        "binary_cross_entropy": random.integers(0, 2, (n, 3)),
        "poisson": random.poisson(2.0, (n, 3)),
    }.get(loss, random.normal(size=(n, 3)))
    return random.normal(size=(n, 2)), y


@pytest.mark.slow
@pytest.mark.parametrize("depth", sorted(DEPTHS))
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("hidden", HIDDEN)
def test_back_propagation_is_right(hidden, loss, depth):
    """Every hidden activation × loss × reduction × penalty × {weights, none} × depth."""
    net, (X, y) = network(loss, hidden, DEPTHS[depth]), data(loss)
    weights = (None, np.array([0.5, 2.0, 1.0, 0.0, 3.0]))
    penalties = (None, *(cls(0.1) for cls in PENALTIES.values()))
    theta = net.theta.copy()
    for reduction, penalty, weight in itertools.product(("mean", "sum"), penalties, weights):
        report = check_gradients(net, X, y, reduction=reduction, penalty=penalty, sample_weight=weight)
        assert report.passed, f"{reduction}, {penalty}, weights {weight is not None}:\n{report}"
        assert report.error <= 1e-7
        assert sum(group.skipped for group in report.groups) <= 2
    assert np.array_equal(net.theta, theta)


@pytest.mark.parametrize("output", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", [name for name in sorted(LOSSES) if not LOSSES[name].canonical_only])
def test_any_output_activation_by_the_chain_rule(loss, output):
    if loss == "poisson" and ACTIVATIONS[output].image[0] < 0:
        with pytest.raises(ValueError, match="cannot follow"):
            network(loss, "tanh", [4], output=output)
    else:
        X, y = data(loss)
        assert check_gradients(network(loss, "tanh", [4], output=output), X, y).passed


def test_dropout_masks_are_held_still():
    net, (X, y) = network("cross_entropy", "tanh", [6, 5], dropout=0.4), data("cross_entropy")
    reports = [check_gradients(net, X, y, dropout_seed=seed) for seed in (1, 2)]
    assert all(reports)
    assert not np.array_equal(reports[0].groups[0].numeric, reports[1].groups[0].numeric)


def test_label_smoothing_and_float32_networks_are_checked_in_float64():
    net = Network([Dense(2, 3, "tanh"), Dense(3, 3, "softmax")], CrossEntropy(label_smoothing=0.2), dtype="float32")
    X, y = data("cross_entropy")
    assert check_gradients(net.initialize(random_state=0), X, y).error < 1e-8


# ------------------------------------------------------------------ faults that it must find


@dataclass(frozen=True)
class ELUWithoutSlope(ELU):
    """Fault 1 of the tutorials: the derivative is taken to be 0, not 1, for positive z."""

    def derivative(self, Z, A):
        return np.where(Z > 0, 0.0, A + self.alpha)


def divided_twice(net, X, y):
    """Fault 2: the hidden layer's gradient is divided by the number of samples a second time."""
    layers = net.backward(net.forward(X), y).layers
    (dW, db), last = layers
    return [(dW / len(X), db / len(X)), last]


def bias_not_summed(net, X, y):
    """Fault 6: ∂J/∂b is taken to be δ, that of one sample, not the sum over the samples."""
    gradient = net.backward(net.forward(X), y)
    return [(dW, delta[0]) for (dW, _), delta in zip(gradient.layers, gradient.deltas, strict=True)]


def test_fault_1_as_an_own_activation():
    X, y = data("binary_cross_entropy")
    right = Network([Dense(2, 4, ELU(alpha=2.0)), Dense(4, 3, "sigmoid")], "binary_cross_entropy")
    wrong = Network([Dense(2, 4, ELUWithoutSlope(alpha=2.0)), Dense(4, 3, "sigmoid")], "binary_cross_entropy")
    assert check_gradients(right.initialize(random_state=0), X, y)
    report = check_gradients(wrong.initialize(random_state=0), X, y)
    assert [group.passed for group in report.groups] == [False, False, True, True]


def test_fault_2_as_an_own_gradient():
    net, (X, y) = network("cross_entropy", "tanh", [4]), data("cross_entropy")
    report = check_gradients(net, X, y, gradient=divided_twice)
    assert [group.passed for group in report.groups] == [False, False, True, True]


def test_fault_6_as_an_own_gradient():
    net, (X, y) = network("cross_entropy", "tanh", [4]), data("cross_entropy")
    report = check_gradients(net, X, y, gradient=bias_not_summed)
    assert [(group.name, group.passed) for group in report.groups] == [
        ("W", True),
        ("b", False),
        ("W", True),
        ("b", False),
    ]
    assert "FAILED" in str(report)
    assert "WRONG" in str(report)


@pytest.mark.parametrize("factor", [0.5, -1.0, 5.0, 1 + 1e-6])
def test_a_gradient_off_by_a_factor_is_found(factor):
    net, (X, y) = network("cross_entropy", "tanh", [4]), data("cross_entropy")
    flat = net.backward(net.forward(X), y).theta
    assert check_gradients(net, X, y, gradient=flat)
    assert not check_gradients(net, X, y, gradient=factor * flat)


def test_nan_in_an_own_gradient_is_found():
    net, (X, y) = network("cross_entropy", "tanh", [4]), data("cross_entropy")
    flat = net.backward(net.forward(X), y).theta
    flat[3] = np.nan
    assert not check_gradients(net, X, y, gradient=flat)


def test_a_kink_in_the_way_is_left_out_and_said():
    net = Network([Dense(1, 1, "relu"), Dense(1, 1)], "squared_error")
    net.layers[0].W = [[0.0]]  # z = 0 for every sample, exactly on the kink
    net.layers[1].W = [[1.0]]
    report = check_gradients(net, [[1.0]], [1.0])
    assert report.passed
    assert report.groups[0].skipped == 1
    assert "at a kink" in str(report)


def test_an_own_gradient_of_the_wrong_size_is_refused():
    net, (X, y) = network("cross_entropy", "tanh", [4]), data("cross_entropy")
    with pytest.raises(ValueError, match=r"gradient must hold 27 numbers \(dW\(2, 4\), db\(4,\), .*, got 5"):
        check_gradients(net, X, y, gradient=np.zeros(5))


def test_own_activations_need_only_value_and_derivative():
    @dataclass(frozen=True)
    class Cube(Activation):
        def value(self, Z):
            return Z**3

        def derivative(self, Z, A):
            return 3 * Z**2

    X, y = data("squared_error")
    net = Network([Dense(2, 4, Cube()), Dense(4, 3)], "squared_error").initialize(random_state=0)
    assert check_gradients(net, X, y)
