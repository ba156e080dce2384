"""How a text holds a table: separators, titles, comments, names."""

import json
import random

import polars as pl
import pytest

from pellucid.tables.errors import UserError
from pellucid.tables.files import read, read_table
from pellucid.tables.headers import looks_headless

DRAW = random.Random(0)
ROWS = [(round(DRAW.gauss(0, 1), 2), round(DRAW.gauss(0, 1), 2), DRAW.choice("pq")) for _ in range(60)]
TABLE = {"x": [row[0] for row in ROWS], "z": [row[1] for row in ROWS], "y": [row[2] for row in ROWS]}


def written(separator=",", *, names=("x", "z", "y"), end="\n", last=""):
    lines = [separator.join(names)] + [separator.join(map(str, row)) for row in ROWS]
    return "".join(line + last + end for line in lines)


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        (written("|"), []),
        (written(end="\r"), []),
        (written(end="\r\n"), []),
        (written(last=","), []),
        (written(last=",").replace("x,z,y,", "x,z,y"), []),
        (written(" "), ["blanks separate the values"]),
        (written("   "), ["blanks separate the values"]),
        ("  " + written(" \t ").replace("\n", " \n  "), []),
        ("  " + written("  ").replace("\n", " \n  "), ["blanks separate the values"]),
        (written("  ", names=("x", "z", "y")), ["blanks separate the values"]),
        ("Report\n" + written("  "), ["blanks separate the values", '1 line above the table left out: "Report"']),
        ("sep=;\n" + written(";"), ['line 1, "sep=;", says what separates values, and is no row']),
        ('"sep=\t"\r\n' + written("\t", end="\r\n"), ['line 1, "sep=\t", says what separates values, and is no row']),
        ("Report of 2026\n\n" + written(), ['1 line above the table left out: "Report of 2026"']),
        ("Report\nby me, in May\n\n" + written(), ['2 lines above the table left out: "Report", "by me,in May"']),
        ("Report of 2026,,\n,,\n" + written(), ['1 line above the table left out: "Report of 2026"']),
        ("# one\n# two\n" + written(), ["2 lines of comments (#) left out"]),
        ("# one\n# x,z,y\n" + written().partition("\n")[2], ["1 line of comments (#) left out"]),
        (written() + "# the end\n", ["1 line of comments (#) within the table left out"]),
        (",,\n,,\n" + written(), []),
        ("\ufeff" + written(), []),
        (written().encode("utf-16"), ["it is encoded in UTF-16"]),
        (written().encode("utf-16-le"), ["it is encoded in UTF-16"]),
        ("".join(json.dumps(dict(zip(TABLE, row, strict=True))) + "\n" for row in ROWS), []),
        (json.dumps([dict(zip(TABLE, row, strict=True)) for row in ROWS], indent=1), []),
        (json.dumps(TABLE), []),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, str | bytes) else "",
)
def test_each_dialect_is_read_and_said(write, text, remarks):
    reading = read(write(text))
    assert reading.table.to_dict(as_series=False) == TABLE
    assert reading.remarks.lines() == remarks


def test_arrow(tmp_path):
    path = tmp_path / "table.csv"
    pl.DataFrame(TABLE).write_ipc(path)
    assert read_table(path).to_dict(as_series=False) == TABLE


def test_row_names_as_r_writes_them(write):
    rows = "".join(f'"{place}" {x} {z} "new {y}"\n' for place, (x, z, y) in enumerate(ROWS, start=1))
    reading = read(write(f'"x" "z" "y"\n{rows}'))
    assert reading.table.columns == ["(row name)", "x", "z", "y"]
    assert reading.table["y"].to_list() == [f"new {row[2]}" for row in ROWS]
    assert any("one value more" in line for line in reading.remarks.lines())


def test_another_separator_in_each_row_but_not_in_the_names(write):
    assert read_table(write("a,b,k\n" + "1.5,2,c;d\n" * 20)).columns == ["a", "b", "k"]
    assert read_table(write("x,y z,k;l\n" + "one,two three,c;d\n" * 20)).columns == ["x", "y z", "k;l"]


def test_a_title_of_as_many_words_as_there_are_columns(write):
    table = read_table(write("Report of 2026\nx\ttag|nacht\tA;B\n" + "00:2B\tno\tpart\n00:1A\tyes\ttotal\n" * 6))
    assert table.columns == ["x", "tag|nacht", "A;B"]


def test_colours_are_no_comments(write):
    table = read_table(write("colour,n\n" + "".join(f"#ff00{n:02},{n}.5\n" for n in range(40))))
    assert table["colour"][0] == "#ff0000"
    assert table.height == 40


def test_a_blank_before_a_quote(write):
    assert read_table(write('a, b\n1, "x, y"\n2, "z"\n'))["b"].to_list() == ["x, y", "z"]


def test_texts_that_a_spreadsheet_is_to_leave_alone(write):
    assert read_table(write('a,b\n="00123",1.5\n="04567",2.5\n'))["a"].to_list() == ["00123", "04567"]


def test_a_title_of_one_value_above_two_columns(write):
    assert read_table(write("Report,\nx,z\n1.5,2\n3,4\n")).columns == ["x", "z"]
    assert read_table(write("x,\n1.5,2\n3,4\n")).columns == ["x", "(unnamed 2)"]


