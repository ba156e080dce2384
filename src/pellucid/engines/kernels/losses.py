"""Every registered loss of one output at a time, as a formula of registers: its value beside its gradient.

`loss(y, a, z, p)` gives (ℓ, ∂ℓ/∂a); for a canonical pair computed from z it gives (ℓ, ∂ℓ/∂z) instead. `p` is the
loss's one option. The formulas are those of `pellucid.maths.losses`. Softmax with cross-entropy looks at whole rows and
has a file of its own (`outputs`).
"""

from typing import Any

from .functions import exp, log, log1p
from .plan import LOSSES
from .simd import absolute, bits, equals, maximum, minimum, select
from .tables import Formula, table


def squared_error(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = ½ r², ℓ′ = r, with r = a − y."""
    r = a - y
    return r * r * 0.5, r


def absolute_error(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = |r|, ℓ′ = sign r."""
    r = a - y
    return absolute(r), select(r > 0.0, 1.0, select(r < 0.0, -1.0, r))


def huber(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = ½ min(|r|, p)² + p (|r| − p)₊, ℓ′ = r clipped to ± p."""
    r = a - y
    size = absolute(r)
    inner = minimum(size, p)
    return inner * inner * 0.5 + p * (size - inner), minimum(maximum(r, -p), p)


def quantile(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = max(−p r, (1 − p) r), ℓ′ = 1 − p above the target, −p below, 0 on it."""
    r = a - y
    over = 1.0 - p
    return maximum(over * r, -p * r), select(r > 0.0, over, select(r < 0.0, -p, r * 0.0))


def poisson(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = a − y ln a, ℓ′ = 1 − y/a, with a bounded from below by the root of the smallest normal number."""
    floor = 1.4916681462400413e-154 if bits(a) == 64 else 1.0842021724855044e-19
    bounded = maximum(a, floor)
    value = bounded - select(equals(y, 0.0), y, y * log(bounded))
    return value, select(a > floor, 1.0 - y / bounded, a * 0.0)


def poisson_from_logits(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = e^z − y z, ∂ℓ/∂z = a − y."""
    return exp(z) - y * z, a - y


def binary_cross_entropy(y: Any, a: Any, z: Any, p: Any) -> tuple[Any, Any]:
    """ℓ = max(z, 0) − y z + ln(1 + e^{−|z|}), ∂ℓ/∂z = a − y."""
    return maximum(z, 0.0) - y * z + log1p(exp(-absolute(z))), a - y


FORMULAS: dict[str, Formula] = {
    "squared_error": squared_error,
    "absolute_error": absolute_error,
    "huber": huber,
    "quantile": quantile,
    "poisson": poisson,
    "poisson_from_logits": poisson_from_logits,
    "binary_cross_entropy": binary_cross_entropy,
}
apply_loss = table([FORMULAS[name] for name in LOSSES], outputs=2, inputs=3, parameters=1)
