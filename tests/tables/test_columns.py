"""Which columns are used, and how they become numbers."""

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from pellucid.tables.columns import choose_columns, preparation, sharing, with_times_as_numbers
from pellucid.tables.errors import UserError

N = 60


def chosen(**columns):
    return choose_columns(pl.DataFrame({"x": np.linspace(0.0, 1.0, N), **columns}))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pl.Series([None] * N, dtype=pl.Float64), "every value is missing"),
        (["same"] * N, "the same value everywhere"),
        ([2.0] * N, "the same value everywhere"),
        (np.arange(N, dtype=float), "a row number"),
        (np.arange(1, N + 1, dtype=float), "a row number"),
        ([f"person {i}" for i in range(N)], "60 different texts in 60 rows"),
        ([f"remark {i % 50}" for i in range(N)], "50 different texts in 60 rows"),
        ([[1.0]] * N, "List"),
    ],
)
def test_columns_that_are_left_out_and_why(values, reason):
    columns = chosen(odd=values)
    assert columns.numbers == ["x"]
    assert reason in columns.left_out["odd"]


def test_columns_that_are_kept():
    columns = chosen(
        year=np.arange(1960.0, 1960 + N),
        kind=["a", "b"] * (N // 2),
        known_or_not=pl.Series([1.0, None] * (N // 2)),
        day=pl.Series([date(2024, 1, 1) + timedelta(days=i) for i in range(N)]).cast(pl.Datetime("us")),
    )
    assert columns.numbers == ["x", "year", "known_or_not"]
    assert columns.categories == ["kind"]
    assert columns.times == ["day"]
    assert columns.left_out == {}


def test_nothing_to_learn_from():
    with pytest.raises(UserError, match='"a": the same value everywhere'):
        choose_columns(pl.DataFrame({"a": [1.0] * N}))
    with pytest.raises(UserError, match="got none"):
        choose_columns(pl.DataFrame())


def test_infinite_values_name_the_column_and_their_number():
    with pytest.raises(UserError, match=r'got -inf in column "odd" \(3 such in 60 rows\)'):
        chosen(odd=[-np.inf, np.inf, 1e300, *np.linspace(0, 1, N - 3)])


def test_numbers_are_scaled_and_gaps_filled_with_the_median_of_the_training_rows():
    frame = pl.DataFrame({"a": [0.0, 1.0, 5.0, None, 99.0, None]})
    prepared = preparation(["a"], [], n_rows=4).fit(frame[:4])
    training = prepared.transform(frame[:4])
    np.testing.assert_allclose(training.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(training.std(axis=0), 1)
    filled, median = prepared.transform(frame[5:])[0, 0], prepared.transform(pl.DataFrame({"a": [1.0]}))[0, 0]
    assert filled == median


def test_a_number_first_missing_in_the_test_rows_is_filled():
    prepared = preparation(["a"], [], n_rows=3).fit(pl.DataFrame({"a": [0.0, 1.0, 5.0]}))
    assert prepared.transform(pl.DataFrame({"a": [None]}, schema={"a": pl.Float64})).shape == (1, 1)


def test_a_number_that_is_missing_in_all_training_rows_does_no_harm():
    prepared = preparation(["a"], [], n_rows=2).fit(pl.DataFrame({"a": [None, None]}, schema={"a": pl.Float64}))
    assert np.isfinite(prepared.transform(pl.DataFrame({"a": [7.0]}))).all()


def test_text_is_one_hot_encoded_and_missing_is_a_category():
    frame = pl.DataFrame({"kind": ["a", "b", None, "a"]})
    prepared = preparation([], ["kind"], n_rows=4).fit(frame)
    assert prepared.get_feature_names_out().tolist() == [
        "categories__kind_(missing)",
        "categories__kind_a",
        "categories__kind_b",
    ]
    np.testing.assert_array_equal(prepared.transform(frame), [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])


def test_rare_and_new_categories_share_one_column():
    kinds = ["a"] * 300 + ["b"] * 300 + ["rare"] + ["odd"]
    prepared = preparation([], ["kind"], n_rows=len(kinds)).fit(pl.DataFrame({"kind": kinds}))
    rows = prepared.transform(pl.DataFrame({"kind": ["a", "b", "rare", "odd", "never seen"]}))
    np.testing.assert_array_equal(rows, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]])


def test_many_categories_take_few_columns():
    kinds = [f"town {i % 400}" for i in range(4000)]
    prepared = preparation([], ["kind"], n_rows=len(kinds)).fit(pl.DataFrame({"kind": kinds}))
    assert len(prepared.get_feature_names_out()) == 300
    assert sharing(prepared, ["kind"]) == {"kind": (101, 400)}


def test_each_of_51_states_keeps_an_input_of_its_own():
    states = [f"state {i % 51}" for i in range(5100)]
    prepared = preparation([], ["state"], n_rows=len(states)).fit(pl.DataFrame({"state": states}))
    assert len(prepared.get_feature_names_out()) == 51
    assert sharing(prepared, ["state"]) == {}


def test_a_date_becomes_days_and_points_on_circles():
    frame = pl.DataFrame({"day": pl.Series([date(2023, 12, 31), date(2024, 1, 1), None]).cast(pl.Datetime("us"))})
    numbers, names = with_times_as_numbers(frame, choose_columns(frame))
    assert names[0] == "day (days)"
    assert numbers["day (days)"].to_list() == [19722.0, 19723.0, None]
    assert not any("of day" in name for name in names), "there is no time of day in these"
    circles = numbers.select(name for name in names if "year" in name).to_numpy()
    assert np.abs(circles[0] - circles[1]).max() < 0.03, "New Year's Eve is beside New Year's Day"


def test_a_time_of_day_becomes_a_point_on_a_circle():
    frame = pl.DataFrame({"at": pl.Series(["2024-01-01 06:00", "2024-01-01 18:00"]).str.to_datetime()})
    numbers, _ = with_times_as_numbers(frame, choose_columns(frame))
    np.testing.assert_allclose(numbers["at (sin of day)"], [1, -1])


def test_a_second_table_without_times_of_day_gets_the_same_columns():
    first = pl.DataFrame({"at": pl.Series(["2024-01-01 06:00", "2024-01-02 18:00"]).str.to_datetime()})
    second = pl.DataFrame({"at": pl.Series(["2024-03-01", "2024-03-02"]).str.to_datetime("%Y-%m-%d")})
    columns = choose_columns(first)
    assert with_times_as_numbers(second, columns)[1] == with_times_as_numbers(first, columns)[1]


def test_a_time_before_1970_keeps_its_time_of_day():
    frame = pl.DataFrame({"born": [datetime(1950, 3, 1, 18), datetime(1999, 3, 1, 6)]})
    numbers, _ = with_times_as_numbers(frame, choose_columns(frame))
    np.testing.assert_allclose(numbers["born (sin of day)"], [-1, 1])
    np.testing.assert_allclose(numbers["born (days)"], [-7245.25, 10651.25])


def test_a_time_with_a_zone_is_by_the_clock_of_the_place():
    frame = pl.DataFrame({"at": pl.Series([datetime(2024, 1, 1, 11), datetime(2024, 7, 1, 10)]).dt.replace_time_zone(
        "UTC").dt.convert_time_zone("America/New_York")})  # fmt: skip
    numbers, _ = with_times_as_numbers(frame, choose_columns(frame))
    np.testing.assert_allclose(numbers["at (sin of day)"], 1, err_msg="six o'clock in New York, in winter and summer")
