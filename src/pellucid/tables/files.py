"""Read a file into a table whose columns are numbers, text or times.

`read` returns a polars frame in which every usable column is Float64, String or Datetime and every missing value is
null, and remarks on all decisions. A column of text is typed by all of its values, not by the first lines.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pellucid.tables.dialects import Dialect, long_fields, understand
from pellucid.tables.errors import UserError, quoted
from pellucid.tables.remarks import Remarks
from pellucid.tables.sources import as_utf8, is_typed, read_bytes, unpacked
from pellucid.tables.values import from_whole_numbers, stripped, typed

_TYPED_SUFFIXES = {".parquet": "Parquet", ".pq": "Parquet", ".arrow": "Arrow", ".feather": "Arrow"}
_JSON = re.compile(rb'\s*(\{\s*"|\[\s*[\[{]|\[[^\n]*\]\s*\n\[)')
_SUM = re.compile(r"(grand )?(total|totals|sum|summe|gesamt|insgesamt|subtotal|average|mean)\.?:?", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """A table, and the decisions made while reading it."""

    table: pl.DataFrame
    remarks: Remarks = field(default_factory=Remarks)


def read(source: Path | bytes, *, name: str = "table.csv", header: bool | None = None) -> Reading:
    """Read CSV in any usual dialect, JSON (lines, or a list of records), Parquet or Arrow; compressed or not.

    `source` is a path, `-` for the standard input, or the bytes themselves; `name` is then the name in messages.
    `header` says whether a CSV has a line of names; None: detect it. Without one, columns are called "column 1",
    "column 2", …

    Raises
    ------
    UserError
        If there is no such file, or it is not a table; the message says what is wrong and where.
    """
    path = source if isinstance(source, Path) else Path(name)
    data = read_bytes(source) if isinstance(source, Path) else unpacked(source, path)
    remarks = Remarks()
    kind = _TYPED_SUFFIXES.get(path.suffix.lower())
    separator = ""
    if kind is not None or is_typed(data):
        frame = _read_typed(data, path, kind or "Parquet")
    else:
        text, remark = as_utf8(data, path)
        if remark:
            remarks.add(remark)
        if _JSON.match(text):
            frame = _read_json(text, path)
        else:
            dialect = understand(text, path, remarks, header=header)
            frame, separator = _read_rows(dialect, path, remarks), dialect.separator
    if frame.height == 0:
        raise UserError(f"FILE must hold rows of data below its header, got none in {quoted(path)}")
    return Reading(_with_types(frame, remarks, separator), remarks)


def read_table(path: Path, *, header: bool | None = None) -> pl.DataFrame:
    """The table of `read`, without remarks."""
    return read(path, header=header).table


# Text -------------------------------------------------------------------------------------------------------------


def _read_rows(dialect: Dialect, path: Path, remarks: Remarks) -> pl.DataFrame:
    names = dialect.names
    # A generated line of names fixes the number of values, whatever the first row has.
    top = dialect.separator.join(str(number) for number in range(len(names))).encode()
    try:
        frame = pl.read_csv(top + b"\n" + dialect.body, separator=dialect.separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        frame = _read_slowly(dialect, path, error)
    frame.columns = names
    frame = stripped(frame)
    blank_line = pl.all_horizontal(pl.all().is_null())
    frame = frame.filter(~blank_line)
    if frame.height and frame[names[-1]].null_count():
        _say_short_lines(dialect, remarks)
    if frame.width == 1 and 2 * frame.to_series().str.contains("  ", literal=True).sum() > frame.height:
        raise UserError(
            f"FILE must have a sign between values, got {quoted(path)} with columns of fixed width, some values empty: "
            "save it as CSV (in Python: pandas.read_fwf(…).to_csv(…))"
        )
    nameless = [name for name in names if name.startswith("(unnamed ") and frame[name].null_count() == frame.height]
    return frame.drop(nameless if len(nameless) < len(names) else [])


def _records(dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The number of the last line of each record, and its values, as the standard library reads them."""
    text = io.StringIO(dialect.body.decode(), newline="\n")
    with long_fields():
        reader = csv.reader(text, delimiter=dialect.separator, strict=True)
        for record in reader:
            if record:
                yield dialect.first_line - 1 + reader.line_num, record


