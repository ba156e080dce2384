"""The target column as the numbers that a network learns, and back: class numbers, or standardised values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.preprocessing import StandardScaler

from pellucid.tables.conversion import as_labels, as_numbers
from pellucid.tables.errors import UserError, listed, quoted
from pellucid.tables.tasks import Task

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ClassTarget:
    """Class names, in the order of their numbers 0, 1, 2, …; `numeric` if the column holds numbers.

    >>> species = ClassTarget("species", ("owl", "wren"))
    >>> species.encode(pl.Series("species", ["wren", "owl"]))
    array([1, 0])
    >>> species.decode(np.array([1, 0])).tolist()
    ['wren', 'owl']
    """

    name: str
    classes: tuple[str, ...]
    numeric: bool = False

    def encode(self, column: pl.Series) -> npt.NDArray[np.int64]:
        """Class numbers (n,) of a column without missing values; UserError for unknown classes."""
        labels = as_labels(column, self.classes)
        codes = labels.replace_strict(self.classes, range(len(self.classes)), default=None, return_dtype=pl.Int64)
        if codes.null_count():
            unknown = labels.filter(codes.is_null()).unique(maintain_order=True)
            raise UserError(
                f"FILE must hold classes in {quoted(self.name)} that the model was trained on, got "
                f"{listed(unknown, most=4)}. Classes: {listed(self.classes)}"
            )
        return codes.to_numpy().astype(np.int64)

    def decode(self, codes: Any) -> npt.NDArray[Any]:
        """The classes (n,) with these numbers, as in the column: numbers if `numeric`, else text."""
        names = np.array([float(one) for one in self.classes] if self.numeric else self.classes, dtype=None)
        decoded: npt.NDArray[Any] = names[np.asarray(codes).astype(np.int64)]
        return decoded


@dataclass(frozen=True)
class ValueTarget:
    """Values y, standardised to (y − mean)/scale, the range of a network's initial outputs.

    >>> price = ValueTarget("price", mean=100.0, scale=20.0)
    >>> price.encode(pl.Series("price", [100.0, 140.0]))
    array([0., 2.])
    >>> price.decode(np.array([0.0, 2.0]))
    array([100., 140.])
    """

    name: str
    mean: float
    scale: float

    @classmethod
    def fit(cls, name: str, y: npt.NDArray[Any]) -> ValueTarget:
        """Mean and standard deviation of the training rows' values (n,); the deviation of a constant counts as 1."""
        scaler = StandardScaler().fit(np.asarray(y, dtype=np.float64)[:, None])
        return cls(name, float(scaler.mean_[0]), float(scaler.scale_[0]))

    @property
    def classes(self) -> tuple[str, ...]:
        """Empty: values have no classes."""
        return ()

    def encode(self, column: pl.Series) -> Floats:
        """Standardised values (n,) of a column without missing values."""
        return self.standardise(as_numbers(column).to_numpy())

    def standardise(self, y: npt.NDArray[Any]) -> Floats:
        """(y − mean)/scale."""
        return (np.asarray(y, dtype=np.float64) - self.mean) / self.scale

    def decode(self, outputs: Any) -> Floats:
        """Values (n,) in the unit of the column, from outputs (n,) or (n, 1)."""
        return np.asarray(outputs, dtype=np.float64).reshape(len(outputs)) * self.scale + self.mean


Target = ClassTarget | ValueTarget


def fit_target(task: Task, rows: Any, *, numeric: bool = False) -> Target:
    """Fit the target of a task; mean and deviation of values are those of the training `rows` (indices).

    `numeric`: classes are numbers in the column.
    """
    if task.classifies:
        return ClassTarget(task.target, task.classes, numeric)
    return ValueTarget.fit(task.target, task.y[rows])


def target_as_json(target: Target) -> dict[str, Any]:
    """Values for `json.dumps`."""
    if isinstance(target, ClassTarget):
        return {"kind": "classes", **asdict(target), "classes": list(target.classes)}
    return {"kind": "values", **asdict(target)}


def target_from_json(state: dict[str, Any]) -> Target:
    """The target that `target_as_json` described."""
    if state["kind"] == "classes":
        return ClassTarget(state["name"], tuple(state["classes"]), state["numeric"])
    return ValueTarget(state["name"], state["mean"], state["scale"])
