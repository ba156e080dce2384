"""Every number that `explain` prints, against a recomputation that shares no code with the package."""

from __future__ import annotations

import itertools
import re
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import erf
from threadpoolctl import threadpool_limits

from pellucid import Dense, Network, explain
from pellucid.explanation.document import Formula, Grid, Numbers, Table
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import L1, L2
from pellucid.optimizers import OPTIMIZERS

pytestmark = pytest.mark.slow

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
FUNCTIONS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    "tanh": lambda z: 1 - 2 / (np.exp(2 * z) + 1),
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: z * np.where(z > 0, 1, 0.01),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * (np.exp(z) - 1)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "exponential": np.exp,
    "gelu": lambda z: z * 0.5 * (1 + erf(z / np.sqrt(2))),
    "gelu_tanh": lambda z: 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}
COSTS = {
    "cross_entropy": lambda y, a: -(y * np.log(a)).sum(axis=1),
    "binary_cross_entropy": lambda y, a: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1),
    "squared_error": lambda y, a: ((a - y) ** 2).sum(axis=1) / 2,
    "absolute_error": lambda y, a: abs(a - y).sum(axis=1),
    "huber": lambda y, a: np.where(abs(a - y) <= 1, (a - y) ** 2 / 2, abs(a - y) - 0.5).sum(axis=1),
    "quantile": lambda y, a: np.where(a > y, 0.5 * (a - y), 0.5 * (y - a)).sum(axis=1),
    "poisson": lambda y, a: (a - y * np.log(a)).sum(axis=1),
}
HIDDEN = sorted(name for name, cls in ACTIVATIONS.items() if cls.elementwise and name != "exponential")
OUTPUTS = {"cross_entropy": ["softmax"], "binary_cross_entropy": ["sigmoid"], "poisson": ["exponential", "softplus"]}
ANY_OUTPUT = ["identity", "sigmoid", "tanh", "softplus", "selu", "softmax"]
H = 1e-6


def slope(f, z):
    """f′ by a plain central difference: good to the digits that are shown."""
    return (f(z + H) - f(z - H)) / (2 * H)


def columns_slope(cost, y, a):
    moved = np.eye(a.shape[1]) * H
    return np.stack([(cost(y, a + e) - cost(y, a - e)) / (2 * H) for e in moved], axis=1)


def expected_numbers(network, X, Y, weight, penalty, reduction):
    """Everything by name, by plain NumPy."""
    layers = [(layer.W.copy(), layer.b.copy(), layer.activation.name) for layer in network.layers]
    names, A = {"X": X, "Y": Y}, X
    As, Zs = [X], []
    for i, (W, b, f) in enumerate(layers, start=1):
        Z = np.einsum("ij,jk->ik", A, W) + b
        A = FUNCTIONS[f](Z)
        Zs.append(Z)
        As.append(A)
        names |= {f"W^{{({i})}}": W, f"b^{{({i})}}": b, f"Z^{{({i})}}": Z, f"A^{{({i})}}": A}
    cost = COSTS[network.loss.name]
    names[r"\ell"] = cost(Y, A)
    w = np.ones(len(X)) if weight is None else weight
    s = w / w.sum() if reduction == "mean" else w
    names |= {"w": w if reduction == "mean" else s, "s": s}
    pull = {None: lambda W: 0 * W, L2: lambda W: 0.1 * W, L1: lambda W: 0.1 * np.sign(W)}[penalty and type(penalty)]
    size = {
        None: 0.0,
        L2: sum(0.05 * (W**2).sum() for W, _, _ in layers),
        L1: sum(0.1 * abs(W).sum() for W, _, _ in layers),
    }
    names["penalty"] = size[penalty and type(penalty)]
    names["J"] = (s * names[r"\ell"]).sum() + names["penalty"]
    last = len(layers)
    G = columns_slope(cost, Y, A)
    names[r"\partial \ell / \partial A"] = G
    if layers[-1][2] == "softmax":
        delta = A * (G - (G * A).sum(axis=1, keepdims=True))
    else:
        delta = G * slope(FUNCTIONS[layers[-1][2]], Zs[-1])
        names[f"f'(Z^{{({last})}})"] = slope(FUNCTIONS[layers[-1][2]], Zs[-1])
    delta = s[:, None] * delta
    gradient = [None] * last
    for i in range(last, 0, -1):
        W, _, _ = layers[i - 1]
        gradient[i - 1] = (As[i - 1].T @ delta + pull(W), delta.sum(axis=0))
        names |= {rf"\delta^{{({i})}}": delta, f"P'(W^{{({i})}})": pull(W)}
        names[rf"\partial J / \partial W^{{({i})}}"], names[rf"\partial J / \partial b^{{({i})}}"] = gradient[i - 1]
        if i > 1:
            names[f"f'(Z^{{({i - 1})}})"] = slope(FUNCTIONS[layers[i - 2][2]], Zs[i - 2])
            delta = (delta @ W.T) * names[f"f'(Z^{{({i - 1})}})"]
    for i, ((W, b, _), (dW, db)) in enumerate(zip(layers, gradient, strict=True), start=1):
        for letter, value, g in (("W", W, dW), ("b", b, db)):
            names[rf"{letter}^{{({i})}}\;\mathrm{{before}}"] = value
            names[rf"{letter}^{{({i})}}\;\mathrm{{after}}"] = value - 0.01 * g
    steps = [
        (v - 0.01 * g).ravel()
        for (W, b, _), pair in zip(layers, gradient, strict=True)
        for v, g in zip((W, b), pair, strict=True)
    ]
    names["theta_after"] = np.concatenate(steps)
    names["predicted"] = -0.01 * sum((g**2).sum() for pair in gradient for g in pair)
    names["gradient"] = {
        f"{k}^{{({i})}}": g for i, pair in enumerate(gradient, 1) for k, g in zip("Wb", pair, strict=True)
    }
    return names


