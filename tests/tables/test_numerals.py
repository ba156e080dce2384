"""Numbers as people write them."""

import polars as pl
import pytest

from pellucid.tables.files import read, read_table

VALUES = [1234.5, -87.25, 1_002_003.0, 0.5, 999.0, 25.0] * 4


def written(form):
    return [form(value) for value in VALUES]


def dotted(value):
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


@pytest.mark.parametrize(
    ("form", "manner"),
    [
        (lambda v: f"${v:,.2f}".replace("$-", "-$"), '"$", commas between thousands'),
        (lambda v: f"{v:,.2f} €", '"€", commas between thousands'),
        (lambda v: f"{dotted(v)} €", '"€", decimal commas, points between thousands'),
        (lambda v: f"USD {v:,.2f}", '"USD", commas between thousands'),
        (lambda v: f"{v:,.2f}".replace(",", "'"), "apostrophes between thousands"),
        (lambda v: f"{v:,.2f}".replace(",", "’"), "apostrophes between thousands"),
        (lambda v: f"{v:,.2f}".replace(",", " ").replace(".", ","), "decimal commas, blanks between thousands"),
        (lambda v: f"{v:,.2f}".replace(",", "\u202f"), "blanks between thousands"),
        (lambda v: f"{v:,.2f}".replace(",", "\u00a0"), "blanks between thousands"),
        (lambda v: f"{v:_.2f}", "underscores between thousands"),
        (lambda v: f"({-v:.2f})" if v < 0 else f"{v:.2f}", "brackets for minus"),
        (lambda v: f"{-v:.2f}-" if v < 0 else f"{v:.2f}", "minus behind"),
        (lambda v: f"{v:.2f}%", '"%"'),
        (lambda v: f"{v:.2f} %".replace(".", ","), '"%", decimal commas'),
        (lambda v: f"{v:.2f} km", '"km"'),
        (lambda v: f"{v:.2f}".replace(".", ","), "decimal commas"),
        (lambda v: f"{v:.2f}".replace("-", "−"), ""),
        (lambda v: f"{v:+.2f}", ""),
        (lambda v: f"'{v:.2f}'", ""),
        (lambda v: f"{v:.0f},-" if v == int(v) else f"{v:.2f}".replace(".", ","), "decimal commas"),
        (lambda v: f"{v:.2f}".translate(str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")), ""),
    ],
)
def test_each_way_of_writing_is_read_and_said(column, form, manner):
    reading = column(written(form))
    assert reading.table["v"].to_list() == VALUES
    assert reading.remarks.lines() == ([f"v: numbers written with {manner}"] if manner else [])


def test_indian_groups(column):
    assert column(["12,34,567", "1,00,000", "5,000"]).table["v"].to_list() == [1_234_567, 100_000, 5000]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([f"{'$€'[place % 2]}{place}" for place in range(40)], "2 currencies ($, €): write all in one"),
        ([f"{place}.5 {('km', 'm')[place % 2]}" for place in range(40)], "2 units (km, m): write all in one"),
        ([f"{place}{'.,'[place % 2]}5" for place in range(40)], "some numbers have decimal commas and some points"),
        ([f"{place}.5%" if place % 3 else f"{place / 100}" for place in range(40)], 'some have "%" and some not'),
    ],
)
def test_what_cannot_be_one_column_of_numbers_is_named(column, values, words):
    reading = column(values)
    assert reading.table["v"].to_list() == values
    assert words in reading.remarks.lines()[0]


def test_a_few_classes_with_a_letter_stay_classes(column):
    classes = ["1a", "2a", "3a"] * 10
    assert column(classes).table["v"].to_list() == classes


def test_bounds_are_the_number_itself_and_said(column):
    reading = column([*(f"{place}.5" for place in range(60)), "<0.5"])
    assert reading.table["v"][-1] == 0.5
    assert 'bounds such as "<0.5", taken as the number itself' in reading.remarks.lines()[0]


def test_classes_of_bounds_stay_classes(column):
    classes = ["<5", "5 to 9", ">9"] * 10
    assert column(classes).table["v"].to_list() == classes


# Which sign is which ----------------------------------------------------------------------------------------------


