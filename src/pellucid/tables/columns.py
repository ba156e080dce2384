"""Choose the columns of a table to use, and their roles.

The kind of a column (numbers, categories, times, or not usable) is determined from the whole table, because that needs
no target. Means, standard deviations, medians and the list of categories are fitted by `encoder` on the training rows
only; otherwise the test score would be too good.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import time

import polars as pl

from pellucid.tables.errors import UserError, quoted

MIN_CATEGORIES, MAX_CATEGORIES = 20, 300
"""Limits of the one-hot inputs per text column, with few rows and with many; the rarest categories share the last."""

ROWS_PER_CATEGORY = 10
"""Rows needed per category if there are more than `MIN_CATEGORIES`."""

MAX_TEXT_INPUTS = 1000
MAX_TEXT_ELEMENTS = 30_000_000
"""Limits for all text columns together: inputs, and array elements of 8 bytes (inputs times rows)."""

MAX_ABS_VALUE = 1e100
"""Largest absolute value of an input; the variance of larger ones may overflow."""


@dataclass
class Columns:
    """The columns by role; `left_out` gives reasons. The `times` in `with_clock` also have a time of day."""

    numbers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    with_clock: list[str] = field(default_factory=list)


def choose_columns(frame: pl.DataFrame, *, ignored: Collection[str] = ()) -> Columns:
    """Assign the columns of a table (without its target) to roles by their contents.

    >>> table = pl.DataFrame({"size": [1.5, 2.0, None], "shape": ["round", "flat", "round"], "unit": ["m"] * 3})
    >>> choose_columns(table)  # doctest: +NORMALIZE_WHITESPACE
    Columns(numbers=['size'], categories=['shape'], times=[],
            left_out={'unit': 'the same value everywhere'}, with_clock=[])
    """
    columns = Columns()
    for column in frame.iter_columns():
        reason = "as asked" if column.name in ignored else _why_not(column)
        if reason:
            columns.left_out[column.name] = reason
        elif column.dtype == pl.Float64:
            columns.numbers.append(column.name)
        elif column.dtype == pl.String:
            columns.categories.append(column.name)
        else:
            columns.times.append(column.name)
            if not (column.dt.time().drop_nulls() == time(0)).all():
                columns.with_clock.append(column.name)
    if not (columns.numbers or columns.categories or columns.times):
        reasons = "; ".join(f"{quoted(name)}: {reason}" for name, reason in columns.left_out.items())
        raise UserError(
            f"FILE must have a column to learn from beside the target, got {f'none ({reasons})' if reasons else 'none'}"
        )
    return columns


def _why_not(column: pl.Series) -> str:
    """The reason to leave a column out; empty if there is none."""
    known = column.drop_nulls()
    if known.is_empty():
        return "every value is missing"
    if column.dtype not in (pl.Float64, pl.String, pl.Datetime):
        return f"holds {column.dtype}, neither numbers, text nor dates"
    different = known.n_unique()
    if different == 1 and len(known) == len(column):
        return "the same value everywhere"
    if column.dtype == pl.Float64:
        _refuse_infinite(column, known)
        if different == len(column) and _counts_rows(known):
            return "a row number"
    if column.dtype == pl.String and (different > max(MIN_CATEGORIES, len(known) / 2) or different == len(column)):
        kind = "hexadecimal, perhaps: write them as decimal numbers" if _is_hexadecimal(known) else ""
        return f"{kind or 'an identifier or free text'} ({different:,} different texts in {len(known):,} rows)"
    return ""


def _is_hexadecimal(known: pl.Series) -> bool:
    return bool(known.str.contains(r"^[-+]?0[xX][0-9a-fA-F]+$").all())


def _refuse_infinite(column: pl.Series, known: pl.Series) -> None:
    infinite = known.filter(~(known.abs() <= MAX_ABS_VALUE))
    if not infinite.is_empty():
        raise UserError(
            f"FILE must hold finite numbers of up to {MAX_ABS_VALUE:g}, got {infinite[0]} in column "
            f"{quoted(column.name)} ({len(infinite):,} such in {len(column):,} rows): correct them, empty them, or "
            f"--ignore the column"
        )


def _counts_rows(known: pl.Series) -> bool:
    """Whether distinct numbers are 0, 1, 2, … or 1, 2, 3, … in the order of the file."""
    return bool(known[0] in (0.0, 1.0) and (known.diff().drop_nulls() == 1.0).all())


# How many inputs of text ------------------------------------------------------------------------------------------


def rare_below(n_rows: int) -> int:
    """Number of training rows below which a category is rare: one in a hundred, but at most ten.

    >>> rare_below(80), rare_below(400), rare_below(100_000)
    (1, 4, 10)
    """
    return max(1, min(10, n_rows // 100))


def categories_allowed(n_rows: int, n_columns: int) -> int:
    """Limit of the 0/1 inputs for each of `n_columns` text columns; it grows with the number of training rows.

    >>> [categories_allowed(n_rows, n_columns) for n_rows, n_columns in ((80, 1), (600, 1), (50_000, 3), (50_000, 40))]
    [20, 60, 200, 20]
    """
    by_rows = min(MAX_CATEGORIES, n_rows // ROWS_PER_CATEGORY)
    inputs = min(MAX_TEXT_INPUTS, MAX_TEXT_ELEMENTS // max(1, n_rows))
    return max(MIN_CATEGORIES, min(by_rows, inputs // max(1, n_columns)))
