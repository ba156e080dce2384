"""Toy data sets by name."""

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
    """A toy set: `title` is a short name for captions; `classes` is the smallest and largest number of classes, if it
    can be chosen; `make` draws points.
    """

    name: str
    title: str
    task: Literal["classification", "regression"]
    classes: tuple[int, int] | None
    make: Callable[..., tuple[npt.NDArray[np.float64], npt.NDArray[Any]]]


_SOME = (2, kinds.MAX_CLASSES)

DATASETS: dict[str, ToyData] = {
    toy.name: toy
    for toy in (
        ToyData("moons", "Moons", "classification", None, kinds.moons),
        ToyData("circles", "Rings", "classification", None, kinds.circles),
        ToyData("xor", "XOR", "classification", None, kinds.xor),
        ToyData("clouds", "Clouds", "classification", _SOME, kinds.clouds),
        ToyData("spirals", "Spirals", "classification", _SOME, kinds.spirals),
        ToyData("plane", "Slope", "regression", None, values.plane),
        ToyData("hills", "Hills", "regression", None, values.hills),
        ToyData("waves", "Waves", "regression", None, values.waves),
    )
}


def make(
    name: str, n: int, *, noise: float = 0.1, classes: int | None = None, random_state: RandomState = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[Any]]:
    """Draw n points of the toy set `name`: X (n, 2), and y (n,), class numbers or values.

    `classes` applies to the sets with a choosable number of classes, clouds and spirals; None means two there.

    >>> X, y = make("clouds", 300, classes=3, random_state=0)
    >>> X.shape, y.max()
    ((300, 2), np.int64(2))

    Raises
    ------
    ValueError
        For an unknown name, fewer points than classes, negative noise, or an invalid number of classes.
    """
    if name not in DATASETS:
        raise ValueError(unknown_name("data set", name, DATASETS))
    toy = DATASETS[name]
    if toy.classes is not None:
        return toy.make(n, noise=noise, classes=2 if classes is None else classes, random_state=random_state)
    if classes is not None:
        choose = " and ".join(name for name, other in DATASETS.items() if other.classes)
        raise ValueError(f"classes must be None for {name!r}, got {classes!r}: only {choose} let you choose")
    return toy.make(n, noise=noise, random_state=random_state)
