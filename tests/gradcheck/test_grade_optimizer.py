"""Update rules that others wrote: right ones are never accused, wrong ones are named."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import grade_optimizer
from pellucid.optimizers import OPTIMIZERS, Adam, FirstOrder, Momentum, NAdam

B1, B2, EPS, MU = 0.9, 0.999, 1e-8, 0.9


def adam(
    *, b1=B1, b2=B2, correct=(True, True), step=lambda m, v: m / (np.sqrt(v) + EPS), shift=0, square=np.square,
    fresh=(1 - B1, 1 - B2), decay=lambda t, g, rate: (g, 0.0), keep=True, final=lambda t, d: t - d, new_v=None,
):  # fmt: skip
    """Adam as students write it, with a place for each of their mistakes."""

    def update(theta, gradient, state, rate):
        gradient, shrink = decay(theta, gradient, rate)
        t = state.get("t", 0) + 1
        m = b1 * state.get("m", 0) + fresh[0] * gradient
        old = state.get("v", 0)
        v = b2 * old + fresh[1] * square(gradient) if new_v is None else new_v(old, gradient)
        if keep:
            state.update(m=m, v=v, t=t)
        t += shift
        m = m / (1 - b1**t) if correct[0] else m
        v = v / (1 - b2**t) if correct[1] else v
        return final(theta, rate * step(m, v) + shrink)

    return update


def momentum(move):
    def update(theta, gradient, state, rate):
        v = state.get("v", np.zeros_like(theta))
        theta, state["v"] = move(theta, v, gradient, rate)
        return theta

    return update


def scaled(s, divide=lambda g, s: g / (np.sqrt(s) + EPS), keep=True):
    def update(theta, gradient, state, rate):
        new = s(state.get("s", 0.0), gradient)
        if keep:
            state["s"] = new
        return theta - rate * divide(gradient, new)

    return update


def in_place_and_returned(theta, gradient, state, rate):
    theta -= rate * gradient
    return theta - rate * gradient


def shared_default(theta, gradient, state, rate, memory={"v": 0.0}):  # noqa: B006
    memory["v"] = MU * memory["v"] - rate * gradient
    return theta + memory["v"]


def lost(theta, gradient, state, rate):
    theta = theta - rate * gradient


def spoils(theta, gradient, state, rate):
    gradient *= rate
    return theta - gradient


decoupled = lambda t, g, rate: (g, rate * 0.01 * t)  # noqa: E731

FAULTS = {
    "Adam without bias correction": ("adam", adam(correct=(False, False)), "bias correction missing"),
    "m not corrected": ("adam", adam(correct=(False, True)), "bias correction missing"),
    "v not corrected": ("adam", adam(correct=(True, False)), "bias correction missing"),
    "ε inside": ("adam", adam(step=lambda m, v: m / np.sqrt(v + EPS)), "ε inside the root"),
    "no ε": ("adam", adam(step=lambda m, v: m / np.sqrt(v)), "no ε"),
    "no root": ("adam", adam(step=lambda m, v: m / (v + EPS)), "root missing"),
    "βs swapped": ("adam", adam(b1=B2, b2=B1, fresh=(1 - B2, 1 - B1)), "β₁ and β₂ swapped"),
    "1 − β₁ missing": ("adam", adam(fresh=(1.0, 1 - B2)), "factor 1 − β missing"),
    "1 − β₂ missing": ("adam", adam(fresh=(1 - B1, 1.0)), "factor 1 − β missing"),
    "|g| for g²": ("adam", adam(square=np.abs), "not squared"),
    "maximum for mean": ("adam", adam(new_v=lambda v, g: np.maximum(B2 * v, g**2)), "maximum, not mean"),
    "forgotten": ("adam", adam(keep=False), "state not carried over"),
    "t from 0": ("adam", adam(shift=-1), "t counts wrongly or not finite"),
    "t from 2": ("adam", adam(shift=1), "t counts wrongly"),
    "up": ("adam", adam(final=lambda t, d: t + d), "sign flipped"),
    "one v": ("adam", adam(square=lambda g: np.full_like(g, np.mean(g**2))), "one v for all"),
    "β₁ = 0.99": ("adam", adam(b1=0.99, fresh=(0.01, 1 - B2)), "another constant"),
    "Adam for RMSProp": ("rmsprop", adam(), "another rule"),
    "AdamW: coupled": ("adamw", adam(decay=lambda t, g, rate: (g + 0.01 * t, 0.0)), "decay coupled"),
    "AdamW: without rate": ("adamw", adam(decay=lambda t, g, rate: (g, 0.01 * t)), "decay without the rate"),
    "AdamW: none": ("adamw", adam(), "decay missing"),
    "AdamW: added": ("adamw", adam(decay=lambda t, g, rate: (g, -rate * 0.01 * t)), "decay's sign flipped"),
    "AdamW: uncorrected": ("adamw", adam(decay=decoupled, correct=(False, False)), "bias correction missing"),
    "descent up": ("gradient_descent", lambda t, g, s, rate: t + rate * g, "sign flipped"),
    "descent without rate": ("gradient_descent", lambda t, g, s, rate: t - g, "rate missing"),
    "rate twice": ("gradient_descent", lambda t, g, s, rate: t - rate**2 * g, "rate applied twice"),
    "in place and returned": ("gradient_descent", in_place_and_returned, "step taken twice"),
    "lost": ("gradient_descent", lost, "θ is not moved"),
    "spoils": ("gradient_descent", spoils, "changes the gradient"),
    "signs": ("gradient_descent", lambda t, g, s, rate: t - rate * np.sign(g), "signs only"),
    "v forgotten": ("momentum", lambda t, g, s, rate: t - rate * g, "state not carried over"),
    "v shared": ("momentum", shared_default, "state shared"),
    "dampened": (
        "momentum",
        momentum(lambda t, v, g, r: (t + MU * v - (1 - MU) * r * g, MU * v - (1 - MU) * r * g)),
        "factor 1 − μ added",
    ),
    "v moved twice": (
        "momentum",
        momentum(lambda t, v, g, r: (t + MU * (MU * v - r * g) - r * g, MU * (MU * v - r * g) - r * g)),
        "momentum applied twice",
    ),
    "μ²": (
        "momentum", momentum(lambda t, v, g, r: (t + MU**2 * v - r * g, MU**2 * v - r * g)), "momentum applied twice",
    ),
    "μ twice in θ": (
        "momentum", momentum(lambda t, v, g, r: (t + MU * (MU * v - r * g) - r * g, MU * v - r * g)), "Nesterov's step",
    ),
    "old v": ("momentum", momentum(lambda t, v, g, r: (t + v, MU * v - r * g)), "old velocity"),
    "g twice": (
        "momentum", momentum(lambda t, v, g, r: (t + MU * v - 2 * r * g, MU * v - r * g)), "gradient applied twice",
    ),
    "rate missing in v": ("momentum", momentum(lambda t, v, g, r: (t + MU * v - g, MU * v - g)), "rate missing"),
    "Nesterov without look-ahead": (
        "nesterov", momentum(lambda t, v, g, r: (t + MU * v - r * g, MU * v - r * g)), "look-ahead missing",
    ),
    "AdaGrad forgets": (
        "adagrad", scaled(lambda s, g: g**2, lambda g, s: g / (np.sqrt(s) + 1e-10)), "state not carried over",
    ),
    "AdaGrad max": (
        "adagrad", scaled(lambda s, g: np.maximum(s, g**2), lambda g, s: g / (np.sqrt(s) + 1e-10)), "maximum, not sum",
    ),
    "AdaGrad without root": ("adagrad", scaled(lambda s, g: s + g**2, lambda g, s: g / (s + 1e-10)), "root missing"),
    "AdaGrad as a mean": (
        "adagrad",
        scaled(lambda s, g: 0.9 * s + 0.1 * g**2, lambda g, s: g / (np.sqrt(s) + 1e-10)),
        "mean, not sum",
    ),
    "RMSProp, ε inside": (
        "rmsprop", scaled(lambda s, g: 0.9 * s + 0.1 * g**2, lambda g, s: g / np.sqrt(s + EPS)), "ε inside the root",
    ),
    "RMSProp, swapped": ("rmsprop", scaled(lambda s, g: 0.1 * s + 0.9 * g**2), "ρ and 1 − ρ swapped"),
    "RMSProp as a sum": ("rmsprop", scaled(lambda s, g: s + g**2), "sum, not mean"),
    "NAdam without look-ahead": ("nadam", adam(), "look-ahead missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name):
    rule, update, cause = FAULTS[name]
    result = grade_optimizer(update, rule)
    assert not result.passed
    assert cause in [*result.causes[0].name.split(" or "), result.causes[0].name], result
    assert "FAILED" in str(result)
    assert result.verdict.endswith(".")


def keras_nesterov(t, v, g, r):
    v = MU * v - r * g
    return t + MU * v - r * g, v


def torch_nesterov(t, v, g, r):
    v = MU * v + g
    return t - r * (g + MU * v), v


class Object:
    def __init__(self):
        self.v = 0.0

    def step(self, theta, gradient, rate):
        self.v = MU * self.v - rate * gradient
        theta += self.v


def closure(rate=0.02):
    v = 0.0

    def update(theta, gradient):
        nonlocal v
        v = MU * v + rate * gradient
        return theta - v

    return update


def closure_with_state(theta0=0.0):
    v = theta0

    def update(theta, gradient, state, rate):
        nonlocal v
        v = MU * v + rate * gradient
        return theta - v

    return update


def folded(theta, gradient, state, rate):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = B1 * state.get("m", 0) + (1 - B1) * gradient
    v = state["v"] = B2 * state.get("v", 0) + (1 - B2) * gradient**2
    return theta - rate * np.sqrt(1 - B2**t) / (1 - B1**t) * m / (np.sqrt(v) + EPS)


def exactly_folded(theta, gradient, state, rate):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = B1 * state.get("m", 0) + (1 - B1) * gradient
    v = state["v"] = B2 * state.get("v", 0) + (1 - B2) * gradient**2
    c = np.sqrt(1 - B2**t)
    return theta - rate * c / (1 - B1**t) * m / (np.sqrt(v) + c * EPS)


def answers_both(theta, gradient, state, rate):
    return theta - rate * gradient, state


def single(theta, gradient, state, rate):
    return (theta - rate * gradient).astype(np.float32)


RIGHT = {
    "descent": ("gradient_descent", lambda theta, gradient, state, rate: theta - rate * gradient),
    "descent in place": ("sgd", lambda theta, gradient, rate: theta.__isub__(rate * gradient)),
    "a pair": ("gradient_descent", answers_both),
    "float32": ("gradient_descent", single),
    "momentum, sign inside": ("momentum", momentum(lambda t, v, g, r: (t - (MU * v + r * g), MU * v + r * g))),
    "momentum, torch": ("momentum", momentum(lambda t, v, g, r: (t - r * (MU * v + g), MU * v + g))),
    "momentum, an object": ("momentum", Object()),
    "momentum, a class": ("momentum", Object),
    "momentum, a closure": ("momentum", closure()),
    "momentum, a closure with all arguments": ("momentum", closure_with_state()),
    "Nesterov, Keras": ("nesterov", momentum(keras_nesterov)),
    "Nesterov, torch": ("nesterov", momentum(torch_nesterov)),
    "Adam": ("adam", adam()),
    "Adam, folded": ("adam", folded),
    "Adam, folded exactly": ("adam", exactly_folded),
    "AdamW": ("adamw", adam(decay=decoupled)),
    "AdaGrad": ("adagrad", scaled(lambda s, g: s + g**2, lambda g, s: g / (np.sqrt(s) + 1e-10))),
    "RMSProp": ("rmsprop", scaled(lambda s, g: 0.9 * s + 0.1 * g**2)),
    "momentum 0.5": (Momentum(momentum=0.5), momentum(lambda t, v, g, r: (t + 0.5 * v - r * g, 0.5 * v - r * g))),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_rule_is_not_accused(name):
    rule, update = RIGHT[name]
    result = grade_optimizer(update, rule)
    assert result.passed, result
    assert result.causes == ()
    assert "The update is right." in str(result)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if issubclass(OPTIMIZERS[name], FirstOrder)])
def test_every_rule_of_the_package_is_right_and_no_other_is_taken_for_it(name):
    assert grade_optimizer(OPTIMIZERS.resolve(name), name)
    for other in OPTIMIZERS:
        if other != name and issubclass(OPTIMIZERS[other], FirstOrder):
            result = grade_optimizer(OPTIMIZERS.resolve(other), name)
            assert not result
            assert result.causes[0].name != "unknown"


def test_options_of_the_rule_count():
    assert grade_optimizer(adam(b1=0.8, fresh=(0.2, 1 - B2)), Adam(beta_1=0.8))
    assert not grade_optimizer(adam(), Adam(beta_1=0.8))
    assert grade_optimizer(NAdam(momentum_decay=0.01), NAdam(momentum_decay=0.01))


def test_what_is_no_known_slip_is_called_unknown():
    noise = iter(np.random.default_rng(0).random(1000))
    result = grade_optimizer(lambda theta, gradient, state, rate: theta - next(noise) * gradient, "adam")
    assert result.causes[0].name == "unknown"
    assert "parameter" in result.verdict


def test_wrong_calls_say_what_is_wanted():
    with pytest.raises(ValueError, match="lbfgs"):
        grade_optimizer(adam(), "lbfgs")
    with pytest.raises(TypeError, match=r"\(theta, gradient, state, rate\)"):
        grade_optimizer(3, "adam")
    with pytest.raises(TypeError, match=r"got \(theta\)"):
        grade_optimizer(lambda theta: theta, "adam")
    with pytest.raises(ValueError, match="shape"):
        grade_optimizer(lambda theta, gradient, state, rate: theta[:2], "adam")
