"""Rows of a toy set and of arrays; `own_table` has those of tables, `drawn` those drawn by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pellucid import datasets
from pellucid.datasets import split_rows
from pellucid.playground.limits import MAX_CLASSES
from pellucid.playground.rows.rows import (
    DataError,
    Floats,
    Range,
    Rows,
    check_test_share,
    distinct,
    plane_points,
    switched_on,
    widened,
)

__all__ = ["DataError", "Rows", "from_arrays", "plane_points", "thumbnails", "toy"]

REACH = 1.25
"""Half the width of a toy set's picture; more if noise has moved points beyond it."""

THUMBNAIL_POINTS = 60

TARGET = "y"
"""The name of the target of arrays."""


# Toy sets ---------------------------------------------------------------------------------------------------------


def toy(
    name: str,
    *,
    samples: int = 400,
    noise: float = 10.0,
    classes: int = 2,
    test_share: float = 50.0,
    seed: int = 0,
    features: Sequence[str] = ("x1", "x2"),
) -> Rows:
    """Points of a toy set; `noise` and `test_share` in percent, `classes` for sets with a choice of classes.

    >>> rows = toy("moons", samples=100, noise=20, features=["x1", "x1*x2"])
    >>> rows.X_train.shape, rows.classes
    ((50, 2), ('0', '1'))
    """
    try:
        kind = datasets.DATASETS[name]
        k = classes if kind.classes else None
        points, y = datasets.make(name, samples, noise=noise / 100, classes=k, random_state=seed)
    except KeyError:
        raise DataError(f"There is no data set named {name!r}; there are {', '.join(datasets.DATASETS)}.") from None
    except ValueError as error:
        raise DataError(str(error)) from error
    train, test = split_rows(y, test_share=check_test_share(test_share) / 100, random_state=seed)

    def recipe(rows: Rows) -> str:
        arguments = f"{samples}, noise={noise / 100!r}, " + (f"classes={k}, " if k else "") + f"random_state={seed}"
        return (
            "from pellucid import datasets\n\n"
            f"points, y = datasets.{name}({arguments})\n"
            f"X = datasets.features(points, {json.dumps(rows.features_on)})\n"
            "X_train, X_test, y_train, y_test = "
            f"datasets.split(X, y, test_share={test_share / 100!r}, random_state={seed})\n"
        )

    rows = of_the_plane(name, kind.task, points, y, features)
    low, high = rows.value_range
    return replace(rows, train=train, test=test, value_range=(min(low, -1.0), max(high, 1.0)), recipe=recipe)


def of_the_plane(name: str, task: Any, points: Floats, y: npt.NDArray[Any], features: Sequence[str]) -> Rows:
    """Rows of points (n, 2) of the plane, with all features to switch on; not split yet."""
    names = tuple(datasets.FEATURES)
    reach = REACH
    if len(points) and np.abs(points).max() > REACH:
        reach = float(np.ceil(21 * np.abs(points).max()) / 20)  # 5 % more, in steps of 0.05
    everything = np.arange(len(y))
    return Rows(
        name=name,
        task=task,
        inputs=datasets.features(points, names),
        names=names,
        labels=tuple(feature.label for feature in datasets.FEATURES.values()),
        on=switched_on(features, names),
        y=y,
        classes=tuple(str(label) for label in range(int(y.max()) + 1)) if task == "classification" else (),
        train=everything,
        test=everything,
        points=points,
        ranges=((-reach, reach), (-reach, reach)),
        axes=("x₁", "x₂"),
        plane=lambda at: datasets.features(at, names),
        value_range=(float(y.min()), float(y.max())),
    )


def thumbnails() -> npt.NDArray[np.float32]:
    """A small picture of every toy set (sets, 60, 3): x1 and x2 within −1 … 1, and y, the class number or the value."""
    pictures = []
    for name, kind in datasets.DATASETS.items():
        points, y = datasets.make(
            name, THUMBNAIL_POINTS, noise=0.02, classes=3 if kind.classes else None, random_state=0
        )
        pictures.append(np.column_stack([points / max(1.0, np.abs(points).max()), y]))
    return np.asarray(pictures, dtype=np.float32)


# Arrays -----------------------------------------------------------------------------------------------------------


