"""Arguments for several networks: one value for all of them, or a list with one for each.

If the value of an argument is never a list (`epochs`, `optimizer`, …), its type shows whether a list of values was
given. For data, which may be lists themselves, the dimensions decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pellucid.maths.typing import RandomState


def one_each(name: str, value: Any, count: int) -> list[Any]:
    """`count` values: a list, a tuple or a flat array has one for each network; anything else is for all.

    >>> one_each("epochs", 5, 2), one_each("epochs", [5, 9], 2)
    ([5, 5], [5, 9])
    >>> one_each("epochs", [5, 9, 12], 2)
    Traceback (most recent call last):
    ...
    ValueError: epochs must be one value for all 2 networks, or a list of 2, one for each: got a list of 3
    """
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return _of_length(name, list(value), count)
    return [value] * count


def inputs_each(X: Any, count: int) -> list[Any]:
    """X for each network: a single table (n, p) is for all; a list or an array of tables has one for each.

    >>> inputs_each([[1.0], [2.0]], 2)  # a table
    [[[1.0], [2.0]], [[1.0], [2.0]]]
    >>> inputs_each([[[1.0], [2.0]], [[3.0], [4.0]]], 2)  # two tables
    [[[1.0], [2.0]], [[3.0], [4.0]]]
    """
    if isinstance(X, (list, tuple)) and len(X) and all(_dimensions(table) == 2 for table in X):
        return _of_length("X", list(X), count)
    if isinstance(X, np.ndarray) and X.ndim == 3:
        return _of_length("X", list(X), count)
    return [X] * count


def columns_each(name: str, values: Any, inputs: Sequence[Any], *, optional: bool = False) -> list[Any]:
    """y, or sample weights, for each network, given the X of each: one column for all, or a list of columns.

    It is a list of columns if it has an entry for each network and each entry has as many rows as that network's X.
    With `optional`, an entry may be None.

    >>> X = [[1.0], [2.0], [3.0]]
    >>> columns_each("y", [0, 1, 1], [X, X])
    [[0, 1, 1], [0, 1, 1]]
    >>> columns_each("y", [[0, 1, 1], [1, 0, 0]], [X, X])
    [[0, 1, 1], [1, 0, 0]]
    """
    count, rows = len(inputs), [_rows(X) for X in inputs]
    if not isinstance(values, (list, tuple)):
        return [values] * count
    sizes = [None if entry is None else _rows(entry) for entry in values]
    if any(size is None and not (optional and entry is None) for size, entry in zip(sizes, values, strict=True)):
        return [values] * count  # numbers or words: a column
    one_for_all = all(n == len(values) for n in rows)  # as a table (n, k) of so many rows
    if len(values) == count and all(size in (None, n) for size, n in zip(sizes, rows, strict=True)):
        if one_for_all and not any(hasattr(entry, "shape") for entry in values):
            raise ValueError(
                f"{name} may be one table of {count} rows for all networks, or a column for each of the {count}: give "
                f"np.array({name}) for the table, or a list of arrays for the columns"
            )
        return list(values)
    if one_for_all:
        return [values] * count
    _of_length(name, list(values), count)
    for number, (size, n) in enumerate(zip(sizes, rows, strict=True), 1):
        if size not in (None, n):
            raise ValueError(f"{name} of network {number} must have {n} rows, as its X has, got {size}")
    raise AssertionError("unreachable: each entry has the rows of its X")


def validation_each(validation: Any, count: int) -> list[Any]:
    """A pair, a share or None is for all; a list of tuples, shares and None has one for each."""
    entries = (tuple, int, float, np.number, type(None))
    if isinstance(validation, list) and all(isinstance(entry, entries) for entry in validation):
        return _of_length("validation", validation, count)
    return [validation] * count


def callbacks_each(callbacks: Any, count: int) -> list[Any]:
    """Callbacks are for all; a list of lists has one list for each network."""
    if isinstance(callbacks, Iterable):
        callbacks = list(callbacks)
        if callbacks and all(isinstance(entry, (list, tuple)) for entry in callbacks):
            return _of_length("callbacks", callbacks, count)
    return [callbacks] * count


def states_each(states: Any, count: int) -> list[Any]:
    """The optimizer state of each network: a list of dictionaries, because no two runs may update the same one."""
    if states is None:
        return [None] * count
    if isinstance(states, dict) and count == 1:
        return [states]
    if not isinstance(states, (list, tuple)):
        raise ValueError(
            f"optimizer_state must be a list of {count} dictionaries, one for each network, got one "
            f"{type(states).__name__}: each run updates its own"
        )
    every = _of_length("optimizer_state", list(states), count)
    given = [id(state) for state in every if state is not None]
    if len(set(given)) < len(given):
        raise ValueError("optimizer_state must hold a different dictionary for each network, got the same one twice")
    return every


def streams(random_state: Any, count: int) -> list[RandomState]:
    """A random stream for each network.

    For an int s they are `numpy.random.SeedSequence(s).spawn(count)`: a larger count does not change the first ones.
    A SeedSequence or a Generator is spawned; from a RandomState, which cannot spawn, a seed is drawn. A list has one
    seed, or any other random_state that `fit` takes, for each.

    >>> streams(0, 2)[1].spawn_key, streams([7, 8], 2)
    ((1,), [7, 8])
    """
    if isinstance(random_state, (list, tuple, range)) or (
        isinstance(random_state, np.ndarray) and random_state.ndim == 1
    ):
        every = _of_length("random_state", list(random_state), count)
        shared = [id(seed) for seed in every if isinstance(seed, (np.random.Generator, np.random.RandomState))]
        if len(set(shared)) < len(shared):
            raise ValueError(
                "random_state must hold a different generator for each network, got the same one twice: two threads "
                "cannot draw from one (generator.spawn makes several)"
            )
        return every
    if random_state is None:
        return list(np.random.SeedSequence().spawn(count))
    if isinstance(random_state, np.random.SeedSequence):
        return list(random_state.spawn(count))
    if isinstance(random_state, np.random.Generator):
        return list(random_state.spawn(count))
    if isinstance(random_state, np.random.RandomState):
        drawn = random_state.randint(2**32, size=4, dtype=np.uint32)
        return list(np.random.SeedSequence(drawn.tolist()).spawn(count))
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool) and random_state >= 0:
        return list(np.random.SeedSequence(int(random_state)).spawn(count))
    raise ValueError(
        f"random_state must be a whole number >= 0, a SeedSequence, a generator or None, or a list of {count} of "
        f"these, one for each network: got {random_state!r}"
    )


def _of_length(name: str, values: list[Any], count: int) -> list[Any]:
    if len(values) != count:
        raise ValueError(
            f"{name} must be one value for all {count} networks, or a list of {count}, one for each: "
            f"got a list of {len(values)}"
        )
    return values


def _dimensions(table: Any) -> int:
    shape = getattr(table, "shape", None)
    if shape is not None:
        return len(shape)
    if not isinstance(table, (list, tuple)):
        return 0
    return 1 + (_dimensions(table[0]) if len(table) else 0)


def _rows(table: Any) -> int | None:
    """The number of rows of a table or a column; None for a single number or word."""
    shape = getattr(table, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else None
    return None if isinstance(table, (str, bytes)) or not hasattr(table, "__len__") else len(table)
