"""No false alarm: the right gradient of any network is called right, kinks and all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid import Dense, Network, check_gradients, grade
from pellucid.maths.activations import ACTIVATIONS
from pellucid.maths.losses import LOSSES
from pellucid.maths.penalties import L1, L2, ElasticNet

pytestmark = pytest.mark.slow

HIDDEN = sorted(name for name, cls in ACTIVATIONS.items() if cls.elementwise and name != "exponential")
OUTPUTS = {
    "cross_entropy": ["softmax"],
    "binary_cross_entropy": ["sigmoid"],
    "poisson": ["exponential", "softplus"],
}
ANY_OUTPUT = ["identity", "sigmoid", "tanh", "softplus", "relu", "softmax"]


@st.composite
def problems(draw, at_kinks=True):
    """A network, data and settings; half of the time with small whole numbers, so that units sit exactly at kinks."""
    depth = draw(st.integers(0, 4))
    sizes = [draw(st.integers(1, 4)) for _ in range(depth + 1)]
    loss = draw(st.sampled_from(LOSSES.names()))
    output = draw(st.sampled_from(OUTPUTS.get(loss, ANY_OUTPUT)))
    k = draw(st.integers(2 if output == "softmax" else 1, 3))
    dropout = draw(st.sampled_from([0.0, 0.0, 0.3]))
    layers = [Dense(p, h, draw(st.sampled_from(HIDDEN)), dropout=dropout) for p, h in itertools.pairwise(sizes)]
    network = Network([*layers, Dense(sizes[-1], k, output)], loss=loss)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 5))
    on_kinks = at_kinks and draw(st.booleans())
    if on_kinks:
        network.theta = random.integers(-1, 2, network.theta.size) * 1.0
        X = random.integers(-1, 2, (n, sizes[0])) * 1.0
    else:
        network.initialize("xavier_uniform", biases="normal", random_state=random)
        X = random.normal(size=(n, sizes[0]))
    if loss == "cross_entropy":
        y = random.integers(0, k, n)
    elif loss == "binary_cross_entropy":
        y = random.integers(0, 2, (n, k))
    elif loss == "poisson":
        y = random.poisson(2.0, (n, k))
    else:
        y = random.normal(size=(n, k)).round(0 if on_kinks else 8)
    settings_ = {
        "penalty": draw(st.sampled_from([None, L2(0.1), L1(0.1), ElasticNet(0.1, l1_ratio=0.3)])),
        "reduction": draw(st.sampled_from(["mean", "sum"])),
        "sample_weight": draw(st.sampled_from([None, random.random(n) + 0.1])),
    }
    return network, X, y, settings_


@given(problems())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_right_gradient_is_called_right(problem):
    network, X, y, options = problem
    before = network.theta.copy()
    result = check_gradients(network, X, y, **options)
    assert result.passed, result
    assert result.causes == ()
    assert np.array_equal(network.theta, before)


def test_a_right_gradient_is_called_right_from_outside(proof_size):
    """`grade` sees a loss and a gradient only: it must find by itself the kinks that are near."""

    @given(problems(at_kinks=False))
    @settings(max_examples=proof_size(60, 200), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def holds(problem):
        network, X, y, options = problem
        forms = {f"{group.name}{group.layer}": group.of(network.theta).copy() for group in network.groups}
        without_dropout = Network([Dense(s.n_inputs, s.units, s.activation) for s in network.specs], loss=network.loss)

        def at(theta):
            without_dropout.theta = np.concatenate([part.ravel() for part in theta.values()])
            return without_dropout

        def loss(theta):
            penalty, reduction = options["penalty"], options["reduction"]
            return at(theta).loss_value(X, y, options["sample_weight"], penalty=penalty, reduction=reduction)

        def gradient(theta):
            net = at(theta)
            penalty, reduction = options["penalty"], options["reduction"]
            g = net.backward(net.forward(X), y, options["sample_weight"], penalty=penalty, reduction=reduction)
            return {f"{group.name}{group.layer}": group.of(g.theta) for group in net.groups}

        result = grade(loss, gradient, forms, n_samples=len(X), n_outputs=network.n_outputs)
        assert result.passed, result

    holds()
