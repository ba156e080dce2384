"""Which columns of a table are used, and how they become the numbers a network takes.

What a column *is* (numbers, categories, times, or nothing to learn from) is found from the whole table, for that
needs no target. What is *learned* from it (means, spreads, medians, the list of categories) is learned by the
preparation from the training rows only, or the held-out score would be flattered.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import time

import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pellucid.tables.errors import UserError, quoted

FEWEST_CATEGORIES, MOST_CATEGORIES = 20, 300
"""One-hot columns that one text column may take, with few rows and with many; the rarest categories share the last."""

ROWS_A_CATEGORY = 10
"""So many rows allow one category more than the fewest."""

MOST_INPUTS_OF_TEXT = 1000
MOST_NUMBERS_OF_TEXT = 30_000_000
"""Of all text columns together: inputs, and numbers (inputs times rows, of 8 bytes each), where they have to share."""

LARGEST_NUMBER = 1e100
"""Of larger ones the variance may be infinite."""

MISSING_CATEGORY = "(missing)"


@dataclass
class Columns:
    """The columns by their use; `left_out` says why. Of the `times`, those `with_clock` have a time of day, too."""

    numbers: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    with_clock: list[str] = field(default_factory=list)


def choose_columns(frame: pl.DataFrame, *, ignored: Collection[str] = ()) -> Columns:
    """Sort the columns of a table (without its target) by what they hold.

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
    """The reason to leave a column out; empty where there is none."""
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
    if column.dtype == pl.String and (different > max(FEWEST_CATEGORIES, len(known) / 2) or different == len(column)):
        kind = "hexadecimal, perhaps: write them as decimal numbers" if _is_hexadecimal(known) else ""
        return f"{kind or 'an identifier or free text'} ({different:,} different texts in {len(known):,} rows)"
    return ""


def _is_hexadecimal(known: pl.Series) -> bool:
    return bool(known.str.contains(r"^[-+]?0[xX][0-9a-fA-F]+$").all())


def _refuse_infinite(column: pl.Series, known: pl.Series) -> None:
    infinite = known.filter(~(known.abs() <= LARGEST_NUMBER))
    if not infinite.is_empty():
        raise UserError(
            f"FILE must hold finite numbers of up to {LARGEST_NUMBER:g}, got {infinite[0]} in column "
            f"{quoted(column.name)} ({len(infinite):,} such in {len(column):,} rows): correct them, empty them, or "
            f"--ignore the column"
        )


def _counts_rows(known: pl.Series) -> bool:
    """Whether distinct numbers are 0, 1, 2, … or 1, 2, 3, … in the order of the file."""
    return bool(known[0] in (0.0, 1.0) and (known.diff().drop_nulls() == 1.0).all())


# Times to numbers -------------------------------------------------------------------------------------------------


def with_times_as_numbers(frame: pl.DataFrame, columns: Columns) -> tuple[pl.DataFrame, list[str]]:
    """The chosen columns, each time replaced by numbers, and the names of all columns of numbers.

    A time becomes its days since 1970 and, as points on a circle (so that December is beside January), its place in
    the year and in the week; where times of day are given, in the day too. All are by the clock of the column's zone.
    Which times have a time of day was found when the columns were chosen, so that another table gets the same numbers.
    """
    numbers = frame.select(columns.numbers + columns.categories)
    for name in columns.times:
        when = pl.col(name).dt.replace_time_zone(None)
        since_midnight = when.dt.hour().cast(pl.Float64) * 3600 + when.dt.minute().cast(pl.Float64) * 60
        day = (since_midnight + when.dt.second() + when.dt.microsecond() / 1e6) / 86_400
        parts = {f"{name} (days)": when.dt.date().cast(pl.Int32).cast(pl.Float64) + day}
        turns = {"year": (when.dt.ordinal_day() - 1) / 365.25, "week": (when.dt.weekday() - 1) / 7}
        if name in columns.with_clock:
            turns["day"] = day
        for period, turn in turns.items():
            parts[f"{name} (sin of {period})"] = (turn * 2 * math.pi).sin()
            parts[f"{name} (cos of {period})"] = (turn * 2 * math.pi).cos()
        numbers = pl.concat([numbers, frame.select(**parts)], how="horizontal")
    return numbers, [name for name in numbers.columns if name not in columns.categories]


# The preparation --------------------------------------------------------------------------------------------------


def preparation(
    numbers: list[str], categories: list[str], *, n_rows: int, most_categories: int | None = None
) -> ColumnTransformer:
    """What turns the table into the network's inputs; to be fitted on the training rows alone, `n_rows` of them.

    Numbers: missing ones become the median, with a 0/1 column beside that says so; then mean 0 and spread 1.
    Categories: a 0/1 column each, up to `most_categories` of a column (None: by the rows, `categories_allowed`);
    missing is a category; rare ones, and ones never seen in training, share one column.
    """
    scale = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    encode = make_pipeline(
        SimpleImputer(missing_values=None, strategy="constant", fill_value=MISSING_CATEGORY),
        OneHotEncoder(
            max_categories=most_categories or categories_allowed(n_rows, len(categories)),
            min_frequency=rare_below(n_rows),
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        ),
    )
    return ColumnTransformer([("numbers", scale, numbers), ("categories", encode, categories)])


def rare_below(n_rows: int) -> int:
    """A category is rare below this many training rows: one in a hundred, but never asking for more than ten.

    >>> rare_below(80), rare_below(400), rare_below(100_000)
    (1, 4, 10)
    """
    return max(1, min(10, n_rows // 100))


def categories_allowed(n_rows: int, n_columns: int) -> int:
    """The 0/1 columns that each of `n_columns` text columns may take: more where there are more rows to learn from.

    >>> [categories_allowed(n_rows, n_columns) for n_rows, n_columns in ((80, 1), (600, 1), (50_000, 3), (50_000, 40))]
    [20, 60, 200, 20]
    """
    by_rows = min(MOST_CATEGORIES, n_rows // ROWS_A_CATEGORY)
    inputs = min(MOST_INPUTS_OF_TEXT, MOST_NUMBERS_OF_TEXT // max(1, n_rows))
    return max(FEWEST_CATEGORIES, min(by_rows, inputs // max(1, n_columns)))


def input_names(prepared: ColumnTransformer, numbers: list[str], categories: list[str]) -> list[tuple[str, str]]:
    """What each input of a fitted `preparation` is called, and the column that it is made of, in their order."""
    named: list[tuple[str, str]] = []
    if numbers:
        imputer = prepared.named_transformers_["numbers"][0]
        named += [(name, name) for name in numbers]
        named += [(f"{numbers[place]} is missing", numbers[place]) for place in imputer.indicator_.features_]
    if categories:
        encoder = prepared.named_transformers_["categories"][-1]
        for column, known, rare in zip(categories, encoder.categories_, encoder.infrequent_categories_, strict=True):
            few = set() if rare is None else set(rare)
            named += [(f"{column} = {category}", column) for category in known if category not in few]
            named += [(f"{column} = (rare)", column)] if few else []
    return named


def sharing(prepared: ColumnTransformer, categories: list[str]) -> dict[str, tuple[int, int]]:
    """For each text column, how many of its values share one input, and how many values it has; without 0 of them."""
    if not categories:
        return {}
    encoder = prepared.named_transformers_["categories"][-1]
    counts = {}
    for name, known, rare in zip(categories, encoder.categories_, encoder.infrequent_categories_, strict=True):
        if rare is not None and len(rare) > 1:
            counts[name] = (len(rare), len(known))
    return counts
