"""Dates and times as people write them."""

from datetime import datetime

import polars as pl
import pytest

from pellucid.tables.files import read, read_table

DAYS = [datetime(2015, 1, 31), datetime(1999, 12, 5), datetime(2020, 2, 29), datetime(2008, 7, 4)] * 3
SINCE_1930 = [datetime(1931, 5, 17), datetime(1969, 7, 20), datetime(2029, 1, 2)] * 4


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%b %d %Y", "%b %d, %Y",
        "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d%b%Y", "%a, %d %b %Y", "%a %b %d %Y",
        "%a %Y-%m-%d", "%Y%m%d",
    ],
)  # fmt: skip
def test_every_usual_order(column, form):
    days = [*DAYS, *(datetime(2001, 3, day) for day in range(1, 29))]
    assert column(day.strftime(form) for day in days).table["v"].to_list() == days


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%SZ"]
)
def test_with_a_time_of_day(column, form):
    times = [day.replace(hour=hour, minute=5) for day in DAYS for hour in (0, 9, 12, 23)]
    assert column(time.strftime(form) for time in times).table["v"].to_list() == times


@pytest.mark.parametrize("form", ["{0.year}-{0.month:02}", "{0.month:02}/{0.year}", "{0:%b} {0.year}"])
def test_months(column, form):
    assert column(form.format(day) for day in DAYS).table["v"].to_list() == [day.replace(day=1) for day in DAYS]


def test_quarters(column):
    assert column(["2020Q1", "2020Q4"] * 5).table["v"].to_list() == [datetime(2020, 1, 1), datetime(2020, 10, 1)] * 5


def test_births_long_ago(column):
    assert column(day.strftime("%Y-%m-%d") for day in SINCE_1930).table["v"].to_list() == SINCE_1930
    reading = column(day.strftime("%d.%m.%y") for day in SINCE_1930)
    assert reading.table["v"].to_list() == SINCE_1930
    assert reading.remarks.lines() == ["v: dates (day first, years of two digits from 1930 to 2029)"]


def test_the_order_is_said(column):
    assert column(day.strftime("%m/%d/%Y") for day in DAYS).remarks.lines() == ["v: dates (month first)"]
    assert column(day.strftime("%d/%m/%Y") for day in DAYS).remarks.lines() == ["v: dates (day first)"]


def test_an_order_that_cannot_be_known_is_named_with_what_to_write(column):
    reading = column(["03/04/2020", "05/06/2021", "07/08/2019"] * 4)
    assert reading.table["v"].dtype == pl.String
    [line] = reading.remarks.lines()
    assert 'which of "03/04/2020" is the day cannot be known: write 2015-01-31' in line


def test_another_column_says_the_order(write):
    rows = "".join(f"0{1 + day % 9}/04/2020,{13 + day}/05/2021\n" for day in range(12))
    assert read_table(write(f"a,b\n{rows}"))["a"][:2].to_list() == [datetime(2020, 4, 1), datetime(2020, 4, 2)]


def test_a_first_of_each_month_says_the_order(column):
    days = [datetime(2020, month, 1) for month in range(1, 13)]
    assert column(day.strftime("%d/%m/%Y") for day in days).table["v"].to_list() == days
    assert column(day.strftime("%m/%d/%Y") for day in days).table["v"].to_list() == days


@pytest.mark.parametrize(
    "values",
    [
        [f"2020-01-{day:02}" if day % 2 else f"{day:02}.01.2020" for day in range(1, 29)],
        [f"{day}. März 2020" for day in range(1, 29)],
        [f"2020-W{week:02}" for week in range(1, 29)],
    ],
)
def test_dates_that_are_not_read_are_named(column, values):
    reading = column(values)
    assert reading.table["v"].to_list() == values
    assert "looks like dates" in reading.remarks.lines()[0]
    assert "write 2015-01-31" in reading.remarks.lines()[0]


def test_missing_dates_are_said(column):
    reading = column([*(day.strftime("%d.%m.%Y") for day in DAYS), "", "NA", "unknown"])
    assert reading.table["v"].null_count() == 3
    assert reading.remarks.lines() == ["v: dates (day first)", 'v: once "NA", once "unknown", taken as missing']


def test_offsets_of_summer_and_winter_keep_the_clock_of_the_place(column):
    times = ["2024-01-10T08:30:00+01:00", "2024-07-10T08:30:00+02:00"] * 6
    reading = column(times)
    assert reading.table["v"].to_list() == [datetime(2024, 1, 10, 8, 30), datetime(2024, 7, 10, 8, 30)] * 6


def test_offsets_far_apart_are_brought_to_utc_and_said(column):
    reading = column(["2024-01-10T08:30:00+09:00", "2024-01-10T08:30:00-05:00"] * 6)
    assert reading.table["v"].to_list() == [datetime(2024, 1, 9, 23, 30), datetime(2024, 1, 10, 13, 30)] * 6
    assert reading.remarks.lines() == ["v: dates (in UTC)"]


def test_what_is_no_day_of_the_calendar_stays_no_day(column):
    reading = column([*(f"2021-03-{day:02}" for day in range(1, 32)), "2021-02-30"])
    assert reading.table["v"][-1] is None
    assert reading.remarks.lines() == ['v: once "2021-02-30", taken as missing']


def test_numbers_of_eight_digits_that_are_no_dates_stay_numbers(column):
    assert column([20150131 + place * 3001 for place in range(40)]).table["v"].dtype == pl.Float64


def test_times_of_day_alone(column):
    reading = column(["13:45", "09:05", "00:00", "23:59"] * 3)
    assert reading.table["v"][:2].to_list() == [49_500, 32_700]
    assert reading.remarks.lines() == ["v: times of day, as seconds"]


def test_the_zone_of_a_typed_file_is_kept(tmp_path):
    path = tmp_path / "table.parquet"
    times = pl.Series("at", [datetime(1955, 1, 1, 12)]).dt.replace_time_zone("Asia/Tokyo")
    pl.DataFrame([times]).write_parquet(path)
    assert read(path).table.schema["at"] == pl.Datetime("us", "Asia/Tokyo")
