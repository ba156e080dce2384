"""Every registered loss: against arbitrary precision at extremes, and its gradient against its differences."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import losses
from pellucid.activations import ACTIVATIONS
from pellucid.losses import LOSSES

mp = mpmath.mp.clone()
mp.dps = 400  # 1 + e^−800 must not round to 1
LOGITS = [-1e300, -1e20, -800.0, -232.8, -37.0, -1.0, -1e-10, 0.0, 1e-10, 1.0, 37.0, 232.8, 800.0, 1e20, 1e300]


@pytest.mark.parametrize("z", LOGITS)
@pytest.mark.parametrize("y", [0.0, 1.0, 0.25])
def test_binary_cross_entropy_is_exact_for_any_logit(y, z):
    exact = mp.log1p(mp.exp(-abs(mp.mpf(z)))) if abs(z) < 1e4 else mp.mpf(0)
    exact += max(mp.mpf(z), 0) - mp.mpf(y) * mp.mpf(z)
    value = losses.BinaryCrossEntropy().value_from_logits(np.array([[y]]), np.array([[z]]))
    assert value == pytest.approx([float(exact)], rel=1e-15, abs=0)


@pytest.mark.parametrize("z", LOGITS)
@pytest.mark.parametrize("other", [-800.0, 0.0, 1e20])
@pytest.mark.parametrize("truth", [0, 1])
def test_cross_entropy_is_exact_for_any_logits(z, other, truth):
    row = [z, other]
    gap = abs(mp.mpf(z) - mp.mpf(other))
    exact = (mp.log1p(mp.exp(-gap)) if gap < 1e4 else mp.mpf(0)) + max(row) - mp.mpf(row[truth])
    value = losses.CrossEntropy().value_from_logits(np.eye(2)[[truth]], np.array([row]))
    # ln(1 + e^−gap) for a gap beyond 36 is below the rounding of ln(1 + …): absolute, not relative.
    assert value == pytest.approx([float(exact)], rel=1e-15, abs=2.3e-16)


def test_cross_entropy_stays_finite_where_a_difference_overflows():
    with np.errstate(over="ignore"):
        value = losses.CrossEntropy().value_from_logits(np.array([[0.0, 1.0]]), np.array([[1.7e308, -1.7e308]]))
    assert np.isfinite(value).all()


@pytest.mark.parametrize("z", [-1e300, -800.0, -1.0, 0.0, 1.0, 700.0])
@pytest.mark.parametrize("y", [0.0, 3.0])
def test_poisson_is_exact_for_any_logit_whose_mean_has_a_number(y, z):
    exact = mp.exp(mp.mpf(z)) - y * mp.mpf(z)
    value = losses.Poisson().value_from_logits(np.array([[y]]), np.array([[z]]))
    assert value == pytest.approx([float(exact)], rel=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("z", [-1e30, -800.0, -110.0, -80.0, -1.0, 0.0, 50.0, 1e30])
def test_poisson_after_softplus_is_finite_for_any_logit(dtype, z):
    softplus, poisson = ACTIVATIONS.resolve("softplus"), losses.Poisson()
    Y, Z = np.array([[7.0]], dtype=dtype), np.array([[z]], dtype=dtype)
    A = softplus.value(Z)
    delta = softplus.backward(poisson.gradient(Y, A), Z, A)
    assert np.isfinite(poisson.value(Y, A)).all()
    assert np.isfinite(delta).all()


def outputs_and_targets(loss, rng, n=6, k=3):
    """Moderate pre-activations, outputs and targets that suit the loss."""
    activation = ACTIVATIONS.resolve(loss.canonical or "identity")
    Z = rng.normal(size=(n, k))
    y = {
        "cross_entropy": rng.integers(0, k, n),
        "binary_cross_entropy": rng.integers(0, 2, (n, k)),
        "poisson": rng.poisson(2.0, (n, k)),
    }.get(loss.name, rng.normal(size=(n, k)))
    return activation, Z, activation.value(Z), loss.encode(y, k, np.dtype("float64"))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_gradient_is_the_slope_of_the_value(name, rng):
    loss = LOSSES.resolve(name)
    _, _, A, Y = outputs_and_targets(loss, rng)
    h = 1e-4
    gradient = loss.gradient(Y, A)
    for j in range(A.shape[1]):
        step = h * np.eye(A.shape[1])[j]
        f = [loss.value(Y, A + c * step) for c in (-2, -1, 1, 2)]
        assert gradient[:, j] == pytest.approx((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in sorted(LOSSES) if LOSSES[name].canonical])
def test_canonical_pair_is_the_chain_rule_and_the_value_is_the_same(name, rng):
    loss = LOSSES.resolve(name)
    activation, Z, A, Y = outputs_and_targets(loss, rng)
    assert pytest.approx(activation.backward(loss.gradient(Y, A), Z, A)) == A - Y
    assert loss.value_from_logits(Y, Z) == pytest.approx(loss.value(Y, A))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(LOSSES))
def test_dtype_and_shapes(name, dtype, rng):
    loss = LOSSES.resolve(name)
    _, _, A, Y = outputs_and_targets(loss, rng)
    A, Y = A.astype(dtype), Y.astype(dtype)
    assert loss.value(Y, A).shape == (6,)
    assert loss.gradient(Y, A).shape == (6, 3)
    assert loss.value(Y, A).dtype == loss.gradient(Y, A).dtype == np.dtype(dtype)


@given(a=st.floats(-100, 100), y=st.floats(-100, 100), delta=st.floats(0.01, 50))
def test_huber_is_squared_inside_and_linear_outside(a, y, delta):
    r = abs(a - y)
    expected = 0.5 * r * r if r <= delta else delta * (r - 0.5 * delta)
    assert losses.Huber(delta=delta).value(np.array([[y]]), np.array([[a]])) == pytest.approx([expected])


def test_quantile_loss_is_smallest_at_the_quantile(rng):
    y = rng.normal(size=(1001, 1))
    grid = np.linspace(-2, 2, 401)
    means = [losses.Quantile(level=0.9).value(y, np.full_like(y, a)).mean() for a in grid]
    assert grid[int(np.argmin(means))] == pytest.approx(np.quantile(y, 0.9), abs=0.011)


def test_labels_and_one_hot_rows_mean_the_same():
    loss, labels = losses.CrossEntropy(), np.array([2, 0, 1])
    one_hot = np.eye(3)[labels]
    for y in (labels, labels.astype(float), labels[:, None], one_hot, one_hot.tolist()):
        assert np.array_equal(loss.encode(y, 3, np.dtype("float64")), one_hot)


def test_label_smoothing_mixes_with_the_uniform_distribution():
    Y = losses.CrossEntropy(label_smoothing=0.1).encode([0], 4, np.dtype("float64"))
    assert Y[0] == pytest.approx([0.925, 0.025, 0.025, 0.025])
    Y = losses.BinaryCrossEntropy(label_smoothing=0.1).encode([1], 1, np.dtype("float64"))
    assert Y[0] == pytest.approx([0.95])


@pytest.mark.parametrize(
    ("loss", "y", "k", "message"),
    [
        ("cross_entropy", [0, 3], 3, "class numbers 0 to 2, got 3 in row 2"),
        ("cross_entropy", [0, -1], 3, "class numbers 0 to 2, got -1 in row 2"),
        ("cross_entropy", [0.5, 1], 3, "class numbers 0 to 2, got 0.5 in row 1"),
        ("cross_entropy", [np.nan, 1], 3, "class numbers 0 to 2, got nan in row 1"),
        ("cross_entropy", ["a", "b"], 3, "return_inverse"),
        ("cross_entropy", [[0.5, 0.2, 0.2]], 3, "sum to 1"),
        ("cross_entropy", np.zeros((2, 4)), 3, r"shape \(2, 4\)"),
        ("binary_cross_entropy", [0, 2], 1, "0 or 1 .*, got 2 in row 2"),
        ("poisson", [1, -2], 1, ">= 0 for loss 'poisson', got -2 in row 2"),
        ("squared_error", [1, np.inf], 1, "finite, got inf in row 2"),
        ("squared_error", [[1, 2]], 3, r"shape \(n, 3\) for 3 output"),
        ("squared_error", ["x"], 1, "must hold numbers"),
    ],
)
def test_bad_targets_are_named(loss, y, k, message):
    with pytest.raises(ValueError, match=message):
        LOSSES.resolve(loss).encode(y, k, np.dtype("float64"))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_output_activations_outside_the_domain_are_refused(name):
    loss = LOSSES.resolve(name)
    for other in ACTIVATIONS:
        activation = ACTIVATIONS.resolve(other)
        low, high = activation.image
        fits = loss.is_canonical_with(activation) or (
            not loss.canonical_only and low >= loss.domain[0] and high <= loss.domain[1]
        )
        if fits:
            loss.check_output(activation)
        else:
            with pytest.raises(ValueError, match=f"cannot follow output activation '{other}'"):
                loss.check_output(activation)
