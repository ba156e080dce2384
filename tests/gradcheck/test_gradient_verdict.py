"""Planted faults: is the gradient called wrong, and is the right cause named?

Every row of the table commits one mistake that people make; among them are the faults of published tutorials and
scikit-learn's squared error with k outputs, seen from outside through its public interface.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from pellucid import Dense, Network, check_gradients, grade, grade_derivative
from pellucid.maths.activations import ELU, Activation
from pellucid.maths.losses import Loss
from pellucid.maths.penalties import L1, L2
from pellucid.network.forward import draw_masks

N = 7


def data(p=3, k=3, n=N, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, p)), random.integers(0, k, n)


def classifier(*sizes, hidden="tanh", seed=1, dropout=0.0):
    layers = [Dense(p, h, hidden, dropout=dropout) for p, h in itertools.pairwise(sizes[:-1])]
    network = Network([*layers, Dense(sizes[-2], sizes[-1], "softmax")])
    return network.initialize("normal_fan_in", biases="normal_fan_in", random_state=seed)


def by_hand(slope, *, below=1.0, transpose=True, bias=lambda d: d.sum(axis=0), first=lambda d: d, alpha=2.0):
    """The tutorials' own back-propagation, with a place for each of their mistakes."""

    def gradient(net, X, y):
        passed = net.forward(X)
        delta = first((passed.output - np.eye(net.n_outputs)[y]) / len(X))
        parts = []
        for i in range(len(net.layers) - 1, -1, -1):
            A = passed.inputs_of(i)
            parts.insert(0, (A.T @ delta, bias(delta)))
            if i:
                W = net.layers[i].W
                delta = below * (delta @ (W.T if transpose else W)) * slope(passed.Z[i - 1], passed.A[i - 1])
        return parts

    return gradient


def tanh_slope(Z, A):
    return 1 - A**2


FAULTS: dict[str, tuple[str, Any]] = {}


def fault(name, cause):
    """Register a function that returns the check of a gradient with one fault, and the cause that must be named."""

    def register(function):
        FAULTS[name] = (cause, function)
        return function

    return register


@fault("the sum is descended, the mean reported (tutorial fault 5)", "sum, not mean")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, first=lambda d: d * N))


@fault("divided by n twice on the way down (tutorial fault 2)", "averaged twice below")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, below=1 / N))


@fault("ELU's slope is 0 for z > 0 (tutorial fault 1)", "activation derivative")
def _():
    X, y = data()
    slope = by_hand(lambda Z, A: np.where(Z > 0, 0.0, 2 * np.exp(Z)))
    return check_gradients(classifier(3, 4, 3, hidden=ELU(alpha=2.0)), X, y, gradient=slope)


@fault("tutorial faults 1 and 2 together", "activation derivative, averaged twice")
def _():
    X, y = data()
    slope = by_hand(lambda Z, A: np.where(Z > 0, 0.0, 2 * np.exp(Z)), below=1 / N)
    return check_gradients(classifier(3, 4, 3, hidden=ELU(alpha=2.0)), X, y, gradient=slope)


@fault("∂L/∂b = δ of one sample (tutorial fault 6)", "bias not summed over samples")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, bias=lambda d: d[0]))


@fault("∂L/∂b = δ, a row a sample (tutorial fault 6, as its formula has it)", "bias not summed over samples")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, bias=lambda d: d))


@fault("∂L/∂b is the mean of δ", "bias not summed over samples")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, bias=lambda d: d.mean(axis=0)))


@fault("y − a for a − y", "sign flipped")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, gradient=by_hand(tanh_slope, first=lambda d: -d))


@fault("δ through W, not through its transpose", "transposed")
def _():
    X, y = data(p=3, k=4)
    net = classifier(3, 4, 4)
    return check_gradients(net, X, y, gradient=by_hand(tanh_slope, transpose=False))


@fault("dW handed in transposed, another shape", "transposed")
def _():
    X, y = data()
    gradient = by_hand(tanh_slope)
    turned = lambda net, X, y: [(dW.T, db) for dW, db in gradient(net, X, y)]  # noqa: E731
    return check_gradients(classifier(3, 4, 3), X, y, gradient=turned)


@fault("dW handed in transposed, square", "transposed")
def _():
    X, y = data()
    gradient = by_hand(tanh_slope)
    turned = lambda net, X, y: [(dW.T, db) for dW, db in gradient(net, X, y)]  # noqa: E731
    return check_gradients(classifier(3, 3, 3), X, y, gradient=turned)


