"""Rows drawn by hand, into an empty picture or into that of other rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pellucid.playground.limits import MAX_CLASSES, MAX_POINTS
from pellucid.playground.rows.data import of_the_plane
from pellucid.playground.rows.rows import DataError, Floats, Rows, check_test_share, widened

MIN_TO_SPLIT = 10
"""With fewer points in an empty picture there is no test set."""

MAX_COORDINATE = 1_000_000


def from_points(
    points: Sequence[Sequence[float]],
    *,
    task: Literal["classification", "regression"] = "classification",
    test_share: float = 50.0,
    features: Sequence[str] = ("x1", "x2"),
) -> Rows:
    """Points [[x1, x2, y], …] of an empty picture: y is a class number from 0, which stays what it is, or a value.

    One point can be shown; `needed` says which points are missing for training. With fewer than 10 points the test set
    is the training set, and `notes` says so. With more, a share of each class is the test set, chosen evenly in the
    order drawn, so that no point changes sides when another is drawn. No `features` means the coordinates.

    >>> rows = from_points([[0, 0.5, 0], [0.3, -0.5, 1]])
    >>> rows.needed, rows.notes
    ('', ('Fewer than 10 points: all are for training, and the test is on the same.',))
    >>> from_points([[0, 0.5, 1]]).needed
    'To train, draw at least 2 points, of 2 classes or more.'

    Raises
    ------
    DataError
        For no points at all or too many, numbers that are not finite, or classes other than 0 … 7.
    """
    located, y = _checked(points, task)
    if np.abs(located).max() > MAX_COORDINATE:
        raise DataError(
            f"Points must be within ±{MAX_COORDINATE:,}, got {located[np.abs(located) > MAX_COORDINATE][0]:g}."
        )
    needed = ""
    if task == "classification":
        if len(np.unique(y)) < 2:
            needed = "To train, draw at least 2 points, of 2 classes or more."
    elif len(y) < 2:
        needed = "To train, draw at least 2 points."
    rows = of_the_plane("points", task, located, y, features or ("x1", "x2"))
    # A class without points is an output that learns to be 0; a single class would leave nothing to learn.
    rows = replace(rows, classes=("0", "1")) if len(rows.classes) == 1 else rows
    if task == "regression" and rows.value_range[0] == rows.value_range[1]:
        rows = replace(rows, value_range=widened(*rows.value_range))
    kept = _kept_as_drawn(y, check_test_share(test_share) / 100)
    if len(y) >= MIN_TO_SPLIT and kept.any():
        return replace(rows, train=np.flatnonzero(~kept), test=np.flatnonzero(kept), needed=needed)
    few = f"Fewer than {MIN_TO_SPLIT} points" if len(y) < MIN_TO_SPLIT else "Few points of each class"
    note = f"{few}: all are for training, and the test is on the same."
    return replace(rows, test=rows.train, needed=needed, notes=(note,))


def with_drawn(rows: Rows, points: Sequence[Sequence[float]]) -> Rows:
    """Rows with more points [[x1, x2, y], …] that were drawn into their picture; all of them are to train on.

    Inputs that the picture does not show get the values at which it was cut. A class number may be the next new one.

    >>> from pellucid.playground.rows.data import toy
    >>> rows = with_drawn(toy("moons", samples=100), [[0.5, 1.0, 2]])
    >>> len(rows.train), len(rows.test), rows.classes, rows.notes
    (51, 50, ('0', '1', '2'), ('1 drawn by hand, to train on.',))

    Raises
    ------
    DataError
        For points as `from_points` refuses them, or far from the picture.
    """
    located, y = _checked(points, rows.task)
    drawn = rows.drawn + len(y)
    if drawn > MAX_POINTS:
        raise DataError(f"At most {MAX_POINTS:,} points can be drawn, got {drawn:,}.")
    ranges = []
    for values, (low, high) in zip(located.T, rows.ranges, strict=True):
        if np.any((values < low - 10 * (high - low)) | (values > high + 10 * (high - low))):
            raise DataError(f"Points must lie in the picture ({low:g} to {high:g}), got {values.round(3).tolist()}.")

        ranges.append((min(low, float(values.min())), max(high, float(values.max()))))
    classes = rows.classes
    if classes:
        numbered = classes == tuple(map(str, range(len(classes))))
        new = range(len(classes), int(y.max()) + 1)
        classes += tuple(str(k) if numbered else f"class {k + 1}" for k in new)
    everything = np.arange(len(rows.y), len(rows.y) + len(y))
    train = np.concatenate([rows.train, everything])
    return replace(
        rows,
        inputs=np.concatenate([rows.inputs, rows.plane(located)]),
        y=np.concatenate([rows.y, y]),
        classes=classes,
        train=train,
        test=train if rows.test is rows.train else rows.test,
        points=np.concatenate([rows.points, located]),
        ranges=(ranges[0], ranges[1]),
        value_range=(min(rows.value_range[0], float(y.min())), max(rows.value_range[1], float(y.max()))),
        table=None if rows.table is None else rows.table | {"rows": rows.table["rows"] + len(y)},
        notes=(*(rows.notes[:-1] if rows.drawn else rows.notes), f"{drawn:,} drawn by hand, to train on."),
        recipe=None,
        drawn=drawn,
    )


def _checked(points: Sequence[Sequence[float]], task: str) -> tuple[Floats, npt.NDArray[Any]]:
    """Coordinates of points (n, 2), and their class numbers or values (n,)."""
    try:
        table = np.array([list(point) for point in points], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("Points must be a list of [x1, x2, y], all of them numbers.") from error
    if not len(table):
        raise DataError("There are no points: draw at least 2, of 2 classes or more.")
    if table.ndim != 2 or table.shape[1] != 3 or not np.isfinite(table).all():
        raise DataError("Points must be a list of [x1, x2, y], all of them finite numbers.")
    if len(table) > MAX_POINTS:
        raise DataError(f"At most {MAX_POINTS:,} points can be drawn, got {len(table):,}.")
    located, y = np.ascontiguousarray(table[:, :2]), np.ascontiguousarray(table[:, 2])
    if task == "regression":
        if np.abs(y).max() > MAX_COORDINATE:
            raise DataError(f"Values must be within ±{MAX_COORDINATE:,}, got {y[np.abs(y).argmax()]:g}.")
        return located, y
    if not np.isin(y, np.arange(MAX_CLASSES)).all():
        wrong = y[~np.isin(y, np.arange(MAX_CLASSES))][0]
        raise DataError(f"The class of a point must be a whole number from 0 to {MAX_CLASSES - 1}, got {wrong:g}.")
    return located, y.astype(np.int64)


def _kept_as_drawn(y: npt.NDArray[Any], share: float) -> npt.NDArray[np.bool_]:
    """Test points: about share · m of each class's first m points, never its first."""
    kept = np.zeros(len(y), dtype=bool)
    groups = y if np.issubdtype(y.dtype, np.integer) else np.zeros(len(y))
    for group in np.unique(groups):
        places = np.flatnonzero(groups == group)
        kept[places] = np.diff(np.floor(share * np.arange(len(places) + 1) + 1e-9)) > 0
    return kept
