"""What counts as missing is decided by the column, and said; a frequent value is never missing."""

import polars as pl
import pytest

from pellucid.tables.files import read

NUMBERS = [f"{place}.5" for place in range(100)]


@pytest.mark.parametrize("word", ["none", "NA", "Na", "null", "nil", "-", "?", "nan", "None", "N/A", "missing"])
def test_a_frequent_value_of_text_is_a_class(column, word):
    reading = column([word, "minor", "major"] * 20)
    assert reading.table["v"].to_list() == [word, "minor", "major"] * 20
    assert reading.remarks.lines() == []


@pytest.mark.parametrize("word", ["NA", "N/A", "<NA>", "null", "-", "?"])
def test_a_rare_usual_word_in_text_is_missing_and_said(column, word):
    reading = column(["minor", "major"] * 50 + [word] * 2)
    assert reading.table["v"].to_list() == ["minor", "major"] * 50 + [None] * 2
    assert reading.remarks.lines() == [f'v: 2 times "{word}", taken as missing']


@pytest.mark.parametrize("word", ["none", "None", "nil", "unknown", "missing"])
def test_what_people_write_in_text_is_a_value_however_rare(column, word):
    assert column(["minor", "major"] * 50 + [word] * 2).table["v"][-1] == word


def test_a_rare_code_among_codes_of_its_form_is_a_value(column):
    reading = column(["DE", "NO"] * 50 + ["NA"])
    assert reading.table["v"].null_count() == 0
    elements = ["H", "He", "Li", "Be", "Na", "Mg"]
    assert column(elements).table["v"].to_list() == elements


@pytest.mark.parametrize(
    "word",
    [
        "nil",
        "NA",
        "<NA>",
        "#DIV/0!",
        "n.d.",
        "Ancient",
        "#N/A",
        "unknown",
        "-",
        "?",
        ".",
        "NaN",
        "null",
        "None",
        "..",
        "x",
    ],
)
def test_a_stray_word_among_numbers_is_missing_and_said(column, word):
    reading = column([*NUMBERS, word, word])
    assert reading.table["v"].to_list() == [float(value) for value in NUMBERS] + [None, None]
    assert reading.remarks.lines() == [f'v: 2 times "{word}", taken as missing']


def test_two_spellings_are_both_counted(column):
    reading = column([*NUMBERS, *["nil"] * 3, "n.d."])
    assert reading.remarks.lines() == ['v: 3 times "nil", once "n.d.", taken as missing']


def test_what_programs_write_is_missing_however_frequent(column):
    reading = column([*NUMBERS[:10], *["NA"] * 90])
    assert reading.table["v"].null_count() == 90
    assert reading.remarks.lines() == ['v: 90 times "NA", taken as missing']


def test_a_frequent_word_beside_a_few_whole_numbers_is_a_class(column):
    values = ["none", "1", "2", "3"] * 20
    assert column(values).table["v"].to_list() == values
    cylinders = ["4", "6", "8"] * 30 + ["rotary"] * 6
    assert column(cylinders).table["v"].to_list() == cylinders


def test_codes_with_letters_stay_text(column):
    codes = [f"{place}" if place % 5 else f"A{place}" for place in range(100)]
    assert column(codes).table["v"].dtype == pl.String


def test_an_empty_value_is_missing_in_every_column(column):
    assert column(["", "a", "b", " "] * 5).table["v"].to_list() == [None, "a", "b", None] * 5


def test_only_words_for_missing_are_missing(column):
    assert column(["NA"] * 20).table["v"].null_count() == 20


def test_many_columns_with_one_word_share_a_line(write):
    names = [f"c{number}" for number in range(9)]
    rows = "".join(",".join([f"{row}.5"] * 9) + "\n" for row in range(50)) + ",".join(["nil"] * 9) + "\n"
    [line] = read(write(f"{','.join(names)}\n{rows}")).remarks.lines()
    assert line == '"nil" taken as missing in 9 columns: c0 (1), c1 (1), c2 (1), c3 (1), c4 (1), c5 (1) and 3 more'


def test_typed_files_are_read_by_the_same_rules(tmp_path):
    path = tmp_path / "table.parquet"
    pl.DataFrame({"v": [*NUMBERS, "nil"], "k": ["none", *["some"] * 100]}).write_parquet(path)
    reading = read(path)
    assert reading.table["v"].dtype == pl.Float64
    assert reading.remarks.lines()[0] == 'v: once "nil", taken as missing'
