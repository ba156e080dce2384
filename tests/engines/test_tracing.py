"""Formulas as recorded instructions: the same numbers, as plain data, and what cannot be recorded."""

import json
from typing import Any

import numpy as np
import pytest

from pellucid.engines.formulas import BUILT_IN, Formula
from pellucid.engines.tracing import trace
from pellucid.maths import elementary


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("table", BUILT_IN.tables)
def test_a_trace_computes_what_its_formula_does(table: str, dtype: Any, rng: np.random.Generator) -> None:
    bits = np.dtype(dtype).itemsize * 8
    written = json.loads(json.dumps(BUILT_IN.as_json(bits)))[table]
    for formula, lists in zip(BUILT_IN.tables[table], written, strict=True):
        inputs = [rng.uniform(0.1, 2, 50).astype(dtype) for _ in range(formula.arrays + formula.vectors)]
        inputs[0] *= np.where(rng.random(50) < 0.5, -1, 1).astype(dtype)
        numbers = [dtype(number) for number in rng.uniform(0.1, 0.9, formula.numbers)]
        with np.errstate(all="ignore"):
            expected = formula.function(*inputs, *numbers)
            actual = Formula.from_json(lists).function(*inputs, *numbers)
        assert isinstance(expected, tuple) == isinstance(actual, tuple)
        for one, other in zip(np.atleast_2d(expected), np.atleast_2d(actual), strict=True):
            np.testing.assert_array_equal(other, one)


def test_operators_and_powers(rng: np.random.Generator) -> None:
    def formula(x: Any, y: Any) -> Any:
        both = (x > 0.0) & (y <= 1.0) | (x >= 3.0)
        return elementary.select(both, abs(x) ** 3 / y, 1.0 / (2.0 - -x))

    x, y = rng.normal(size=20), rng.normal(size=20)
    np.testing.assert_allclose(trace(formula, 2, 64)(x, y), formula(x, y), rtol=1e-15)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda z: z if z > 0 else -z, "use select"),
        (lambda z: max(z, 0.0), "use select"),
        (lambda z: z**0.5, "whole powers"),
        (lambda z: z**-1, "whole powers"),
    ],
)
def test_what_cannot_be_recorded_is_named(formula: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        trace(formula, 1, 64)


def test_numpy_does_not_take_a_symbol_for_an_object() -> None:
    with pytest.raises(TypeError):
        trace(lambda z: np.sin(z), 1, 64)
    assert trace(lambda z: np.float64(2.0) * z, 1, 64).instructions == [("mul", 0, (2.0).hex())]
