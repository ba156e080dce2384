"""Choose classification or regression by the target column, with the reason.

The rule, as stated by `pellucid train --help`: text is classified; numbers with fractions are regressed; whole numbers
are classified if there are at most `MAX_NUMERIC_CLASSES` distinct ones, each in `MIN_ROWS_PER_CLASS` rows or more on
average.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pellucid.tables.columns import MAX_ABS_VALUE
from pellucid.tables.errors import UserError, listed, quoted
from pellucid.tables.words import WRITTEN_BY_PROGRAMS

MAX_NUMERIC_CLASSES = 20
MIN_ROWS_PER_CLASS = 5
MIN_ROWS = 10


@dataclass(frozen=True)
class Task:
    """The learning task: `classes` is empty for regression, `y` holds class indices or values."""

    target: str
    reason: str
    classes: tuple[str, ...]
    y: npt.NDArray[np.float64] | npt.NDArray[np.int64]

    @property
    def classifies(self) -> bool:
        """Whether this is classification."""
        return bool(self.classes)


def learnable_rows(
    table: pl.DataFrame, target: str, *, asked: str = "auto", said_of_it: str = ""
) -> tuple[pl.DataFrame, Task, tuple[str, ...]]:
    """The rows with a usable target, the task, and remarks on the other rows.

    A class of a single row cannot be trained and tested; it is left out. Errors end with the remarks on the target
    column (`said_of_it`), for example that amounts in two currencies were taken as text.
    """
    try:
        return _learnable_rows(table, target, asked)
    except UserError as error:
        raise UserError(f"{error}{said_of_it}") from error


def _learnable_rows(table: pl.DataFrame, target: str, asked: str) -> tuple[pl.DataFrame, Task, tuple[str, ...]]:
    rows = table.filter(pl.col(target).is_not_null())
    if rows.is_empty():
        raise UserError(f"--target must be a column with values, got {quoted(target)}, which is missing in every row")
    column = rows[target]
    kept = tuple(
        f"{quoted(word)} is a class here ({count:,} rows): where it means that there is no value, empty it"
        for word, count in (column.value_counts().iter_rows() if column.dtype == pl.String else ())
        if word.lower() in WRITTEN_BY_PROGRAMS
    )
    single = _single_classes(column, asked)
    if not single:
        return rows, choose_task(column, asked=asked), kept
    rows = rows.filter(~pl.col(target).is_in(single))
    named = listed((label_of(value) for value in sorted(single)), most=4)
    if len(single) == 1:
        said = f"the only row of class {named} left out: one row cannot be learned from and tested"
    else:
        said = f"{len(single):,} classes of one row each left out: {named}"
    return rows, choose_task(rows[target], asked=asked), (said, *kept)


def _single_classes(column: pl.Series, asked: str) -> list[Any]:
    """The classes of a single row that may be left out; empty if too few classes would be left, or for regression."""
    if column.dtype not in (pl.Float64, pl.String) or len(column) < MIN_ROWS or asked == "regression":
        return []
    if asked == "auto" and not _tell(column)[0]:
        return []
    counts = column.value_counts()
    single = counts.filter(pl.col("count") == 1)[column.name].to_list()
    if counts.height > len(column) / 2 or counts.height - len(single) < 2:
        return []
    return single


def choose_task(target: pl.Series, *, asked: str = "auto") -> Task:
    """Choose the task for a target column without missing values; `asked` overrides ("classification", "regression").

    >>> choose_task(pl.Series("species", ["setosa", "virginica"] * 6)).reason
    'it holds text'
    """
    name = quoted(target.name)
    if len(target) < MIN_ROWS:
        raise UserError(f"FILE must have at least {MIN_ROWS} rows with a value in {name}, got {len(target)}")
    if target.dtype not in (pl.Float64, pl.String):
        kind = "dates" if target.dtype == pl.Datetime else str(target.dtype)
        raise UserError(f"--target must be a column of numbers or text, got {name}, which holds {kind}")
    if target.n_unique() == 1:
        only = quoted(label_of(target[0]))
        raise UserError(f"--target must be a column with two or more different values, got {name} with only {only}")
    if target.dtype == pl.Float64:
        bad = target.filter(~(target.abs() <= MAX_ABS_VALUE))
        if not bad.is_empty():
            raise UserError(
                f"--target must be a column of finite numbers of up to {MAX_ABS_VALUE:g}, got {name} with {bad[0]} "
                f"({len(bad):,} such in {len(target):,} rows)"
            )
    if asked == "auto":
        classifies, reason = _tell(target)
    else:
        classifies, reason = asked == "classification", f"--task {asked} was asked for"
    return _classification(target, reason) if classifies else _regression(target, reason)


def _tell(target: pl.Series) -> tuple[bool, str]:
    if target.dtype == pl.String:
        return True, "it holds text"
    if (target != target.floor()).any():
        return False, "it holds numbers with fractions"
    different = target.n_unique()
    if different <= MAX_NUMERIC_CLASSES and len(target) >= MIN_ROWS_PER_CLASS * different:
        return True, f"it holds only {different} different whole numbers (--task regression for the other)"
    return False, f"it holds {different} different whole numbers (--task classification for the other)"


def _regression(target: pl.Series, reason: str) -> Task:
    if target.dtype == pl.String:
        words = target.filter(target.cast(pl.Float64, strict=False).is_null())
        raise UserError(
            f"--target must be a column of numbers for --task regression, got {quoted(target.name)} with "
            f"{listed(words.unique(maintain_order=True), most=3)}"
        )
    return Task(target.name, reason, (), target.to_numpy().astype(np.float64))


def _classification(target: pl.Series, reason: str) -> Task:
    values = target.unique().sort()
    name = quoted(target.name)
    if len(values) > len(target) / 2:
        raise UserError(
            f"--target must be a column whose values recur, to be classified, got {name} with {len(values)} different "
            f"values in {len(target)} rows{_nearly_numbers(target)}"
        )
    counts = dict(target.value_counts().iter_rows())
    single = [label_of(value) for value in values if counts[value] == 1]
    if single:
        raise UserError(
            f"--target must be a column with two rows or more of each class, one to learn from and one to test, got "
            f"{name} with a single row of {listed(single, most=4)}{_nearly_numbers(target)}"
        )
    codes = target.replace_strict(values, pl.int_range(len(values), eager=True), return_dtype=pl.Int64)
    return Task(target.name, reason, tuple(label_of(value) for value in values), codes.to_numpy())


def _nearly_numbers(target: pl.Series) -> str:
    """Hint at the words that turn a column of numbers into text."""
    if target.dtype != pl.String:
        return " (--task regression, perhaps?)"
    words = target.filter(target.cast(pl.Float64, strict=False).is_null())
    if len(words) > len(target) / 5:
        return ""
    return f" (nearly all are numbers: correct or empty {listed(words.unique(maintain_order=True), most=3)})"


def label_of(value: object) -> str:
    """The name of a class: whole numbers without a point, other numbers with all digits that distinguish them.

    >>> label_of(2.0), label_of(0.1), label_of("owl")
    ('2', '0.1', 'owl')
    """
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)
    return str(value)
