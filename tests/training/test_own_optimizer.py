"""Update rules that people write themselves: what is wrong with one is said, and nothing trains without a word."""

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pellucid import Network
from pellucid.activations import Activation
from pellucid.losses import Loss
from pellucid.optimizers import Adam, FirstOrder, GradientDescent
from pellucid.penalties import Penalty
from pellucid.schedules import Schedule

X = np.random.default_rng(0).normal(size=(30, 2))
Y = X @ [1.0, 2.0]


class Own(FirstOrder):
    def init(self, theta: Any, decayed: Any = None) -> Any:
        return {}


class Returns(Own):
    def step(self, theta: Any, gradient: Any, state: Any, rate: float) -> Any:
        return theta - rate * gradient


class Rebinds(Own):
    def step(self, theta: Any, gradient: Any, state: Any, rate: float) -> None:
        theta = theta - rate * gradient  # the fault itself


class InPlaceAndReturned(Own):
    def step(self, theta: Any, gradient: Any, state: Any, rate: float) -> Any:
        theta -= rate * gradient
        return theta


class RemembersNothing(InPlaceAndReturned):
    def init(self, theta: Any, decayed: Any = None) -> Any:
        return None


class RebindsAfterItsMeans(FirstOrder):
    """Its state moves, θ does not."""

    def init(self, theta: Any, decayed: Any = None) -> Any:
        return {"m": np.zeros_like(theta)}

    def step(self, theta: Any, gradient: Any, state: Any, rate: float) -> None:
        state["m"] += gradient
        theta = theta - rate * state["m"]


class EveryFifth(RebindsAfterItsMeans):
    """Gathers five gradients for a step, which is right."""

    def init(self, theta: Any, decayed: Any = None) -> Any:
        return {"m": np.zeros_like(theta), "t": np.zeros(1)}

    def step(self, theta: Any, gradient: Any, state: Any, rate: float) -> None:
        state["t"] += 1
        state["m"] += gradient
        if state["t"][0] % 5 == 0:
            theta -= rate * state["m"]
            state["m"][...] = 0


def trained(rule: Any, **options: Any) -> Network:
    net = Network([2, 1]).initialize(random_state=0)
    net.fit(X, Y, optimizer=rule, **({"epochs": 50, "engine": "reference"} | options))
    return net


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_step_that_moves_nothing_is_named(batch_size: Any) -> None:
    with pytest.raises(TypeError, match=r"^Returns.step returned ndarray, and what it returns is not used: step\("):
        trained(Returns(0.1), batch_size=batch_size)
    with pytest.raises(TypeError, match=r"^Rebinds.step moved no parameter in 1 update with .*`theta -= rate"):
        trained(Rebinds(0.1), batch_size=batch_size)
    with pytest.raises(TypeError, match=r"^RebindsAfterItsMeans.step moved no parameter in 20 updates"):
        trained(RebindsAfterItsMeans(0.1), batch_size=batch_size)


def test_a_short_run_that_moved_nothing_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="RebindsAfterItsMeans.step moved no parameter in 3 updates"):
        trained(RebindsAfterItsMeans(0.1), epochs=3)


def test_rules_that_are_right_are_not_accused() -> None:
    expected = trained(GradientDescent(0.1))
    assert trained(InPlaceAndReturned(0.1)) == trained(RemembersNothing(0.1)) == expected
    trained(EveryFifth(0.1))
    trained(EveryFifth(0.1), epochs=1)
    trained(InPlaceAndReturned(1e-30))  # moves hardly anything
    trained(Adam(1e-30), epochs=30)
    still = Network([2, 1])
    still.layers[0].W = [[1.0], [2.0]]
    still.fit(X, Y, optimizer=InPlaceAndReturned(0.1), epochs=30, engine="reference")  # no gradient


def test_an_init_that_returns_no_dictionary_is_named() -> None:
    class Listed(InPlaceAndReturned):
        def init(self, theta: Any, decayed: Any = None) -> Any:
            return [theta]

    with pytest.raises(TypeError, match=r"Listed.init must return a dictionary of arrays.*got list"):
        trained(Listed(0.1))


class Undecorated(InPlaceAndReturned):
    factor: float = 2.0


@dataclass(frozen=True)
class Decorated(InPlaceAndReturned):
    factor: float = 2.0


class OwnInit(InPlaceAndReturned):
    def __init__(self, factor: float) -> None:
        super().__init__(0.1)
        self.factor = factor


def test_an_option_of_a_class_that_is_no_dataclass_is_answered() -> None:
    words = r"Undecorated\(\) takes no argument factor: .*@dataclass\(frozen=True\) above `class Undecorated`"
    with pytest.raises(TypeError, match=words):
        Undecorated(factor=3.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Undecorated\(\) takes no 2 arguments"):
        Undecorated(0.1, 3.0)  # type: ignore[call-arg]
    assert Undecorated(learning_rate=0.5).learning_rate == 0.5
    assert Decorated(0.1, factor=3.0).factor == 3
    assert OwnInit(factor=3.0).factor == 3


@pytest.mark.parametrize("base", [Activation, Loss, Schedule, Penalty])
def test_so_is_one_of_any_kind(base: Any) -> None:
    own = type("Mine", (base,), {"__annotations__": {"slope": float}, "slope": 0.1})
    with pytest.raises(TypeError, match=r"Mine\(\) takes no argument slope: .* above `class Mine`, and slope: float"):
        own(slope=0.2)
    assert own().slope == 0.1


class Slope(Activation):
    """An own activation without the decorator."""

    def __init__(self, slope: Any) -> None:
        self.slope = slope

    def value(self, Z: Any) -> Any:
        return self.slope * Z

    def derivative(self, Z: Any) -> Any:  # type: ignore[override]
        return np.full_like(Z, self.slope)


def test_options_are_equal_where_their_numbers_are() -> None:
    assert OwnInit(3.0) == OwnInit(3.0) != OwnInit(4.0)
    assert Decorated(0.1, 3.0) == Decorated(0.1, 3.0) != Decorated(0.1, 4.0)
    assert hash(OwnInit(3.0)) == hash(OwnInit(3.0))
    assert GradientDescent(0.1) != Decorated(0.1)
    assert Slope(2.0) == Slope(2.0) != Slope(3.0)
    assert Slope(np.ones(2)) == Slope(np.ones(2))
    first, other = (Network([2, 3, 1], Slope(slope)).initialize(random_state=0) for slope in (2.0, 3.0))
    assert first != other
    for back in (pickle.loads(pickle.dumps(first)), copy.deepcopy(first)):
        assert back == first
    for rule in (OwnInit(3.0), Decorated(0.2, 3.0), Adam(0.3)):
        assert pickle.loads(pickle.dumps(rule)) == rule
