"""Every registered first-order optimizer as a formula of registers: one step of θ and of the two vectors it remembers.

`update(theta, g, a, b, decays, …numbers)` gives (θ, a, b) after the step; None leaves a vector as it is. `decays` is
1 at weights and 0 at biases. The numbers of a step (rates, bias corrections, …) are the same for all parameters and are
computed outside, by `pellucid.engines.step_numbers`. The formulas are those of `pellucid.optimizers`.
"""

from typing import Any

from .plan import STEP_NUMBERS, UPDATES
from .simd import sqrt
from .tables import Formula, table


def gradient_descent(theta: Any, g: Any, a: Any, b: Any, decays: Any, rate: Any, *_: Any) -> tuple[Any, Any, Any]:
    """θ − η g."""
    return theta - rate * g, None, None


def momentum(theta: Any, g: Any, v: Any, b: Any, decays: Any, rate: Any, mu: Any, *_: Any) -> tuple[Any, Any, Any]:
    """v ← μ v − η g, θ + v."""
    v = mu * v - rate * g
    return theta + v, v, None


def nesterov(theta: Any, g: Any, v: Any, b: Any, decays: Any, rate: Any, mu: Any, *_: Any) -> tuple[Any, Any, Any]:
    """v ← μ v − η g, θ + μ v − η g."""
    moved = rate * g
    v = mu * v - moved
    return theta + mu * v - moved, v, None


def adagrad(theta: Any, g: Any, s: Any, b: Any, decays: Any, rate: Any, epsilon: Any, *_: Any) -> tuple[Any, Any, Any]:
    """s ← s + g², θ − η g/(√s + ε)."""
    s = s + g * g
    return theta - rate * g / (sqrt(s) + epsilon), s, None


def rmsprop(
    theta: Any, g: Any, s: Any, b: Any, decays: Any, rate: Any, epsilon: Any, rho: Any, fresh: Any, *_: Any
) -> tuple[Any, Any, Any]:
    """s ← ρ s + (1 − ρ) g², θ − η g/(√s + ε)."""
    s = rho * s + fresh * (g * g)
    return theta - rate * g / (sqrt(s) + epsilon), s, None


def adam(
    theta: Any, g: Any, m: Any, v: Any, decays: Any, rate: Any, epsilon: Any, beta_1: Any, fresh_1: Any, beta_2: Any,
    fresh_2: Any, inverse_1: Any, inverse_2: Any, *_: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ − η m̂/(√v̂ + ε); `inverse` is 1/(1 − βᵗ)."""
    m = beta_1 * m + fresh_1 * g
    v = beta_2 * v + fresh_2 * (g * g)
    return theta - rate * (m * inverse_1) / (sqrt(v * inverse_2) + epsilon), m, v


def adamw(
    theta: Any, g: Any, m: Any, v: Any, decays: Any, rate: Any, epsilon: Any, beta_1: Any, fresh_1: Any, beta_2: Any,
    fresh_2: Any, inverse_1: Any, inverse_2: Any, decay: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """θ ← θ − η λ θ where decay acts, then Adam's step."""
    theta = theta - decay * (decays * theta)
    return adam(theta, g, m, v, decays, rate, epsilon, beta_1, fresh_1, beta_2, fresh_2, inverse_1, inverse_2)


def nadam(
    theta: Any, g: Any, m: Any, v: Any, decays: Any, rate: Any, epsilon: Any, beta_1: Any, fresh_1: Any, beta_2: Any,
    fresh_2: Any, of_mean: Any, inverse_2: Any, of_gradient: Any,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Adam's means, then θ − η (c_m m + c_g g)/(√v̂ + ε), with the two factors of the look-ahead."""
    m = beta_1 * m + fresh_1 * g
    v = beta_2 * v + fresh_2 * (g * g)
    return theta - rate * (of_mean * m + of_gradient * g) / (sqrt(v * inverse_2) + epsilon), m, v


FORMULAS: dict[str, Formula] = {
    "gradient_descent": gradient_descent,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
    "nadam": nadam,
}
apply_update = table([FORMULAS[name] for name in UPDATES], outputs=3, inputs=5, parameters=STEP_NUMBERS)
