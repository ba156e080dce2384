"""Every registered activation as two formulas of registers: its value, and the chain rule through it.

`value(z, p)` is f(z); `slope(d, z, h, p)` is d · f′(z) with h = f(z) given. `p` is the activation's one option (ELU's
alpha, LeakyReLU's slope; else unused). The formulas are those of `pellucid.maths.activations`, whose docstrings give
sources. Softmax depends on a whole row and has a file of its own (`outputs`).
"""

import math
from typing import Any

from .functions import exp, expm1, normal_cdf, sigmoid, softplus, tanh
from .plan import ACTIVATIONS
from .simd import indicator, maximum, minimum, select
from .tables import Formula, table

SQRT_2_OVER_PI = math.sqrt(2 / math.pi)
INV_SQRT_2PI = 1 / math.sqrt(2 * math.pi)
CUBIC = 0.044715
SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA_SCALE = SELU_SCALE * 1.6732632423543772848170429916717


def identity(z: Any, p: Any) -> Any:
    """f(z) = z."""
    return z


def identity_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = 1."""
    return d


def sigmoid_value(z: Any, p: Any) -> Any:
    """f(z) = σ(z)."""
    return sigmoid(z)


def sigmoid_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = h (1 − h)."""
    return d * (h * (1.0 - h))


def tanh_value(z: Any, p: Any) -> Any:
    """f(z) = tanh z."""
    return tanh(z)


def tanh_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = 1 − h²."""
    return d * (1.0 - h * h)


def relu(z: Any, p: Any) -> Any:
    """f(z) = max(z, 0); NaN passes."""
    return maximum(z, 0.0)


def relu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = [h > 0]."""
    return d * indicator(h > 0.0, d)


def leaky_relu(z: Any, p: Any) -> Any:
    """f(z) = max(z, p z), 0 ≤ p < 1."""
    return maximum(z, p * z)


def leaky_relu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = 1 where h > 0, else p."""
    return select(h > 0.0, d, d * p)


def elu(z: Any, p: Any) -> Any:
    """f(z) = z where positive, else p (e^z − 1)."""
    return select(z > 0.0, z, p * expm1(minimum(z, 0.0)))


def elu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = 1 where h > 0, else h + p."""
    return select(h > 0.0, d, d * (h + p))


def selu(z: Any, p: Any) -> Any:
    """f(z) = λ z where positive, else λ α (e^z − 1)."""
    return select(z > 0.0, z * SELU_SCALE, expm1(minimum(z, 0.0)) * SELU_ALPHA_SCALE)


def selu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = λ where h > 0, else h + λ α."""
    return d * select(h > 0.0, SELU_SCALE, h + SELU_ALPHA_SCALE)


def gelu(z: Any, p: Any) -> Any:
    """f(z) = z Φ(z)."""
    return z * normal_cdf(z)


def gelu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = Φ(z) + z φ(z); φ is 0 to every digit beyond 40."""
    near = minimum(maximum(z, -40.0), 40.0)
    return d * (normal_cdf(z) + near * (exp(near * near * -0.5) * INV_SQRT_2PI))


def tanh_of_cubic(z: Any) -> tuple[Any, Any]:
    """(tanh u, u′) with u = √(2/π) (z + 0.044715 z³); beyond |z| = 10, tanh u is ±1 to every digit."""
    near = minimum(maximum(z, -10.0), 10.0)
    square = near * near
    return tanh(near * (square * CUBIC + 1.0) * SQRT_2_OVER_PI), (square * (3 * CUBIC) + 1.0) * SQRT_2_OVER_PI


def gelu_tanh(z: Any, p: Any) -> Any:
    """f(z) = ½ z (1 + tanh u)."""
    t, _ = tanh_of_cubic(z)
    return z * 0.5 * (t + 1.0)


def gelu_tanh_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = ½ (1 + t) + ½ z (1 − t²) u′."""
    t, slope = tanh_of_cubic(z)
    return d * ((t + 1.0) * 0.5 + z * 0.5 * (1.0 - t * t) * slope)


def silu(z: Any, p: Any) -> Any:
    """f(z) = z σ(z)."""
    return z * sigmoid(z)


def silu_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = σ + h (1 − σ)."""
    s = sigmoid(z)
    return d * (s + h * (1.0 - s))


def tanh_of_softplus(z: Any) -> Any:
    """tanh(ln(1 + e^z)) = w/(w + 2) with w = e^z (e^z + 2): no logarithm. It is 1 to every digit beyond 30."""
    e = exp(minimum(z, 30.0))
    w = e * (e + 2.0)
    return w / (w + 2.0)


def mish(z: Any, p: Any) -> Any:
    """f(z) = z t, t = tanh(softplus(z))."""
    return z * tanh_of_softplus(z)


def mish_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = t + z (1 − t²) σ(z)."""
    t = tanh_of_softplus(z)
    return d * (t + z * (1.0 - t * t) * sigmoid(z))


def softplus_value(z: Any, p: Any) -> Any:
    """f(z) = ln(1 + e^z)."""
    return softplus(z)


def softplus_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = σ(z)."""
    return d * sigmoid(z)


def exponential(z: Any, p: Any) -> Any:
    """f(z) = e^z."""
    return exp(z)


def exponential_slope(d: Any, z: Any, h: Any, p: Any) -> Any:
    """f′ = h."""
    return d * h


FORMULAS: dict[str, tuple[Formula, Formula]] = {
    "identity": (identity, identity_slope),
    "sigmoid": (sigmoid_value, sigmoid_slope),
    "tanh": (tanh_value, tanh_slope),
    "relu": (relu, relu_slope),
    "leaky_relu": (leaky_relu, leaky_relu_slope),
    "elu": (elu, elu_slope),
    "selu": (selu, selu_slope),
    "gelu": (gelu, gelu_slope),
    "gelu_tanh": (gelu_tanh, gelu_tanh_slope),
    "silu": (silu, silu_slope),
    "mish": (mish, mish_slope),
    "softplus": (softplus_value, softplus_slope),
    "exponential": (exponential, exponential_slope),
}
apply_activation = table([FORMULAS[name][0] for name in ACTIVATIONS], outputs=1, inputs=1, parameters=1)
apply_slope = table([FORMULAS[name][1] for name in ACTIVATIONS], outputs=1, inputs=3, parameters=1)
