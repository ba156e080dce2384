"""The deliberate bugs: each changes what it says and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.gradcheck.gradient_bugs import GradientBug, backpropagate
from pellucid.gradcheck.hypotheses import hypotheses
from pellucid.gradcheck.probe import Probe
from pellucid.maths.penalties import L2
from pellucid.network.forward import draw_masks


def problem(*, dropout=0.0, penalty=None, weighted=False):
    """A float64 network of three layers, the middle W square, with its data."""
    random = np.random.default_rng(3)
    layers = [Dense(3, 4, "tanh", dropout=dropout), Dense(4, 4, "sigmoid", dropout=dropout), Dense(4, 3, "softmax")]
    net = Network(layers, dtype="float64").initialize(random_state=1)
    net.theta += 0.1 * random.normal(size=net.theta.size)
    X, Y = random.normal(size=(6, 3)), np.eye(3)[np.arange(6) % 3]
    masks = draw_masks(net.layers, 6, 0, 0, np.dtype("float64")) if dropout else None
    weight = random.random(6) + 0.5 if weighted else None
    return Probe(net, net.objective(penalty, "mean"), X, Y, weight, masks)


def groups(probe, bug):
    gradient = backpropagate(probe, probe.forward_pass(), bug)
    return {f"{g.name}{g.layer + 1}": g.of(gradient) for g in probe.network.groups}


def changed(probe, bug):
    right = groups(probe, GradientBug())
    return {name for name, wrong in groups(probe, bug).items() if not np.array_equal(wrong, right[name])}


@pytest.mark.parametrize("options", [{}, {"dropout": 0.4}, {"penalty": L2(0.1)}, {"weighted": True}])
def test_without_a_bug_it_is_the_backward_pass_to_the_bit(options):
    probe = problem(**options)
    np.testing.assert_array_equal(backpropagate(probe, probe.forward_pass(), GradientBug()), probe.analytic())


def test_every_hypothesis_gives_another_gradient():
    probe = problem(dropout=0.4, penalty=L2(0.1), weighted=True)
    right = probe.analytic()
    wrong = [backpropagate(probe, probe.forward_pass(), bug) for bug, _ in hypotheses(probe)]
    assert len(wrong) > 100
    assert not [gradient for gradient in wrong if np.array_equal(gradient, right)]


@pytest.mark.parametrize(
    ("bug", "where"),
    [
        (GradientBug(layer=1, not_transposed=True), {"W1", "b1"}),
        (GradientBug(layer=1, early_rate=0.1), {"W1", "b1"}),
        (GradientBug(derivatives=((1, lambda f, Z, H: H),)), {"W1", "b1", "W2", "b2"}),
        (GradientBug(layer=1, inputs=lambda forward_pass, i: forward_pass.Z[i - 1]), {"W2"}),
        (GradientBug(layer=1, bias="mean"), {"b2"}),
        (GradientBug(layer=0, bias="before f′"), {"b1"}),
        (GradientBug(bias="last"), {"b1", "b2", "b3"}),
        (GradientBug(penalty_strength=0.5), {"W1", "W2", "W3"}),
        (GradientBug(penalty_on_biases=True), {"b1", "b2", "b3"}),
    ],
)
def test_a_bug_changes_its_groups_and_no_other(bug, where):
    assert changed(problem(penalty=L2(0.1)), bug) == where


@pytest.mark.parametrize("mask", ["forgotten", "unscaled", "another"])
def test_a_wrong_mask_changes_its_layer_and_those_below(mask):
    assert changed(problem(dropout=0.4), GradientBug(layer=1, mask=mask)) == {"W1", "b1", "W2", "b2"}


def test_the_numbers_of_a_wrong_propagation():
    """δ W in place of δ Wᵀ, and W already updated, against the formulas."""
    probe = problem()
    passed, layers = probe.forward_pass(), probe.network.layers
    delta_2 = (passed.A[2] - probe.Y) / 6 @ layers[2].W.T * layers[1].activation.derivative(passed.Z[1], passed.H[1])
    slope = layers[0].activation.derivative(passed.Z[0], passed.H[0])
    transposed = (delta_2 @ layers[1].W * slope).sum(axis=0)
    np.testing.assert_allclose(groups(probe, GradientBug(layer=1, not_transposed=True))["b1"], transposed, rtol=1e-12)
    updated = layers[1].W - 0.1 * passed.A[0].T @ delta_2
    early = (delta_2 @ updated.T * slope).sum(axis=0)
    np.testing.assert_allclose(groups(probe, GradientBug(layer=1, early_rate=0.1))["b1"], early, rtol=1e-12)
