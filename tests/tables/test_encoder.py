"""Columns become inputs, in the same way for the training rows and for every later file."""

import json
import pickle
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pellucid.tables.columns import choose_columns
from pellucid.tables.encoder import TableEncoder
from pellucid.tables.errors import UserError
from pellucid.tables.files import read_table
from pellucid.tables.targets import fit_target
from pellucid.tables.tasks import choose_task


def fitted(rows: pl.DataFrame, **options) -> TableEncoder:
    return TableEncoder.fit(rows, choose_columns(rows), **options)


@pytest.fixture
def birds() -> pl.DataFrame:
    """Numbers with a gap, text with a gap, and dates with times of day."""
    rng = np.random.default_rng(0)
    n = 120
    return pl.DataFrame(
        {
            "size": pl.Series([None, *rng.normal(size=n - 1)], dtype=pl.Float64),
            "colour": [None, *rng.choice(["red", "green"], size=n - 1)],
            "seen": [datetime(2024, 1 + i % 12, 1 + i % 28, i % 24) for i in range(n)],
            "mass": rng.normal(1e4, 10, size=n),
            "species": rng.choice(["owl", "wren"], size=n),
        }
    )


@pytest.fixture
def encoder(birds) -> TableEncoder:
    rows = birds.drop("species")
    return TableEncoder.fit(rows, choose_columns(rows), target=fit_target(choose_task(birds["species"]), np.arange(9)))


# What is fitted ---------------------------------------------------------------------------------------------------


def test_numbers_are_scaled_and_gaps_filled_with_the_median_of_the_training_rows():
    frame = pl.DataFrame({"a": [0.0, 1.0, 5.0, None, 99.0, None]})
    encoder = fitted(frame[:4])
    training = encoder.transform(frame[:4])
    np.testing.assert_allclose(training.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(training.std(axis=0), 1)
    filled, median = encoder.transform(frame[5:])[0, 0], encoder.transform(pl.DataFrame({"a": [1.0]}))[0, 0]
    assert filled == median


def test_a_number_first_missing_in_the_test_rows_is_filled():
    encoder = fitted(pl.DataFrame({"a": [0.0, 1.0, 5.0]}))
    assert encoder.transform(pl.DataFrame({"a": [None]}, schema={"a": pl.Float64})).shape == (1, 1)


def test_a_number_that_is_missing_in_all_training_rows_does_no_harm():
    frame = pl.DataFrame({"a": [None, None, 1.0, 2.0]})
    encoder = TableEncoder.fit(frame[:2], choose_columns(frame))
    assert np.isfinite(encoder.transform(pl.DataFrame({"a": [7.0]}))).all()


def test_text_is_one_hot_encoded_and_missing_is_a_category():
    frame = pl.DataFrame({"kind": ["a", "b", None, "a"]})
    encoder = fitted(frame)
    assert encoder.input_names == ("kind = (missing)", "kind = a", "kind = b")
    np.testing.assert_array_equal(encoder.transform(frame), [[0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])


def test_rare_and_new_categories_share_one_input():
    kinds = ["a"] * 300 + ["b"] * 300 + ["rare"] + ["odd"]
    encoder = fitted(pl.DataFrame({"kind": kinds}))
    rows = encoder.transform(pl.DataFrame({"kind": ["a", "b", "rare", "odd", "never seen"]}))
    np.testing.assert_array_equal(rows, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]])


def test_many_categories_take_few_inputs():
    encoder = fitted(pl.DataFrame({"kind": [f"town {i % 400}" for i in range(4000)]}))
    assert len(encoder.inputs) == 300
    assert encoder.shared == {"kind": (101, 400)}


def test_each_of_51_states_keeps_an_input_of_its_own():
    encoder = fitted(pl.DataFrame({"state": [f"state {i % 51}" for i in range(5100)]}))
    assert len(encoder.inputs) == 51
    assert encoder.shared == {}


def raw(encoder: TableEncoder, frame: pl.DataFrame) -> dict[str, np.ndarray]:
    """The inputs before they are scaled, by name."""
    X = encoder.transform(frame)
    return {one.name: X[:, place] * one.scale + one.mean for place, one in enumerate(encoder.inputs)}


def test_a_date_becomes_days_and_points_on_circles():
    frame = pl.DataFrame({"day": pl.Series([date(2023, 12, 31), date(2024, 1, 1), None]).cast(pl.Datetime("us"))})
    values = raw(fitted(frame), frame)
    assert next(iter(values)) == "day (days)"
    np.testing.assert_allclose(values["day (days)"][:2], [19722, 19723])
    assert not any("of day" in name for name in values), "there is no time of day in these"
    for name in ("day (sin of year)", "day (cos of year)"):
        assert abs(values[name][0] - values[name][1]) < 0.03, "New Year's Eve is beside New Year's Day"


