"""The vectorised functions against mpmath, as plain Python and as the machine code that they emit."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from pellucid.engines.kernels.jit import kernel
from pellucid.engines.kernels.tables import table
from pellucid.maths import elementary

EXACT: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "erf": mpmath.erf,
    "normal_cdf": mpmath.ncdf,
    "sinpi": mpmath.sinpi,
    "cospi": mpmath.cospi,
}
NAMES = list(EXACT)
RELATIVE = {
    "exp": 1.2, "expm1": 1.5, "tanh": 2.0, "sigmoid": 2.0, "log": 1.5, "log1p": 2.0, "softplus": 2.0, "sinpi": 1.5,
    "cospi": 1.5,
}  # fmt: skip
ABSOLUTE = {"erf": 2.5, "normal_cdf": 2.5}
POSITIVE = ("log", "log1p")

apply = table([getattr(elementary, name) for name in NAMES], outputs=1, inputs=1, parameters=0)


@kernel
def emitted(code: int, out: Any, x: Any) -> None:
    apply(code, x.size, out, 0, x, 0)


def both_ways(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The function of NumPy arrays, and of registers."""
    with np.errstate(all="ignore"):
        plain = getattr(elementary, name)(x)
    padded = np.zeros(-(-len(x) // 16) * 16, dtype=x.dtype)
    padded[: len(x)] = x
    out = np.empty_like(padded)
    emitted(NAMES.index(name), out, padded)
    return plain, out[: len(x)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_error(name: str, dtype: type[np.floating]) -> None:
    spread = np.concatenate([np.linspace(-9, 9, 801), np.geomspace(1e-6, 80, 400), -np.geomspace(1e-6, 80, 400)])
    x = (np.abs(spread[spread != 0]) if name in POSITIVE else spread).astype(dtype)
    exact = [EXACT[name](mpmath.mpf(float(value))) for value in x]
    epsilon = float(np.finfo(dtype).eps)
    for got in both_ways(name, x):
        for value, point, true in zip(got, x, exact, strict=True):
            error = abs(mpmath.mpf(float(value)) - true)
            near_one = name == "log" and abs(true) <= 0.05
            scale = abs(point - 1) if near_one else 1 if name in ABSOLUTE else max(abs(true), np.finfo(dtype).tiny)
            bound = RELATIVE.get(name, ABSOLUTE.get(name, 0.0)) * epsilon
            assert error <= bound * scale, (float(point), float(value), float(true))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_ends_of_the_line_and_nan(name: str, dtype: type[np.floating]) -> None:
    special = np.array([np.nan, np.inf, -np.inf, 0.0, 1e30, -1e30], dtype=dtype)
    if name in POSITIVE:
        special = np.abs(special)
    with np.errstate(all="ignore"):
        expected = {
            "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
            "softplus": lambda x: np.logaddexp(0, x),
            "sinpi": lambda x: np.sin(x * (np.abs(x) < 1)),  # 1e30 is even
            "cospi": lambda x: np.cos(x * (np.abs(x) < 1)),
            "erf": lambda x: np.where(np.isnan(x), x, np.sign(x)),
            "normal_cdf": lambda x: np.where(np.isnan(x), x, (np.sign(x) + 1) / 2),
        }.get(name, getattr(np, name, None))(special)
    for got in both_ways(name, special):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["sinpi", "cospi"])
def test_half_turns_are_reduced_exactly_at_every_size(name: str, dtype: type[np.floating]) -> None:
    rng, top = np.random.default_rng(0), np.finfo(dtype).maxexp
    sizes = np.exp2(rng.uniform(-20, top - 1, 500)) * rng.choice([-1, 1], 500)
    digits = np.finfo(dtype).nmant + 1
    edges = np.exp2(np.arange(digits - 4, digits + 4))
    near_edges = [sign * edges + step for step in (-1, -0.5, 0, 0.5, 1, 2) for sign in (-1, 1)]
    x = np.concatenate([sizes, np.arange(-4, 4, 0.125), *near_edges]).astype(dtype)
    with mpmath.workprec(1200):
        exact = [EXACT[name](mpmath.mpf(float(value))) for value in x]
    for got in both_ways(name, x):
        for value, point, true in zip(got, x, exact, strict=True):
            error = abs(mpmath.mpf(float(value)) - true)
            assert error <= 1.5 * float(np.finfo(dtype).eps) * abs(true), (float(point), float(value), float(true))
