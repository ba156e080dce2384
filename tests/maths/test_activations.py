"""Every registered activation against arbitrary precision, and against its own differences."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import activations
from pellucid.activations import ACTIVATIONS

ELEMENTWISE = sorted(name for name, cls in ACTIVATIONS.items() if cls.elementwise)
mp = mpmath.mp.clone()
mp.dps = 60


def selu(z):
    alpha, scale = activations.SELU.alpha, activations.SELU.scale
    return scale * (z if z > 0 else alpha * mp.expm1(z))


def gelu_tanh(z):
    return z / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (z + mp.mpf("0.044715") * z**3)))


EXACT = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "relu": lambda z: max(z, mp.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else mp.mpf(0.01) * z,
    "elu": lambda z: z if z > 0 else mp.expm1(z),
    "selu": selu,
    "gelu": lambda z: z * mp.ncdf(z) if abs(z) < 1e4 else max(z, mp.mpf(0)),  # where mpmath's own ncdf gives up
    "gelu_tanh": gelu_tanh,
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "mish": lambda z: z * mp.tanh(mp.log1p(mp.exp(z))),
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "exponential": mp.exp,
}
POINTS = [-1e300, -1e5, -750.0, -40.0, -12.5, -3.0, -1.0, -0.3, -1e-3, -1e-9, 1e-9, 1e-3, 0.3, 1.0, 3.0, 12.5, 36.0]
LARGE = [40.0, 700.0, 1e5, 1e300]


def test_every_elementwise_activation_has_an_exact_twin_here():
    assert sorted(EXACT) == ELEMENTWISE


def resolution(name, exact):
    """How closely `name` can come: a few rounding errors, and an absolute one where the formula cancels."""
    # GELU and its like are a product with a tail probability that itself is rounded; tanh(0.044715 z³) saturates
    # to −1 and cancels, so the last digits of its left tail are absolute, not relative.
    absolute = {"gelu_tanh": 2e-15, "gelu": 1e-15, "mish": 1e-15, "silu": 1e-15}.get(name, 1e-300)
    return max(abs(float(exact)) * 4e-15, absolute)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("z", POINTS + LARGE)
def test_value_agrees_with_arbitrary_precision(name, z):
    if name == "exponential" and z > 709:
        with np.errstate(over="ignore"):
            assert np.isinf(ACTIVATIONS.resolve(name).value(np.array([[z]]))).all()
        return
    exact = EXACT[name](mp.mpf(z))
    value = ACTIVATIONS.resolve(name).value(np.array([[z]]))[0, 0]
    assert value == pytest.approx(float(exact), abs=resolution(name, exact), rel=0)


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("z", POINTS + LARGE)
def test_derivative_agrees_with_arbitrary_precision(name, z):
    activation = ACTIVATIONS.resolve(name)
    Z = np.array([[z]])
    with np.errstate(over="ignore"):
        A = activation.value(Z)
        derivative = activation.derivative(Z, A)[0, 0]
    if abs(z) > 1000 and name != "exponential":
        slope = EXACT[name](mp.mpf(z)) / mp.mpf(z)  # far out every one of them is a straight line, or flat
        expected = 0.0 if name in ("sigmoid", "tanh") else float(slope) if z > 0 or name == "leaky_relu" else 0.0
        expected = 1.0 if name == "identity" else expected
    elif name == "exponential":
        expected = float(mp.exp(z)) if z < 709 else np.inf
    else:
        h = mp.mpf(10) ** -25
        expected = float((EXACT[name](mp.mpf(z) + h * abs(z)) - EXACT[name](mp.mpf(z) - h * abs(z))) / (2 * h * abs(z)))
    assert derivative == pytest.approx(expected, rel=1e-13, abs=4e-15)


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(z=st.floats(-30, 30))
def test_derivative_is_the_slope(name, z):
    activation = ACTIVATIONS.resolve(name)
    h = 1e-3
    if any(abs(z - kink) <= 2 * h for kink in activation.kinks):
        z += 5 * h
    Z = z + h * np.array([[-2.0, -1.0, 0.0, 1.0, 2.0]])
    f = activation.value(Z)[0]
    slope = (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * h)
    derivative = activation.derivative(Z, f[None])[0, 2]
    assert derivative == pytest.approx(slope, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_shape_and_dtype_are_kept(name, dtype, rng):
    activation, Z = ACTIVATIONS.resolve(name), rng.normal(size=(5, 3)).astype(dtype)
    before = Z.copy()
    A = activation.value(Z)
    for result in (A, activation.derivative(Z, A), activation.backward(A, Z, A)):
        assert (result.shape, result.dtype) == (Z.shape, Z.dtype)
    assert np.array_equal(Z, before)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_nan_is_never_swallowed(name):
    with np.errstate(invalid="ignore"):
        assert np.isnan(ACTIVATIONS.resolve(name).value(np.array([[np.nan, 1.0]]))).any()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_lie_in_the_stated_image(name):
    low, high = ACTIVATIONS[name].image
    A = ACTIVATIONS.resolve(name).value(np.linspace(-50, 50, 1001)[None])
    assert (low <= A).all()
    assert (high >= A).all()


@pytest.mark.parametrize("alpha", [0.3, 1.0, 2.0])
def test_elu_slope_is_one_above_zero_and_continuous_for_alpha_one(alpha):
    elu = activations.ELU(alpha=alpha)
    Z = np.array([[-1e-12, 1e-12, 5.0]])
    derivative = elu.derivative(Z, elu.value(Z))[0]
    assert derivative == pytest.approx([alpha, 1.0, 1.0])


def test_softmax_of_the_tutorial():
    A = activations.Softmax().value(np.array([[5.0, 1.0, 1.0]]))
    assert np.array_equal(A.round(8), [[0.96466316, 0.01766842, 0.01766842]])


@given(st.lists(st.floats(-1e308, 1e308), min_size=2, max_size=12))
def test_softmax_rows_are_probabilities_for_any_scores(row):
    with np.errstate(over="ignore"):  # the difference of two finite scores may have no number
        A = activations.Softmax().value(np.array([row]))
    assert np.isfinite(A).all()
    assert A.sum() == pytest.approx(1.0)


def test_softmax_backward_is_its_jacobian(rng):
    softmax, Z, dA = activations.Softmax(), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    A = softmax.value(Z)
    for i in range(4):
        jacobian = np.diag(A[i]) - np.outer(A[i], A[i])
        assert softmax.backward(dA, Z, A)[i] == pytest.approx(dA[i] @ jacobian)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: activations.ELU(alpha=-1), "ELU alpha must be a number > 0, got -1"),
        (lambda: activations.ELU(alpha=float("nan")), "ELU alpha must be a number > 0, got nan"),
        (
            lambda: activations.LeakyReLU(negative_slope=1.5),
            "LeakyReLU negative_slope must be a number >= 0 and < 1, got 1.5",
        ),
        (lambda: ACTIVATIONS.resolve("tanhh"), "unknown activation 'tanhh': did you mean 'tanh'?"),
    ],
)
def test_bad_options_are_named(make, message):
    with pytest.raises(ValueError, match="^" + message.replace("?", r"\?")):
        make()


def test_what_is_no_activation_is_refused():
    with pytest.raises(TypeError, match="activation must be a name"):
        ACTIVATIONS.resolve(3)