def from_arrays(
    X: Any,
    y: Any,
    *,
    model: Any = None,
    test_share: float = 25.0,
    seed: int = 0,
    features: Sequence[str] = (),
    shown: Sequence[str] = (),
) -> Rows:
    """Rows from Python: X (n, p) of numbers, used unscaled; y (n,) labels or values.

    The classes are the `model`'s where it has `classes_`; a network with classes takes y as class numbers. The first
    two columns are the picture's axes, or those that `shown` names; a data frame's columns keep their names.

    >>> rows = from_arrays([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0]] * 4, ["no", "yes"] * 4)
    >>> rows.classes, rows.axes, len(rows.test)
    (('no', 'yes'), ('x1', 'x2'), 2)

    Raises
    ------
    DataError
        For shapes that do not fit, numbers that are not finite, or classes that the model does not know.
    """
    names = _names_of(X, model)
    try:
        inputs = np.array(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("X must hold numbers only (n rows, p columns).") from error
    if inputs.ndim != 2 or 0 in inputs.shape:
        raise DataError(f"X must be rows of numbers (n, p), got the shape {inputs.shape}.")
    if not np.isfinite(inputs).all():
        raise DataError("X must hold finite numbers: fill in or drop what is missing.")
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != (len(inputs),):
        raise DataError(f"y must have one label or value for each of {len(inputs)} rows, got the shape {labels.shape}.")
    if len(inputs) < 2:
        raise DataError("X must have at least 2 rows, one to train on and one to test on.")
    expected = getattr(model, "n_features_in_", None) or getattr(model, "n_inputs", None) or inputs.shape[1]
    if expected != inputs.shape[1]:
        raise DataError(f"X must have the model's {expected} columns, got {inputs.shape[1]}.")
    names = distinct(names or [f"x{number}" for number in range(1, inputs.shape[1] + 1)])
    classes, targets = _classes_of(labels, model)
    task: Literal["classification", "regression"] = "classification" if classes else "regression"
    train, test = split_rows(targets, test_share=check_test_share(test_share) / 100, random_state=seed)
    first, second = _axes(shown, names)
    middle = inputs[train].mean(axis=0)
    points = np.column_stack([inputs[:, first], inputs[:, second] if second is not None else np.zeros(len(inputs))])

    def plane(at: Floats) -> Floats:
        filled = np.tile(middle, (len(at), 1))
        filled[:, first] = at[:, 0]
        if second is not None:
            filled[:, second] = at[:, 1]
        return filled

    ranges: tuple[Range, Range] = (
        widened(points[:, 0].min(), points[:, 0].max()),
        widened(points[:, 1].min(), points[:, 1].max()),
    )
    return Rows(
        name="arrays",
        task=task,
        inputs=inputs,
        names=names,
        labels=names,
        on=switched_on(features or names, names),
        y=targets,
        classes=classes,
        train=train,
        test=test,
        points=points,
        ranges=ranges,
        axes=(names[first], names[second] if second is not None else ""),
        plane=plane,
        value_range=widened(float(targets.min()), float(targets.max()), margin=0.0),
        table={
            "columns": [*names, TARGET],
            "target": TARGET,
            "shown": _shown(names, first, second),
            "rows": len(inputs),
        },
    )


def _names_of(X: Any, model: Any) -> tuple[str, ...]:
    names = getattr(X, "columns", None)
    if names is None:
        names = getattr(model, "feature_names_in_", None)
    return () if names is None else tuple(str(name) for name in names)


def _axes(shown: Sequence[str], names: tuple[str, ...]) -> tuple[int, int | None]:
    for name in shown:
        if name not in names:
            raise DataError(f"shown must name columns of X, got {name!r}.")
    places = [names.index(name) for name in shown]
    places += [place for place in range(len(names)) if place not in places]
    return places[0], places[1] if len(places) > 1 else None


def _shown(names: tuple[str, ...], first: int, second: int | None) -> list[str]:
    return [names[first], names[second if second is not None else first]]


def _classes_of(y: npt.NDArray[Any], model: Any) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    """The class labels and y as class numbers; or none, and y as values."""
    known = getattr(model, "classes_", None)
    loss = getattr(model, "loss", None)
    if isinstance(known, list):
        raise DataError("The model has several targets; here it can have one.")
    if known is not None:
        known = np.asarray(known)
    elif getattr(loss, "task", "") == "classification":  # a Network, whose classes are numbers
        known = np.arange(max(2, model.n_outputs))
    elif getattr(loss, "task", "") == "regression" or _is_regressor(model):
        known = None
    elif not np.issubdtype(y.dtype, np.floating) or _few_whole_numbers(y):
        try:
            known = np.unique(y)
        except TypeError as error:
            raise DataError("y must hold labels of one kind, with none missing.") from error
    if known is None:
        try:
            values = y.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise DataError("y must hold numbers, for regression.") from error
        if not np.isfinite(values).all():
            raise DataError("y must hold finite numbers.")
        return (), values
    if not 2 <= len(known) <= MAX_CLASSES:
        raise DataError(f"y must have 2 to {MAX_CLASSES} classes here, got {len(known)}.")
    codes = {label: number for number, label in enumerate(known.tolist())}
    strange = next((label for label in y.tolist() if label not in codes), None)
    if strange is not None:
        raise DataError(f"y must hold classes that the model knows ({', '.join(map(str, codes))}), got {strange!r}.")
    numbers = np.array([codes[label] for label in y.tolist()], dtype=np.int64)
    return tuple(str(label) for label in known.tolist()), numbers


def _is_regressor(model: Any) -> bool:
    from sklearn.base import is_regressor

    return hasattr(model, "__sklearn_tags__") and bool(is_regressor(model))


def _few_whole_numbers(y: npt.NDArray[Any]) -> bool:
    finite = np.isfinite(y).all()
    return bool(finite and (y == np.floor(y)).all() and len(np.unique(y)) <= min(MAX_CLASSES, len(y) // 2))
