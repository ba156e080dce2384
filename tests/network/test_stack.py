"""A network without time: parameters, predictions, and what is refused."""

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.network.stack import NotInitializedError


@pytest.fixture
def net():
    return Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(random_state=0)


def test_theta_is_the_layers_one_after_another_and_they_are_views_of_it(net):
    parts = [part.ravel() for layer in net.layers for part in (layer.W, layer.b)]
    assert np.array_equal(net.theta, np.concatenate(parts))
    net.layers[0].W[1, 2] = 7.0
    net.layers[1].b = [1.0, 2.0]
    assert net.theta[5] == 7.0
    assert net.theta[-2:].tolist() == [1.0, 2.0]
    net.theta = np.arange(17)
    assert net.layers[0].b.tolist() == [6.0, 7.0, 8.0]


def test_a_copy_shares_nothing(net):
    twin = net.copy()
    twin.theta[:] = 0
    twin.layers[0].W[...] = 5
    assert net.theta.any()
    assert not (net.theta == 5).any()
    assert twin.theta[0] == 5
    assert net.copy("float32").layers[0].W.dtype == np.float32


def test_weights_of_the_tutorials_come_from_their_generator():
    drawn = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")]).initialize(
        "normal_fan_in", random_state=np.random.RandomState(0)
    )
    random = np.random.RandomState(0)
    assert np.array_equal(drawn.layers[0].W, random.randn(2, 3) / np.sqrt(2))
    assert np.array_equal(drawn.layers[1].W, random.randn(3, 2) / np.sqrt(3))
    assert not drawn.layers[0].b.any()


def test_predictions_by_kind_of_output():
    X = np.array([[1.0], [-1.0]])
    softmax = Network([Dense(1, 3, "softmax")])
    softmax.layers[0].W = [[2.0, 0.0, -2.0]]
    assert softmax.predict(X).tolist() == [0, 2]
    assert softmax.predict_proba(X).shape == (2, 3)
    one = Network([Dense(1, 1, "sigmoid")], "binary_cross_entropy")
    one.layers[0].W = [[2.0]]
    assert one.predict(X).tolist() == [1, 0]
    assert one.predict_proba(X).sum(axis=1).tolist() == [1.0, 1.0]
    assert one.predict_proba(X)[0, 1] > 0.5
    many = Network([Dense(1, 2, "sigmoid")], "binary_cross_entropy")
    many.layers[0].W = [[2.0, -2.0]]
    assert many.predict(X).tolist() == [[1, 0], [0, 1]]
    line = Network([Dense(1, 1)], "squared_error")
    line.layers[0].W = [[2.0]]
    assert line.predict(X).tolist() == [2.0, -2.0]
    assert not hasattr(Network([Dense(1, 1)], loss="squared_error"), "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba is for classification"):
        line.predict_proba(X)


def test_forward_keeps_everything(net):
    passed = net.forward(np.ones((5, 2)))
    assert [Z.shape for Z in passed.Z] == [(5, 3), (5, 2)]
    assert passed.A[0] == pytest.approx(np.tanh(passed.X @ net.layers[0].W + net.layers[0].b))
    assert passed.inputs_of(0) is passed.X
    assert passed.inputs_of(1) is passed.A[0]


def test_float32_stays_float32(net):
    single = net.copy("float32")
    passed = single.forward(np.ones((5, 2)))
    gradient = single.backward(passed, [0, 1, 0, 1, 0])
    assert {A.dtype for A in (*passed.Z, *passed.A, gradient.theta, *gradient.deltas)} == {np.dtype("float32")}


def test_a_matrix_of_the_right_dtype_is_not_copied(net):
    X = np.ones((5, 2))
    assert net.forward(X).X is X


def test_repr_says_what_it_is(net):
    assert repr(net) == (
        "Network([Dense(2, 3, Tanh()), Dense(3, 2, Softmax())], "
        "loss=CrossEntropy(label_smoothing=0.0), dtype='float64')"
    )


