"""The state of a training: all that continuing it needs, as arrays and JSON.

>>> import json
>>> from pellucid import Network
>>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
>>> whole, part = (Network([1, 2, 2], "tanh").initialize(random_state=0) for _ in range(2))
>>> _ = whole.fit(X, y, epochs=10, batch_size=3, random_state=1)
>>> state = part.fit(X, y, epochs=4, batch_size=3, random_state=1).state
>>> text, arrays = json.dumps(state.as_json()), state.arrays()  # what a file would hold
>>> state = TrainingState.from_parts(json.loads(text), arrays)
>>> history = part.fit(X, y, epochs=10, batch_size=3, resume=state)
>>> len(history), bool((part.theta == whole.theta).all())
(10, True)
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Self, TypeAlias

import numpy as np

from pellucid.maths.losses import Loss
from pellucid.maths.typing import Array
from pellucid.network.layers import Spec, written
from pellucid.network.stack import LayerStack
from pellucid.optimizers import State

RandomSource: TypeAlias = np.random.Generator | np.random.RandomState

ARRAYS = ("theta", "order", "held_out", "tally", "best_theta")
OF_OPTIMIZER = "optimizer."
OF_RANDOM = "random."


@dataclass(eq=False)
class TrainingState:
    """Where a training stands. `Network.fit(…, resume=state)` and `Trainer.state = state` continue from it.

    Attributes
    ----------
    theta : array
        The parameters after the last update (early stopping may have given the network better ones).
    optimizer : dict of arrays
        The optimizer's state.
    random : dict
        The state of the random number generator.
    order : array or None
        The order of the rows in the current epoch, or in the last one; None if rows are not shuffled.
    epochs, batches, updates : int
        Epochs finished, batches done of the current one, updates in all.
    dropout_seed : int
        Seed of the dropout masks; they are a function of it and of `updates`.
    schedule : dict
        Of a schedule that watches the loss: what is left of the rate, the best loss, epochs since then.
    rate_factor : float
        What callbacks multiply the learning rate by.
    losses : dict, tally : array or None
        Loss, penalty and metric of the current epoch so far.
    held_out : array or None
        Row numbers that validation=share holds out.
    stopping : dict, best_theta : array or None
        Of early stopping: the best value, its epoch, and the parameters then.
    history : dict
        The rows so far.
    made_for : dict
        The network, the optimizer and the data that the state belongs to.
    engine : str
        "reference" or "compiled"; engine="auto" stays there.
    """

    theta: Array
    optimizer: State
    random: dict[str, Any]
    order: Array | None = None
    epochs: int = 0
    batches: int = 0
    updates: int = 0
    dropout_seed: int = 0
    schedule: dict[str, Any] = field(default_factory=dict)
    rate_factor: float = 1.0
    losses: dict[str, float] = field(default_factory=dict)
    tally: Array | None = None
    held_out: Array | None = None
    stopping: dict[str, Any] = field(default_factory=dict)
    best_theta: Array | None = None
    history: dict[str, Any] = field(default_factory=dict)
    made_for: dict[str, Any] = field(default_factory=dict)
    engine: str = ""

    def arrays(self) -> dict[str, Array]:
        """The arrays, by name; what a .npz or .safetensors file would hold."""
        result = {name: getattr(self, name) for name in ARRAYS if getattr(self, name) is not None}
        result |= {f"{OF_OPTIMIZER}{name}": array for name, array in self.optimizer.items()}
        return result | {f"{OF_RANDOM}{path}": array for path, array in _arrays_in(self.random)}

    def as_json(self) -> dict[str, Any]:
        """All that is not an array, for `json.dumps`."""
        rest = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in (*ARRAYS, "optimizer", "random")}
        return copy.deepcopy(rest) | {"random": _without_arrays(self.random)}

    @classmethod
    def from_parts(cls, data: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """The state from `as_json()` and `arrays()`, which are copied.

        Raises
        ------
        ValueError
            If a part is missing or unknown.
        """
        known = {f.name for f in fields(cls)} - {*ARRAYS, "optimizer"}
        if "theta" not in arrays or set(data) != known:
            lacking = sorted(known - set(data)) or sorted(set(data) - known) or ["theta"]
            raise ValueError(f"these are not the parts of a TrainingState: {', '.join(lacking)} missing or unknown")
        rest = copy.deepcopy(dict(data))
        held = {name: np.array(array) for name, array in arrays.items()}
        random = rest.pop("random")
        for name in [name for name in held if name.startswith(OF_RANDOM)]:
            _put(random, name.removeprefix(OF_RANDOM).split("."), held.pop(name))
        optimizer = {
            name.removeprefix(OF_OPTIMIZER): held.pop(name) for name in list(held) if name.startswith(OF_OPTIMIZER)
        }
        unknown = sorted(set(held) - set(ARRAYS))
        if unknown:
            raise ValueError(f"these are not the parts of a TrainingState: {', '.join(unknown)} unknown")
        arrays_and_rest: dict[str, Any] = held | rest
        return cls(optimizer=optimizer, random=random, **arrays_and_rest)

    def copy(self) -> Self:
        """An independent copy."""
        return copy.deepcopy(self)

    def __repr__(self) -> str:
        part = f" and {self.batches} batches" if self.batches else ""
        return f"TrainingState({self.epochs} epochs{part}, {self.updates} updates, {len(self.theta)} parameters)"


def check_fits(state: object, made_for: Mapping[str, Any]) -> TrainingState:
    """The state, if it was made for the same network, optimizer and data.

    Raises
    ------
    ValueError
        Naming what differs.
    TypeError
        If it is no TrainingState.
    """
    if not isinstance(state, TrainingState):
        raise TypeError(f"resume must be a TrainingState, such as history.state, got {type(state).__name__}")
    for name, now in made_for.items():
        before = state.made_for.get(name)
        if before != now:
            raise ValueError(f"resume does not fit: {name} was {before} and is {now}")
    return state


def restore_arrays(arrays: State, saved: State) -> None:
    """Copy the arrays of a saved optimizer state into those of the same optimizer."""
    for name in arrays.keys() | saved.keys():
        shapes = [None if name not in state else state[name].shape for state in (saved, arrays)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"resume does not fit: {name} of the optimizer had shape {shapes[0]} and has {shapes[1]}")
        arrays[name][...] = saved[name]


def random_state_of(random: RandomSource) -> dict[str, Any]:
    """The state of a generator; NumPy makes a copy of it."""
    if isinstance(random, np.random.RandomState):
        return {"kind": "RandomState", **random.get_state(legacy=False)}
    return {"kind": "Generator", **random.bit_generator.state}


def set_random_state(random: RandomSource, state: Mapping[str, Any]) -> None:
    """Put a generator into a state of `random_state_of`."""
    inner = {name: value for name, value in state.items() if name != "kind"}
    if isinstance(random, np.random.RandomState):
        random.set_state(inner)
    else:
        random.bit_generator.state = inner


def random_source(state: Mapping[str, Any]) -> RandomSource:
    """A new generator in the given state."""
    kind = getattr(np.random, state["bit_generator"], None)
    if kind is None:
        raise ValueError(f"resume takes NumPy's own random generators, got the state of {state['bit_generator']}")
    source = np.random.RandomState(kind()) if state["kind"] == "RandomState" else np.random.Generator(kind())
    set_random_state(source, state)
    return source


def _arrays_in(tree: Mapping[str, Any], path: str = "") -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = []
    for name, value in tree.items():
        if isinstance(value, np.ndarray):
            found.append((f"{path}{name}", value))
        elif isinstance(value, Mapping):
            found += _arrays_in(value, f"{path}{name}.")
    return found


def _without_arrays(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _without_arrays(value) if isinstance(value, Mapping) else value
        for name, value in tree.items()
        if not isinstance(value, np.ndarray)
    }


def _put(tree: dict[str, Any], path: list[str], array: Array) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = array


def in_words(network: LayerStack) -> str:
    """Layers and loss of a network in words."""
    try:
        return _words_of(network.specs, network.loss)
    except TypeError:  # a user's own object that cannot be hashed
        return _words_of.__wrapped__(network.specs, network.loss)


@lru_cache(maxsize=64)  # many short fits are of networks with the same layers
def _words_of(specs: tuple[Spec, ...], loss: Loss) -> str:
    return f"{', '.join(_without_address(written(spec)) for spec in specs)}; {_without_address(loss)}"


def _without_address(thing: object) -> str:
    """The same in every process, also for an object of one's own."""
    text = thing if isinstance(thing, str) else repr(thing)
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", text)
