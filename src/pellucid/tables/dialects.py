"""Detect the dialect of a text table: the separator, title lines above the names, and whether there are names.

The first records are split by each separator in turn. The right one splits most of them into equally many pieces that
contain no other separator. Lines above the first record of that width are a title, not data.
"""

from __future__ import annotations

import csv
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pellucid.tables.errors import UserError, listed, quoted
from pellucid.tables.headers import looks_headless
from pellucid.tables.remarks import Remarks

SEPARATORS = (",", ";", "\t", "|")
BLANKS, WIDE_BLANKS = " ", "  "
"""Separators of tables whose values are separated by one or more blanks, or, if values contain blanks, by two or more.
"""

_BLANKS = {BLANKS: rb"[ \t]+", WIDE_BLANKS: rb"(?: {2,}|\t)[ \t]*"}

_SAMPLE_RECORDS = 200
_SAMPLE_BYTES = 1 << 18
_MAX_TITLES = 40
_EXCEL = re.compile(rb'"?sep=(.)"?\n', re.IGNORECASE)
_QUOTED = re.compile(r'(?<![^\s,;|])"(?:[^"]|"")*"(?![^\s,;|])')
_MASK = "quoted"
"""Placeholder for a quoted value while separators are counted: those inside quotes do not count."""

_FORMULA = re.compile(rb'(^|[,;\t|])="(?=[^"]*")', re.MULTILINE)
"""A text marked as such for spreadsheets: ="00123"."""

_OTHERS = re.compile(r"[;\t|]|,[^\d\s]|^[-+]?\d[\d.,]* +[-+.\d]|quoted +quoted")
_BESIDE_BLANKS = re.compile(r"[;|]|,(?!\d)|[^\d.],")
"""Characters that values do not contain if blanks separate them, except in prose."""

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Dialect:
    """The separator, the names, and the bytes of the rows; the first row is line `first_line` of the file."""

    separator: str
    names: list[str]
    body: bytes
    first_line: int


@dataclass(frozen=True)
class _Record:
    """The values of one row, and its lines: from `start` up to, but not including, `end`, counted from 0."""

    values: list[str]
    start: int
    end: int


def understand(data: bytes, path: Path, remarks: Remarks, *, header: bool | None) -> Dialect:
    """Detect the dialect of a text in UTF-8. `header` says whether there are names; None: detect it.

    Raises
    ------
    UserError
        If the lines are not a table, or two columns have the same name.
    """
    above, separator = 0, ""
    if excel := _EXCEL.match(data):
        above, separator = 1, excel[1].decode()
        data = data[excel.end() :]
        remarks.add(f'line 1, "sep={separator}", says what separates values, and is no row')
    data, comments = _without_comments(data)
    if comments:
        remarks.add(f"{comments:,} line{'s' * (comments > 1)} of comments (#) left out")
    lines = _sample(data)
    separator = separator or _separator(lines)
    if separator in _BLANKS:
        remarks.add("blanks separate the values")
        data, separator = _with_tabs(data, _BLANKS[separator]), "\t"
        lines = _sample(data)
    top = _top_of_table(_records(lines, separator, path), header, path)
    if top.titles:
        shown = listed((separator.join(title).rstrip(separator) for title in top.titles), most=2)
        remarks.add(f"{len(top.titles)} line{'s' * (len(top.titles) > 1)} above the table left out: {shown}")
    if top.row_names:
        remarks.add('rows have one value more than there are names: the first is called "(row name)"')
    headless = not header if header is not None else not top.surely_names and looks_headless(top.first, top.below)
    if headless:
        if header is None:
            remarks.add("the first line holds values, not names: columns are called by number")
        names = [f"column {number}" for number in range(1, len(top.first) + 1)]
    else:
        names = _column_names(["(row name)", *top.first] if top.row_names else top.first)
    start = top.start if headless else top.end
    data = _without_blanks_before_quotes(data, separator)
    if b'="' in data and data.count(b'"') == 2 * len(_FORMULA.findall(data)):
        data = _FORMULA.sub(rb'\1"', data)
    data = _without_later_comments(data, separator, len(names), remarks)
    return Dialect(separator, names, _from_line(data, start), above + start + 1)