def test_without_weights_there_is_no_answer():
    with pytest.raises(NotInitializedError, match=r"call initialize\(\) or fit\(\) first"):
        Network([Dense(2, 2, "softmax")]).predict([[0, 0]])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Network([]), ValueError, "at least one Dense layer"),
        (lambda: Network([3]), ValueError, r"at least two sizes, inputs and outputs, got \[3\]"),
        (lambda: Network(["tanh"]), TypeError, r"layers\[0\] must be a Dense layer or a size .*, got 'tanh'"),
        (
            lambda: Network([Dense(2, 3), Dense(4, 2, "softmax")]),
            ValueError,
            r"layers\[1\].n_inputs must be 3, .* got 4",
        ),
        (lambda: Network([Dense(2, 3, "softmax"), Dense(3, 2, "softmax")]), ValueError, "for the last layer only"),
        (lambda: Network([Dense(2, 2, "softmax", dropout=0.5)]), ValueError, "dropout of the last layer must be 0"),
        (lambda: Network([Dense(2, 2, "tanh")], "cross_entropy"), ValueError, "cannot follow output activation 'tanh'"),
        (lambda: Network([Dense(2, 1, "softmax")]), ValueError, "binary_cross_entropy"),
        (lambda: Network([Dense(2, 2, "softmax")], "cross_entrophy"), ValueError, "did you mean 'cross_entropy'"),
        (lambda: Network([Dense(2, 2, "softmax")], dtype="int32"), ValueError, "'float32' or 'float64', got 'int32'"),
        (lambda: Dense(0, 3), ValueError, "n_inputs must be a whole number >= 1, got 0"),
        (lambda: Dense(2, 1.5), TypeError, "units must be a whole number >= 1, got 1.5"),
        (lambda: Dense(2, 3, dropout=1.0), ValueError, "dropout must be a number >= 0 and < 1, got 1.0"),
        (lambda: Dense(2, 3, "rely"), ValueError, "unknown activation 'rely': did you mean 'relu'"),
    ],
)
def test_networks_that_make_no_sense_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([1.0, 2.0], r"shape \(n, 2\), got \(2,\): reshape a single sample"),
        ([[1.0, 2.0, 3.0]], r"2 column\(s\), .* got shape \(1, 3\)"),
        (np.zeros((0, 2)), "at least one row"),
        ([[1.0, np.nan]], "finite, got nan in row 1, column 2"),
        ([[1.0, 0.0], [np.inf, 1.0]], "finite, got inf in row 2, column 1"),
        ([["a", "b"]], "must hold numbers"),
        (np.zeros((2, 2), dtype=complex), "must hold numbers"),
    ],
)
def test_bad_inputs_are_named(net, X, message):
    with pytest.raises(ValueError, match=message):
        net.predict(X)


def test_a_huge_but_finite_matrix_is_not_taken_for_infinite(net):
    with np.errstate(over="ignore"):
        net.forward(np.full((4, 2), 1e308))


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0], r"shape \(2,\).*got \(1,\)"),
        ([1.0, -1.0], ">= 0, got -1.0 in row 2"),
        ([np.nan, 1.0], "got nan in row 1"),
        ([0.0, 0.0], "not be all 0"),
    ],
)
def test_bad_weights_are_named(net, weight, message):
    with pytest.raises(ValueError, match="sample_weight must .*" + message):
        net.loss_value([[0, 1], [1, 0]], [0, 1], weight)


def test_lengths_and_shapes_that_differ_are_named(net):
    with pytest.raises(ValueError, match="as many rows, got 2 and 3"):
        net.loss_value([[0, 1], [1, 0]], [0, 1, 0])
    with pytest.raises(ValueError, match=r"theta must have shape \(17,\), got \(3,\)"):
        net.theta = np.zeros(3)
    with pytest.raises(ValueError, match=r"W must have shape \(2, 3\), got \(3,\)"):
        net.layers[0].W = np.zeros(3)
    with pytest.raises(ValueError, match="random_state must be"):
        net.initialize(random_state=-1)
