"""The toy sets by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pellucid.datasets import classes as kinds
from pellucid.datasets import values
from pellucid.maths.registry import unknown_name
from pellucid.maths.typing import RandomState


@dataclass(frozen=True)
class ToyData:
    """A toy set: `classes` is the least and the most of them, and None for regression; `make` draws points."""

    name: str
    title: str
    task: Literal["classification", "regression"]
    classes: tuple[int, int] | None
    make: Callable[..., tuple[npt.NDArray[np.float64], npt.NDArray[Any]]]

    @property
    def choose_classes(self) -> bool:
        """Whether the number of classes can be chosen."""
        return self.classes is not None and self.classes[0] < self.classes[1]


_SOME = (2, kinds.MOST_CLASSES)

DATASETS: dict[str, ToyData] = {
    toy.name: toy
    for toy in (
        ToyData("moons", "Two half moons", "classification", (2, 2), kinds.moons),
        ToyData("circles", "A ring in a ring", "classification", (2, 2), kinds.circles),
        ToyData("xor", "Exclusive or", "classification", (2, 2), kinds.xor),
        ToyData("clouds", "Clouds", "classification", _SOME, kinds.clouds),
        ToyData("spirals", "Spirals", "classification", _SOME, kinds.spirals),
        ToyData("plane", "A slope", "regression", None, values.plane),
        ToyData("hills", "Hills and hollows", "regression", None, values.hills),
        ToyData("waves", "Waves", "regression", None, values.waves),
    )
}


def make(
    name: str, n: int, *, noise: float = 0.1, classes: int | None = None, random_state: RandomState = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Draw n points of the toy set `name`: X (n, 2), and y (n,), class numbers or values.

    `classes` is for the sets that let you choose, clouds and spirals; None means two there.

    >>> X, y = make("clouds", 300, classes=3, random_state=0)
    >>> X.shape, y.max()
    ((300, 2), np.int64(2))

    Raises
    ------
    ValueError
        For an unknown name, fewer points than classes, noise below 0, or classes that the set does not have.
    """
    if name not in DATASETS:
        raise ValueError(unknown_name("data set", name, DATASETS))
    toy = DATASETS[name]
    if toy.choose_classes:
        return toy.make(n, noise=noise, classes=2 if classes is None else classes, random_state=random_state)
    if classes is not None and toy.classes is None:
        raise ValueError(f"classes must be None for {name!r}, whose y is a value, got {classes!r}")
    if classes not in (None, 2):
        raise ValueError(f"classes must be None or 2 for {name!r}, got {classes!r}; clouds and spirals have up to 8")
    return toy.make(n, noise=noise, random_state=random_state)
