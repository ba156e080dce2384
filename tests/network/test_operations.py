"""Operations: what each computes, and that everything which holds a network holds one with operations in it."""

import copy
import pickle
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.sparse import csr_array

from pellucid import Dense, DivergenceError, Network, check_gradients, explain, fit_many, plots, preflight
from pellucid.engines.choice import missing_kernel
from pellucid.engines.unavailable import ReferenceEngineWarning
from pellucid.operations import Affine, Dropout, Elementwise, Operation, Parameter, Periodic, Scale
from pellucid.optimizers import OPTIMIZERS, AdamW, GradientDescent
from pellucid.penalties import L2
from pellucid.playground.rows.opened import opened
from pellucid.playground.rows.rows import DataError
from pellucid.playground.runs.code import layer_as_code
from pellucid.playground.settings import Settings

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)

OPERATIONS = [Affine(2, 3), Scale(2), Periodic(2, 3, 0.5)]

NETWORKS = {
    "scale first": [Scale(2), Dense(2, 3, "tanh"), Dense(3, 2, "softmax")],
    "scale between": [Dense(2, 3, "relu", dropout=0.3), Scale(3), Dense(3, 2, "softmax")],
    "periodic first": [Periodic(2, 3, 0.5), Dense(12, 3, "tanh", dropout=0.2), Dense(3, 2, "softmax")],
    "periodic between": [Dense(2, 2, "tanh"), Periodic(2, 2), Dense(8, 2, "softmax")],
    "one after the other": [Scale(2), Periodic(2, 2), Scale(8), Dense(8, 2, "softmax")],
}


def made(layers, **options):
    return Network(layers, **options).initialize(random_state=1)


def drawn(operation):
    """Parameters, inputs and ∂J/∂Z with nothing special about them."""
    rng = np.random.default_rng(7)
    parameters = [rng.normal(size=parameter.shape) for parameter in operation.parameters()]
    return parameters, rng.normal(size=(5, operation.n_inputs)), rng.normal(size=(5, operation.units))