@contextmanager
def long_fields() -> Iterator[None]:
    """Allow fields of more than 131,072 characters, the default limit of the standard library."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


# Lines ------------------------------------------------------------------------------------------------------------


def _without_comments(data: bytes) -> tuple[bytes, int]:
    """The text without the comments at its top, and their number.

    The last one is kept, without its #, if it names the columns of the row below it.
    """
    lines = data[:_SAMPLE_BYTES].split(b"\n")
    top = list(itertools.takewhile(lambda line: line.lstrip().startswith(b"#") or not line.strip(), lines))
    comments = [number for number, line in enumerate(top) if line.strip()]
    if not comments or len(top) == len(lines):
        return data, 0
    after = lines[len(top)]
    last = comments[-1]
    for separator in (b",", b";", b"\t", b"|"):
        pieces = after.count(separator)
        if pieces and lines[last].count(separator) == pieces:
            if any(_NUMBER.fullmatch(value.strip().decode(errors="replace")) for value in after.split(separator)):
                lines[last] = lines[last].lstrip().removeprefix(b"#").strip()
                comments.pop()
            elif all(line.count(separator) == pieces for line in (lines[number] for number in comments)):
                return data, 0  # values that begin with #, such as colours
            break
    kept = b"\n" * comments[-1] + b"\n" if comments else b""
    start = comments[-1] + 1 if comments else 0
    head = b"\n".join(lines[start : len(top)])
    return kept + head + (b"\n" if len(top) > start else b"") + _from_line(data, len(top)), len(comments)


def _without_later_comments(data: bytes, separator: str, width: int, remarks: Remarks) -> bytes:
    """The text without lines that begin with # and are not rows; if it has quotes, such a line may be a value."""
    if b"\n#" not in data or b'"' in data:
        return data
    sign = separator.encode()
    lines = data.split(b"\n")
    comments = [place for place, line in enumerate(lines) if line.startswith(b"#") and line.count(sign) != width - 1]
    for place in comments:
        lines[place] = b""  # keeps the numbers of the other lines
    if comments:
        remarks.add(f"{len(comments):,} line{'s' * (len(comments) > 1)} of comments (#) within the table left out")
    return b"\n".join(lines)


def _sample(data: bytes) -> list[str]:
    """The first complete lines as text."""
    if len(data) > _SAMPLE_BYTES:
        end = data.rfind(b"\n", 0, _SAMPLE_BYTES)
        data = data[: end + 1] if data.count(b"\n", 0, _SAMPLE_BYTES) > 2 else data
    return data.decode(errors="replace").removesuffix("\n").split("\n")


def _from_line(data: bytes, line: int) -> bytes:
    """The bytes from a line on; lines count from 0."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
        if not at:
            return b""
    return data[at:]


def _records(lines: list[str], separator: str, path: Path | None = None) -> list[_Record]:
    """The first records that are not empty. With a `path`, errors of the reader are raised."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, skipinitialspace=True)
    records, start = [], 0
    try:
        with long_fields():
            for values in reader:
                if any(value.strip() for value in values):
                    records.append(_Record(values, start, reader.line_num))
                start = reader.line_num
                if len(records) == _SAMPLE_RECORDS:
                    break
    except csv.Error as error:
        if path is not None:
            raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}: {error}") from error
    return records


def _with_tabs(data: bytes, blanks: bytes) -> bytes:
    """Replace blanks by tabs, except within quotes."""
    text = b"\n".join(line.strip() for line in data.split(b"\n"))
    if b'"' not in text:
        return re.sub(blanks, b"\t", text)
    pieces = text.split(b'"')
    pieces[::2] = [re.sub(blanks, b"\t", piece) for piece in pieces[::2]]
    return b'"'.join(pieces)


def _without_blanks_before_quotes(data: bytes, separator: str) -> bytes:
    """Read `1, "x, y"` as `1,"x, y"`: a quote counts only at the beginning of a value."""
    if b' "' not in data:
        return data
    sign = re.escape(separator.encode())
    return re.sub(rb"(^|" + sign + rb')[ ]+"(?!"(?!' + sign + rb"|$))", rb'\1"', data, flags=re.MULTILINE)


# The separator ----------------------------------------------------------------------------------------------------


