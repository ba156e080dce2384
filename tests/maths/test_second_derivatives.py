"""Second derivatives of every registered activation, loss and penalty: against differences of the first, at extremes,
and against arbitrary precision.
"""

from dataclasses import dataclass, fields, replace

import mpmath
import numpy as np
import pytest

from pellucid import Dense
from pellucid.activations import ACTIVATIONS, Activation, Sigmoid
from pellucid.estimators.multi_output import GroupedCrossEntropy, GroupedSoftmax
from pellucid.losses import LOSSES, BinaryCrossEntropy, CrossEntropy, Huber, Loss, Poisson
from pellucid.penalties import L1, L2, PENALTIES, ElasticNet, Penalty

mp = mpmath.mp.clone()
mp.dps = 60
EXTREMES = [-1.79e308, -1e300, -1e3, -745.0, -40.0, -1.0, 0.0, 1.0, 20.0, 40.0, 745.0, 1e3, 1e300, 1.79e308]


def varied(cls):
    """Objects of a class: with default options, and with each number option at other values."""
    made = [cls()]
    for option in fields(cls):
        if isinstance(option.default, float):
            made += [replace(made[0], **{option.name: value}) for value in (0.3, 0.75)]
    return made


ELEMENTWISE = [f for name in sorted(ACTIVATIONS) for f in varied(ACTIVATIONS[name]) if f.elementwise]
LOSS_OBJECTS = [loss for name in sorted(LOSSES) for loss in varied(LOSSES[name])]
CANONICAL = [loss for loss in LOSS_OBJECTS if loss.canonical]
PENALTY_OBJECTS = [p for name in sorted(PENALTIES) for p in varied(PENALTIES[name])]


def slope(f, x, h):
    """f′(x) by central differences of fourth order."""
    return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h)


def away_from(kinks, x, distance):
    """The numbers of `x` that are farther than `distance` from all kinks."""
    return x[np.all([np.abs(x - kink) > distance for kink in kinks], axis=0)] if kinks else x


def targets(loss, rng, shape):
    if loss.task == "classification":
        Y = rng.uniform(size=shape)
        return Y / Y.sum(axis=1, keepdims=True)
    return rng.poisson(2.0, shape).astype(float) if loss.domain[0] == 0 else rng.normal(size=shape)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_second_derivative_of_an_activation_is_the_slope_of_its_derivative(activation):
    h = 2e-3
    Z = away_from(activation.kinks, np.linspace(-12, 12, 2401) + 1e-4, 3 * h)[None]
    differences = slope(lambda z: activation.derivative(z, activation.value(z)), Z, h)
    assert activation.second_derivative(Z, activation.value(Z)) == pytest.approx(differences, rel=1e-8, abs=2e-10)