def by_differences(function, at, h=1e-6):
    """∂function/∂at, element by element."""
    slopes = np.empty_like(at)
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (function(up) - function(down)) / (2 * h)
    return slopes


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_both_derivatives_are_those_of_forward(operation):
    parameters, A, dZ = drawn(operation)
    _, cache = operation.forward(parameters, A)
    into = [np.empty_like(parameter) for parameter in parameters]
    operation.gradients(parameters, cache, dZ, into)
    for k, gradient in enumerate(into):

        def J(values, k=k):
            moved = [*parameters[:k], values, *parameters[k + 1 :]]
            return (operation.forward(moved, A)[0] * dZ).sum()

        np.testing.assert_allclose(gradient, by_differences(J, parameters[k]), rtol=1e-7, atol=1e-7)
    back = by_differences(lambda A: (operation.forward(parameters, A)[0] * dZ).sum(), A)
    np.testing.assert_allclose(operation.backward(parameters, cache, dZ), back, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_the_jacobian_is_the_gradient_of_each_sample(operation):
    parameters, A, dZ = drawn(operation)
    rows = operation.jacobian(parameters, A, dZ)
    np.testing.assert_allclose(rows, Operation.jacobian(operation, parameters, A, dZ), rtol=1e-12, atol=1e-14)
    into = [np.empty_like(parameter) for parameter in parameters]
    operation.gradients(parameters, operation.forward(parameters, A)[1], dZ, into)
    np.testing.assert_allclose(rows.sum(axis=0), np.concatenate([part.ravel() for part in into]), rtol=1e-12)


def test_what_they_compute_is_what_their_formulas_say():
    s, c = np.array([2.0, -3.0]), np.array([[0.1, 0.7], [0.4, -0.2]])
    np.testing.assert_array_equal(Scale(2).forward([s], X)[0], X @ np.diag(s))
    Z, _ = Periodic(2, 2).forward([c], X)
    for i, row in enumerate(X):
        v = [2 * np.pi * c[j, k] * row[j] for j in range(2) for k in range(2)]
        np.testing.assert_allclose(Z[i], [*np.sin(v), *np.cos(v)], rtol=1e-13, atol=1e-15)


def test_a_dense_layer_is_three_operations_with_the_same_numbers_to_the_last_bit():
    net = made([Dense(2, 3, "tanh", dropout=0.5), Dense(3, 2, "softmax")])
    assert net.specs[0].operations() == (Affine(2, 3), Elementwise(3, "tanh"), Dropout(3, 0.5))
    assert net.specs[1].operations() == (Affine(3, 2), Elementwise(2, "softmax"))
    mask = np.array([[2.0, 0.0, 2.0]] * len(X))
    forward = net.forward(X, [mask, None])
    first, last = net.layers
    np.testing.assert_array_equal(forward.Z[0], X @ first.W + first.b)
    np.testing.assert_array_equal(forward.H[0], first.activation.value(forward.Z[0]))
    np.testing.assert_array_equal(forward.A[0], forward.H[0] * mask)
    np.testing.assert_array_equal(forward.Z[1], forward.A[0] @ last.W + last.b)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_is_right_wherever_they_stand(name):
    net = made(NETWORKS[name])
    check = check_gradients(net, X, Y, penalty=L2(0.1))
    assert check.passed
    assert not check.undetermined
    assert [group.label for group in check.groups] == [f"{g.name} of layer {g.layer + 1}" for g in net.groups]


@dataclass(frozen=True)
class WrongBelow(Scale):
    def backward(self, parameters, cache, dZ):
        return 2 * dZ * parameters[0]


@dataclass(frozen=True)
class WrongGradient(Scale):
    def gradients(self, parameters, cache, dZ, into):
        into[0][...] = (cache * dZ).mean(axis=0)


@pytest.mark.parametrize(
    ("wrong", "groups", "sentence"),
    [
        (WrongBelow, ["W of layer 1", "b of layer 1"], "∂J/∂A, by `backward` of scale, layer 2, is not the derivative"),
        (WrongGradient, ["s of layer 2"], "∂J/∂s, by `gradients` of scale, layer 2, is not the derivative"),
    ],
)
def test_a_mistake_in_an_operation_is_found_and_named(wrong, groups, sentence):
    check = check_gradients(made([Dense(2, 3, "tanh"), wrong(3), Dense(3, 2, "softmax")]), X, Y)
    assert [group.label for group in check.groups if not group.passed] == groups
    assert sentence in check.causes[0].sentence


def test_somebodys_own_gradient_is_judged_too():
    net = made(NETWORKS["scale first"])

    def doubled(net, X, y):
        gradient = net.backward(net.forward(X), y)
        gradient.layers[0][0][:] *= 2
        return gradient.theta

    check = check_gradients(net, X, Y, gradient=doubled)
    assert [group.label for group in check.groups if not group.passed] == ["s of layer 1"]
    assert "bias" not in check.causes[0].sentence
    summed = check_gradients(net, X, Y, gradient=lambda net, X, y: len(X) * net.backward(net.forward(X), y).theta)
    assert summed.causes[0].name == "sum, not mean"
    listed = net.backward(net.forward(X), Y).layers
    assert check_gradients(net, X, Y, gradient=listed).passed
    with pytest.raises(ValueError, match=r"17 numbers|19 numbers \(ds\(2,\), dW\(2, 3\), db\(3,\)"):
        check_gradients(net, X, Y, gradient=np.zeros(3))


@pytest.mark.parametrize("optimizer", OPTIMIZERS.names())
@pytest.mark.parametrize("name", ["scale first", "periodic between"])
def test_every_optimizer_trains_them(name, optimizer):
    net = made(NETWORKS[name])
    theta, before = net.theta.copy(), net.loss_value(X, Y)
    net.fit(X, Y, optimizer=optimizer, epochs=30, engine="reference")
    assert net.loss_value(X, Y) < before
    for group in net.groups:
        assert not np.array_equal(group.of(net.theta), group.of(theta)), group


def test_a_step_is_a_step_down_the_gradient():
    net = made(NETWORKS["periodic first"])
    net = made([Dense(spec.n_inputs, spec.units, spec.activation) if isinstance(spec, Dense) else spec
                for spec in net.specs])  # fmt: skip
    expected = net.theta - 0.1 * net.backward(net.forward(X), Y, penalty=L2(0.2)).theta
    net.fit(X, Y, optimizer=GradientDescent(0.1), epochs=1, penalty=L2(0.2), engine="reference")
    np.testing.assert_allclose(net.theta, expected, rtol=1e-12, atol=1e-14)


def test_without_a_kernel_it_runs_on_the_reference_engine_and_says_why():
    net = made([Twice(2), Dense(2, 2, "softmax")])
    assert missing_kernel(net, net.objective()) == "operation Twice"
    assert missing_kernel(made(NETWORKS["scale first"]), net.objective()) is None
    with pytest.raises(ValueError, match="engine='compiled' has no kernel for operation Twice"):
        net.fit(X, Y, engine="compiled")
    with pytest.warns(ReferenceEngineWarning, match="operation Twice has no compiled kernel"):
        net.fit(X, Y, epochs=1)
    np.testing.assert_array_equal(net.predict_proba(X), net.forward(X).output)


@dataclass(frozen=True)
class Twice(Operation):
    """Nothing to learn in it."""

    def forward(self, parameters, A):
        return 2 * A, None

    def backward(self, parameters, cache, dZ):
        return 2 * dZ


def test_an_operation_without_parameters_is_a_layer_too():
    net = made([Twice(2), Dense(2, 3, "tanh"), Twice(3), Dense(3, 2, "softmax")])
    assert check_gradients(net, X, Y).passed
    assert net.backward(net.forward(X), Y).layers[0] == ()


@dataclass(frozen=True)
class Slow(Scale):
    """A factor with a rate and a decay of its own."""

    def parameters(self):
        return (Parameter("s", (self.n_inputs,), penalized=True, rate_factor=0.25, decay_factor=3.0),)


def test_a_parameter_has_its_own_rate_and_decay():
    net, plain = (made([layer, Dense(2, 1)]) for layer in (Slow(2), Scale(2)))
    net.theta = plain.theta
    target = X[:, 0]
    start, gradient = net.theta.copy(), net.backward(net.forward(X), target).theta
    net.fit(X, target, optimizer=GradientDescent(0.1), epochs=1, engine="reference")
    np.testing.assert_allclose(net.theta[:2], start[:2] - 0.025 * gradient[:2], rtol=1e-12)
    np.testing.assert_allclose(net.theta[2:], start[2:] - 0.1 * gradient[2:], rtol=1e-12)
    net.theta = start
    same = net.copy()
    for one, decay in ((net, 0.0), (same, 0.5)):
        one.fit(X, target, optimizer=AdamW(0.1, weight_decay=decay), epochs=1, engine="reference")
    decayed = (net.theta - same.theta)[:-1] / start[
        :-1
    ]  # 0.1 · 0.5 of W; with a quarter of the rate and three times the decay
    np.testing.assert_allclose(decayed, [0.0375, 0.0375, 0.05, 0.05], atol=1e-12)


def test_the_longest_weights_are_those_of_matrices():
    net = made([Scale(2), Dense(2, 3, "tanh"), Dense(3, 2, "softmax")])
    net.fit(X, Y, epochs=3, max_norm=0.1, engine="reference")
    assert np.linalg.norm(net.layers[1].W, axis=0).max() <= 0.1 + 1e-12
    assert net.layers[0].s.min() > 0.5


def test_they_start_from_their_own_initializers():
    net = Network([Scale(3), Periodic(3, 500, 0.2), Dense(3000, 1)]).initialize("normal", random_state=0)
    np.testing.assert_array_equal(net.layers[0].s, 1)
    assert net.layers[1].c.std() == pytest.approx(0.2, rel=0.05)
    assert net.layers[2].W.std() == pytest.approx(1, rel=0.05)
    again = Network(net.specs).initialize("normal", random_state=0)
    assert again == net


def test_copies_and_pickles_have_views_of_their_own():
    net = made(NETWORKS["one after the other"])
    for twin in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net), net.copy()):
        assert twin == net
        twin.layers[0].s = [5.0, 6.0]
        np.testing.assert_array_equal(twin.theta[:2], [5, 6])
        assert twin != net
    gradient = net.backward(net.forward(X), Y)
    back = pickle.loads(pickle.dumps(gradient))
    back.layers[1][0][...] = 7
    assert (back.theta == 7).sum() == 4
    single = net.copy("float32")
    assert single.forward(X).output.dtype == np.float32
    assert {part.dtype for part in single.backward(single.forward(X), Y).layers[1]} == {np.dtype("float32")}


