"""Rows as the network takes them, split in training and test, and their places in the picture.

Shapes: n rows, P inputs that can be switched on, p that are on, g × g points of a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pellucid.maths.registry import unknown_name
from pellucid.playground.rows.literals import arrays_as_code

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Range = tuple[float, float]


class DataError(ValueError):
    """Rows that cannot be trained on; the message is for the person at the page."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows, and all that the page shows of them.

    Attributes
    ----------
    name : str
        Of a toy set or a file.
    task : "classification" or "regression"
    inputs : array (n, P)
        Everything that can be switched on, finite, scaled as the network takes it.
    names, labels : tuples of P str
        Of the inputs: the name in settings and addresses, and how it is written.
    on : tuple of p int
        Which inputs the network is given, in order.
    y : array (n,)
        Class numbers 0 … k−1, or values (in units of `unit`: value = y · scale + mean).
    classes : tuple of k str
        Their labels; empty for regression.
    train, test : arrays of row numbers
        The same rows if they are too few to split.
    points : array (n, 2)
        Where each row lies in the picture.
    ranges : ((low, high), (low, high))
        Of the picture: left to right, bottom to top.
    axes : (str, str)
        What the picture's axes are called.
    value_range : (low, high)
        Of y, for regression.
    table : dict or None
        Of a table: `columns`, `target`, `shown`, `rows`.
    notes : tuple of str
        What was done to the data that a reader should know.
    needed : str
        What is missing before anything can be trained; "" where nothing is.
    unit : (mean, scale)
        Of y in regression.
    drawn : int
        How many of the rows, the last, were drawn by hand into the picture of the others.
    """

    name: str
    task: Literal["classification", "regression"]
    inputs: Floats
    names: tuple[str, ...]
    labels: tuple[str, ...]
    on: tuple[int, ...]
    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    train: Indices
    test: Indices
    points: Floats
    ranges: tuple[Range, Range]
    axes: tuple[str, str]
    plane: Callable[[Floats], Floats] = field(repr=False)
    """The inputs (m, P) at points (m, 2) of the picture."""
    value_range: Range = (-1.0, 1.0)
    table: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    needed: str = ""
    unit: tuple[float, float] = (0.0, 1.0)
    drawn: int = 0
    recipe: Callable[[Rows], str] | None = field(default=None, repr=False)
    """How the same arrays are made on the public API; None: by their numbers."""

    def output_labels(self, n_outputs: int) -> list[str]:
        """Labels of a network's outputs; a single output for two classes is that of the second."""
        if self.task == "regression":
            return [str(self.table["target"]) if self.table else "y"]
        return [self.classes[1]] if n_outputs == 1 else list(self.classes)

    @property
    def X(self) -> Floats:
        """The inputs that are on (n, p)."""
        return np.ascontiguousarray(self.inputs[:, self.on])

    @property
    def X_train(self) -> Floats:
        """Training inputs."""
        return self.X[self.train]

    @property
    def X_test(self) -> Floats:
        """Test inputs."""
        return self.X[self.test]

    @property
    def y_train(self) -> npt.NDArray[Any]:
        """Training classes or values."""
        return self.y[self.train]

    @property
    def y_test(self) -> npt.NDArray[Any]:
        """Test classes or values."""
        return self.y[self.test]

    @property
    def features_on(self) -> tuple[str, ...]:
        """The names of the inputs that are on."""
        return tuple(self.names[j] for j in self.on)

    def with_features(self, names: Sequence[str]) -> Rows:
        """The same rows with other inputs switched on.

        Raises
        ------
        DataError
            For an unknown name, or none at all.
        """
        return replace(self, on=switched_on(names, self.names))

    def grid(self, g: int) -> Floats:
        """The network's inputs (g², p) at the points of a picture, row by row from the top left."""
        return np.ascontiguousarray(self.grid_of_all(g)[:, self.on])

    def grid_of_all(self, g: int) -> Floats:
        """As `grid`, for all inputs (g², P), switched on or not."""
        return self.plane(plane_points(self.ranges, g))

    def code(self) -> str:
        """A program that makes X_train, X_test, y_train and y_test of these rows, bit for bit."""
        if self.recipe is not None:
            return self.recipe(self)
        lines = [f"{self.name}: {len(self.train)} rows to train on, {len(self.test)} to test on."]
        if self.drawn:
            lines.append(f"the last {self.drawn} to train on were drawn by hand")
        lines.append(f"inputs: {', '.join(self.features_on)}")
        if self.classes:
            lines.append("y: " + ", ".join(f"{number} is {label}" for number, label in enumerate(self.classes)))
        elif self.unit != (0.0, 1.0):
            lines.append(f"y: (value - {self.unit[0]!r}) / {self.unit[1]!r}")
        arrays = {"X_train": self.X_train, "X_test": self.X_test, "y_train": self.y_train, "y_test": self.y_test}
        if self.train is self.test:
            del arrays["X_test"], arrays["y_test"]
        program = arrays_as_code(arrays)
        if self.train is self.test:
            program += "X_test, y_test = X_train, y_train\n"
        return "".join(map(_comment, lines)) + program


def _comment(text: str) -> str:
    """A comment in a program; a line break in a cell of a file must not end it."""
    return "# " + "".join(letter if letter.isprintable() else " " for letter in text) + "\n"


def switched_on(names: Sequence[str], known: Sequence[str]) -> tuple[int, ...]:
    """Positions of `names` among the `known` inputs, in the order of `known`."""
    for name in names:
        if name not in known:
            raise DataError(unknown_name("feature", name, known))
    if not names:
        raise DataError("The network needs one input or more: switch a feature on.")
    return tuple(place for place, name in enumerate(known) if name in set(names))


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, with a number after each repetition.

    >>> distinct(["size", "hue", "size"])
    ('size', 'hue', 'size (2)')
    """
    taken: dict[str, None] = {}
    for name in names:
        number, fresh = 1, name
        while fresh in taken:
            number += 1
            fresh = f"{name} ({number})"
        taken[fresh] = None
    return tuple(taken)


def plane_points(ranges: tuple[Range, Range], g: int) -> Floats:
    """Centres of the g × g squares of the picture (g², 2), row by row from the top left."""
    (left, right), (bottom, top) = ranges
    middles = (np.arange(g) + 0.5) / g
    x1, x2 = np.meshgrid(left + middles * (right - left), top - middles * (top - bottom))
    return np.column_stack([x1.ravel(), x2.ravel()])


def check_test_share(test_share: float) -> float:
    """The share in percent, exclusive of 0 and 100: both parts need rows."""
    if not 0 < test_share < 100:
        raise DataError(f"Test share must be above 0 and below 100 %, got {test_share:g}.")
    return float(test_share)


def widened(low: float, high: float, *, margin: float = 0.08) -> Range:
    """A range with a margin; one of width 1 around a single value."""
    extra = margin * (high - low) if high > low else 0.5
    return float(low - extra), float(high + extra)
