"""Optimizers by what they do: they reach minima, keep dtypes, and keep to their definitions."""

import numpy as np
import pytest

from pellucid.optimizers import LBFGS, OPTIMIZERS, Adam, AdamW, FirstOrder, GradientDescent, Momentum, NAdam, Nesterov

FIRST_ORDER = sorted(name for name, cls in OPTIMIZERS.items() if issubclass(cls, FirstOrder))
RATE = {"adagrad": 0.5, "rmsprop": 0.005, "adam": 0.05, "adamw": 0.05, "nadam": 0.05}


def make(name, rate):
    options = {"weight_decay": 0.0} if name == "adamw" else {}
    return OPTIMIZERS[name](learning_rate=rate, **options)


def descend(rule, gradient, theta, steps, fade: bool = False):
    state = rule.init(theta)
    for t in range(steps):
        rule.step(theta, gradient(theta), state, rule.learning_rate * (1 - t / steps if fade else 1))
    return theta


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_minimum_of_a_parabola(name):
    theta = descend(
        make(name, RATE.get(name, 0.05)), lambda t: 2 * (t - [1.0, -2.0]) * [1.0, 5.0], np.zeros(2), 2000, True
    )
    assert theta == pytest.approx([1.0, -2.0], abs=1e-4)


def rosenbrock_gradient(t):
    x, y = t
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def rosenbrock(t):
    return (1 - t[0]) ** 2 + 100 * (t[1] - t[0] ** 2) ** 2


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_minimum_of_rosenbrock(name):
    rate = {
        "gradient_descent": 1e-3,
        "momentum": 2e-4,
        "nesterov": 2e-4,
        "adagrad": 0.5,
        "rmsprop": 0.002,
        "adam": 0.01,
    }
    theta = descend(make(name, rate.get(name, 0.01)), rosenbrock_gradient, np.array([-1.2, 1.0]), 40_000, True)
    assert theta == pytest.approx([1.0, 1.0], abs=0.01)


def test_lbfgs_reaches_both_minima():
    theta = np.array([-1.2, 1.0])
    assert LBFGS(tolerance_grad=1e-10).minimize(
        lambda t: (rosenbrock(t), rosenbrock_gradient(t)), theta, max_iterations=200
    ) == ("converged")
    assert theta == pytest.approx([1.0, 1.0], abs=1e-6)
    theta = np.zeros(2)
    LBFGS().minimize(lambda t: (float(((t - 3) ** 2).sum()), 2 * (t - 3)), theta, max_iterations=50)
    assert theta == pytest.approx([3.0, 3.0], abs=1e-6)


def test_lbfgs_says_why_it_ended():
    start, objective = np.array([-1.2, 1.0]), lambda t: (rosenbrock(t), rosenbrock_gradient(t))
    theta = start.copy()
    assert LBFGS().minimize(objective, theta, max_iterations=3) == "completed"
    theta, seen = start.copy(), []
    assert LBFGS().minimize(
        objective, theta, max_iterations=50, after_iteration=lambda p: seen.append(p) or len(seen) == 4
    ) == ("stopped")
    assert len(seen) == 4
    assert np.array_equal(theta, seen[-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FIRST_ORDER)
def test_everything_happens_in_place_in_the_given_dtype(name, dtype):
    rule, theta, gradient = make(name, 0.1), np.ones(3, dtype=dtype), np.array([1.0, -2.0, 0.0], dtype=dtype)
    kept = gradient.copy()
    state = rule.init(theta)
    before = dict(state)
    rule.step(theta, gradient, state, 0.1)
    assert theta.dtype == np.dtype(dtype)
    assert theta[0] < 1 < theta[1]
    assert np.array_equal(gradient, kept)
    assert all(state[key] is before[key] for key in before)
    assert all(value.dtype == np.dtype(dtype) for key, value in state.items() if value.shape == theta.shape)


def test_descent_on_the_tutorials_parabola():
    theta = descend(GradientDescent(0.01), lambda t: 2 * t, np.random.RandomState(0).rand(2) * 0 + [0.54, 0.71], 1000)
    assert float(theta @ theta) == pytest.approx(2.3e-18, rel=0.02)


def test_momentum_and_nesterov_by_hand():
    # μ = 0.5, η = 0.1, g = 1 twice: v = −0.1, −0.15.
    one = lambda t: np.ones(1)  # noqa: E731
    assert descend(Momentum(0.1, momentum=0.5), one, np.zeros(1), 2) == pytest.approx([-0.25])
    # θ ← θ + μ v − η g: −0.05 − 0.1, then −0.075 − 0.1.
    assert descend(Nesterov(0.1, momentum=0.5), one, np.zeros(1), 2) == pytest.approx([-0.325])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_adam_first_step_has_the_length_of_the_rate(scale):
    theta = descend(Adam(0.01), lambda t: np.array([scale, -scale]), np.zeros(2), 1)
    assert theta == pytest.approx([-0.01, 0.01], rel=1e-4)


def test_adamw_decays_only_what_it_is_told_to():
    rule, theta = AdamW(0.1, weight_decay=0.5), np.array([2.0, 2.0])
    state = rule.init(theta, decayed=np.array([True, False]))
    rule.step(theta, np.zeros(2), state, 0.1)
    assert theta == pytest.approx([2.0 * (1 - 0.1 * 0.5), 2.0])


def test_nadam_by_hand():
    """Dozat's algorithm written out for two steps of a constant gradient 1."""
    b1, b2, eps, psi, rate = 0.9, 0.999, 1e-8, 0.004, 0.01
    m = v = theta = 0.0
    product = 1.0
    for t in (1, 2):
        mu, mu_next = (b1 * (1 - 0.5 * 0.96 ** (psi * s)) for s in (t, t + 1))
        product *= mu
        m, v = b1 * m + (1 - b1), b2 * v + (1 - b2)
        m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) / (1 - product)
        theta -= rate * m_hat / (np.sqrt(v / (1 - b2**t)) + eps)
    assert descend(NAdam(rate), lambda t: np.ones(1), np.zeros(1), 2) == pytest.approx([theta])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: GradientDescent(-0.1), "GradientDescent learning_rate must be a number > 0, got -0.1"),
        (lambda: Momentum(momentum=1.5), "Momentum momentum must be a number >= 0 and <= 1, got 1.5"),
        (lambda: Adam(beta_1=1.0), "Adam beta_1"),
        (lambda: Adam(epsilon=0), "Adam epsilon"),
        (lambda: AdamW(weight_decay=-1), "AdamW weight_decay"),
        (lambda: LBFGS(history_size=0), "LBFGS history_size"),
        (lambda: OPTIMIZERS.resolve("adamm"), "unknown optimizer 'adamm': did you mean"),
    ],
)
def test_bad_options_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("kind", [Adam, AdamW, NAdam])
def test_epsilon_hat_is_the_usual_step_with_another_epsilon(kind, rng):
    hat = kind(learning_rate=0.1, epsilon=0.01, epsilon_hat=True)
    theta, same = np.ones(5), np.ones(5)
    state, others = hat.init(theta), hat.init(same)
    for t in range(1, 6):
        g = rng.normal(size=5)
        hat.step(theta, g, state, 0.1)
        kind(learning_rate=0.1, epsilon=0.01 / np.sqrt(1 - 0.999**t)).step(same, g, others, 0.1)
    np.testing.assert_allclose(theta, same, rtol=1e-14)
    assert hat.formula != kind.formula == kind().formula
    assert r"\frac{\varepsilon}{\sqrt{1 - \beta_2^t}}" in hat.formula