def test_reading_and_writing_a_parameter():
    layer = made([Scale(2), Dense(2, 1)]).layers[0]
    layer.s = [2, 3]
    np.testing.assert_array_equal(layer.s, [2, 3])
    with pytest.raises(ValueError, match=r"s must have shape \(2,\), got \(3,\)"):
        layer.s = np.zeros(3)
    with pytest.raises(AttributeError, match="has no 'W': its parameters are s"):
        _ = layer.W
    with pytest.raises(AttributeError, match="'units' of a layer cannot be set"):
        layer.units = 3


def test_the_table_and_the_code_name_them():
    net = Network([Scale(2), Periodic(2, 1), Dense(4, 2, "softmax")])
    assert str(net.summary()).splitlines()[1:3] == [
        "1      scale            2      2        2",
        "2      periodic         2      4        2",
    ]
    assert [layer_as_code(spec) for spec in net.specs] == [
        "operations.Scale(n_inputs=2)",
        "operations.Periodic(n_inputs=2, frequencies=1, sigma=0.1)",
        'Dense(4, 2, "softmax")',
    ]


def test_stories_of_single_units_are_told_of_dense_layers_only():
    explanation = explain(made(NETWORKS["scale between"]), X[:2], Y[:2])
    assert "The layer above, scale, sends" in explanation.node(1, 1).to_text()
    explanation.edge(1, 1, 1)
    for told in (lambda: explanation.node(2, 1), lambda: explanation.edge(2, 1, 1), lambda: explanation.bias(2, 1)):
        with pytest.raises(ValueError, match="layer 2 is a scale layer, which has no weights and biases"):
            told()


