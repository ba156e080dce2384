"""Read the bytes of a file: once, uncompressed and converted to UTF-8.

Names are taken literally: no patterns, variables or URLs. A pipe can be read only once, so all later steps work on
bytes, never on a path. `-` is the standard input, unless there is a file of that name.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shlex
import sys
import zlib
from pathlib import Path
from typing import BinaryIO

from pellucid.tables.errors import UserError, did_you_mean, quoted

STANDARD_INPUT = "-"

_START = 4096
"""Number of bytes that are examined before the rest is read, because /dev/zero has no end."""

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_TABLES = (b"PAR1", b"ARROW1")
"""First bytes of files with typed columns."""

_CONTROLS = [bytes([code]) for code in range(32) if code not in b"\t\n\r\f\x1b"]
_MAX_CONTROLS = 0.02
"""Share of control characters above which a file that contains zeros is binary rather than a damaged text."""

_OTHERS = {
    b"PK": "a zip archive or a spreadsheet: save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet (.xls): save the sheet as CSV (UTF-8)",
    b"SQLite format 3": "a database (SQLite): export the table as CSV",
    b"%PDF": "a PDF: the table must be in a file of its own, as CSV",
    b"\x89HDF": "an HDF5 file: save the table as CSV or Parquet",
}


def read_bytes(path: Path) -> bytes:
    """All bytes of a file or pipe, decompressed if they are compressed (gzip, bzip2, xz).

    Raises
    ------
    UserError
        If there is no such file, it cannot be read, or its first bytes show that it is not a table.
    """
    if str(path) == STANDARD_INPUT and not path.exists():
        return _read(sys.stdin.buffer, path) if _is_piped() else _nothing_piped()
    if path.is_dir():
        raise UserError(f"FILE must be a CSV or Parquet file, got the directory {quoted(path)}")
    try:
        with path.open("rb") as file:
            return _read(file, path)
    except FileNotFoundError as error:
        raise UserError(
            f"FILE must be a CSV or Parquet file, got {quoted(path)}, which does not exist{_neighbour(path)}"
        ) from error
    except OSError as error:
        raise UserError(f"FILE must be readable, got {quoted(path)}: {error.strerror or error}") from error


def unpacked(data: bytes, path: Path) -> bytes:
    """The decompressed bytes."""
    refuse_others(data[:_START], path)
    try:
        if data.startswith(_PACKED[0]):
            data = gzip.decompress(data)
        elif data.startswith(_PACKED[1]):
            data = bz2.decompress(data)
        elif data.startswith(_PACKED[2]):
            data = lzma.decompress(data)
        else:
            return data
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}: {error}") from error
    refuse_others(data[:_START], path)
    return data


def refuse_others(start: bytes, path: Path) -> None:
    """Refuse empty files, and known file types that are not tables."""
    if not start.strip():
        raise UserError(f"FILE must hold a table, got {quoted(path)}, which is empty")
    for magic, kind in _OTHERS.items():
        if start.startswith(magic):
            raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is {kind}")
    if start.startswith(_ZSTANDARD):
        raise UserError(
            f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is packed by zstd: unpack it with: "
            f"zstd -d {shlex.quote(str(path))}"
        )
    if start.lstrip()[:9].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UserError(
            f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is a page (HTML or XML): save the table in "
            "it as CSV"
        )
    known = start.startswith((*_PACKED, *_TABLES)) or utf16_of(start) is not None
    if b"\0" in start and not known and sum(map(start.count, _CONTROLS)) > _MAX_CONTROLS * len(start):
        raise UserError(f"FILE must be a CSV or Parquet file, got {quoted(path)}, which is binary")


def is_typed(data: bytes) -> bool:
    """Whether the bytes are a Parquet or Arrow file, which has typed columns."""
    return data.startswith(_TABLES)


def as_utf8(data: bytes, path: Path) -> tuple[bytes, str]:
    """The text in UTF-8 with line feeds as line ends, and a remark if it had another encoding."""
    remark = ""
    encoding = utf16_of(data[:_START])
    if encoding is not None:
        try:
            data, remark = data.decode(encoding).encode(), "it is encoded in UTF-16"
        except UnicodeError as error:
            raise UserError(
                f"FILE must be encoded in UTF-8, got {quoted(path)}, which starts as UTF-16 does and is damaged: "
                f"{error}"
            ) from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.isascii():
        _refuse_other_encodings(data, path)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UserError(
            f"FILE must be a text, got {quoted(path)} with a byte of value 0 in line {line} (remove such bytes with: "
            f"tr -d '\\000' < {shlex.quote(str(path))} > clean-{shlex.quote(path.name)})"
        )
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data, remark


def utf16_of(start: bytes) -> str | None:
    """Detect UTF-16 by its byte order mark, or by zeros in every second byte; None for anything else."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    pairs = len(start) // 2
    zeros_first, zeros_second = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if pairs >= 4 and zeros_second > 0.7 * pairs and zeros_first == 0:
        return "utf-16-le"
    if pairs >= 4 and zeros_first > 0.7 * pairs and zeros_second == 0:
        return "utf-16-be"
    return None


def _refuse_other_encodings(data: bytes, path: Path) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        line = data.count(b"\n", 0, bad.start) + 1
        named, plain = shlex.quote(str(path)), shlex.quote(f"utf8-{path.name.removesuffix('.gz')}")
        convert = "iconv -f WINDOWS-1252 -t UTF-8"
        command = f"gzip -dc {named} | {convert} > {plain}" if path.suffix == ".gz" else f"{convert} {named} > {plain}"
        raise UserError(
            f"FILE must be encoded in UTF-8, got {quoted(path)}: line {line} has the byte 0x{data[bad.start]:02x} "
            f"(convert it with: {command})"
        ) from bad


def _read(file: BinaryIO, path: Path) -> bytes:
    start = file.read(_START)
    refuse_others(start, path)
    whole = io.BytesIO()
    whole.write(start)
    while piece := file.read(1 << 20):
        whole.write(piece)
    return unpacked(whole.getvalue(), path)


def _is_piped() -> bool:
    return sys.stdin is not None and not sys.stdin.isatty()


def _nothing_piped() -> bytes:
    raise UserError(
        f'FILE must be piped in where it is "{STANDARD_INPUT}", the standard input: pellucid train - < table.csv'
    )


def _neighbour(path: Path) -> str:
    try:
        beside = [one.name for one in path.parent.iterdir() if one.exists() and one.name != path.name]
    except OSError:
        return ""
    return did_you_mean(path.name, beside)
