"""Reading tables: what people's files look like."""

import gzip
from datetime import datetime

import polars as pl
import pytest

from pellucid.tables.errors import UserError
from pellucid.tables.files import read, read_table

ROWS = [("a", "b"), ("1", "x"), ("2.5", "y")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(write, separator):
    table = read_table(write("\n".join(separator.join(row) for row in ROWS)))
    assert table.to_dict(as_series=False) == {"a": [1.0, 2.5], "b": ["x", "y"]}


def test_a_separator_within_quotes_or_text_does_not_count(write):
    table = read_table(write('a;b\n1;"x;y"\n2;one, two, three\n'))
    assert table["b"].to_list() == ["x;y", "one, two, three"]


def test_the_decimal_comma_that_goes_with_semicolons(write):
    assert read_table(write("a;b\n1,5;x\n-2;y\n"))["a"].to_list() == [1.5, -2.0]


def test_quoted_decimal_commas_where_commas_separate(write):
    assert read_table(write('a,b\n"1,5",x\n'))["a"].to_list() == [1.5]


@pytest.mark.parametrize("word", ["", " ", "?", "NA", "n/a", "NaN", "null", "None", "#N/A", "-"])
def test_words_for_missing(write, word):
    assert read_table(write(f"a,b\n1,x\n{word},y\n"))["a"].to_list() == [1.0, None]


def test_blanks_around_values_and_names_do_not_count(write):
    assert read_table(write("a, b\n 1, x\n2 ,x \n")).to_dict(as_series=False) == {"a": [1.0, 2.0], "b": ["x", "x"]}


def test_one_word_far_down_is_missing_and_said(write):
    rows = [str(i) for i in range(5000)] + ["Ancient"]
    reading = read(write("a,b\n" + "".join(f"{row},1\n" for row in rows)))
    assert reading.table["a"].to_list() == [*map(float, range(5000)), None]
    assert reading.remarks.lines() == ['a: once "Ancient", taken as missing']


def test_codes_with_leading_zeros_stay_text(write):
    assert read_table(write("zip,b\n02134,1\n10001,2\n"))["zip"].to_list() == ["02134", "10001"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", datetime(2024, 2, 29)),
        ("2024-02-29T13:05", datetime(2024, 2, 29, 13, 5)),
        ("2024-02-29 13:05:30", datetime(2024, 2, 29, 13, 5, 30)),
        ("2024-02-29T13:05:30.250Z", datetime(2024, 2, 29, 13, 5, 30, 250_000)),
    ],
)
def test_iso_times(write, text, expected):
    assert read_table(write(f"a,b\n{text},1\n,2\n"))["a"].to_list() == [expected, None]


def test_ambiguous_dates_stay_text(write):
    assert read_table(write("a,b\n03/04/2020,1\n"))["a"].dtype == pl.String


def test_byte_order_mark_blank_lines_and_windows_line_ends(write):
    table = read_table(write(b"\xef\xbb\xbfa,b\r\n1,x\r\n\r\n2,y\r\n"))
    assert table.to_dict(as_series=False) == {"a": [1.0, 2.0], "b": ["x", "y"]}


def test_a_column_without_a_name_gets_one(write):
    assert read_table(write(",b\n1,x\n2,y\n")).columns == ["(unnamed 1)", "b"]


def test_gzipped(write):
    assert read_table(write(gzip.compress(b"a,b\n1,x\n"))).to_dict(as_series=False) == {"a": [1.0], "b": ["x"]}


def test_parquet_types(tmp_path):
    path = tmp_path / "table.parquet"
    pl.DataFrame(
        {
            "whole": pl.Series([1, None], dtype=pl.Int16),
            "real": pl.Series([float("nan"), 2.0], dtype=pl.Float32),
            "flag": [True, False],
            "kind": pl.Series(["x", "y"], dtype=pl.Categorical),
            "day": pl.Series([datetime(2024, 1, 2), None]).cast(pl.Date),
            "span": pl.Series([1_500, 0]).cast(pl.Duration("ms")),
            "digits": ["1", "2"],
            "list": [[1], [2]],
        }
    ).write_parquet(path)
    table = read_table(path)
    assert table.drop("list").to_dict(as_series=False) == {
        "whole": [1.0, None],
        "real": [None, 2.0],
        "flag": ["true", "false"],
        "kind": ["x", "y"],
        "day": [datetime(2024, 1, 2), None],
        "span": [1.5, 0.0],
        "digits": [1.0, 2.0],
    }
    assert table["list"].dtype == pl.List


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n", "rows of data"),
        (b"a,b\n1,2\n1,2,3\n", "3 values for 2 names in line 3"),
        (b'a,b\n"1,2\n3,4\n', "begins in line 2: unexpected end of data"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "unclosed quote"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "begins in line 3"),
        (b"a,b,a\n1,2,3\n", '"a" more than once'),
        ("a,b\n1,x\n2,café\n".encode("latin-1"), "line 3 has the byte 0xe9"),
        (gzip.compress("a,b\n2,café\n".encode("latin-1"), mtime=0), "line 2 has the byte 0xe9"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "UTF-16"),
        (b"PK\x03\x04...", "spreadsheet"),
        (b"\x7fELF\0\0\0", "binary"),
        (b"PAR1 and no more", "damaged"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:30], "CSV"),
    ],
)
def test_what_is_no_table_is_told(write, content, words):
    path = write(content)
    with pytest.raises(UserError, match=r"^FILE must ") as error:
        read_table(path)
    assert words in str(error.value)


def test_a_csv_named_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="FILE must be a Parquet file"):
        read_table(path)


def test_a_missing_file_names_its_neighbour(write):
    path = write("a\n1\n")
    with pytest.raises(UserError, match=r'does not exist; did you mean "table\.csv"\?'):
        read_table(path.with_name("tables.csv"))


def test_a_directory(tmp_path):
    with pytest.raises(UserError, match="the directory"):
        read_table(tmp_path)


def test_without_a_header_columns_are_numbered(write):
    table = read_table(write("1,1,x\n2,3,y\n"), header=False)
    assert table.to_dict(as_series=False) == {"column 1": [1.0, 2.0], "column 2": [1.0, 3.0], "column 3": ["x", "y"]}