@pytest.mark.parametrize("loss", LOSS_OBJECTS, ids=repr)
def test_second_derivative_of_a_loss_is_the_slope_of_its_gradient(loss, rng):
    h, shape = 1e-4, (40, 3)
    low, high = loss.domain
    A = rng.uniform(max(low, -3) + 0.1, min(high, 3) - 0.1, shape)
    Y = targets(loss, rng, shape)
    near = (
        np.any([np.abs(A - Y - kink) <= 3 * h for kink in loss.kinks], axis=0) if loss.kinks else np.zeros(shape, bool)
    )
    differences = slope(lambda a: loss.gradient(Y, a), A, h)
    assert near.sum() < 10
    assert loss.second_derivative(Y, A)[~near] == pytest.approx(differences[~near], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("penalty", PENALTY_OBJECTS, ids=repr)
def test_second_derivative_of_a_penalty_is_the_slope_of_its_gradient(penalty):
    W = np.linspace(-3, 3, 60)[None]
    differences = slope(penalty.gradient, W, 1e-3)
    assert penalty.second_derivative(W) == pytest.approx(differences, rel=1e-9, abs=1e-11)


def test_penalties_in_numbers():
    W = np.array([[3.0, 0.0, -2.0]])
    assert L2(0.5).second_derivative(W).tolist() == [[0.5, 0.5, 0.5]]
    assert L1(0.5).second_derivative(W).tolist() == [[0.0, 0.0, 0.0]]
    assert ElasticNet(0.5, l1_ratio=0.25).second_derivative(W).tolist() == [[0.375, 0.375, 0.375]]


@pytest.mark.parametrize("loss", CANONICAL, ids=repr)
def test_curvature_is_the_slope_of_a_minus_y(loss, rng):
    activation, h, k = ACTIVATIONS.resolve(loss.canonical), 1e-3, 4
    Z = rng.normal(size=(6, k))
    curvature = loss.curvature(activation.value(Z))
    whole = curvature if curvature.ndim == 3 else np.eye(k) * curvature[:, None, :]
    for j in range(k):
        step = np.eye(k)[j]
        column = slope(lambda t, step=step: activation.value(Z + t * step), 0.0, h)  # the target falls out
        assert whole[:, j] == pytest.approx(column, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("loss", [loss for loss in CANONICAL if ACTIVATIONS[loss.canonical].elementwise], ids=repr)
def test_curvature_is_the_chain_rule_of_second_order(loss, rng):
    activation, Z = ACTIVATIONS.resolve(loss.canonical), rng.normal(size=(20, 3))
    A, Y = activation.value(Z), targets(loss, rng, (20, 3))
    chain = loss.second_derivative(Y, A) * activation.derivative(Z, A) ** 2
    chain += loss.gradient(Y, A) * activation.second_derivative(Z, A)
    assert loss.curvature(A) == pytest.approx(chain, rel=1e-11, abs=1e-13)


def test_curvature_of_softmax_is_symmetric_semidefinite_and_blind_to_a_shift(rng):
    A = ACTIVATIONS.resolve("softmax").value(rng.normal(size=(5, 4)) * 10)
    blocks = CrossEntropy().curvature(A)
    assert np.array_equal(blocks, blocks.transpose(0, 2, 1))
    assert blocks.sum(axis=2) == pytest.approx(np.zeros((5, 4)), abs=1e-15)
    assert np.linalg.eigvalsh(blocks).min() > -1e-15


def test_curvature_of_groups_is_blocks(rng):
    sizes, Z = (2, 3), rng.normal(size=(4, 5))
    A = GroupedSoftmax(sizes).value(Z)
    blocks = GroupedCrossEntropy(sizes).curvature(A)
    assert not blocks[:, :2, 2:].any()
    assert not blocks[:, 2:, :2].any()
    for j in range(5):
        column = slope(lambda t, j=j: GroupedSoftmax(sizes).value(Z + t * np.eye(5)[j]), 0.0, 1e-3)
        assert blocks[:, j] == pytest.approx(column, rel=1e-9, abs=1e-11)


def huge(dtype):
    limit = np.finfo(dtype).max
    return np.clip(np.array(EXTREMES), -limit, limit).astype(dtype)[None]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ELEMENTWISE, ids=repr)
def test_second_derivative_of_an_activation_is_finite_for_every_finite_z(activation, dtype):
    Z = huge(dtype)
    Z = Z[:, Z[0] < (700 if dtype == "float64" else 80)] if activation.name == "exponential" else Z
    before = Z.copy()
    with np.errstate(over="ignore"):  # SELU's own value lies beyond the largest number there
        A = activation.value(Z)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        second = activation.second_derivative(Z, A)
    assert (second.shape, second.dtype) == (Z.shape, Z.dtype)
    assert np.isfinite(second).all()
    assert np.array_equal(Z, before)
    assert np.abs(second).max() <= max(2.0, getattr(activation, "alpha", 0) * 2, A.max() if A is second else 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", CANONICAL, ids=repr)
def test_second_derivative_of_a_loss_is_finite_for_every_finite_z(loss, dtype):
    activation = ACTIVATIONS.resolve(loss.canonical)
    Z = huge(dtype).T
    Z = Z[np.abs(Z[:, 0]) < (700 if dtype == "float64" else 80)] if loss.name == "poisson" else Z[1:-1]
    Z = np.hstack([Z, np.zeros_like(Z)])
    Y = np.tile(np.array([[1.0, 0.0]], dtype=dtype), (len(Z), 1))
    A = activation.value(Z)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for Y_given in (Y, Y[:, ::-1]):
            second = loss.second_derivative(Y_given, A)
            assert (second.shape, second.dtype) == (A.shape, A.dtype)
            assert np.isfinite(second).all()
            assert (second >= 0).all()
        curvature = loss.curvature(A)
    assert curvature.dtype == A.dtype
    assert np.isfinite(curvature).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", [loss for loss in LOSS_OBJECTS if not loss.canonical_only], ids=repr)
def test_second_derivative_of_a_loss_is_finite_for_every_output_in_its_domain(loss, dtype):
    A = np.abs(huge(dtype)) if loss.domain[0] == 0 else huge(dtype)
    Y = np.full_like(A, 7)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        second = loss.second_derivative(Y, A)
    assert (second.shape, second.dtype) == (A.shape, A.dtype)
    assert np.isfinite(second).all()


@pytest.mark.parametrize("penalty", PENALTY_OBJECTS, ids=repr)
def test_a_penalty_keeps_shape_and_dtype(penalty):
    W = np.array([[1e30, 0.0], [-1e30, 1.0]], dtype=np.float32)
    second = penalty.second_derivative(W)
    assert (second.shape, second.dtype) == (W.shape, W.dtype)


def mish(z):
    return z * mp.tanh(mp.log1p(mp.exp(z)))


def gelu_tanh(z):
    return z / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)))