@fault("the penalty is left out", "penalty left out")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, penalty=L2(0.1), gradient=by_hand(tanh_slope))


@fault("an L1 penalty is left out", "penalty left out")
def _():
    X, y = data()
    return check_gradients(classifier(3, 4, 3), X, y, penalty=L1(0.1), gradient=by_hand(tanh_slope))


@fault("the sum is descended, with a penalty that is not scaled", "sum, not mean")
def _():
    X, y = data()
    net, gradient = classifier(3, 4, 3), by_hand(tanh_slope, first=lambda d: d * N)

    def penalised(net, X, y):
        pairs = zip(gradient(net, X, y), net.layers, strict=True)
        return [(dW + 0.1 * layer.W, db) for (dW, db), layer in pairs]

    return check_gradients(net, X, y, penalty=L2(0.1), gradient=penalised)


@fault("f′ is left out in the lowest of three layers", "activation derivative")
def _():
    X, y = data()
    net = classifier(3, 4, 5, 3)
    calls = iter([tanh_slope, lambda Z, A: np.ones_like(Z)] * 2)
    return check_gradients(net, X, y, gradient=by_hand(lambda Z, A: next(calls)(Z, A)))


@fault("f′ is taken at A, not at Z", "activation derivative")
def _():
    X, y = data()
    gradient = by_hand(lambda Z, A: 1 - np.tanh(A) ** 2)
    return check_gradients(classifier(3, 4, 3), X, y, gradient=gradient)


@fault("the gradient of W is made with the layer's own output", "wrong input")
def _():
    X, y = data(p=4)
    net = classifier(4, 4, 3)

    def gradient(net, X, y):
        pairs = by_hand(tanh_slope)(net, X, y)
        g = net.backward(net.forward(X), y)
        return [(net.forward(X).A[0].T @ g.deltas[0], pairs[0][1]), pairs[1]]

    return check_gradients(net, X, y, gradient=gradient)


@fault("a new dropout mask in each call", "not repeatable")
def _():
    X, y = data()
    net = classifier(3, 6, 3, dropout=0.5)
    steps = iter(range(100))

    def gradient(net, X, y):
        return net.backward(net.forward(X, draw_masks(net.layers, len(X), 0, next(steps), net.dtype)), y).theta

    return check_gradients(net, X, y, gradient=gradient)


@fault("the gradient is added to the last one's", "added up from call to call")
def _():
    X, y = data()
    net = classifier(3, 4, 3)
    total = np.zeros(net.theta.size)

    def gradient(net, X, y):
        total[:] += net.backward(net.forward(X), y).theta
        return total

    return check_gradients(net, X, y, gradient=gradient)


@fault("δ = A − Y for squared error after a sigmoid", "output derivative")
def _():
    X, _ = data()
    net = Network([Dense(3, 4, "tanh"), Dense(4, 2, "sigmoid")], loss="squared_error").initialize(random_state=1)
    Y = np.random.default_rng(3).random((N, 2))

    def gradient(net, X, y):
        passed = net.forward(X)
        delta = (passed.output - y) / len(X)
        hidden = delta @ net.layers[1].W.T * (1 - passed.A[0] ** 2)
        return [(X.T @ hidden, hidden.sum(0)), (passed.A[0].T @ delta, delta.sum(0))]

    return check_gradients(net, X, Y, gradient=lambda net, X, y: gradient(net, X, Y))


@fault("sample weights are left out of the gradient", "sample weights left out")
def _():
    X, y = data()
    weight = np.arange(1.0, N + 1)
    return check_gradients(classifier(3, 4, 3), X, y, sample_weight=weight, gradient=by_hand(tanh_slope))


@fault("an own activation whose derivative is wrong", "activation derivative")
def _():
    @dataclass(frozen=True)
    class Leaky(Activation):
        name: ClassVar[str] = "own_leaky"
        kinks: ClassVar[tuple[float, ...]] = (0.0,)

        def value(self, Z):
            return np.where(Z > 0, Z, 0.2 * Z)

        def derivative(self, Z, A):
            return np.where(Z > 0, 1.0, 0.1)

    X, y = data()
    return check_gradients(classifier(3, 4, 3, hidden=Leaky()), X, y)


