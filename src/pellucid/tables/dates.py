"""Parse dates and times in all usual formats.

Whether 03/04/2020 is in March or in April cannot be decided from one value. It is decided by the other values of its
column, or by another column of the file. If these do not decide it, the column is not a date, and a remark says how to
write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

Order = Literal["day first", "month first"]

_TIME = (
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\s*(?P<zone>Z|[A-Z]{3,4}|(?:UTC|GMT)?[-+]\d{2}:?\d{2}|[-+]\d{2})?$"
)
_WEEKDAY = r"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\s+)?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_FORMS = {
    "year first": _WEEKDAY + r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TIME,
    "eight digits": r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})"
    r"(?P<second>\d{2})?)?(?P<zone>Z)?$",
    "year last": _WEEKDAY + r"(?P<first>\d{1,2})[-/.](?P<middle>\d{1,2})[-/.](?P<year>\d{4}|\d{2})\.?" + _TIME,
    "month by name": _WEEKDAY + _MONTH + r"[ -](?P<day>\d{1,2})(?:st|nd|rd|th)?,?[ -](?P<year>\d{4})" + _TIME,
    "day, month by name": _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[ /-]?" + _MONTH
    + r",?[ /-]?(?P<year>\d{4}|\d{2})" + _TIME,
    "year and month": r"^(?P<year>\d{4})[-/](?P<month>\d{1,2})$",
    "month and year": r"^(?P<month>\d{1,2})[-/](?P<year>\d{4})$",
    "month by name and year": r"^" + _MONTH + r"[ -](?P<year>\d{4})$",
    "year and quarter": r"^(?P<year>\d{4})[ -]?Q(?P<quarter>[1-4])$",
    "quarter and year": r"^Q(?P<quarter>[1-4])[ -/]?(?P<year>\d{4})$",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = ("year", "month", "day", "first", "middle", "quarter", "hour", "minute", "second", "fraction", "half", "zone")
_UNREAD = (r"^\d{4}-?W\d{1,2}(?:-\d)?$", r"^\d{1,2}\.?[ -]\p{L}{3,12}\.?,?[ -]\d{2,4}$")
"""Weeks, and months named in other languages than English."""

_CLOCK = r"^(?P<hour>\d{1,4}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?$"

_LAST_YEAR_OF_THIS_CENTURY = 29
"""Two-digit years are read as in Excel: 29 is 2029, 30 is 1930."""

_MOSTLY = 0.8
_LOOKS_LIKE = r"\d[-/.: ]|[A-Za-z]{3}|\dQ|Q\d|^\d{8}$"


@dataclass(frozen=True)
class Dates:
    """The distinct values of a column as times (null if not a time), their format, their order, and any ambiguity."""

    times: pl.Series
    manner: str = ""
    order: Order | None = None
    doubt: str = ""


def read(words: pl.Series, *, usual: Order | None = None, digits: bool = False) -> Dates | None:
    """Parse the distinct values of a column as times; None if most are not times.

    `usual` is the order of day and month in other columns; with `digits`, 20150131 is a date.
    """
    sample = words.head(100)
    if sample.str.contains(_LOOKS_LIKE).sum() < 0.5 * len(sample):
        return None
    for form, pattern in _FORMS.items():
        if form == "eight digits" and not digits:
            continue
        if sample.str.contains(pattern).sum() < 0.6 * len(sample):
            continue
        parts = words.str.extract_groups(pattern).struct.unnest()
        parts = parts.with_columns(pl.lit(None, pl.String).alias(name) for name in _PARTS if name not in parts.columns)
        if parts["year"].is_not_null().sum() < _MOSTLY * len(words):
            continue
        order: Order | None = None
        if form == "year last":
            order = _order(words, parts) or usual
            if order is None:
                return Dates(
                    pl.Series(words.name, [None] * len(words), dtype=pl.Datetime("us")),
                    doubt=f'looks like dates, but which of "{words[0]}" is the day cannot be known: write 2015-01-31',
                )
            day, month = ("first", "middle") if order == "day first" else ("middle", "first")
            parts = parts.with_columns(day=pl.col(day), month=pl.col(month))
        times, remark = _times(parts, words.name)
        if times.is_not_null().sum() < _MOSTLY * len(words):
            continue
        said = [order or "", remark, 'as in "20150131"' if form == "eight digits" else ""]
        return Dates(times, ", ".join(filter(None, said)), order)
    return None


def look_unread(words: pl.Series) -> bool:
    """Whether most words look like dates that cannot be parsed: in several orders, or in another language."""
    forms = "|".join(f"(?:{pattern})" for pattern in (*_FORMS.values(), *_UNREAD))
    return bool(words.str.contains(re.sub(r"\?P<\w+>", "", forms)).sum() >= _MOSTLY * len(words))


def clock_times(words: pl.Series) -> pl.Series | None:
    """Times of day without a date, such as 13:45, in seconds; None if most values are not times of day."""
    parts = words.str.extract_groups(_CLOCK).struct.unnest()
    if parts["hour"].is_not_null().sum() < _MOSTLY * len(words):
        return None
    hour = _on_24_hours(pl.col("hour").cast(pl.Int64))
    seconds = hour * 3600 + pl.col("minute").cast(pl.Int64) * 60 + pl.col("second").cast(pl.Int64).fill_null(0)
    return parts.select(seconds.cast(pl.Float64).alias(words.name)).to_series()


def _order(words: pl.Series, parts: pl.DataFrame) -> Order | None:
    """Which of the two numbers is the day: one exceeds 12, or one is always 1 while the other takes several values.

    With points as separators, the day is always first.
    """
    numbers = parts.select(pl.col("first", "middle").cast(pl.Int64)).drop_nulls()
    first, middle = numbers["first"], numbers["middle"]
    beyond_first, beyond_middle = int((first > 12).sum()), int((middle > 12).sum())
    if beyond_first > 20 * beyond_middle:
        return "day first"
    if beyond_middle > 20 * beyond_first:
        return "month first"
    if beyond_first or beyond_middle:
        return None
    if words.str.contains(r"^\d{1,2}\.\d{1,2}\.").sum() > len(words) / 2:
        return "day first"
    if first.n_unique() == 1 and first[0] == 1 and middle.n_unique() >= 3:
        return "day first"
    if middle.n_unique() == 1 and middle[0] == 1 and first.n_unique() >= 3:
        return "month first"
    return None


def _on_24_hours(hour: pl.Expr) -> pl.Expr:
    afternoon = pl.col("half").str.to_lowercase().str.starts_with("p")
    return pl.when(afternoon & (hour < 12)).then(hour + 12).when(~afternoon & (hour == 12)).then(0).otherwise(hour)


def _times(parts: pl.DataFrame, name: str) -> tuple[pl.Series, str]:
    """Times from their parts; invalid dates become null. Offsets are handled by `_in_one_zone`."""
    year = pl.col("year").cast(pl.Int64)
    short = pl.col("year").str.len_chars() == 2
    year = (
        pl.when(short)
        .then(year + pl.when(year <= _LAST_YEAR_OF_THIS_CENTURY).then(2000).otherwise(1900))
        .otherwise(year)
    )
    named = pl.col("month").str.slice(0, 3).str.to_lowercase().replace_strict(
        list(_MONTHS), list(range(1, 13)), default=None, return_dtype=pl.Int64
    )  # fmt: skip
    month = pl.coalesce(pl.col("month").cast(pl.Int64, strict=False), named, pl.col("quarter").cast(pl.Int64) * 3 - 2)
    hour = _on_24_hours(pl.col("hour").cast(pl.Int64)).fill_null(0)
    text = pl.format(
        "{}-{}-{} {}:{}:{}.{}",
        year.cast(pl.String).str.zfill(4),
        month.cast(pl.String).str.zfill(2),
        pl.col("day").fill_null("1").str.zfill(2),
        hour.cast(pl.String).str.zfill(2),
        pl.col("minute").fill_null("0").str.zfill(2),
        pl.col("second").fill_null("0").str.zfill(2),
        pl.col("fraction").fill_null("0").str.slice(0, 6).str.pad_end(6, "0"),
    )
    frame = parts.select(
        time=text.str.to_datetime("%Y-%m-%d %H:%M:%S%.6f", time_unit="us", strict=False),
        zone=pl.col("zone"),
        short=short,
    )
    frame, remark = _in_one_zone(frame)
    remarks = [remark, "years of two digits from 1930 to 2029" if frame["short"].any() else ""]
    return frame["time"].alias(name), ", ".join(filter(None, remarks))


def _in_one_zone(frame: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Local time if offsets differ by an hour at most, as with daylight saving time; else UTC."""
    zones = frame["zone"].drop_nulls().unique().to_list()
    if len(zones) < 2:
        return frame, ""
    pieces = pl.col("zone").str.extract_groups(r"(?P<sign>[-+])(?P<hours>\d{2}):?(?P<minutes>\d{2})?$").struct
    minutes = pieces.field("hours").cast(pl.Int64) * 60 + pieces.field("minutes").cast(pl.Int64).fill_null(0)
    offset = pl.when(pieces.field("sign") == "-").then(-minutes).otherwise(minutes).fill_null(0)
    lowest, highest = frame.select(offset.min().alias("lowest"), offset.max().alias("highest")).row(0)
    if highest - lowest <= 60:
        return frame, f"by the clock of the place ({len(zones)} offsets or zones)"
    return frame.with_columns(time=pl.col("time") - pl.duration(minutes=offset)), "in UTC"
