"""L-BFGS beside SciPy's, stopped and continued, and where J overflows."""

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der
from scipy.special import expit

from pellucid import Network, datasets
from pellucid.optimizers import LBFGS
from pellucid.optimizers.line_search import MAX_STEP, Trial, more_thuente

TIGHT = LBFGS(tolerance_grad=1e-8)


def quadratic(n, condition):
    curvatures = np.logspace(0, np.log10(condition), n)
    return lambda t: (float(0.5 * (curvatures * t) @ t - t.sum()), curvatures * t - 1), np.zeros(n)


def rotated(n, condition):
    basis = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))[0]
    A = basis * np.logspace(0, np.log10(condition), n) @ basis.T
    return lambda t: (float(0.5 * t @ A @ t - t.sum()), A @ t - 1), np.zeros(n)


def rosenbrock(n):
    return lambda t: (float(rosen(t)), rosen_der(t)), np.where(np.arange(n) % 2, 1.0, -1.2)


def logistic(n, p, strength):
    random = np.random.default_rng(p)
    X = random.normal(size=(n, p))
    y = np.sign(X @ random.normal(size=p) + random.normal(size=n))

    def objective(t):
        margin = y * (X @ t)
        value = np.logaddexp(0, -margin).mean() + 0.5 * strength * t @ t
        return float(value), -X.T @ (y * expit(-margin)) / n + strength * t

    return objective, np.zeros(p)


def beale(t):
    x, y = t
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    slope_x = 2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1))
    return a * a + b * b + c * c, np.array([slope_x, 2 * (a * x + b * 2 * x * y + c * 3 * x * y**2)])


def powell(t):
    a, b, c, d = t[0] + 10 * t[1], t[2] - t[3], t[1] - 2 * t[2], t[0] - t[3]
    e, f = 4 * c**3, 40 * d**3
    value = a * a + 5 * b * b + c**4 + 10 * d**4
    return float(value), np.array([2 * a + f, 20 * a + e, 10 * b - 2 * e, -10 * b - f])


def quartic(t):
    return float((t**4).sum() / 4 + (t**2).sum() / 2 - t.sum()), t**3 + t - 1


def network(sizes, activation, seed, strength):
    X, y = datasets.moons(60, random_state=seed)
    net = Network([2, *sizes, 2], activation).initialize(random_state=seed)
    theta = net.theta.copy()

    def objective(point):
        net.theta = point
        forward = net.forward(X)
        penalized = [layer.W for layer in net.layers]
        gradient = net.backward(forward, y).theta.copy()
        place = 0
        value = net.loss_value(X, y)
        for W in penalized:
            value += 0.5 * strength * float((W**2).sum())
            gradient[place : place + W.size] += strength * W.ravel()
            place += W.size + W.shape[1]
        return value, gradient

    return objective, theta


PROBLEMS = {
    "Rosenbrock, 2": rosenbrock(2),
    "Rosenbrock, 10": rosenbrock(10),
    "Rosenbrock, 100": rosenbrock(100),
    "quadratic": quadratic(10, 1.0),
    "quadratic, condition 10²": quadratic(10, 1e2),
    "quadratic, condition 10⁴": quadratic(50, 1e4),
    "quadratic, condition 10⁶": quadratic(20, 1e6),
    "rotated, condition 10": rotated(30, 1e1),
    "rotated, condition 10³": rotated(30, 1e3),
    "rotated, condition 10⁵": rotated(15, 1e5),
    "logistic": logistic(200, 5, 1e-2),
    "logistic, wide": logistic(100, 20, 1e-4),
    "logistic, more columns than rows": logistic(30, 60, 1e-3),
    "Beale": (beale, np.array([1.0, 1.0])),
    "Powell's singular function": (powell, np.array([3.0, -1.0, 0.0, 1.0])),
    "quartic": (quartic, np.linspace(-5, 5, 12)),
    "net, tanh": network([3], "tanh", 0, 0.01),
    "net, sigmoid": network([4], "sigmoid", 1, 0.001),
    "net, elu": network([5, 3], "elu", 2, 0.01),
    "net, softplus": network([6], "softplus", 3, 0.003),
}


def ours(objective, start, rule=TIGHT, steps=1000):
    seen, theta = [], start.copy()
    state, reason = rule.init(theta), ""
    while not reason and len(seen) < steps:
        reason = rule.step(objective, theta, state)
        seen.append(theta.copy())
    return theta, len(seen), int(state["evaluations"][0]), reason


def theirs(objective, start):
    options = {"maxiter": 1000, "maxfun": 10**6, "maxcor": 10, "gtol": 1e-8, "ftol": 1e-12, "maxls": 20}
    return minimize(objective, start, jac=True, method="L-BFGS-B", options=options)


@pytest.mark.parametrize("name", PROBLEMS)
def test_as_good_as_scipy(name):
    objective, start = PROBLEMS[name]
    theta, iterations, evaluations, reason = ours(objective, start)
    result = theirs(objective, start)
    reached, first = objective(theta)[0], objective(start)[0]
    # Rounding decides how many steps an ill-conditioned problem takes: about the same.
    assert iterations <= 1.25 * result.nit + 5
    assert evaluations <= 1.25 * result.nfev + 5
    assert reached <= result.fun + 1e-6 * abs(first - result.fun)
    assert reason == "converged" or iterations == 1000 == result.nit


def test_on_all_problems_together_no_more_evaluations_than_scipy():
    own = sum(ours(*problem)[2] for problem in PROBLEMS.values())
    other = sum(theirs(*problem).nfev for problem in PROBLEMS.values())
    assert own <= 1.05 * other


