"""Convert columns of a later file to the kind that the training file's column had.

A file is typed by its own values. The same column may be numbers in one file and text in another: codes of which only
the first file had some with letters, dates in digits of which the second file has too few to be recognised.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pellucid.tables import dates
from pellucid.tables.columns import MAX_ABS_VALUE
from pellucid.tables.errors import UserError, listed, quoted
from pellucid.tables.files import plain
from pellucid.tables.remarks import Remarks
from pellucid.tables.tasks import label_of
from pellucid.tables.words import is_usual_missing

FIRST_DAY, LAST_DAY = 19_000_101, 21_001_231
"""Whole numbers in this range may be dates, such as 20150131."""


def as_numbers(column: pl.Series) -> pl.Series:
    """A column as Float64, missing values null; UserError for values that are not finite numbers.

    >>> as_numbers(pl.Series("size", ["1.5", "NA"])).to_list()
    [1.5, None]
    """
    column = plain(column, Remarks())
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        numbers = column.cast(pl.Float64, strict=False).fill_nan(None)
        odd = column.filter(numbers.is_null() & column.is_not_null() & (column != "")).unique(maintain_order=True)
        words = [word for word in odd if not is_usual_missing(word)]
        if words:
            raise _wrong_kind(column, "numbers", words)
        column = numbers
    if column.dtype != pl.Float64:
        raise _wrong_kind(column, "numbers")
    too_large = column.filter(~(column.abs() <= MAX_ABS_VALUE))
    if len(too_large):
        raise UserError(
            f"FILE must hold finite numbers of up to {MAX_ABS_VALUE:g}, got {too_large[0]} in column "
            f"{quoted(column.name)} ({len(too_large):,} such in {len(column):,} rows): correct or empty them"
        )
    return column


def as_labels(column: pl.Series, known: Sequence[str]) -> pl.Series:
    """A column as text. A number becomes the `known` label with the same value, if there is one.

    >>> as_labels(pl.Series("zip", [2134.0, 7.0]), ["02134", "10001"]).to_list()
    ['02134', '7']
    """
    column = plain(column, Remarks())
    if column.dtype == pl.String:
        return column
    if column.dtype != pl.Float64:
        raise _wrong_kind(column, "text or numbers")
    written: dict[float, str] = {}
    for label in known:
        try:
            written.setdefault(float(label), label)
        except ValueError:
            continue
    names = {value: written.get(value, label_of(value)) for value in column.unique().drop_nulls()}
    return column.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)


def as_times(column: pl.Series, zone: str | None) -> pl.Series:
    """A column as Datetime in local time of `zone`; times without a zone are taken as local time.

    >>> as_times(pl.Series("day", [20240131.0, None]), None).to_list()
    [datetime.datetime(2024, 1, 31, 0, 0), None]
    """
    column = plain(column, Remarks())
    if column.dtype == pl.String:
        column = _times_of_text(column)
    elif column.dtype == pl.Float64:
        column = _times_of_digits(column)
    if column.dtype != pl.Datetime:
        raise _wrong_kind(column, "dates")
    if zone is not None and getattr(column.dtype, "time_zone", None) is not None:
        column = column.dt.convert_time_zone(zone)
    return column.dt.replace_time_zone(None)


def _times_of_text(column: pl.Series) -> pl.Series:
    column = column.str.strip_chars()
    different = column.unique(maintain_order=True).drop_nulls()
    words = pl.Series(column.name, [word for word in different if word and not is_usual_missing(word)], pl.String)
    found = dates.read(words) if len(words) else None
    if len(words) and (found is None or found.doubt or found.times.null_count()):
        raise _wrong_kind(column, "dates", words, f" ({found.doubt})" if found and found.doubt else "")
    times = found.times if found else words.cast(pl.Datetime("us"), strict=False)
    return column.replace_strict(words, times, default=None, return_dtype=times.dtype)


def _times_of_digits(column: pl.Series) -> pl.Series:
    known = column.drop_nulls()
    if len(known) and not ((known == known.floor()) & known.is_between(FIRST_DAY, LAST_DAY)).all():
        raise _wrong_kind(column, "dates")
    digits = column.cast(pl.Int64).cast(pl.String)
    times = digits.str.to_datetime("%Y%m%d", time_unit="us", strict=False)
    if times.null_count() > column.null_count():
        raise _wrong_kind(column, "dates", digits.filter(times.is_null() & digits.is_not_null()))
    return times


def _wrong_kind(column: pl.Series, kind: str, words: Sequence[object] | pl.Series = (), advice: str = "") -> UserError:
    if len(words):
        found = listed((str(word) for word in words), most=3)
    elif column.dtype == pl.Float64:
        found = "numbers"
    else:
        found = "dates" if column.dtype == pl.Datetime else str(column.dtype)
    return UserError(
        f"FILE must hold {kind} in column {quoted(column.name)}, as the model was trained on, got {found}{advice}"
    )
