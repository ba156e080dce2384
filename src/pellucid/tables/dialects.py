"""How a text holds a table: what separates values, which lines come before the names, and whether there are names.

The first records are cut by each separator in turn. The right one cuts most of them into equally many pieces, among
which no other separator is left. Lines above the first record of that width are a title, not data.
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
"""The separators of tables whose values stand apart by one blank or more, or, with blanks in values, by two or more."""

_BLANKS = {BLANKS: rb"[ \t]+", WIDE_BLANKS: rb"(?: {2,}|\t)[ \t]*"}

_SAMPLE_RECORDS = 200
_SAMPLE_BYTES = 1 << 18
_MOST_TITLES = 40
_EXCEL = re.compile(rb'"?sep=(.)"?\n', re.IGNORECASE)
_QUOTED = re.compile(r'(?<![^\s,;|])"(?:[^"]|"")*"(?![^\s,;|])')
_MASK = "quoted"
"""What stands for a quoted value while separators are looked for: those within it do not count."""

_FORMULA = re.compile(rb'(^|[,;\t|])="(?=[^"]*")', re.MULTILINE)
"""A text that a spreadsheet is to leave alone: ="00123"."""

_OTHERS = re.compile(r"[;\t|]|,[^\d\s]|^[-+]?\d[\d.,]* +[-+.\d]|quoted +quoted")
_BESIDE_BLANKS = re.compile(r"[;|]|,(?!\d)|[^\d.],")
"""What a value does not hold where these separate the values, but for a text in prose."""

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Dialect:
    """The separator, the names, and the bytes of the rows, of which the first is line `first_line` of the file."""

    separator: str
    names: list[str]
    body: bytes
    first_line: int


@dataclass(frozen=True)
class _Record:
    """The values of one row, and the lines that it stands on: from `start` to before `end`, from 0."""

    values: list[str]
    start: int
    end: int


def understand(data: bytes, path: Path, remarks: Remarks, *, header: bool | None) -> Dialect:
    """The dialect of a text in UTF-8; `header` says whether there are names, None: as it looks.

    Raises
    ------
    UserError
        Where lines are no table, or two columns have one name.
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
    """The standard library refuses fields of more than 131,072 letters unless asked otherwise."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


# Lines ------------------------------------------------------------------------------------------------------------


def _without_comments(data: bytes) -> tuple[bytes, int]:
    """The text without the comments at its top, and how many these were.

    The last of them is kept, without its sign, where it names the columns of the row below it.
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
                return data, 0  # values that start so, such as colours
            break
    kept = b"\n" * comments[-1] + b"\n" if comments else b""
    start = comments[-1] + 1 if comments else 0
    head = b"\n".join(lines[start : len(top)])
    return kept + head + (b"\n" if len(top) > start else b"") + _from_line(data, len(top)), len(comments)


def _without_later_comments(data: bytes, separator: str, width: int, remarks: Remarks) -> bytes:
    """The text without lines that begin with # and are no rows; where there are quotes, such a line may be a value."""
    if b"\n#" not in data or b'"' in data:
        return data
    sign = separator.encode()
    lines = data.split(b"\n")
    comments = [place for place, line in enumerate(lines) if line.startswith(b"#") and line.count(sign) != width - 1]
    for place in comments:
        lines[place] = b""  # the numbers of the other lines stay
    if comments:
        remarks.add(f"{len(comments):,} line{'s' * (len(comments) > 1)} of comments (#) within the table left out")
    return b"\n".join(lines)


def _sample(data: bytes) -> list[str]:
    """The first lines as text, whole ones."""
    if len(data) > _SAMPLE_BYTES:
        end = data.rfind(b"\n", 0, _SAMPLE_BYTES)
        data = data[: end + 1] if data.count(b"\n", 0, _SAMPLE_BYTES) > 2 else data
    return data.decode(errors="replace").removesuffix("\n").split("\n")