@fault("an own loss whose gradient is wrong", "loss gradient")
def _():
    @dataclass(frozen=True)
    class Quartic(Loss):
        name: ClassVar[str] = "quartic"

        def value(self, Y, A):
            return ((A - Y) ** 4).sum(axis=1)

        def gradient(self, Y, A):
            return 2 * (A - Y) ** 3

    X, _ = data()
    net = Network([Dense(3, 2, "tanh")], loss=Quartic()).initialize(random_state=0)
    return check_gradients(net, X, X[:, :2])


@fault("scikit-learn's squared error with 3 outputs, through partial_fit", "outputs counted twice")
def _():
    """Its gradient is private; a step of plain descent shows it: g = (θ before − θ after)/rate.

    The loss is the one that it reports, `loss_`, at θ before the step.
    """
    X, _ = data(n=11)
    Y = np.random.default_rng(5).normal(size=(11, 3))
    rate = 1e-3
    model = MLPRegressor(
        hidden_layer_sizes=(4,), activation="tanh", solver="sgd", alpha=0.0, batch_size=11, learning_rate_init=rate,
        momentum=0.0, nesterovs_momentum=False, shuffle=False, random_state=0,
    )  # fmt: skip
    model.partial_fit(X, Y)
    theta = {f"{name}{i}": array.copy() for name, arrays in
             (("W", model.coefs_), ("b", model.intercepts_)) for i, array in enumerate(arrays)}  # fmt: skip

    def step(parameters):
        for i, W in enumerate(model.coefs_):
            W[...] = parameters[f"W{i}"]
            model.intercepts_[i][...] = parameters[f"b{i}"]
        model.partial_fit(X, Y)
        return float(model.loss_)

    def gradient(parameters):
        before = {name: array.copy() for name, array in parameters.items()}
        step(before)
        after = {f"W{i}": W for i, W in enumerate(model.coefs_)} | {f"b{i}": b for i, b in enumerate(model.intercepts_)}
        return {name: (before[name] - after[name]) / rate for name in before}

    return grade(step, gradient, theta, n_samples=11, n_outputs=3)


@fault("a whole tutorial graded from outside: the mean of the loss, the sum of the gradient", "sum, not mean")
def _():
    theta, loss, gradient = tutorial(lambda d: d * N, 1.0)
    return grade(loss, gradient, theta, n_samples=N)


@fault("a whole tutorial graded from outside: hidden layer divided by n twice", "averaged twice below")
def _():
    theta, loss, gradient = tutorial(lambda d: d, 1 / N)
    return grade(loss, gradient, theta, n_samples=N)


@fault("graded from outside: the L2 term is missing", "penalty left out")
def _():
    theta, loss, gradient = tutorial(lambda d: d, 1.0)
    penalised = lambda t: loss(t) + 0.05 * sum((t[name] ** 2).sum() for name in ("W1", "W2"))  # noqa: E731
    return grade(penalised, gradient, theta, n_samples=N)


@fault("graded from outside: a loss that draws a mask anew", "not repeatable")
def _():
    random = np.random.default_rng(0)
    return grade(lambda w: float((w * (random.random(3) > 0.5)).sum()), lambda w: np.ones(3), np.arange(1.0, 4.0))


@fault("graded from outside: a step taken inside the gradient", "changes the parameters")
def _():
    def gradient(w):
        g = 2 * w.copy()
        w -= 0.1 * g
        return g

    return grade(lambda w: float(w @ w), gradient, np.array([1.0, 2.0]))


@fault("graded from outside: single precision", "single precision")
def _():
    w = np.array([0.123456789, 0.7654321])
    return grade(lambda w: float(w @ w) ** 2, lambda w: (4 * (w @ w) * w).astype(np.float32), w, tolerance=1e-9)


def tutorial(first, below):
    """A two-layer network as the tutorials write it: dictionaries and module-level data."""
    X, y = data()
    random = np.random.default_rng(2)
    theta = {
        "W1": random.normal(size=(3, 4)),
        "b1": np.zeros((1, 4)),
        "W2": random.normal(size=(4, 3)),
        "b2": np.zeros((1, 3)),
    }

    def outputs(t):
        a1 = np.tanh(X @ t["W1"] + t["b1"])
        e = np.exp(a1 @ t["W2"] + t["b2"])
        return a1, e / e.sum(axis=1, keepdims=True)

    def loss(t):
        return -np.log(outputs(t)[1][np.arange(N), y]).mean()

    def gradient(t):
        a1, a2 = outputs(t)
        delta = first((a2 - np.eye(3)[y]) / N)
        d1 = below * (delta @ t["W2"].T) * (1 - a1**2)
        return {"W1": X.T @ d1, "b1": d1.sum(axis=0), "W2": a1.T @ delta, "b2": delta.sum(axis=0, keepdims=True)}

    return theta, loss, gradient


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_and_its_cause_named(name):
    cause, check = FAULTS[name]
    result = check()
    assert not result.passed
    assert {one.name for one in result.causes} == {cause}, result.verdict
    assert result.verdict in " ".join(str(result).split())
    assert result.verdict.endswith(".")


