"""The file named is the file read, and a pipe is read once."""

import bz2
import gzip
import io
import lzma
import os
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from pellucid.tables.errors import UserError
from pellucid.tables.files import read, read_table

TEXT = b"a,b\n" + b"1.5,x\n2.5,y\n" * 10_000

NAMES = [
    "t[1].csv",
    "a*.csv",
    "what?.csv",
    "{x}.csv",
    "~",
    "$HOME",
    "-",
    "%TEMP%",
    "a b.csv",
    "s3:",
    "'q'.csv",
    "[!a].csv",
]


@pytest.mark.parametrize("name", NAMES if os.name != "nt" else ["t[1].csv", "{x}.csv", "~", "$HOME"])
def test_no_sign_of_a_name_is_a_pattern(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for other in ("t1.csv", "ab.csv", "whats.csv", "x.csv", "b.csv"):
        Path(other).write_text("a,b\n1,other\n")
    Path(name).write_text("a,b\n1,this\n")
    assert read_table(Path(name))["b"].to_list() == ["this"]


def test_a_name_like_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s3:/bucket").mkdir(parents=True)
    Path("s3:/bucket/t.csv").write_text("a,b\n1,this\n")
    assert read_table(Path("s3://bucket/t.csv"))["b"].to_list() == ["this"]


def test_typed_files_are_named_as_strictly(tmp_path):
    for name, value in (("t[1].parquet", 1), ("t1.parquet", 2)):
        pl.DataFrame({"a": [value]}).write_parquet(tmp_path / name)
    assert read_table(tmp_path / "t[1].parquet")["a"].to_list() == [1]


def _parquet():
    file = io.BytesIO()
    pl.read_csv(TEXT).write_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [TEXT, gzip.compress(TEXT, mtime=0), bz2.compress(TEXT), lzma.compress(TEXT), _parquet()],
    ids=lambda _: "",
)
def test_the_standard_input_and_packed_files(tmp_path, monkeypatch, content):
    path = tmp_path / "table"
    path.write_bytes(content)
    assert read_table(path).height == 20_000
    monkeypatch.chdir(tmp_path)
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert read_table(Path("-")).height == 20_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("content", [TEXT, gzip.compress(TEXT, mtime=0), _parquet()], ids=lambda _: "")
def test_a_named_pipe_is_read_once(tmp_path, content):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    assert read_table(path).height == 20_000
    writer.join()


def test_a_terminal_is_no_table(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    with pytest.raises(UserError, match="must be piped in"):
        read(Path("-"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x28\xb5\x2f\xfd...", "packed by zstd: unpack it with: zstd -d"),
        (b"<!DOCTYPE html><html>", "a page (HTML or XML)"),
        (b"\xd0\xcf\x11\xe0....", "an old spreadsheet"),
        (b"SQLite format 3\0", "a database"),
        (b"a,b\n" + b"1,2\n" * 3000 + b"1,\0\n", "a byte of value 0 in line 3002"),
        (b"a,b\n" + b"1,2\n" * 30 + b"1,\0\n", "a byte of value 0 in line 32"),
        (bytes(5000), "binary"),
        (gzip.compress(TEXT, mtime=0)[:200], "FILE must be a CSV"),
        (bz2.compress(TEXT)[:60], "FILE must be a CSV"),
        (lzma.compress(TEXT)[:60], "FILE must be a CSV"),
        ("a,b\n1,ü\n".encode("latin-1"), "iconv -f WINDOWS-1252 -t UTF-8 "),
        (gzip.compress("a,b\n1,ü\n".encode("latin-1"), mtime=0), "| iconv -f WINDOWS-1252 -t UTF-8 > utf8-"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else "",
)
def test_what_cannot_be_read_is_named_with_the_next_step(tmp_path, content, words):
    path = tmp_path / ("table.csv.gz" if content.startswith(b"\x1f\x8b") else "table.csv")
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read(path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_conversion_names_the_folder(tmp_path):
    path = tmp_path / "my table.csv"
    path.write_bytes("a,b\n1,ü\n".encode("latin-1"))
    with pytest.raises(UserError) as error:
        read(path)
    assert f"'{path}' > 'utf8-my table.csv'" in str(error.value)