def _from_line(data: bytes, line: int) -> bytes:
    """The bytes from a line on, counted from 0."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
        if not at:
            return b""
    return data[at:]


def _records(lines: list[str], separator: str, path: Path | None = None) -> list[_Record]:
    """The first records that are not empty. An error of the reader is raised where there is a `path` to name."""
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
    """Blanks become tabs; within quotes they stay."""
    text = b"\n".join(line.strip() for line in data.split(b"\n"))
    if b'"' not in text:
        return re.sub(blanks, b"\t", text)
    pieces = text.split(b'"')
    pieces[::2] = [re.sub(blanks, b"\t", piece) for piece in pieces[::2]]
    return b'"'.join(pieces)


def _without_blanks_before_quotes(data: bytes, separator: str) -> bytes:
    """`1, "x, y"` is meant as `1,"x, y"`: a quote counts only at the beginning of a value."""
    if b' "' not in data:
        return data
    sign = re.escape(separator.encode())
    return re.sub(rb"(^|" + sign + rb')[ ]+"(?!"(?!' + sign + rb"|$))", rb'\1"', data, flags=re.MULTILINE)


# The separator ----------------------------------------------------------------------------------------------------


def _separator(lines: list[str]) -> str:
    rows = [line for line in _QUOTED.sub(_MASK, "\n".join(lines)).split("\n") if line.strip()][:_SAMPLE_RECORDS]
    scores = {separator: _score([row.split(separator) for row in rows], _OTHERS) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    # Blanks and tabs cut a table of tabs as tabs do; that a title has as many words as the table columns says nothing.
    if scores[best] < (0.5 if best == "\t" else 0.9, 0):
        for blanks, split in _BLANKS.items():
            score = _score([re.split(split.decode(), row.strip()) for row in rows], _BESIDE_BLANKS)
            if score >= max((0.9, 0), scores[best]):
                return blanks
    return best


def _score(rows: list[list[str]], other: re.Pattern[str]) -> tuple[float, int]:
    """How well a separator cuts: the share of rows of one width, less the pieces that still hold another separator."""
    if not rows:
        return 0.0, 0
    first, width = _first_of_table(rows)
    if width < 2:
        return 0.0, 0
    same = [row for row in rows if len(row) == width]
    bad = sum(other.search(value.strip()) is not None for values in same for value in values)
    doubt = 0.0
    if first and not _names_without_first(rows[first - 1], rows[first:], width):
        # Names cut by another separator look like a title here.
        in_pieces = any(len(row) > 1 or any(sign in row[0] for sign in SEPARATORS) for row in rows[:first])
        doubt = 0.4 if in_pieces or _has_numbers(same[0]) else 0.0
    return round(len(same) / len(rows) - bad / (width * len(same)) - doubt, 2), width


def _first_of_table(rows: list[list[str]]) -> tuple[int, int]:
    """The place of the first row of the usual width, and that width. A short table may be one row."""
    widths = Counter(map(len, rows))
    top = len(rows[0])
    width = max(widths, key=lambda one: (widths[one], one == top, one))
    if widths[width] == widths[top] or (top > 1 and widths[top] > 0.3 * len(rows)):
        width = top
    first = next(place for place, row in enumerate(rows) if len(row) == width)
    return (first, width) if first <= _MOST_TITLES else (0, top)


def _titles_with_separators(rows: list[list[str]]) -> int:
    """How many rows at the top are titles that a spreadsheet filled up with separators, such as `Report of 2026,,`."""
    for place, row in enumerate(rows[: min(_MOST_TITLES, len(rows) - 2)]):
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
    """The first record of the table, those below and the titles above it, and the lines that it stands on."""

    first: list[str]
    below: list[list[str]]
    titles: list[list[str]]
    start: int
    end: int
    row_names: bool = False
    surely_names: bool = False


def _top_of_table(records: list[_Record], header: bool | None, path: Path) -> _Top:
    """Where the table begins. Rows may have another width than their names, for four reasons, or it is an error."""
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
    """Whether rows have a name in front that the line of names knows nothing of, as R writes them."""
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