DERIVATIVES = {
    "ELU with 0 for z > 0": (
        lambda z: np.where(z > 0, z, 2 * np.expm1(np.minimum(z, 0))),
        lambda z: np.where(z > 0, 0, 2 * np.exp(z)),
        "one side",
    ),
    "sigmoid with its sign flipped": (
        lambda z: 1 / (1 + np.exp(-z)), lambda z: -np.exp(-z) / (1 + np.exp(-z)) ** 2, "sign flipped",
    ),
    "tanh's derivative applied to tanh's output": (np.tanh, lambda z: 1 - np.tanh(np.tanh(z)) ** 2, "taken at f(z)"),
    "a formula in a, given z": (np.tanh, lambda z: 1 - z**2, "formula in a, given z"),
    "half the slope": (np.square, lambda z: z, "constant factor"),
    "NaN at 0": (np.square, lambda z: 2 * z * np.divide(z, z, out=np.full_like(z, np.nan), where=z != 0), "not finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivative_is_graded(name):
    f, df, cause = DERIVATIVES[name]
    result = grade_derivative(f, df)
    assert not result.passed
    assert [one.name for one in result.causes] == [cause]


def test_functions_that_are_no_functions_of_arrays_are_refused():
    with pytest.raises(TypeError, match=r"f must take arrays: np\.sin, not math\.sin"):
        grade_derivative(math.sin, np.cos)
    with pytest.raises(TypeError, match=r"df must take arrays: np\.cos"):
        grade_derivative(np.sin, math.cos)
    with pytest.raises(TypeError, match=r"np\.where"):
        grade_derivative(lambda z: np.maximum(z, 0), lambda z: z > 0)


def test_a_derivative_that_is_wrong_everywhere_is_said_to_be_in_words():
    result = grade_derivative(np.exp, lambda z: np.cos(z) + 9)
    assert "wrong at" in result.verdict
    assert "100%" not in result.verdict


def test_a_group_of_another_shape_has_not_passed():
    _, check = FAULTS["∂L/∂b = δ, a row a sample (tutorial fault 6, as its formula has it)"]
    assert [(group.name, group.passed) for group in check().groups] == [("W", True), ("b", False)] * 2


def test_kinks_of_a_derivative_are_no_error():
    result = grade_derivative(lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.5 * (z == 0)))
    assert result.passed
    assert result.kinks == (0.0,)
    assert "kink" in result.verdict


def test_what_a_gradient_has_at_a_kink_is_a_convention():
    theta = np.array([0.0, 1.0, -2.0])
    for at_kink in (0.0, 0.3, -1.0):
        result = grade(lambda w: float(np.abs(w).sum()), lambda w, g=at_kink: np.array([g, 1.0, -1.0]), theta)
        assert result.passed
        assert result.skipped == 1
        assert "not an error" in result.verdict
    assert not grade(lambda w: float(np.abs(w).sum()), lambda w: np.array([0.0, 1.0, 1.0]), theta)
    nothing = grade(lambda w: float(np.abs(w).sum()), lambda w: np.zeros(2), np.zeros(2))
    assert "Nothing could be checked" in nothing.verdict


def test_a_gradient_of_another_form_is_refused_with_the_shapes():
    with pytest.raises(ValueError, match=r"gradient of theta must have shape \(2,\), got \(3,\)"):
        grade(lambda w: float(w @ w), lambda w: np.zeros(3), np.ones(2))
    with pytest.raises(ValueError, match="one number"):
        grade(lambda w: w, lambda w: w, np.ones(2))
    with pytest.raises(ValueError, match="keys of theta"):
        grade(lambda t: float(t["w"] @ t["w"]), lambda t: {"v": t["w"]}, {"w": np.ones(2)})