def _read_slowly(dialect: Dialect, path: Path, error: Exception) -> pl.DataFrame:
    """Read rows that polars refuses, such as a quote within a value (5" of pipe); else report line and problem."""
    width = len(dialect.names)
    rows, line = [], dialect.first_line - 1
    try:
        for line, record in _records(dialect):
            if len(record) > width:
                raise UserError(
                    f"FILE must have as many values in each line as column names, got {len(record)} values for "
                    f"{width} names in line {line} of {quoted(path)}"
                )
            rows.append([value or None for value in record] + [None] * (width - len(record)))
    except csv.Error as bad:
        first_line = str(error).partition("\n")[0]
        raise UserError(
            f"FILE must be a well-formed CSV, got {quoted(path)}: in the row that begins in line {line + 1}: {bad}; "
            f"{first_line} (an unclosed quote?)"
        ) from bad
    return pl.DataFrame(rows, schema=dict.fromkeys(map(str, range(width)), pl.String), orient="row")


def _say_short_lines(dialect: Dialect, remarks: Remarks) -> None:
    try:
        short = [line for line, record in _records(dialect) if len(record) < len(dialect.names)]
    except csv.Error:  # stricter than polars, which has read the rows
        return
    if short:
        remarks.add(
            f"{len(short):,} line{'s' * (len(short) > 1)} with fewer values than names (first: line {short[0]}): the "
            "others are missing"
        )


def _read_json(text: bytes, path: Path) -> pl.DataFrame:
    try:
        if text.lstrip().startswith(b"["):
            return pl.read_json(text, infer_schema_length=None)
        frame = pl.read_ndjson(text, infer_schema_length=None)
        if frame.height == 1 and frame.width and all(kind == pl.List for kind in frame.dtypes):
            return frame.explode(frame.columns)  # one record of whole columns
        return frame
    except (pl.exceptions.PolarsError, ValueError) as error:
        reason = _bad_line(text) or str(error).partition("\n")[0]
        raise UserError(
            f"FILE must be JSON with one record per line, or a list of records, if it begins with a bracket, got "
            f"{quoted(path)}: {reason}"
        ) from error


def _bad_line(text: bytes) -> str:
    """The first line that is not a record, and why; empty if there is none."""
    for number, line in enumerate(text.split(b"\n"), start=1):
        try:
            if line.strip():
                json.loads(line)
        except ValueError as error:
            return f"line {number}: {error}"
    return ""


# Typed files ------------------------------------------------------------------------------------------------------


def _read_typed(data: bytes, path: Path, kind: str) -> pl.DataFrame:
    try:
        return pl.read_ipc(io.BytesIO(data)) if data.startswith(b"ARROW1") else pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"FILE must be a {kind} file, got {quoted(path)}, which is not one or is damaged") from error


def _with_types(frame: pl.DataFrame, remarks: Remarks, separator: str) -> pl.DataFrame:
    frame = frame.with_columns(plain(column, remarks) for column in frame.iter_columns() if column.dtype != pl.String)
    textual = (pl.String, pl.Categorical, pl.Enum)
    text = [name for name, kind in frame.schema.items() if isinstance(kind, textual)]
    if not text:
        return frame
    words = frame.select(text) if separator else stripped(frame.select(text))
    done = frame.with_columns(typed(words, remarks, separator=separator))
    if separator:
        _name_sums(done, remarks)
    return done


def plain(column: pl.Series, remarks: Remarks) -> pl.Series:
    """A typed column as Float64, String or Datetime; unchanged if that is impossible (lists, bytes)."""
    kind = column.dtype
    if isinstance(kind, (pl.Categorical, pl.Enum)) or kind in (pl.Boolean, pl.Null):
        return column.cast(pl.String)
    if kind.is_integer():
        return from_whole_numbers(column, remarks)
    if kind.is_numeric():
        return column.cast(pl.Float64).fill_nan(None)
    if kind == pl.Date:
        return column.cast(pl.Datetime("us"))
    if kind == pl.Datetime:
        return column.dt.cast_time_unit("us")
    if kind == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if kind == pl.Time:
        return column.cast(pl.Int64).cast(pl.Float64) / 1e9
    return column


def _name_sums(table: pl.DataFrame, remarks: Remarks) -> None:
    """Report a last line that looks like a sum of those above it."""
    for column in table.iter_columns():
        text = column.dtype == pl.String and column[-1] is not None and (column == column[-1]).sum() == 1
        words = [column[-1]] if text else [] if column[-1] is not None else remarks.missing.get(column.name, {})
        for word in words:
            if _SUM.fullmatch(word):
                remarks.add(f"the last line holds {quoted(word)} and is taken as a row: if it is a sum, remove it")
                return
