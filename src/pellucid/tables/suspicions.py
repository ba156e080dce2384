"""Find reasons why a score may be misleading: row numbers, columns that give the answer away, dated rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.tree import DecisionTreeClassifier

from pellucid.tables.columns import Columns
from pellucid.tables.tasks import Task

Indices = npt.NDArray[np.int64]

PERFECT = 0.999
"""R² or accuracy on held-out rows from which on a single column gives the target."""

SAME_ORDER = 0.9999
"""Spearman's rank correlation from which on the target is a monotone function of a column."""

_MARKS = {sign * value for value in (99.0, 999.0, 9999.0, 99_999.0, 999_999.0) for sign in (1, -1)} | {-1.0, -9.0}
"""Numbers that are used to mark missing values."""

_MAX_ROWS = 10_000
_MIN_TEST_ROWS = 10
_MIN_TEST_ROWS_FOR_CLASSES = 30
"""With few, well separated classes, a column may be right in a dozen rows by chance."""

_IDENTIFIER = re.compile(
    r"(^|[\W_])(id|ids|idx|index|key|uuid|guid|pid|nr|no|number|rowid)$|[a-z](Id|ID|Key|Nr)$", re.I
)


def counts_rows(column: pl.Series) -> bool:
    """Whether the numbers of a column are 0, 1, 2, … or 1, 2, 3, … in the order of the rows.

    >>> counts_rows(pl.Series([1.0, 2.0, 3.0])), counts_rows(pl.Series([1.0, 3.0, 2.0]))
    (True, False)
    """
    if column.dtype != pl.Float64 or len(column) < 3 or column.null_count():
        return False
    return bool(column[0] in (0.0, 1.0) and (column.diff().drop_nulls() == 1.0).all())


def identifiers(table: pl.DataFrame, columns: Columns) -> list[str]:
    """Columns of numbers that are named like an identifier and have a different whole number in each row."""
    found = []
    for name in columns.numbers:
        column = table[name]
        called_so = _IDENTIFIER.search(name) is not None
        if called_so and not column.null_count() and (column == column.floor()).all() and column.is_unique().all():
            found.append(name)
    return found


def in_order_of_time(table: pl.DataFrame, columns: Columns) -> list[str]:
    """Columns of dates by which the rows are sorted: a random split then tests between training rows."""
    return [
        name
        for name in columns.times
        if table[name].n_unique() > table.height / 4
        and (table[name].is_sorted() or table[name].is_sorted(descending=True))
        and not table[name].null_count()
    ]


def giveaways(rows: pl.DataFrame, columns: Columns, task: Task, known: Indices, test: Indices) -> list[str]:
    """Columns that predict the target of held-out rows alone.

    Numbers by a linear or monotone function (for classes: by thresholds), text by the class or value of each word.
    """
    if len(test) < _MIN_TEST_ROWS:
        return []
    known, test = known[:_MAX_ROWS], test[:_MAX_ROWS]
    gives = _gives_class if task.classifies else _gives_value
    found = [name for name in columns.numbers if gives(rows[name].to_numpy(), task.y, known, test)]
    return found + [name for name in columns.categories if _maps(rows[name], task, known, test)]


def marks_of_missing(table: pl.DataFrame, columns: Columns) -> list[tuple[str, int, int]]:
    """(column, value, count) for values such as -999 that occur several times, far away from all others."""
    found = []
    for name in columns.numbers:
        values = table[name].drop_nulls().to_numpy()
        for value in {float(values.min()), float(values.max())} & _MARKS:
            others = values[values != value]
            count = len(values) - len(others)
            if count < 2 or len(others) < 3:
                continue
            low, high = others.min(), others.max()
            if min(abs(value - low), abs(value - high)) > high - low:
                found.append((name, int(value), count))
    return found


def warnings_about(
    table: pl.DataFrame, rows: pl.DataFrame, columns: Columns, task: Task, known: Indices, test: Indices
) -> list[str]:
    """One sentence per suspicion."""
    said = []
    if counts_rows(table[task.target]):
        said.append(f"{task.target} counts the rows (a row number): there is nothing to learn but their order")
    said += [
        f"{name} alone gives {task.target}: is it known beforehand? (if not: --ignore {_word(name)})"
        for name in giveaways(rows, columns, task, known, test)
    ]
    said += [
        f"{name} has another whole number in each row: an identifier? (if so: --ignore {_word(name)})"
        for name in identifiers(table, columns)
    ]
    said += [
        f"{name}: {count:,} times {value}, far from all other values: a mark for missing? (if so, empty them)"
        for name, value, count in marks_of_missing(table, columns)
    ]
    said += [
        f"the rows are in order of {name}: those held out lie between those learned from; later ones may be harder"
        for name in in_order_of_time(table, columns)[:1]
    ]
    return said


def _word(name: str) -> str:
    return f"'{name}'" if re.search(r"[^\w.-]", name) else name


def _r2(y: Sequence[float] | npt.NDArray[Any], predicted: npt.NDArray[Any]) -> float:
    y = np.asarray(y, dtype=np.float64)
    scale = float(np.abs(y - y.mean()).max())
    if not scale:
        return 0.0
    residual, spread = (y - predicted) / scale, (y - y.mean()) / scale
    return 1.0 - float((residual**2).sum() / (spread**2).sum())


def _gives_value(x: npt.NDArray[Any], y: npt.NDArray[Any], known: Indices, test: Indices) -> bool:
    known, test = known[np.isfinite(x[known])], test[np.isfinite(x[test])]
    if len(known) < 20 or len(test) < _MIN_TEST_ROWS or np.ptp(x[known]) == 0 or np.ptp(y[test]) == 0:
        return False
    center, scale = x[known].mean(), np.ptp(x[known])
    u, v = (x - center) / scale, y[known] - y[known].mean()
    slope = float(u[known] @ v / (u[known] @ u[known]))
    offset = float(y[known].mean() - slope * u[known].mean())
    if _r2(y[test], slope * u[test] + offset) >= PERFECT:
        return True
    if len(np.unique(x[known])) < 20:
        return False
    ranks = pl.DataFrame({"x": x[test], "y": y[test]}).select(pl.corr("x", "y", method="spearman")).item()
    return abs(ranks) >= SAME_ORDER


def _gives_class(x: npt.NDArray[Any], y: npt.NDArray[Any], known: Indices, test: Indices) -> bool:
    known, test = known[np.isfinite(x[known])], test[np.isfinite(x[test])]
    if len(known) < 20 or len(test) < _MIN_TEST_ROWS_FOR_CLASSES or len(np.unique(y[test])) < 2:
        return False
    leaves = max(2, min(64, len(known) // 10))
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, random_state=0).fit(x[known, None], y[known])
    return bool(tree.score(x[test, None], y[test]) >= PERFECT)


def _maps(column: pl.Series, task: Task, known: Indices, test: Indices) -> bool:
    values = column.fill_null("").to_numpy()
    if len(known) < 20 or len(np.unique(task.y[test])) < 2 or len(np.unique(values[known])) > len(known) / 5:
        return False
    table = pl.DataFrame({"word": values[known], "y": task.y[known]})
    middle = pl.col("y").mode().first() if task.classifies else pl.col("y").mean()
    means = dict(table.group_by("word").agg(middle).iter_rows())
    seen = np.array([value in means for value in values[test]])
    if seen.sum() < _MIN_TEST_ROWS:
        return False
    predicted = np.array([means[value] for value in values[test][seen]])
    y = task.y[test][seen]
    return bool((predicted == y).mean() >= PERFECT if task.classifies else _r2(y, predicted) >= PERFECT)
