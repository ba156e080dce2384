"""Classification or regression: told from the target column, with the reason.

The rule, as `pellucid train --help` states it: text is classified; numbers with fractions are regressed; whole
numbers are classified when there are at most `MOST_NUMBER_CLASSES` different ones, each `ROWS_A_CLASS` times or more
on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pellucid.tables.columns import LARGEST_NUMBER
from pellucid.tables.errors import UserError, listed, quoted

MOST_NUMBER_CLASSES = 20
ROWS_A_CLASS = 5
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Task:
    """What is to be learned: `classes` is empty for regression, `y` holds class indices or values."""

    target: str
    reason: str
    classes: tuple[str, ...]
    y: npt.NDArray[np.float64] | npt.NDArray[np.int64]

    @property
    def classifies(self) -> bool:
        """Whether this is classification."""
        return bool(self.classes)


def choose_task(target: pl.Series, *, asked: str = "auto") -> Task:
    """Tell the task from a target column without missing values; `asked` overrides ("classification", "regression").

    >>> choose_task(pl.Series("species", ["setosa", "virginica"] * 6)).reason
    'it holds text'
    """
    name = quoted(target.name)
    if len(target) < FEWEST_ROWS:
        raise UserError(f"FILE must have at least {FEWEST_ROWS} rows with a value in {name}, got {len(target)}")
    if target.dtype not in (pl.Float64, pl.String):
        kind = "dates" if target.dtype == pl.Datetime else str(target.dtype)
        raise UserError(f"--target must be a column of numbers or text, got {name}, which holds {kind}")
    if target.n_unique() == 1:
        only = quoted(_label(target[0]))
        raise UserError(f"--target must be a column with two or more different values, got {name} with only {only}")
    if target.dtype == pl.Float64:
        bad = target.filter(~(target.abs() <= LARGEST_NUMBER))
        if not bad.is_empty():
            raise UserError(
                f"--target must be a column of finite numbers of up to {LARGEST_NUMBER:g}, got {name} with {bad[0]} "
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
    if different <= MOST_NUMBER_CLASSES and len(target) >= ROWS_A_CLASS * different:
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
    single = [_label(value) for value in values if counts[value] == 1]
    if single:
        raise UserError(
            f"--target must be a column with two rows or more of each class, one to learn from and one to test, got "
            f"{name} with a single row of {listed(single, most=4)}{_nearly_numbers(target)}"
        )
    codes = target.replace_strict(values, pl.int_range(len(values), eager=True), return_dtype=pl.Int64)
    return Task(target.name, reason, tuple(_label(value) for value in values), codes.to_numpy())


def _nearly_numbers(target: pl.Series) -> str:
    """A column of numbers becomes text by a single word in it: say which."""
    if target.dtype != pl.String:
        return " (--task regression, perhaps?)"
    words = target.filter(target.cast(pl.Float64, strict=False).is_null())
    if len(words) > len(target) / 5:
        return ""
    return f" (nearly all are numbers: mend or empty {listed(words.unique(maintain_order=True), most=3)})"


def _label(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