def unit_of(text):
    """What the last printed digit is worth."""
    mantissa, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def assert_printed(text, value, size):
    """`text` is `value` to the digits it shows; `size` is what rounding on the way is measured by."""
    assert abs(float(text) - value) <= 0.51 * unit_of(text) + 2e-8 * max(size, abs(value)) + 1e-8, (text, value)


def check_grid(grid: Grid, names):
    name, turned = grid.name, grid.name.endswith(r"^{\top}")
    if turned:
        name = name.removesuffix(r"^{\top}").removeprefix("(").removesuffix(")") if name[0] == "(" else name[0]
    right = np.asarray(names[name])
    assert grid.shape == (right.T.shape if turned else right.shape)
    right = right.T if turned else right.reshape(-1, 1) if name in (r"\ell", "w", "s") else np.atleast_2d(right)
    size = float(np.abs(right).max())
    count = 0
    for i, cells in zip(grid.rows.gaps(), grid.cells(), strict=True):
        for j, text in zip(grid.columns.gaps(), cells, strict=True):
            if i is not None and j is not None:
                assert_printed(text, right[i, j], size)
                count += 1
    assert count == len(grid.rows.kept) * len(grid.columns.kept)


def latex_number(text):
    return re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text)


@st.composite
def problems(draw):
    depth = draw(st.integers(0, 4))
    sizes = [draw(st.integers(1, 8)) for _ in range(depth + 1)]
    loss = draw(st.sampled_from(LOSSES.names()))
    output = draw(st.sampled_from(OUTPUTS.get(loss, ANY_OUTPUT)))
    k = draw(st.integers(2 if output == "softmax" else 1, 8))
    hidden = [Dense(p, h, draw(st.sampled_from(HIDDEN))) for p, h in itertools.pairwise(sizes)]
    network = Network([*hidden, Dense(sizes[-1], k, output)], loss=loss)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    network.initialize("xavier_uniform", biases="normal", random_state=random)
    n = draw(st.integers(1, 9))
    X = random.normal(size=(n, sizes[0]))
    if loss == "cross_entropy":
        y = random.integers(0, k, n)
        Y = np.eye(k)[y]
    elif loss == "binary_cross_entropy":
        y = Y = random.integers(0, 2, (n, k)) * 1.0
    elif loss == "poisson":
        y = Y = random.poisson(2.0, (n, k)) * 1.0
    else:
        y = Y = random.normal(size=(n, k))
    weight = draw(st.sampled_from([None, random.random(n) + 0.1]))
    return (
        network,
        X,
        y,
        Y,
        weight,
        draw(st.sampled_from([None, L2(0.1), L1(0.1)])),
        draw(st.sampled_from(["mean", "sum"])),
    )


@given(problems())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_number_is_what_plain_numpy_says(problem):
    network, X, y, Y, weight, penalty, reduction = problem
    before = network.theta.copy()
    explanation = explain(network, X, y, sample_weight=weight, penalty=penalty, reduction=reduction)
    assert np.array_equal(network.theta, before)
    names = expected_numbers(network, X, Y, weight, penalty, reduction)
    np.testing.assert_allclose(explanation.theta_after, names["theta_after"], rtol=1e-6, atol=1e-8)
    grids = [
        term
        for block in explanation.blocks
        if isinstance(block, Numbers)
        for term in block.terms
        if isinstance(term, Grid)
    ]
    for grid in grids:
        check_grid(grid, names)
    assert {grid.name for grid in grids} >= {"X", "Y", r"\ell"} | {
        name for name in names if "before" in name or ("after" in name and name != "theta_after")
    }
    check_formulas(explanation, names)
    check_table(explanation, names)
    network.theta = names["theta_after"]
    after = network.loss_value(X, y, weight, penalty=penalty, reduction=reduction)
    [line] = [b.latex for b in explanation.blocks if isinstance(b, Formula) and r"\Delta J" in b.latex]
    _, J_after, change = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\+?\d+)?", latex_number(line))
    assert_printed(J_after, after, abs(after))
    assert_printed(change, after - names["J"], abs(after))


