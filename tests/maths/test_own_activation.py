"""An activation of one's own: any object or class with value and derivative, as the README says."""

import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from pellucid import Dense, Network, activations, check_gradients, explain
from pellucid.maths.typing import Array


class Square:
    def value(self, Z: Array) -> Array:
        return Z**2

    def derivative(self, Z: Array) -> Array:
        return 2 * Z


class SquareOfBoth:
    def value(self, Z: Array) -> Array:
        return Z**2

    def derivative(self, Z: Array, A: Array) -> Array:
        return 2 * np.sign(Z) * np.sqrt(A)


class Subclass(activations.Activation):
    """As somebody writes it who has read no further than the name of the base class."""

    def value(self, z: Array) -> Array:
        return z**2

    def derivative(self, z: Array) -> Array:  # type: ignore[override]
        return 2 * z


@dataclass
class Scaled:
    """An own activation with an option, and with what a registered one says of itself."""

    scale: float = 2.0
    formula = r"s \max(0, z)"
    kinks = (0.0,)

    def value(self, Z: Array) -> Array:
        return self.scale * np.maximum(Z, 0)

    def derivative(self, Z: Array) -> Array:
        return self.scale * (Z > 0)


class Static:
    @staticmethod
    def value(Z: Array) -> Array:
        return np.sin(Z)

    derivative = staticmethod(np.cos)


X = np.random.default_rng(0).normal(size=(12, 2))
Y = np.arange(12) % 2


@pytest.mark.parametrize("own", [Square, Square(), SquareOfBoth, Subclass, Subclass(), Scaled, Scaled(3.0), Static])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_is_taken_as_it_stands(own: object, dtype: str) -> None:
    net = Network([Dense(2, 4, own), Dense(4, 2, "softmax")], dtype=dtype).initialize(random_state=0)
    assert check_gradients(net, X, Y)
    history = net.fit(X, Y, epochs=3, random_state=0, engine="reference")
    assert np.isfinite(history["loss"]).all()
    assert net.forward(X).A[0].dtype == np.dtype(dtype)
    assert f"own {getattr(own, '__name__', type(own).__name__)}" in str(explain(net, X[:2], Y[:2]))


def test_a_wrong_derivative_is_found_and_the_object_named() -> None:
    class Wrong(Square):
        def derivative(self, Z: Array) -> Array:
            return Z

    check = check_gradients(Network([2, 4, 2], Wrong).initialize(random_state=0), X, Y)
    assert not check
    assert "own Wrong" in check.verdict


def test_its_kinks_and_formula_are_read() -> None:
    activation = Dense(2, 3, Scaled(3.0)).activation
    assert activation.kinks == (0.0,)
    assert activation.formula == r"s \max(0, z)"
    assert activation.image == (-math.inf, math.inf)


def test_two_with_equal_options_are_equal_also_after_pickling() -> None:
    spec = Dense(2, 3, Scaled(3.0))
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert hash(spec) == hash(Dense(2, 3, Scaled(3.0)))
    assert Dense(2, 3, Scaled(2.0)) != spec
    assert Dense(2, 3, Square()) == Dense(2, 3, Square())
    assert Dense(2, 3, Square()) != Dense(2, 3, Static())


class NoArgument:
    def value(self) -> float:
        return 1.0

    def derivative(self, Z: Array) -> Array:
        return Z


class ThreeArguments(Square):
    def derivative(self, Z: Array, A: Array, dA: Array) -> Array:  # type: ignore[override]
        return Z


class OfOneNumber:
    def value(self, Z: float) -> float:
        return math.sin(Z)

    def derivative(self, Z: float) -> float:
        return math.cos(Z)


class Summing(Square):
    def value(self, Z: Array) -> Array:
        return Z.sum()


class WritesToZ(Square):
    def value(self, Z: Array) -> Array:
        Z[Z < 0] = 0
        return Z


class NeedsOptions(Square):
    def __init__(self, scale: float) -> None:
        self.scale = scale


@pytest.mark.parametrize(
    ("own", "error", "words"),
    [
        (NoArgument, TypeError, r"value\(self\) must be value\(self, Z\)"),
        (
            ThreeArguments,
            TypeError,
            r"derivative\(self, Z, A, dA\) must be derivative\(self, Z\) or derivative\(self, Z, A\)",
        ),
        (OfOneNumber, TypeError, r"OfOneNumber: value must take an array.*Use NumPy's functions"),
        (Summing, ValueError, r"Summing: value must keep the shape of Z \(2, 3\), got \(\)"),
        (WritesToZ, ValueError, r"WritesToZ: value must not write to Z"),
        (NeedsOptions, TypeError, r"this class needs arguments.*give an object, NeedsOptions\(…\)"),
        (np.tanh, TypeError, r"got the function 'tanh': a function alone does not say its derivative"),
        (3, TypeError, r"activation must be a name .* or an Activation object, got 3"),
    ],
)
def test_what_is_not_as_it_must_be_is_named_when_the_layer_is_made(
    own: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Dense(2, 3, own)
