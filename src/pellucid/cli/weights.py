"""Sample weights from `--class-weight`."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from pellucid.models.encoded_table import Parts
from pellucid.tables.errors import UserError, did_you_mean, listed, quoted
from pellucid.tables.tasks import Task

BALANCED = "balanced"


def weights_of_rows(task: Task, parts: Parts, asked: Collection[str]) -> npt.NDArray[np.float64] | None:
    """A weight for each row, 1 on average over the training rows; None if all weights are equal.

    "balanced" gives all classes the same total weight: n / (k nᶜ) for a row of a class with nᶜ of the n rows.
    """
    if not asked:
        return None
    if not task.classifies:
        raise UserError(f"--class-weight must be left out where no classes are learned, got {listed(asked)}")
    counts = np.bincount(task.y[parts.train_valid].astype(np.int64), minlength=len(task.classes))
    if BALANCED in asked:
        if len(asked) > 1:
            raise UserError(f"--class-weight must be {BALANCED} alone, or weights of classes, got {listed(asked)}")
        present = np.count_nonzero(counts)
        of_class = np.where(counts > 0, counts.sum() / (present * np.maximum(counts, 1)), 1.0)
    else:
        of_class = np.ones(len(task.classes))
        for word in asked:
            place, weight = _read(word, task.classes)
            of_class[place] = weight
    weights = of_class[task.y.astype(np.int64)]
    mean = weights[parts.training].mean()
    if not mean:
        raise UserError(f"--class-weight must leave a class with a weight above 0, got {listed(asked)}")
    return weights / mean


def _read(word: str, classes: tuple[str, ...]) -> tuple[int, float]:
    """The number of a class and its weight, from "CLASS=WEIGHT"."""
    name, separator, number = word.rpartition("=")
    try:
        weight = float(number) if separator else math.nan
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight >= 0):
        example = f"{classes[-1]}=10"
        raise UserError(
            f"--class-weight must be {BALANCED}, or a class and a number of at least 0, such as {quoted(example)}; got "
            f"{quoted(word)}"
        )
    if name not in classes:
        raise UserError(
            f"--class-weight must name a class, got {quoted(name)}{did_you_mean(name, classes)} "
            f"Classes: {listed(classes)}"
        )
    return classes.index(name), weight