def test_a_time_of_day_becomes_a_point_on_a_circle():
    frame = pl.DataFrame({"at": pl.Series(["2024-01-01 06:00", "2024-01-01 18:00"]).str.to_datetime()})
    np.testing.assert_allclose(raw(fitted(frame), frame)["at (sin of day)"], [1, -1])


def test_a_time_before_1970_keeps_its_time_of_day():
    frame = pl.DataFrame({"born": [datetime(1950, 3, 1, 18), datetime(1999, 3, 1, 6)]})
    values = raw(fitted(frame), frame)
    np.testing.assert_allclose(values["born (sin of day)"], [-1, 1])
    np.testing.assert_allclose(values["born (days)"], [-7245.25, 10651.25])


def new_york() -> pl.DataFrame:
    utc = pl.Series([datetime(2024, 1, 1, 11), datetime(2024, 7, 1, 10), datetime(2024, 7, 1, 22)])
    return pl.DataFrame({"at": utc.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")})


def test_a_time_with_a_zone_is_by_the_clock_of_the_place():
    frame = new_york()
    values = raw(fitted(frame), frame)["at (sin of day)"]
    np.testing.assert_allclose(values[:2], 1, err_msg="six o'clock in New York, in winter and summer")


def test_a_column_of_numbers_may_be_called_as_a_part_of_a_date_is():
    frame = pl.DataFrame({"day": [datetime(2024, 1, 1), datetime(2024, 1, 9)], "day (days)": [5.0, 7.0]})
    encoder = fitted(frame)
    assert [one.column for one in encoder.inputs][:2] == ["day (days)", "day"]
    np.testing.assert_allclose(encoder.transform(frame)[:, :2], [[-1, -1], [1, 1]])


# A later file -----------------------------------------------------------------------------------------------------


def test_another_order_more_columns_and_no_target_change_nothing(birds, encoder):
    X = encoder.transform(birds)
    later = birds.drop("species").with_columns(extra=pl.lit("x"))
    np.testing.assert_array_equal(encoder.transform(later.select(reversed(later.columns))), X)


def test_each_row_is_encoded_alone(birds, encoder):
    X = encoder.transform(birds)
    for row in (0, 1, 50):
        np.testing.assert_array_equal(encoder.transform(birds[[row]]), X[[row]])


def test_a_file_of_dates_alone_gets_the_same_inputs(birds, encoder):
    dates = birds.with_columns(seen=pl.col("seen").dt.truncate("1d"))
    assert encoder.transform(dates).shape == encoder.transform(birds).shape


def test_a_time_of_day_that_is_new_in_a_later_file_adds_no_input():
    frame = pl.DataFrame({"day": [datetime(2024, 1, 1), datetime(2024, 5, 1)]})
    encoder = fitted(frame)
    assert encoder.transform(frame.with_columns(pl.col("day") + pl.duration(hours=6))).shape == (2, 5)


def test_another_zone_is_the_same_moment():
    frame = new_york()
    encoder = fitted(frame)
    elsewhere = frame.with_columns(pl.col("at").dt.convert_time_zone("Asia/Tokyo"))
    np.testing.assert_array_equal(encoder.transform(elsewhere), encoder.transform(frame))


def test_columns_that_are_missing_are_named(birds, encoder):
    with pytest.raises(UserError, match=r'none called "size", "seen"\. Columns: "colour", "mass", "species"'):
        encoder.transform(birds.drop("size", "seen"))
    with pytest.raises(UserError, match=r'none called "size"; did you mean "Size"\?'):
        encoder.transform(birds.rename({"size": "Size"}))


def csv(tmp_path: Path, text: str) -> pl.DataFrame:
    path = tmp_path / "later.csv"
    path.write_text(text)
    return read_table(path)


def test_a_file_of_one_row_is_read_as_the_training_file_was(tmp_path):
    """Alone, 20240105 is a number, and so is a code without a letter."""
    rows = "\n".join(f"2024010{1 + i % 9},{code},{i * 0.7}" for i, code in enumerate(["7", "8", "9a", "10"] * 10))
    training = csv(tmp_path, f"day,code,x\n{rows}\n")
    assert training.dtypes == [pl.Datetime("us"), pl.String, pl.Float64]
    encoder = fitted(training)
    later = csv(tmp_path, "day,code,x\n20240101,7,0.0\n")
    assert later.dtypes == [pl.Float64, pl.Float64, pl.Float64]
    np.testing.assert_array_equal(encoder.transform(later), encoder.transform(training[:1]))


def test_a_column_without_values_is_missing(birds, encoder):
    empty = birds[:2].with_columns(size=pl.lit(None, pl.String), colour=pl.lit(None), seen=pl.lit(None, pl.String))
    X = encoder.transform(empty)
    size, missing = (encoder.input_names.index(name) for name in ("size", "size is missing"))
    first = encoder.transform(birds[:1])
    np.testing.assert_array_equal(X[:, size], first[0, size])
    np.testing.assert_array_equal(X[:, missing], first[0, missing])
    assert X[:, encoder.input_names.index("colour = (missing)")].tolist() == [1.0, 1.0]


def test_numbers_and_dates_of_other_types_are_read(birds, encoder):
    mass = birds["mass"].round()
    later = birds.with_columns(mass=mass.cast(pl.Int32), seen=pl.col("seen").cast(pl.Datetime("ns")))
    np.testing.assert_array_equal(encoder.transform(later), encoder.transform(birds.with_columns(mass=mass)))


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("size", ["1.5", "tall"], 'must hold numbers in column "size", as the model was trained on, got "tall"'),
        ("size", [datetime(2024, 1, 1)] * 2, 'must hold numbers in column "size", as the model was trained on, got da'),
        ("size", [1.0, np.inf], 'got inf in column "size" (1 such in 2 rows)'),
        ("colour", [datetime(2024, 1, 1)] * 2, 'must hold text or numbers in column "colour"'),
        ("seen", [0.5, 1.0], 'must hold dates in column "seen", as the model was trained on, got numbers'),
        ("seen", [20249999.0, 20240101.0], 'must hold dates in column "seen", as the model was trained on, got "20249'),
        ("seen", ["03/04/2024"] * 2, 'which of "03/04/2024" is the day cannot be known: write 2015-01-31'),
        ("seen", ["soon", "later"], 'must hold dates in column "seen", as the model was trained on, got "soon", "lat'),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(birds, encoder, column, values, words):
    with pytest.raises(UserError) as error:
        encoder.transform(birds[:2].with_columns(pl.Series(column, values)))
    assert words in str(error.value)


# What is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [["owl", "wren"], [1.5, 2.5]], ids=["classes", "values"])
def test_an_encoder_survives_json_and_pickle(birds, values):
    birds = birds.with_columns(species=pl.Series([values[i % 2] for i in range(120)]))
    task = choose_task(birds["species"])
    encoder = fitted(birds.drop("species"), target=fit_target(task, np.arange(120)))
    X, y = encoder.transform(birds), encoder.transform_target(birds)
    for again in (
        TableEncoder.from_json(json.loads(json.dumps(encoder.as_json()))),
        pickle.loads(pickle.dumps(encoder)),
    ):
        assert again == encoder
        np.testing.assert_array_equal(again.transform(birds), X)
        np.testing.assert_array_equal(again.transform_target(birds), y)


# The target -------------------------------------------------------------------------------------------------------


def test_classes_become_their_numbers_and_back(birds, encoder):
    task = choose_task(birds["species"])
    np.testing.assert_array_equal(encoder.transform_target(birds), task.y)
    assert encoder.target.decode(task.y).tolist() == birds["species"].to_list()


def test_classes_that_are_numbers_stay_numbers():
    column = pl.Series("stars", [1.0, 2.0, 5.0] * 10)
    target = fit_target(choose_task(column), np.arange(30), numeric=True)
    assert target.classes == ("1", "2", "5")
    assert target.decode(target.encode(column)).tolist() == column.to_list()
    assert target.encode(pl.Series("stars", [5])).tolist() == [2]
    assert target.encode(pl.Series("stars", ["5"])).tolist() == [2]


def test_values_are_standardised_by_the_training_rows_alone():
    column = pl.Series("price", [1.5, 2.0, 4.0, 1e6] * 3)
    target = fit_target(choose_task(column), np.array([0, 1, 2]))
    y = target.encode(column)
    np.testing.assert_allclose([y[:3].mean(), y[:3].std()], [0, 1], atol=1e-12)
    np.testing.assert_allclose(target.decode(y[:, None]), column.to_numpy())


def test_a_class_that_is_new_is_named(birds, encoder):
    with pytest.raises(UserError, match=r'classes in "species" .* got "eagle"\. Classes: "owl", "wren"'):
        encoder.transform_target(pl.DataFrame({"species": ["owl", "eagle"]}))


def test_a_table_without_the_target_or_with_gaps_in_it_is_refused(birds, encoder):
    with pytest.raises(UserError, match='none called "species"'):
        encoder.transform_target(birds.drop("species"))
    with pytest.raises(UserError, match=r'a value of "species" in each row, got 1 rows of 2 without'):
        encoder.transform_target(pl.DataFrame({"species": ["owl", None]}))
    with pytest.raises(UserError, match="without a target"):
        encoder.with_target(None).transform_target(birds)
