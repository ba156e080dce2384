"""The interface of a compiled object: which arrays it is given, in which order, and what stands in them.

An object has one function, `pellucid_entry(table, worker, what)`. `table` holds the address and the length of each
array, in the order of `TRAIN_ARRAYS` or `PREDICT_ARRAYS`; `what` is TRAIN or PREDICT. The entry point and the engine
take the order from here, and a test holds the kernels' parameters to it. `kernels.plan` names the places in `layers`,
`plan` and `settings`; `as_json` says all of it to programs that are not written in Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pellucid.engines.kernels import plan
from pellucid.maths.typing import Array

TRAIN, PREDICT = 0, 1


@dataclass(frozen=True)
class Argument:
    """One array: whole numbers, doubles, or numbers of the network's dtype ("real")."""

    name: str
    dtype: Literal["int64", "float64", "real"]
    role: str


_NETWORK = (
    Argument("layers", "int64", "a row of LAYER_FIELDS for each layer"),
    Argument("plan", "int64", "what there is once"),
    Argument("order", "int64", "row numbers, those of one epoch after those of the other"),
    Argument("options", "float64", "the numbers that formulas are given"),
    Argument("X", "real", "inputs (n, p), row by row"),
    Argument("theta", "real", "all parameters, rounded up to SIZE"),
    Argument("work", "real", "the workspace, WORK elements for each worker"),
)
PREDICT_ARRAYS = (*_NETWORK, Argument("out", "real", "outputs (n, k), row by row"))
TRAIN_ARRAYS = (
    *_NETWORK,
    Argument("settings", "float64", "numbers that there are once"),
    Argument("Y", "real", "targets (n, k), row by row"),
    Argument("labels", "real", "class numbers (n,), of cross-entropy"),
    Argument("weight", "real", "sample weights (n,), where HAS_WEIGHT"),
    Argument("numbers", "float64", "STEP_NUMBERS for each update"),
    Argument("gradient", "real", "SIZE elements for each worker"),
    Argument("state", "real", "the vectors of the optimizer's state, SIZE elements each"),
    Argument("penalized", "real", "1 where the penalty acts, else 0"),
    Argument("before", "real", "θ before the last epoch"),
    Argument("sums", "float64", "a row of results for each worker"),
    Argument("results", "float64", "a row of results for each epoch"),
    Argument("sync", "int64", "where workers meet"),
    Argument("wide", "float64", "gradients of many tiles; one element where no batch has many"),
)


def in_order(arguments: tuple[Argument, ...], arrays: Mapping[str, Array]) -> list[Array]:
    """The arrays of a call, by name, in the order in which the kernel takes them."""
    return [arrays[argument.name] for argument in arguments]


def as_json() -> dict[str, Any]:
    """All of it as plain data: the arrays of each call, and the places in `layers`, `plan` and `settings`.

    >>> as_json()["predict"][-1], as_json()["plan"]["ROWS"]
    ({'name': 'out', 'dtype': 'real', 'role': 'outputs (n, k), row by row'}, 1)
    """
    return {
        "what": {"train": TRAIN, "predict": PREDICT},
        "train": [asdict(argument) for argument in TRAIN_ARRAYS],
        "predict": [asdict(argument) for argument in PREDICT_ARRAYS],
        "layers": _places("INPUTS", "LAYER_FIELDS"),
        "plan": _places("N_LAYERS", "PLAN_FIELDS"),
        "settings": _places("TOTAL_WEIGHT", "SETTINGS"),
    }


def _places(first: str, length: str) -> dict[str, int]:
    """The places that `kernels.plan` names from `first` to the one before `length`, which counts them."""
    names = list(vars(plan))
    return {name: vars(plan)[name] for name in names[names.index(first) : names.index(length)]}