def test_blanks_within_values_that_stand_far_apart(write):
    table = read_table(write("full name   age\n" + "Ann Smith   12\nBob         13\nCarl Jones  14\n" * 3))
    assert table.columns == ["full name", "age"]
    assert table["full name"][:2].to_list() == ["Ann Smith", "Bob"]


def test_fixed_widths_with_empty_values_are_named(write):
    with pytest.raises(UserError, match="columns of fixed width"):
        read(write("x    y    z\n" + "1.5  2.5  3\n4.5       6\n" * 9))


def test_names_with_brackets_are_no_json(write):
    assert read_table(write("[a],{b}\n1,2\n3,4\n")).columns == ["[a]", "{b}"]
    assert read_table(write("{a},[b]\n1,2\n3,4\n")).columns == ["{a}", "[b]"]


def test_rows_that_are_all_short_are_said(write):
    reading = read(write("a,b,c\n" + "1,2\n" * 20))
    assert reading.table.columns == ["a", "b", "c"]
    assert reading.remarks.lines()[0].startswith("20 lines with fewer values than names (first: line 2)")


def test_a_quote_within_a_value(write):
    rows = "".join(f'{size}" pipe,{size}.5\n' for size in range(30))
    assert read_table(write(f"a,b\n{rows}"))["a"][:2].to_list() == ['0" pipe', '1" pipe']


def test_short_lines_are_said(write):
    reading = read(write(written() + "1\n2,3\n"))
    assert reading.table.height == 62
    assert reading.remarks.lines()[0].startswith("2 lines with fewer values than names (first: line 62)")


@pytest.mark.parametrize("place", [0, 30])
def test_a_value_of_any_length(write, place):
    rows = [f"{number},short" for number in range(40)]
    rows[place] = f"{place},{'x' * 200_000}"
    table = read_table(write("a,b\n" + "\n".join(rows) + "\n"))
    assert table.height == 40
    assert len(table["b"][place]) == 200_000


def test_a_line_of_counts_above_rows_without_names(write):
    path = write("60,3,p,q\n" + written().partition("\n")[2])
    with pytest.raises(UserError, match=r"3 values for 4 names in line 2 .*--no-header"):
        read(path)
    assert read(path, header=False).table.height == 60


def test_a_line_too_long_is_named_below_a_title(write):
    with pytest.raises(UserError, match="4 values for 3 names in line 64"):
        read(write("Report\n\n" + written() + "1,2,3,4\n"))


@pytest.mark.parametrize(("text", "words"), [("a,b\n1,2\nTotal,3\n", '"Total"'), ("k,b\nu,2\nv,2\nSum:,3\n", '"Sum:"')])
def test_a_last_line_of_sums_is_named(write, text, words):
    assert f"the last line holds {words}" in read(write(text.replace("1,2\n", "1,2\n" * 9))).remarks.lines()[0]


def test_json_that_breaks_off_names_the_line(write):
    with pytest.raises(UserError, match="line 2: "):
        read(write('{"a": 1}\n{"a":\n'))


# Names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "below", "headless"),
    [
        (["5.1", "3.5", "setosa"], [["4.9", "3.0", "setosa"], ["6.3", "2.9", "virginica"]], True),
        (["0", "0", "1"], [["1", "0", "1"], ["0", "1", "0"]], True),
        (["1,5", "-2e3", "7"], [["2,5", "3e3", "8"]], True),
        (["2020-01-01", "$3", "x"], [["2020-01-02", "$4", "y"], ["2020-01-03", "$5", "x"]], True),
        (["red", "owl"], [["blue", "wren"], ["red", "wren"], ["red", "owl"]], True),
        (["colour", "kind"], [["blue", "wren"], ["red", "wren"], ["red", "owl"]], False),
        (["a", "b"], [["1", "2"]], False),
        (["2020", "a", "b"], [["1.5", "1", "2"], ["2.5", "3", "4"]], False),
        (["country", "2019", "2020", "2021"], [["A", "5", "6", "7"], ["B", "7", "8", "1"]], False),
        (["2019", "2020"], [["5.5", "6"], ["7", "8"]], False),
        (["0", "1", "2", "3"], [["16", "3", "4", "0"], ["1", "12", "3", "3"]], False),
        (["item", "2020-01-31", "2020-02-29"], [["a", "5", "6"], ["b", "7", "8"]], False),
        (["item", "1/22/20", "1/23/20"], [["a", "5", "6"], ["a", "7", "8"]], False),
        (["1", "2", "3"], [["4", "5", "6"], ["7", "8", "9"]], True),
        (["NA", "1.5", "2.5"], [["3", "4.5", "1"], ["4", "5.5", "2"]], True),
    ],
)
def test_whether_the_first_line_is_names(first, below, headless):
    assert looks_headless(first, below) is headless


def test_without_names_columns_are_numbered_and_it_is_said(write):
    path = write(written().partition("\n")[2])
    reading = read(path)
    assert reading.table.columns == ["column 1", "column 2", "column 3"]
    assert reading.table.height == 60
    assert reading.remarks.lines() == ["the first line holds values, not names: columns are called by number"]
    assert read(path, header=True).table.height == 59
    assert read(path, header=False).remarks.lines() == []
