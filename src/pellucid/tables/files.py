"""A CSV or Parquet file becomes a table whose columns are one of three things: numbers, text or times.

`read_table` returns a polars frame in which every column that can be used is Float64, String or Datetime, and every
missing value is null. CSV is read as text first and typed by all of its values, not by the first few lines.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from pellucid.tables.errors import UserError, did_you_mean, listed, quoted

SEPARATORS = (",", ";", "\t", "|")
MISSING = ("", "?", "-", "na", "n/a", "#n/a", "nan", "null", "none")
"""What people write for "no value", in any mixture of capitals."""

_SAMPLE_RECORDS = 50

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


def read_table(path: Path, *, header: bool = True) -> pl.DataFrame:
    """Read a CSV (any usual separator, plain or gzipped, UTF-8) or Parquet file.

    Without a `header`, a CSV's columns are called "column 1", "column 2", …

    Raises
    ------
    UserError
        Where there is no such file, or it is no table, naming what is wrong and where.
    """
    start = _first_bytes(path)
    if start.startswith(b"PAR1") or path.suffix.lower() in {".parquet", ".pq"}:
        frame = _read_parquet(path)
        separator = ""
    else:
        _refuse_binary(path, start)
        separator, first = _separator_and_first_record(path)
        names = _column_names(first) if header else [f"column {number}" for number in range(1, len(first) + 1)]
        frame = _read_csv(path, separator, names, header=header)
    if frame.height == 0:
        raise UserError(f"FILE must hold rows of data below its header, got none in {quoted(path)}")
    return frame.with_columns(_typed(column, decimal_comma=separator == ";") for column in frame.iter_columns())


def looks_headless(path: Path) -> bool:
    """Whether the first line of a CSV is data rather than names: more than half of its values are numbers."""
    start = _first_bytes(path)
    if start.startswith(b"PAR1"):
        return False
    _refuse_binary(path, start)
    _, first = _separator_and_first_record(path)
    return 2 * sum(_NUMBER.fullmatch(value.strip()) is not None for value in first) > len(first)


# What kind of file it is ------------------------------------------------------------------------------------------


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UserError(f"FILE must be a CSV or Parquet file, got the directory {quoted(path)}")
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise UserError(
            f"FILE must be a CSV or Parquet file, got {quoted(path)}, which does not exist"
            f"{did_you_mean(path.name, beside)}"
        )
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise UserError(f"FILE must be readable, got {quoted(path)}: {error.strerror}") from error
    if not start.strip():
        raise UserError(f"FILE must hold a table, got {quoted(path)}, which is empty")
    return start


def _refuse_binary(path: Path, start: bytes) -> None:
    if start.startswith(b"PK"):
        raise UserError(
            f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is a zip archive or a spreadsheet: "
            "save the sheet as CSV (UTF-8)"
        )
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(path, "it starts as UTF-16 does", "UTF-16")
    if b"\0" in start and not _is_gzip(start):
        raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is binary")


def _is_gzip(start: bytes) -> bool:
    return start.startswith(b"\x1f\x8b")


def _not_utf8(path: Path, reason: str, likely: str) -> UserError:
    return UserError(
        f"FILE must be encoded in UTF-8, got {quoted(path)}: {reason} (convert it with: "
        f"iconv -f {likely} -t UTF-8 {path.name} > utf8-{path.name})"
    )


def _open_bytes(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        zipped = _is_gzip(file.read(2))
    return cast(BinaryIO, gzip.open(path)) if zipped else path.open("rb")


def _open_text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(_open_bytes(path), encoding="utf-8-sig", errors="replace", newline="")


# CSV --------------------------------------------------------------------------------------------------------------


def _separator_and_first_record(path: Path) -> tuple[str, list[str]]:
    """The separator that cuts the first records into the most pieces, equally many in each, and the first of them."""
    best_separator, best_first, best_score = ",", [""], (0.0, 0)
    for separator in SEPARATORS:
        records = _first_records(path, separator)
        widths = Counter(len(record) for record in records)
        header_width = len(records[0])
        score = (widths[header_width] / len(records) if header_width > 1 else 0.0, header_width)
        if score > best_score:
            best_separator, best_first, best_score = separator, records[0], score
    return best_separator, best_first


def _column_names(record: list[str]) -> list[str]:
    header = [name.strip() or f"(unnamed {number})" for number, name in enumerate(record, start=1)]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise UserError(f"FILE must have a different name for each column, got {listed(twice)} more than once")
    return header


def _first_records(path: Path, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        with _open_text(path) as file:
            for record in csv.reader(file, delimiter=separator):
                if record:
                    records.append(record)
                if len(records) == _SAMPLE_RECORDS:
                    break
    except (OSError, EOFError, csv.Error) as error:
        raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}: {error}") from error
    return records


def _read_csv(path: Path, separator: str, names: list[str], *, header: bool) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, separator=separator, has_header=header, infer_schema=False)
    except OSError as error:  # the end of a gzipped file is missing, a disk fails
        raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}: {error}") from error
    except pl.exceptions.PolarsError as error:
        raise _what_is_wrong(path, separator, names, error) from error
    if frame.width == len(names):
        frame.columns = names
    blank_line = pl.all_horizontal(pl.all().is_null())
    return frame.filter(~blank_line)


def _what_is_wrong(path: Path, separator: str, names: list[str], error: Exception) -> UserError:
    """Polars says that a file cannot be read; this says which line, and why."""
    with _open_bytes(path) as lines:
        for line_number, line in enumerate(lines, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as bad:
                byte = bad.object[bad.start]
                return _not_utf8(path, f"line {line_number} has the byte 0x{byte:02x}", "WINDOWS-1252")
    with _open_text(path) as file:
        reader = csv.reader(file, delimiter=separator)
        for record in reader:
            if len(record) > len(names):
                return UserError(
                    f"FILE must have as many values in each line as column names, got {len(record)} values for "
                    f"{len(names)} names in line {reader.line_num} of {quoted(path)}"
                )
    first_line = str(error).partition("\n")[0]
    return UserError(f"FILE must be a well-formed CSV, got {quoted(path)}: {first_line} (an unclosed quote?)")


# Parquet ----------------------------------------------------------------------------------------------------------


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"FILE must be a Parquet file, got {quoted(path)}, which is not one or is damaged") from error


# Types ------------------------------------------------------------------------------------------------------------


def _typed(column: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """The column as Float64, String or Datetime; unchanged where it is none of these (lists, bytes)."""
    kind = column.dtype
    if kind == pl.String or isinstance(kind, (pl.Categorical, pl.Enum)):
        return _from_text(column.cast(pl.String), decimal_comma=decimal_comma)
    if kind == pl.Boolean:
        return column.cast(pl.String)
    if kind.is_numeric():
        return column.cast(pl.Float64).fill_nan(None)
    if kind == pl.Date or kind == pl.Datetime:
        return column.dt.cast_time_unit("us") if kind == pl.Datetime else column.cast(pl.Datetime("us"))
    if kind == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if kind == pl.Time:
        return column.cast(pl.Int64).cast(pl.Float64) / 1e9
    if kind == pl.Null:
        return column.cast(pl.String)
    return column


def _from_text(text: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Numbers or times where every value reads as one; else the text itself, without blanks around it."""
    text = text.str.strip_chars()
    text = text.set(text.str.to_lowercase().is_in(MISSING).fill_null(False), None)
    if text.null_count() == len(text):
        return text
    if not text.str.contains(r"^0\d+$").any():  # 02134 is a postal code, not two thousand
        digits = text.str.replace(",", ".", literal=True) if decimal_comma else text
        numbers = digits.cast(pl.Float64, strict=False)
        if numbers.null_count() == text.null_count():
            return numbers
    times = _times(text)
    return times if times.null_count() == text.null_count() else text


def _times(text: pl.Series) -> pl.Series:
    """ISO 8601 dates, with or without a time of day; null where a text is none. 03/04/2020 is left alone: who knows."""
    plain = text.str.replace("T", " ", literal=True).str.replace(r"(Z|\.\d+Z?)$", "")
    days = plain.str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    minutes = plain.str.to_datetime("%Y-%m-%d %H:%M", time_unit="us", strict=False)
    seconds = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    frame = pl.DataFrame({"days": days, "minutes": minutes, "seconds": seconds})
    return frame.select(pl.coalesce("seconds", "minutes", "days").alias(text.name)).to_series()
