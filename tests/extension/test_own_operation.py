"""An operation that is defined outside the package is as good as one inside: nothing has to be registered."""

from dataclasses import dataclass
from typing import ClassVar

import matplotlib.pyplot as plt
import numpy as np
import pytest

from pellucid import Dense, Network, check_gradients, diagnose, explain, plots
from pellucid.operations import Operation, Parameter
from pellucid.optimizers import OPTIMIZERS
from pellucid.penalties import L2

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = X[:, 0] ** 2 - X[:, 1]


@dataclass(frozen=True)
class Quadratic(Operation):
    """Z = [A, A² Q]: the inputs, and learned sums of their squares."""

    sums: int = 1

    name: ClassVar[str] = "quadratic"
    formula: ClassVar[str] = r"Z = \left[A,\; A^2 Q\right]"
    gradient_formula: ClassVar[dict[str, str]] = {"Q": r"\left(A^2\right)^{\top} \delta^{\mathrm{right}}"}
    backward_formula: ClassVar[str] = r"L + 2 A \odot R\, Q^{\top},\quad \left[L,\; R\right] = \delta"

    @property
    def units(self):
        return self.n_inputs + self.sums

    def parameters(self):
        return (Parameter("Q", (self.n_inputs, self.sums), penalized=True),)

    def forward(self, parameters, A):
        (Q,) = parameters
        return np.hstack([A, A**2 @ Q]), A

    def gradients(self, parameters, cache, dZ, into):
        into[0][...] = (cache**2).T @ dZ[:, self.n_inputs :]

    def backward(self, parameters, cache, dZ):
        (Q,) = parameters
        return dZ[:, : self.n_inputs] + 2 * cache * (dZ[:, self.n_inputs :] @ Q.T)


@dataclass(frozen=True)
class Forgetful(Quadratic):
    """Its way back has lost the 2 of the square's derivative."""

    def backward(self, parameters, cache, dZ):
        (Q,) = parameters
        return dZ[:, : self.n_inputs] + cache * (dZ[:, self.n_inputs :] @ Q.T)


def network(operation=Quadratic):
    return Network([Dense(2, 2, "tanh"), operation(2, 3), Dense(5, 1)]).initialize(random_state=0)


def test_its_gradient_is_checked():
    assert check_gradients(network(), X[:8], Y[:8], penalty=L2(0.1)).passed


def test_a_mistake_in_it_is_found_and_named():
    check = check_gradients(network(Forgetful), X[:8], Y[:8])
    assert [group.label for group in check.groups if not group.passed] == ["W of layer 1", "b of layer 1"]
    assert "∂J/∂A, by `backward` of quadratic, layer 2" in check.causes[0].sentence


@pytest.mark.parametrize("optimizer", OPTIMIZERS.names())
def test_it_is_trained(optimizer):
    net = network()
    before = net.loss_value(X, Y)
    net.fit(X, Y, optimizer=optimizer, epochs=20, engine="reference", penalty=L2(1e-4))
    assert net.loss_value(X, Y) < before


def test_it_solves_what_it_was_made_for():
    net = Network([Quadratic(2), Dense(3, 1)]).initialize(random_state=0)
    net.fit(X, Y, optimizer="lbfgs", epochs=200, engine="reference")
    assert net.score(X, Y) == pytest.approx(1)


def test_it_is_explained_with_its_own_formulas_and_numbers():
    net = network()
    explanation = explain(net, X[:2], Y[:2], penalty=L2(0.1))
    text = explanation.to_text(width=200)
    assert "The operation is quadratic (with" in text
    assert "Q⁽²⁾ (2, 3)" in text
    assert "They agree." in text
    step = explanation.step
    np.testing.assert_array_equal(step.forward_pass.A[1][:, 2:], step.forward_pass.A[0] ** 2 @ net.layers[1].Q)
    for written in (explanation.to_html(), explanation.to_latex(), explanation.to_markdown()):
        assert len(written) > 1000


def test_it_is_drawn_listed_and_diagnosed():
    net = network()
    axes = plots.network_diagram(net)
    assert any(text.get_text() == "5 quadratic" for text in axes.texts)
    plt.close(axes.figure)
    assert "quadratic" in str(net.summary())
    assert "5 layers" not in str(diagnose(net, X, Y))