EXACT = {
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "gelu": lambda z: z * mp.ncdf(z),
    "gelu_tanh": gelu_tanh,
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "mish": mish,
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "elu": lambda z: z if z > 0 else mp.expm1(z),
}


@pytest.mark.parametrize("z", [-25.0, -9.5, -6.0, -1.25, -1e-3, 1e-9, 0.5, 3.0, 8.0, 9.5, 19.0, 30.0])
@pytest.mark.parametrize("name", sorted(EXACT))
def test_second_derivative_of_an_activation_agrees_with_arbitrary_precision(name, z):
    Z = np.array([[z]])
    exact = float(mp.diff(EXACT[name], mp.mpf(z), 2))
    second = ACTIVATIONS.resolve(name).second_derivative(Z, ACTIVATIONS.resolve(name).value(Z))[0, 0]
    # From a alone, 1 − a, 1 − a² and a + α cancel: an absolute error. From z nothing does, down to where `gelu_tanh` is
    # bounded and beyond which all is below 1e-30.
    absolute = 4e-16 if name in ("sigmoid", "tanh", "elu") else 1e-30
    assert second == pytest.approx(exact, rel=2e-13, abs=absolute)


@pytest.mark.parametrize(("y", "a"), [(1.0, 1e-150), (0.25, 0.3), (0.0, 0.9), (1.0, 1 - 2**-52)])
def test_cross_entropies_agree_with_arbitrary_precision(y, a):
    Y, A = np.array([[y]]), np.array([[a]])
    one, other = mp.mpf(y) / mp.mpf(a) ** 2, (1 - mp.mpf(y)) / (1 - mp.mpf(a)) ** 2
    assert CrossEntropy().second_derivative(Y, A) == pytest.approx(float(one), rel=1e-15)
    assert BinaryCrossEntropy().second_derivative(Y, A) == pytest.approx(float(one + other), rel=1e-15)
    assert Poisson().second_derivative(Y, A) == pytest.approx(float(one), rel=1e-15)


def test_what_has_no_number_is_the_largest():
    largest = np.finfo(float).max
    Y, A = np.array([[1.0, 0.0, 0.5]]), np.array([[0.0, 0.0, 1.0]])
    assert CrossEntropy().second_derivative(Y, A).tolist() == [[largest, 0.0, 0.5]]
    assert BinaryCrossEntropy().second_derivative(Y, A).tolist() == [[largest, 1.0, largest]]


def test_at_kinks_it_is_zero():
    zero = np.zeros((1, 1))
    for activation in ELEMENTWISE:
        if activation.kinks:
            assert activation.second_derivative(zero, zero).tolist() == [[0.0]]
    assert Huber(delta=0.5).second_derivative(np.zeros((1, 3)), np.array([[0.5, -0.5, 0.49]])).tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("activation", [f() for f in ACTIVATIONS.values() if not f.elementwise] + [GroupedSoftmax()])