def test_the_page_says_that_it_cannot_show_them():
    with pytest.raises(DataError, match="made of what the playground can set"):
        opened(made(NETWORKS["scale first"]), Settings())


def test_a_run_of_them_is_drawn_and_tried_out():
    trail, net = plots.Trail(), Network(NETWORKS["periodic first"])
    net.fit(X, Y, epochs=4, random_state=0, callbacks=[trail], engine="reference")
    for axes in (plots.gradient_norms(trail, X, Y), plots.update_ratios(trail)):
        assert axes.lines[0].get_label() == "layer 1 (2 → 12 periodic)"
        plt.close(axes.figure)
    plt.close(plots.loss_surface(trail, X, Y, parameters=(0, 1)).figure)
    assert preflight(Network(net.specs), X, Y)["gradient"].passed
    many = [Network(net.specs) for _ in range(2)]
    fit_many(many, X, Y, epochs=2, random_state=0, engine="reference")
    assert many[0] != many[1]


def test_divergence_names_the_parameter():
    net = made([Scale(2), Dense(2, 1)], loss="squared_error")
    with pytest.raises(DivergenceError, match=r"parameters s|weights W"):
        net.fit(X * 1e6, X[:, 0], optimizer=GradientDescent(1e3), epochs=50, engine="reference")


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        ([Affine(2, 2), Dense(2, 1)], TypeError, "a part of a Dense layer: write Dense"),
        ([Dense(2, 2), Elementwise(2, "tanh")], TypeError, "a part of a Dense layer"),
        ([Scale(2)], None, ""),
        ([Twice(2)], ValueError, "layers must hold one that learns"),
        ([Scale(3), Dense(2, 1)], ValueError, r"layers\[1\].n_inputs must be 3"),
        ([Periodic(2, 2), Dense(4, 1)], ValueError, r"layers\[1\].n_inputs must be 8"),
        ([Dense(2, 2, "softmax"), Scale(2)], ValueError, "'softmax' is for the last layer only"),
    ],
)
def test_what_fits_together(layers, error, words):
    if error is None:
        assert Network(layers).loss.name == "squared_error"
        return
    with pytest.raises(error, match=words):
        Network(layers)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Scale(0), "n_inputs must be"),
        (lambda: Periodic(2, 0), "frequencies must be"),
        (lambda: Periodic(2, 1, 0.0), "sigma must be"),
        (lambda: Parameter("2c", (1,)), "name of a parameter"),
        (lambda: Parameter("c", (1, 2, 3)), "one or two dimensions"),
        (lambda: Parameter("c", (1,), rate_factor=0.0), "rate_factor of parameter 'c'"),
    ],
)
def test_options_are_checked(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_name_that_a_layer_has_already_is_refused():
    @dataclass(frozen=True)
    class Named(Scale):
        def parameters(self):
            return (Parameter("units", (self.n_inputs,)),)

    with pytest.raises(ValueError, match=r"layers\[0\]: a parameter of Named cannot be called 'units'"):
        Network([Named(2), Dense(2, 1)])


def test_a_sparse_table_goes_into_a_dense_layer_only():
    with pytest.raises(TypeError, match="a scale layer takes no sparse X"):
        made([Scale(2), Dense(2, 1)]).fit(csr_array(X), X[:, 0], epochs=1)