@pytest.mark.parametrize("name", ["Rosenbrock, 10", "net, tanh", "quadratic, condition 10⁴"])
def test_the_first_steps_are_those_of_scipy(name):
    objective, start = PROBLEMS[name]
    path = []
    minimize(objective, start, jac=True, method="L-BFGS-B", callback=lambda x: path.append(x.copy()),
             options={"maxiter": 6, "maxls": 20})  # fmt: skip
    theta, rule = start.copy(), LBFGS()
    state = rule.init(theta)
    for point in path:
        assert rule.step(objective, theta, state) == ""
        np.testing.assert_allclose(theta, point, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("stops", [(1,), (2, 3), (5, 5, 5), (12, 1, 1)])
def test_stopped_after_any_iteration_it_continues_to_the_same_bits(stops, dtype):
    objective, start = PROBLEMS["Rosenbrock, 10"]
    rule = LBFGS(history_size=4)
    whole = start.astype(dtype)
    state = rule.init(whole)
    for _ in range(20):
        rule.step(objective, whole, state)
    part = start.astype(dtype)
    kept = rule.init(part)
    for pause in (*stops, 20 - sum(stops)):
        kept = {name: array.copy() for name, array in kept.items()}
        for _ in range(pause):
            rule.step(objective, part, kept)
    np.testing.assert_array_equal(part, whole)
    for name, array in state.items():
        np.testing.assert_array_equal(kept[name], array)


def test_what_converged_stays_converged():
    objective, start = PROBLEMS["logistic"]
    rule, theta = LBFGS(), start.copy()
    state = rule.init(theta)
    while rule.step(objective, theta, state) != "converged":
        pass
    there, evaluations = theta.copy(), state["evaluations"].copy()
    assert rule.step(objective, theta, state) == "converged"
    np.testing.assert_array_equal(theta, there)
    assert state["evaluations"] == evaluations


def test_a_point_set_by_hand_is_a_new_start():
    objective, start = PROBLEMS["Rosenbrock, 2"]
    rule, theta = LBFGS(), start.copy()
    state = rule.init(theta)
    for _ in range(5):
        rule.step(objective, theta, state)
    theta[:] = [0.5, 2.0]
    other = np.array([0.5, 2.0])
    fresh = rule.init(other)
    for _ in range(5):
        rule.step(objective, theta, state)
        rule.step(objective, other, fresh)
    np.testing.assert_array_equal(theta, other)


@pytest.mark.parametrize("far", [np.inf, np.nan])
def test_a_search_that_leaves_the_domain_comes_back(far):
    def objective(t):
        # −log x + x has its minimum at 1 and is not defined at x ≤ 0; towards large x it overflows here.
        x = float(t[0])
        if not 0 < x < 30:
            return far, np.array([far])
        return x - np.log(x), np.array([1 - 1 / x])

    for start in (1e-3, 0.5, 25.0):
        theta = np.array([start])
        assert LBFGS(tolerance_grad=1e-9).minimize(objective, theta, max_iterations=100) == "converged"
        assert theta == pytest.approx([1.0], abs=1e-4)


def test_exponentials_that_overflow_in_the_first_steps():
    def objective(t):
        with np.errstate(over="ignore", invalid="ignore"):
            return float((np.exp(50 * t) - t).sum()), 50 * np.exp(50 * t) - 1

    theta = np.full(3, 3.0)
    assert LBFGS(tolerance_grad=1e-6).minimize(objective, theta, max_iterations=2000) == "converged"
    assert theta == pytest.approx(np.full(3, np.log(1 / 50) / 50), abs=1e-6)


def test_a_start_that_is_not_finite_is_left_alone():
    theta = np.array([1.0])
    assert "not finite at the start" in LBFGS().minimize(lambda t: (np.inf, t), theta, max_iterations=5)
    assert theta == [1.0]


def test_a_wrong_gradient_ends_the_search_with_words():
    theta = np.array([1.0, 2.0])
    reason = LBFGS().minimize(lambda t: (float(t @ t), -2 * t), theta, max_iterations=5)
    assert "line search found no lower J" in reason
    np.testing.assert_array_equal(theta, [1.0, 2.0])


@pytest.mark.parametrize("step", [1e-4, 0.1, 1.0, 10.0, 1e4])
@pytest.mark.parametrize(
    "phi",
    [
        lambda a: (-a / (a * a + 2), (a * a - 2) / (a * a + 2) ** 2),  # function 5.1 of Moré and Thuente
        lambda a: (a**2 - 3 * a, 2 * a - 3),
        lambda a: (float(np.exp(-5 * a)) + a, 1 - 5 * float(np.exp(-5 * a))),
        lambda a: (float(np.sqrt(1 + (a - 2) ** 2)), (a - 2) / float(np.sqrt(1 + (a - 2) ** 2))),
    ],
)
def test_the_search_ends_at_the_strong_wolfe_conditions(phi, step):
    start = Trial(0.0, *phi(0.0))
    found = more_thuente(phi, start, step, 40)
    assert found is not None
    assert 0 < found.step <= MAX_STEP
    assert found.value <= start.value + 1e-3 * found.step * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_the_limit_of_evaluations_comes_before_convergence():
    objective = PROBLEMS["quadratic"][0]  # one step to the minimum, three evaluations
    theta = np.full(10, 3.0)
    reason = LBFGS(max_eval=1).minimize(objective, theta, max_iterations=50)
    assert "EVALUATIONS EXCEEDS LIMIT, max_eval=1" in reason