def _separator(lines: list[str]) -> str:
    rows = [line for line in _QUOTED.sub(_MASK, "\n".join(lines)).split("\n") if line.strip()][:_SAMPLE_RECORDS]
    scores = {separator: _score([row.split(separator) for row in rows], _OTHERS) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    # "Blanks or tabs" splits a table of tabs as tabs do; a title may have as many words as the table has columns.
    if scores[best] < (0.5 if best == "\t" else 0.9, 0):
        for blanks, split in _BLANKS.items():
            score = _score([re.split(split.decode(), row.strip()) for row in rows], _BESIDE_BLANKS)
            if score >= max((0.9, 0), scores[best]):
                return blanks
    return best


def _score(rows: list[list[str]], other: re.Pattern[str]) -> tuple[float, int]:
    """Score of a separator: the share of rows of equal width, minus the pieces that contain another separator."""
    if not rows:
        return 0.0, 0
    first, width = _first_of_table(rows)
    if width < 2:
        return 0.0, 0
    same = [row for row in rows if len(row) == width]
    bad = sum(other.search(value.strip()) is not None for values in same for value in values)
    doubt = 0.0
    if first and not _names_without_first(rows[first - 1], rows[first:], width):
        # Names with another separator look like a title here.
        in_pieces = any(len(row) > 1 or any(sign in row[0] for sign in SEPARATORS) for row in rows[:first])
        doubt = 0.4 if in_pieces or _has_numbers(same[0]) else 0.0
    return round(len(same) / len(rows) - bad / (width * len(same)) - doubt, 2), width


def _first_of_table(rows: list[list[str]]) -> tuple[int, int]:
    """The index of the first row of the usual width, and that width. A short table may have a single row."""
    widths = Counter(map(len, rows))
    top = len(rows[0])
    width = max(widths, key=lambda one: (widths[one], one == top, one))
    if widths[width] == widths[top] or (top > 1 and widths[top] > 0.3 * len(rows)):
        width = top
    first = next(place for place, row in enumerate(rows) if len(row) == width)
    return (first, width) if first <= _MAX_TITLES else (0, top)


def _titles_with_separators(rows: list[list[str]]) -> int:
    """Number of title rows at the top that a spreadsheet padded with separators, such as `Report of 2026,,`."""
    for place, row in enumerate(rows[: min(_MAX_TITLES, len(rows) - 2)]):
        filled = sum(bool(value.strip()) for value in row)
        below = rows[place + 1]
        names = all(value.strip() for value in below) and not _has_numbers(below)
        if filled == len(row) or (filled > 1 and 2 * filled >= len(row)):
            return place
        if filled == 1 and len(row) == 2 and not (names and row[0].strip()):
            return place
    return 0


def _has_numbers(values: list[str]) -> bool:
    return any(_NUMBER.fullmatch(value.strip()) for value in values)


# The top of the table ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Top:
    """The first record of the table and its lines, the records below it, and the titles above it."""

    first: list[str]
    below: list[list[str]]
    titles: list[list[str]]
    start: int
    end: int
    row_names: bool = False
    surely_names: bool = False


def _top_of_table(records: list[_Record], header: bool | None, path: Path) -> _Top:
    """Find where the table begins. For four reasons rows may have another width than the names; else it is an error."""
    rows = [record.values for record in records]
    first, width = _first_of_table(rows)
    first += _titles_with_separators(rows[first:])
    titles = [row for row in rows[:first] if any(value.strip() for value in row)]
    if titles and header is not False:
        names, at, below = titles[-1], records[first - 1], rows[first:]
        if _names_without_first(names, below, width):
            return _Top(names, below, titles[:-1], at.start, at.end, row_names=True, surely_names=True)
        if len(names) == width - 1 and all(not row[-1].strip() for row in below):  # each row ends with a separator
            return _Top([*names, ""], below, titles[:-1], at.start, at.end, surely_names=True)
        if len(names) > width and _has_numbers(below[0]) and not _has_numbers(names):  # all rows are short
            return _Top(names, below, titles[:-1], at.start, at.end, surely_names=True)
        if len(names) > 1 and (_has_numbers(below[0]) or header):
            raise UserError(
                f"FILE must have as many values in each line as column names, got {width} values for {len(names)} "
                f"names in line {records[first].start + 1} of {quoted(path)} (if the line above it is none of names: "
                "--no-header)"
            )
    return _Top(rows[first], rows[first + 1 :], titles, records[first].start, records[first].end)


def _names_without_first(names: list[str], rows: list[list[str]], width: int) -> bool:
    """Whether rows begin with a row name that has no column name, as written by R."""
    if len(names) != width - 1 or width < 3 or _has_numbers(names):
        return False
    first = [row[0] for row in rows if len(row) == width and row[0] != _MASK]
    return len(set(first)) == len(first) and all(first)


def _column_names(record: list[str]) -> list[str]:
    header = [" ".join(name.split()) or f"(unnamed {number})" for number, name in enumerate(record, start=1)]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise UserError(
            f"FILE must have a different name for each column, got {listed(twice)} more than once (without a line of "
            "names: --no-header)"
        )
    return header