def check_formulas(explanation, names):
    formulas = [block.latex for block in explanation.blocks if isinstance(block, Formula)]
    [total] = [latex for latex in formulas if re.match(r"J = -?\d", latex) and r"\Delta J" not in latex]
    values = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", latex_number(total))
    assert_printed(values[0], names["J"], abs(names["J"]))
    if len(values) > 1:
        assert_printed(values[1], names["penalty"], 1)
    [promise] = [latex for latex in formulas if latex.startswith(r"g \cdot")]
    assert_printed(latex_number(promise).split(" = ")[1], names["predicted"], 1)


def check_table(explanation, names):
    [table] = [
        block for block in explanation.blocks if isinstance(block, Table) and block.header[1] == "back-propagation"
    ]
    for parameter, analytic, numeric, _ in table.rows:
        letter, index = re.fullmatch(r"\$(.*)_\{([0-9,]*)\}\$", parameter).groups()
        name = letter.replace("w", "W")
        right = names["gradient"][name][tuple(int(i) - 1 for i in index.split(","))]  # written, they count from 1
        size = float(np.abs(names["gradient"][name]).max())
        assert_printed(analytic, right, size)
        if numeric != "at a kink":
            assert_printed(numeric, right, size)


def classification(seed=0, **options):
    random = np.random.default_rng(seed)
    network = Network([Dense(3, 4, "tanh", **options), Dense(4, 3, "softmax")]).initialize(random_state=seed)
    return network, random.normal(size=(12, 3)), random.integers(0, 3, 12)


@pytest.mark.parametrize("name", OPTIMIZERS.names())
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_announced_theta_is_what_a_real_step_makes(name, dtype):
    network, X, y = classification()
    network = network.copy(dtype)
    announced = explain(network, X, y, optimizer=name, penalty=L2(0.01))
    network.fit(X, y, optimizer=name, penalty=L2(0.01), epochs=1, shuffle=False, progress=False)
    tolerance = 1e-10 if dtype == "float64" else 1e-4
    np.testing.assert_allclose(announced.theta_after, network.theta, rtol=tolerance, atol=tolerance)
    assert announced.text.count("after") >= 4


def test_a_later_step_goes_on_from_the_optimizers_state():
    network, X, y = classification()
    rule = OPTIMIZERS.resolve("adam")
    first = explain(network, X, y, optimizer=rule)
    network.theta = first.theta_after
    second = explain(network, X, y, optimizer=rule, state=first.step.state_after)
    words = " ".join(second.text.split())
    assert "its state continues from the previous step; after this step t = 2" in words
    network, X, y = classification()
    network.fit(X, y, optimizer=rule, epochs=2, shuffle=False, progress=False)
    np.testing.assert_allclose(second.theta_after, network.theta, rtol=1e-10)


def test_dropout_masks_are_shown_and_used():
    network, X, y = classification(dropout=0.5)
    explanation = explain(network, X, y, dropout_seed=3)
    step = explanation.step
    mask = step.forward_pass.masks[0]
    assert set(np.unique(mask)) <= {0.0, 2.0}
    np.testing.assert_array_equal(step.forward_pass.A[0], step.forward_pass.H[0] * mask)
    assert "M⁽¹⁾" in explanation.text
    assert "They agree." in explanation.text


def test_lbfgs_says_that_its_step_is_a_search():
    network, X, y = classification()
    explanation = explain(network, X, y, optimizer="lbfgs")
    assert "a line search finds a step length" in explanation.text
    assert explanation.step.trials[0] == pytest.approx(explanation.step.value)
    assert min(explanation.step.trials) == pytest.approx(explanation.step.value_after)


def test_a_wide_network_with_many_rows_is_short_and_quick():
    random = np.random.default_rng(0)
    network = Network([Dense(64, 64, "relu"), Dense(64, 64, "softmax")]).initialize(random_state=0)
    X, y = random.normal(size=(1000, 64)), random.integers(0, 64, 1000)
    explain(network, X[:2], y[:2])  # imports
    seconds = []
    for _ in range(3):
        with threadpool_limits(1):
            began = time.process_time()
            text = explain(network, X, y, optimizer="adam", penalty=L2(0.01)).text
            seconds.append(time.process_time() - began)
    assert min(seconds) < 1  # of this process: others may share the machine
    assert text.count("\n") < 300
    assert max(len(line) for line in text.splitlines()) <= 110


def test_the_rows_with_the_largest_part_in_the_gradient_are_kept():
    network, X, y = classification()
    X, y = np.tile(X, (3, 1)), np.tile(y, 3)
    weight = np.ones(36)
    weight[[4, 17, 30]] = 50.0
    explanation = explain(network, X, y, sample_weight=weight)
    grid = next(term for block in explanation.blocks if isinstance(block, Numbers) for term in block.terms)
    assert grid.rows.kept == (4, 17, 30)
    assert "Shown are 3 of 36 samples" in explanation.text