def test_a_function_of_the_whole_row_refuses(activation):
    A = np.array([[0.5, 0.5]])
    with pytest.raises(NotImplementedError, match=r"Softmax has no elementwise second derivative.*use curvature\(A\)"):
        activation.second_derivative(A, A)


def test_own_classes_need_not_state_one_and_say_so():
    class Square(Activation):
        def value(self, Z):
            return Z**2

        def derivative(self, Z, A):
            return 2 * Z

    class Quartic(Loss):
        canonical = "identity"

        def value(self, Y, A):
            return ((A - Y) ** 4).sum(axis=1)

        def gradient(self, Y, A):
            return 4 * (A - Y) ** 3

    class Cubic(Penalty):
        def value(self, W):
            return float((abs(W) ** 3).sum())

        def gradient(self, W):
            return 3 * W * abs(W)

    class Duck:
        def value(self, Z):
            return Z**2

        def derivative(self, Z):
            return 2 * Z

    X = np.ones((1, 1))
    for ask in (
        lambda: Square().second_derivative(X, X),
        lambda: Quartic().second_derivative(X, X),
        lambda: Cubic().second_derivative(X),
        lambda: Dense(1, 1, Duck).activation.second_derivative(X, X),
    ):
        with pytest.raises(NotImplementedError, match=r"^(Square|Quartic|Cubic|Duck) states no second derivative"):
            ask()
    with pytest.raises(NotImplementedError, match=r"^Quartic states no curvature"):
        Quartic().curvature(X)
    with pytest.raises(NotImplementedError, match=r"^Huber has no canonical output activation"):
        Huber().curvature(X)


def test_a_class_that_changes_the_function_inherits_no_second_derivative():
    @dataclass(frozen=True)
    class Steep(Sigmoid):
        def value(self, Z):
            return super().value(3 * Z)

        def derivative(self, Z, A):
            return 3 * A * (1 - A)

    @dataclass(frozen=True)
    class DoubledSquares(LOSSES["squared_error"]):
        def value(self, Y, A):
            return 2 * super().value(Y, A)

        def gradient(self, Y, A):
            return 2 * (A - Y)

    @dataclass(frozen=True)
    class Renamed(Sigmoid):
        name = "renamed"

    X = np.ones((1, 1))
    with pytest.raises(NotImplementedError, match=r"^Steep states no second derivative"):
        Steep().second_derivative(X, X)
    with pytest.raises(NotImplementedError, match=r"^DoubledSquares states no second derivative"):
        DoubledSquares().second_derivative(X, X)
    with pytest.raises(NotImplementedError, match=r"^DoubledSquares states no curvature"):
        DoubledSquares().curvature(X)
    assert np.array_equal(Renamed().second_derivative(X, X), Sigmoid().second_derivative(X, X))


@pytest.mark.parametrize("takes_output", [False, True])
def test_an_own_object_with_a_second_derivative_is_asked(takes_output):
    class Square:
        second_derivative_formula = "2"

        def value(self, Z):
            return Z**2

        def derivative(self, Z):
            return 2 * Z

    if takes_output:
        Square.second_derivative = lambda self, Z, A: np.full_like(A, 2)
    else:
        Square.second_derivative = lambda self, Z: np.full(Z.shape, 2.0)
    activation = Dense(1, 1, Square).activation
    Z = np.ones((2, 1), dtype=np.float32)
    second = activation.second_derivative(Z, activation.value(Z))
    assert second.tolist() == [[2.0], [2.0]]
    assert second.dtype == np.float32
    assert activation.second_derivative_formula == "2"


def test_an_own_second_derivative_of_another_shape_is_refused_when_the_layer_is_made():
    class Square:
        def value(self, Z):
            return Z**2

        def derivative(self, Z):
            return 2 * Z

        def second_derivative(self, Z):
            return np.array(2.0)

    with pytest.raises(ValueError, match="activation Square: second_derivative must keep the shape of Z"):
        Dense(1, 1, Square)