def test_points_between_thousands_by_the_commas_of_another_column(write):
    table = read_table(write("flaeche;preis\n99,5;1.250\n80,0;999\n120,25;2.499\n61,5;812\n"))
    assert table["preis"].to_list() == [1250, 999, 2499, 812]
    assert table["flaeche"].to_list() == [99.5, 80, 120.25, 61.5]


def test_points_stay_decimal_where_a_value_says_so(write):
    table = read_table(write("a;b\n99,5;1.25\n80,0;9.125\n"))
    assert table["b"].to_list() == [1.25, 9.125]


def test_points_are_decimal_where_nothing_speaks_against_it(write):
    assert read_table(write("a,b\n1.250,x\n999,y\n"))["a"].to_list() == [1.25, 999]


def test_one_comma_and_three_digits(write):
    quoted = read(write('a,b\n"1,250",1.5\n999,2.5\n'))
    assert quoted.table["a"].to_list() == [1250, 999]
    assert quoted.remarks.lines() == ["a: numbers written with commas between thousands"]
    assert read_table(write("a;b\n1,250;1,5\n0,999;2,5\n"))["a"].to_list() == [1.25, 0.999]


def test_points_of_another_column_say_that_commas_stand_between_thousands(write):
    assert read_table(write("a;b\n0.5;1,500\n0.75;2,300\n"))["b"].to_list() == [1500, 2300]
    assert read_table(write("a;b\n5;1,500\n7;2,300\n"))["b"].to_list() == [1.5, 2.3]
    both = read_table(write("a;b\n1.250;1,500\n999;2,300\n"))
    assert both.to_dict(as_series=False) == {"a": [1250, 999], "b": [1.5, 2.3]}


def test_tabs_and_decimal_commas(write):
    table = read_table(write("a\tb\n0,45\t-1,74\n-0,97\t1,6\n"))
    assert table.to_dict(as_series=False) == {"a": [0.45, -0.97], "b": [-1.74, 1.6]}


def test_a_slip_of_the_sign_is_said(column):
    reading = column([*(f"{place}.5" for place in range(100)), "3,5"])
    assert reading.table["v"][-1] is None
    assert reading.remarks.lines() == ['v: once "3,5", taken as missing']


# Codes and large numbers ------------------------------------------------------------------------------------------


def test_codes_with_leading_zeros_stay_text_and_are_said(column):
    codes = [f"{place * 397:05}" for place in range(60)]
    reading = column([*codes, "NA"])
    assert reading.table["v"].to_list() == [*codes, None]
    assert reading.remarks.lines()[0] == 'v: codes, for some begin with 0 ("00000"): taken as text'


def test_one_number_with_a_zero_before_it_is_a_number_and_said(column):
    reading = column([*(str(place * 7) for place in range(1, 200)), "007"])
    assert reading.table["v"][-1] == 7
    assert 'begin with 0, such as "007": taken as numbers' in reading.remarks.lines()[0]


def test_recurring_whole_numbers_beyond_2_to_the_53_keep_their_digits(write, tmp_path):
    labels = [9007199254740992, 9007199254740993, 9007199254740996] * 20
    text = read(write("x,y\n" + "".join(f"{place}.5,{label}\n" for place, label in enumerate(labels))))
    assert text.table["y"].to_list() == [str(label) for label in labels]
    assert text.remarks.lines() == ["y: whole numbers beyond 2^53: taken as text, with all their digits"]
    path = tmp_path / "table.parquet"
    pl.DataFrame({"y": labels}).write_parquet(path)
    assert read_table(path)["y"].to_list() == [str(label) for label in labels]


def test_other_large_whole_numbers_are_rounded_and_said(column):
    reading = column(range(2**60, 2**60 + 40))
    assert reading.table["v"].dtype == pl.Float64
    assert reading.remarks.lines() == ["v: 40 whole numbers beyond 2^53: rounded to 16 digits"]


def test_addresses_and_versions_stay_text(column):
    for values in (["192.168.0.1", "10.0.0.7"] * 10, ["1.2.3", "1.10.0"] * 10, ["0x1f", "0xff"] * 10):
        assert column(values).table["v"].to_list() == values
