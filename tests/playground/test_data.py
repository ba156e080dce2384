"""Rows of a session: what the network is given, how they are split, where they lie, and the program that makes them."""

import gzip

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from pellucid import Dense, MLPClassifier, MLPRegressor, Network, datasets
from pellucid.playground.rows import own_table
from pellucid.playground.rows.data import DataError, from_arrays, thumbnails, toy
from pellucid.playground.rows.drawn import from_points, with_drawn
from pellucid.playground.rows.own_table import from_table
from pellucid.playground.rows.rows import plane_points

ARRAYS = ("X_train", "X_test", "y_train", "y_test")


def same_arrays(rows):
    """Run the program of the rows: the arrays it makes are theirs, bit for bit."""
    made = {}
    exec(rows.code(), made)  # the program that the page exports
    for name in ARRAYS:
        ours = getattr(rows, name)
        assert made[name].shape == ours.shape
        assert made[name].dtype == ours.dtype
        assert made[name].tobytes() == ours.tobytes()
    return True


# Toy sets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", datasets.DATASETS)
def test_a_toy_set_is_made_again_by_its_program(name):
    rows = toy(name, samples=120, noise=15, classes=3, test_share=35, seed=4, features=["x1", "x2", "sin(pi*x1)"])
    assert same_arrays(rows)
    assert "datasets." + name in rows.code()
    assert len(rows.test) == 42
    assert sorted([*rows.train, *rows.test]) == list(range(120))
    assert same_arrays(rows.with_features(["x1*x2"]))


def test_classes_are_split_in_their_proportion():
    rows = toy("spirals", samples=160, classes=8, test_share=25)
    assert np.bincount(rows.y_test).tolist() == [5] * 8
    assert rows.classes == tuple("01234567")


def test_of_few_points_each_class_is_on_either_side():
    rows = toy("clouds", samples=20, classes=8, test_share=10)
    assert sorted(rows.y_test) == list(range(8))
    assert set(rows.y_train) == set(range(8))
    assert same_arrays(rows)


def test_features_are_kept_in_the_order_of_the_list_and_can_be_switched():
    rows = toy("moons", samples=60, features=["x1*x2", "x1"])
    assert rows.features_on == ("x1", "x1*x2")
    np.testing.assert_array_equal(rows.X, datasets.features(rows.points, ["x1", "x1*x2"]))
    other = rows.with_features(["x2^2"])
    np.testing.assert_array_equal(other.X[:, 0], rows.points[:, 1] ** 2)
    np.testing.assert_array_equal(other.train, rows.train)


def test_the_picture_is_drawn_from_the_top_left():
    rows = toy("xor", samples=60, features=["x1", "x2", "x1*x2"])
    grid = rows.grid(4)
    assert grid.shape == (16, 3)
    (left, right), (bottom, top) = rows.ranges
    assert left < grid[0, 0] < grid[3, 0] < right
    assert grid[0, 1] == grid[3, 1] > grid[4, 1]
    assert bottom < grid[15, 1] < grid[0, 1] < top
    np.testing.assert_array_equal(grid[:, 2], grid[:, 0] * grid[:, 1])
    assert rows.grid_of_all(4).shape == (16, len(datasets.FEATURES))


@pytest.mark.parametrize("name", datasets.DATASETS)
@pytest.mark.parametrize("noise", [0, 50])
def test_every_point_lies_in_the_picture(name, noise):
    rows = toy(name, samples=400, noise=noise)
    for values, (low, high) in zip(rows.points.T, rows.ranges, strict=True):
        assert low <= values.min() <= values.max() <= high
    assert rows.value_range[0] <= rows.y.min()


def test_thumbnails_are_small_pictures_of_all_sets():
    pictures = thumbnails()
    assert pictures.shape == (len(datasets.DATASETS), 60, 3)
    assert pictures.dtype == np.float32
    assert np.abs(pictures[:, :, :2]).max() <= 1
    assert set(pictures[list(datasets.DATASETS).index("clouds"), :, 2]) == {0, 1, 2}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: toy("moon"), "no data set named 'moon'"),
        (lambda: toy("moons", features=["x3"]), "unknown feature 'x3'"),
        (lambda: toy("moons", features=[]), "switch a feature on"),
        (lambda: toy("moons", test_share=0), "above 0 and below 100 %, got 0"),
        (lambda: toy("moons", test_share=100), "above 0 and below 100 %, got 100"),
        (lambda: toy("spirals", samples=3, classes=4), "n must be a whole number >= 4"),
    ],
)
def test_settings_that_cannot_be(call, words):
    with pytest.raises(DataError) as error:
        call()
    assert words in str(error.value)


# Points drawn by hand ---------------------------------------------------------------------------------------------


def test_few_points_are_all_for_training_and_for_the_test():
    rows = from_points([[0, 0, 0], [0.5, 0.25, 2]])
    assert rows.classes == ("0", "1", "2")
    assert rows.train.tolist() == rows.test.tolist() == [0, 1]
    assert "Fewer than 10" in rows.notes[0]
    assert rows.needed == ""
    assert same_arrays(rows)


def test_many_points_are_split():
    rows = from_points([[x / 10, -x / 10, x % 3] for x in range(30)], test_share=20)
    assert (len(rows.train), len(rows.test)) == (24, 6)
    assert not rows.notes
    assert same_arrays(rows)


def test_another_point_changes_the_side_of_none():
    points = [[x / 10, -x / 10, int(x % 5 > 2)] for x in range(40)]
    before = from_points(points[:10])
    for count in range(11, 41):
        rows = from_points(points[:count])
        assert set(before.train) <= set(rows.train)
        assert set(before.test) <= set(rows.test)
        assert abs(len(rows.test) - count / 2) <= 1
        assert set(rows.y_train) == {0, 1}
        before = rows
    alone = from_points([[k / 10, 0, k % 8] for k in range(12)], test_share=10)
    assert "Few points of each class" in alone.notes[0]
    assert len(alone.test) == len(alone.train) == 12


def test_points_drawn_into_a_toy_set_are_trained_on():
    before = toy("moons", samples=100, features=["x2", "x1*x2"])
    rows = with_drawn(with_drawn(before, [[0.5, 1.0, 1]]), [[-0.5, 0.25, 0], [0, 0, 3]])
    assert rows.classes == ("0", "1", "2", "3")
    np.testing.assert_array_equal(rows.test, before.test)
    np.testing.assert_array_equal(rows.X_train[:-3], before.X_train)
    assert rows.X_train[-3:].tolist() == [[1.0, 0.5], [0.25, -0.125], [0, 0]]
    assert rows.y_train[-3:].tolist() == [1, 0, 3]
    assert rows.notes == ("3 drawn by hand, to train on.",)
    assert same_arrays(rows)


def test_points_drawn_into_a_table_have_its_inputs():
    before = from_table(birds())
    rows = with_drawn(before, [[30, 60, 1], [20, 50, 3]])
    assert rows.classes == (*before.classes, "class 4")
    np.testing.assert_allclose(rows.X_train[-2:, :2] @ [1, 0] * before.points[before.train, 0].std(),
                               np.array([30, 20]) - before.points[before.train, 0].mean())  # fmt: skip
    assert set(rows.X_train[-2:, 2:].sum(axis=1)) == {1}
    assert rows.table["rows"] == before.table["rows"] + 2
    assert "the last 2 to train on were drawn by hand" in rows.code()
    assert same_arrays(rows)
    values = with_drawn(from_table(birds(), target="wing"), [[30, 0.5, 9.5]])
    assert values.value_range[1] == 9.5
    assert same_arrays(values)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "no points"),
        ([[0, 0, 8]], "from 0 to 7, got 8"),
        ([[99, 0, 1]], "must lie in the picture (-1.25 to 1.25), got [99.0]"),
        ([[0, 0, 1]] * 5001, "At most 5,000"),
    ],
)
def test_points_that_cannot_be_drawn_into_rows(points, words):
    with pytest.raises(DataError) as error:
        with_drawn(toy("circles"), points)
    assert words in str(error.value)
    with pytest.raises(DataError, match="At most 5,000 points can be drawn, got 5,010"):
        with_drawn(with_drawn(toy("circles"), [[0, 0, 1]] * 4990), [[0, 0, 1]] * 20)


def test_one_point_is_shown_and_says_what_is_needed():
    rows = from_points([[0.5, 0.5, 1]])
    assert rows.classes == ("0", "1")
    assert "at least 2 points, of 2 classes" in rows.needed
    assert rows.grid(3).shape == (9, 2)
    assert from_points([[0.5, 0.5, 0]]).classes == ("0", "1")


def test_values_can_be_drawn():
    rows = from_points([[0, 0, 0.5], [1, 1, -3.25]], task="regression")
    assert rows.classes == ()
    assert rows.value_range == (-3.25, 0.5)
    assert same_arrays(rows)
    assert "at least 2 points" in from_points([[0, 0, 0.5]], task="regression").needed


def test_points_far_out_widen_the_picture():
    assert from_points([[4, 0, 0], [0, 1, 1]]).ranges[0] == (-4.2, 4.2)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "no points"),
        ([[1, 2]], "[x1, x2, y]"),
        ([[1, 2, 0], [1, 2]], "[x1, x2, y]"),
        ([["a", 2, 0]], "all of them numbers"),
        ([[float("nan"), 2, 0]], "finite"),
        ([[1e300, 2, 0]], "±1,000,000"),
        ([[1, 2, 8]], "from 0 to 7, got 8"),
        ([[1, 2, 0.5]], "from 0 to 7, got 0.5"),
        ([[1, 2, -1]], "got -1"),
        ([[0, 0, 0]] * 5001, "At most 5,000"),
        (None, "list of [x1, x2, y]"),
    ],
)
def test_points_that_cannot_be(points, words):
    with pytest.raises(DataError) as error:
        from_points(points)
    assert words in str(error.value)


# Arrays -----------------------------------------------------------------------------------------------------------


def test_arrays_are_taken_as_they_are(rng):
    X, y = rng.normal(size=(40, 5)), rng.choice(["no", "yes"], size=40)
    rows = from_arrays(X, y)
    np.testing.assert_array_equal(rows.X, X)
    assert rows.classes == ("no", "yes")
    assert rows.axes == ("x1", "x2")
    assert same_arrays(rows)
    grid = rows.grid(6)
    np.testing.assert_allclose(grid[:, 2:], np.tile(X[rows.train].mean(axis=0)[2:], (36, 1)))
    assert np.ptp(grid[:, 0]) > np.ptp(X[:, 0]) * 0.9
    assert from_arrays(X, y, shown=["x4", "x2"]).axes == ("x4", "x2")


def test_classes_and_names_come_from_the_model():
    frame = load_iris(as_frame=True)
    model = MLPClassifier(max_iter=2, early_stopping=False)
    with pytest.warns(ConvergenceWarning):
        model.fit(frame.data, frame.target_names[frame.target])
    rows = from_arrays(frame.data, frame.target_names[frame.target], model=model)
    assert rows.classes == ("setosa", "versicolor", "virginica")
    assert rows.axes == ("sepal length (cm)", "sepal width (cm)")
    assert rows.y[:3].tolist() == [0, 0, 0]
    assert from_arrays(frame.data.to_numpy(), frame.target_names[frame.target], model=model).axes[0] == rows.axes[0]


def test_a_model_decides_whether_numbers_are_classes(rng):
    X, y = rng.normal(size=(30, 2)), np.arange(30) % 3
    classes = Network([Dense(2, 3, "softmax")], "cross_entropy")
    values = Network([Dense(2, 1)], "squared_error")
    assert from_arrays(X, y, model=classes).classes == ("0", "1", "2")
    assert from_arrays(X, y, model=values).classes == ()
    assert from_arrays(X, y, model=MLPRegressor()).y.dtype == np.float64
    assert from_arrays(X, y).classes == ("0", "1", "2")
    assert from_arrays(X, X[:, 0]).task == "regression"
    assert same_arrays(from_arrays(X, X[:, 0]))


def test_one_column_is_drawn_along_the_first_axis(rng):
    rows = from_arrays(rng.normal(size=(30, 1)), rng.normal(size=30))
    assert rows.axes == ("x1", "")
    assert rows.grid(5).shape == (25, 1)


def test_many_numbers_are_packed(rng):
    rows = from_arrays(rng.normal(size=(500, 12)), np.arange(500) % 2)
    assert "b85decode" in rows.code()
    assert same_arrays(rows)


@pytest.mark.parametrize(
    ("X", "y", "model", "words"),
    [
        ([1.0, 2.0], [0, 1], None, "rows of numbers (n, p), got the shape (2,)"),
        ([["a"], ["b"]], [0, 1], None, "numbers only"),
        ([[1.0], [np.nan]], [0, 1], None, "finite"),
        ([[1.0], [2.0]], [0], None, "2 rows, got the shape (1,)"),
        ([[1.0]], [0], None, "at least 2 rows"),
        ([[1.0, 2.0]] * 4, list("abab"), Network([Dense(3, 2, "softmax")], "cross_entropy"), "the model's 3 columns"),
        ([[1.0]] * 4, list("abab"), Network([Dense(1, 2, "softmax")], "cross_entropy"), "knows (0, 1), got 'a'"),
        ([[1.0]] * 4, list("abab"), Network([Dense(1, 1)], "squared_error"), "numbers, for regression"),
        ([[1.0]] * 4, ["a"] * 4, None, "2 to 8 classes here, got 1"),
        ([[1.0]] * 18, list("abcdefghi") * 2, None, "2 to 8 classes here, got 9"),
        ([[1.0]] * 3, [0.5, np.nan, 0.25], None, "finite"),
        ([[1.0]] * 2, np.array(["a", None], dtype=object), None, "one kind"),
    ],
)
def test_arrays_that_cannot_be(X, y, model, words):
    with pytest.raises(DataError) as error:
        from_arrays(X, y, model=model)
    assert words in str(error.value)


# Tables -----------------------------------------------------------------------------------------------------------


def birds(n=80, *, separator=","):
    """A size and a colour from which the kind follows, and a remark nobody needs."""
    random = np.random.default_rng(0)
    lines = [separator.join(["size", "colour", "wing", "kind"])]
    for i in range(n):
        kind = ("owl", "wren", "kite")[i % 3]
        size = {"owl": 30, "wren": 8, "kite": 60}[kind] + random.normal()
        lines.append(
            separator.join([f"{size:.3f}", ("red", "green")[i % 2], f"{2 * size + random.normal():.3f}", kind])
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_scaled_by_its_training_rows(separator):
    rows = from_table(birds(separator=separator), filename="birds.csv")
    assert rows.name == "birds.csv"
    assert rows.classes == ("kite", "owl", "wren")
    assert rows.table == {
        "columns": ["size", "colour", "wing", "kind"], "target": "kind", "shown": ["size", "wing"], "rows": 80,
    }  # fmt: skip
    assert rows.names == ("size", "wing", "colour = green", "colour = red")
    np.testing.assert_allclose(rows.X_train[:, :2].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(rows.X_train[:, :2].std(axis=0), 1)
    assert abs(rows.X_test[:, 0].mean()) > 1e-6
    assert same_arrays(rows)
    assert same_arrays(rows.with_features(["wing"]))


def test_a_table_is_shown_in_its_own_units():
    rows = from_table(birds())
    sizes = pl.read_csv(birds().encode())["size"].to_numpy()
    np.testing.assert_allclose(rows.points[:, 0], sizes)
    (left, right), _ = rows.ranges
    assert left < sizes.min() < sizes.max() < right
    assert rows.axes == ("size", "wing")


def test_what_is_not_shown_stands_at_its_mean_or_commonest():
    text = birds().replace(",red,", ",green,", 25)  # now more are green
    rows = from_table(text, shown=["wing", "colour"])
    assert rows.axes == ("wing", "colour = green")
    rows = from_table(text)
    grid = rows.grid(5)
    assert np.all(grid[:, rows.names.index("colour = green")] == 1)
    assert np.all(grid[:, rows.names.index("colour = red")] == 0)
    spread = rows.X_train[:, 0].std()
    assert spread == pytest.approx(1)
    assert grid[0, 0] < -1
    assert grid[4, 0] > 1
    other = from_table(text, shown=["colour", "size"]).grid(5)
    np.testing.assert_array_equal(other[:, 1], 0)  # the wing, at the mean of the training rows


def test_regression_on_a_standardised_target():
    rows = from_table(birds(), target="wing")
    assert rows.task == "regression"
    np.testing.assert_allclose([rows.y_train.mean(), rows.y_train.std()], [0, 1], atol=1e-12)
    mean, scale = rows.unit
    np.testing.assert_allclose(rows.y * scale + mean, pl.read_csv(birds().encode())["wing"].to_numpy())
    assert any("mean 0 and deviation 1" in note for note in rows.notes)
    assert repr(mean) in rows.code()
    assert same_arrays(rows)


def test_a_file_gzipped_text_parquet_and_bytes(tmp_path):
    expected = from_table(birds())
    plain, packed, parquet = tmp_path / "a.csv", tmp_path / "a.csv.gz", tmp_path / "a.parquet"
    plain.write_text(birds())
    packed.write_bytes(gzip.compress(birds().encode()))
    pl.read_csv(birds().encode()).write_parquet(parquet)
    for source in (plain, packed, parquet, packed.read_bytes(), parquet.read_bytes()):
        np.testing.assert_array_equal(from_table(source).X, expected.X)


def test_missing_values_dates_and_columns_that_say_nothing():
    lines = birds().splitlines()
    lines = [f"{lines[0]},day,same,id"] + [
        f"{line},2024-01-{i % 28 + 1:02d},x,{i}" for i, line in enumerate(lines[1:], start=1)
    ]
    for number in (3, 5, 14, 17, 30, 41):  # some of them to train on
        lines[number] = "," + lines[number].split(",", 1)[1]
    lines[9] = lines[9].replace("wren", "").replace("owl", "").replace("kite", "")
    rows = from_table("\n".join(lines), target="kind")
    assert "size is missing" in rows.names
    assert "day (days)" in rows.names
    told = " ".join(rows.notes)
    assert '1 rows without "kind" are left out' in told
    assert '"same" is left out: the same value everywhere' in told
    assert '"id" is left out: a row number' in told
    assert "6 missing values" in told
    assert np.isfinite(rows.X).all()
    assert from_table("\n".join(lines), target="kind", shown=["day", "size"]).axes == ("day (days)", "size")
    assert same_arrays(rows)


def test_the_target_is_the_last_column_that_can_be():
    lines = birds().splitlines()
    rows = from_table("\n".join([lines[0] + ",remark"] + [f"{line},no. {i}" for i, line in enumerate(lines[1:])]))
    assert rows.table["target"] == "kind"


def test_a_row_number_is_the_target_only_if_nothing_else_can_be():
    lines = birds().splitlines()
    rows = from_table("\n".join([lines[0] + ",id"] + [f"{line},{i}" for i, line in enumerate(lines[1:], start=1)]))
    assert rows.table["target"] == "kind"
    alone = "name,id\n" + "".join(f"bird {i % 3},{i}\n" for i in range(40)).replace("bird 1", "bird 2")
    assert from_table(alone, target="id").task == "regression"


def test_lines_as_old_macs_end_them():
    np.testing.assert_array_equal(from_table(birds().replace("\n", "\r")).X, from_table(birds()).X)
    np.testing.assert_array_equal(from_table(birds().replace("\n", "\r\n")).X, from_table(birds()).X)


def test_inputs_have_names_of_their_own():
    text = "colour,colour = red,kind\n" + "".join(
        f"{('red', 'green')[i % 3 > 0]},{i / 7},{'ab'[i % 2]}\n" for i in range(40)
    )
    rows = from_table(text)
    assert rows.names == ("colour = red", "colour = green", "colour = red (2)")
    assert len(rows.with_features(["colour = red (2)"]).on) == 1
    frame = pd.DataFrame([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0], [4.0, 1.0]], columns=["a", "a"])
    assert from_arrays(frame, list("pqpq")).names == ("a", "a (2)")


def test_no_header():
    rows = from_table("\n".join(birds().splitlines()[1:]).replace("red", "1").replace("green", "0"))
    assert rows.table["target"] == "column 4"
    assert rows.axes == ("column 1", "column 2")
    assert "The first line holds values, not names" in rows.notes[0]


def test_too_many_rows_are_drawn_at_random_and_too_many_inputs_cut(monkeypatch):
    monkeypatch.setattr(own_table, "MAX_ROWS", 50)
    monkeypatch.setattr(own_table, "MAX_INPUTS", 3)
    rows = from_table(birds())
    assert len(rows.y) == 50
    assert rows.inputs.shape == (50, 3)
    assert "50 of 80 rows, drawn at random." in rows.notes
    assert "The first 3 of 4 inputs are used." in rows.notes
    assert same_arrays(rows)
    np.testing.assert_array_equal(rows.X, from_table(birds()).X)


def test_features_of_a_table_are_its_inputs():
    rows = from_table(birds(), features=["wing", "x1"])
    assert rows.features_on == ("wing",)
    assert from_table(birds(), features=["x1"]).features_on == rows.names


def test_more_whole_numbers_than_colours_are_values():
    text = "a,b\n" + "".join(f"{i % 7 + i / 1000},{i % 9}\n" for i in range(90))
    assert from_table(text, target="b").task == "regression"


def test_quotes_letters_and_a_hostile_name():
    text = 'größe,"art, genau"\n' + '1.5,"die ""Eule"""\n2.5,Zaunkönig\n' * 10
    rows = from_table(text, filename='../../<b>"evil".csv')
    assert rows.classes == ("Zaunkönig", 'die "Eule"')
    assert "/" not in rows.name
    assert "<" not in rows.name
    assert same_arrays(rows)


def test_a_label_with_a_line_break_stays_within_its_comment():
    text = "a,b\n" + '1.5,"x\nimport os\u2028\x0c"\n2.5,y\n' * 10
    assert same_arrays(from_table(text))
    name = 'a"""\nraise SystemExit'
    with_name = from_arrays(pl.DataFrame({name: [1.0, 2.0, 3.0, 4.0]}), ["a", "b"] * 2, test_share=50)
    assert same_arrays(with_name)


THREE = "x,y\n" + "1.5,a\n2.5,b\n4,c\n" * 6


@pytest.mark.parametrize(
    ("source", "arguments", "words"),
    [
        ("", {}, "The file must hold a table"),
        ("x,y\n", {}, "rows of data below its header"),
        ("x,y\n1.5,a\n", {}, 'at least 10 rows with a value in "y", got 1'),
        (THREE, {"target": "Y"}, 'no column "Y"; did you mean "y"?'),
        (THREE, {"target": "x", "shown": ["x"]}, "other columns than the target"),
        (THREE, {"shown": ["z"]}, 'no column "z"'),
        (THREE, {"test_share": 0}, "above 0 and below 100 %"),
        ("x\n" + "1\n2\n" * 9, {}, "a target and a column to learn it from"),
        ("x,y\n" + "1.5,a\n2.5,a\n" * 9, {"target": "y"}, 'only "a"'),
        ("x,y\n" + "1.5,\n2.5,\n" * 9, {"target": "y"}, "missing in every row"),
        (
            "x,y\n" + "".join(f"{i / 7},{i % 9}k\n" for i in range(90)),
            {"target": "y"},
            'at most 8 classes here, got "y"',
        ),
        ("x,y\n" + "".join(f"word {i},thing {i}\n" for i in range(30)), {}, "values recur"),
        (
            "x,y\n" + "".join(f"word {i},{'ab'[i % 2]}\n" for i in range(30)),
            {"target": "y"},
            "an identifier or free text",
        ),
        ("x,y\n" + "nan,a\nNaN,b\n" * 9, {"target": "y"}, '"x": every value is missing'),
        ("x,y\n" + "inf,a\n2,b\n" * 9, {"target": "y"}, "finite numbers of up to 1e+100, got inf"),
        ("x,y\n" + "1e200,a\n2,b\n" * 9, {"target": "y"}, "correct them, empty them"),
        ("x,y\n" + "1.5,1e300\n2,4.5\n" * 9, {"target": "y"}, "The target must be a column of finite numbers"),
        ("x,y\n" + "1.5,a\n2,a\n" * 9 + "3,c\n", {"target": "y"}, 'a single row of "c"'),
        ('x,y\n1,"a\n' + "2,b\n" * 12, {}, "unclosed quote"),
        ("x,x\n1,2\n", {}, '"x" more than once'),
        ("x,y\n" + "1,2\n" * 12 + "1,2,3\n", {}, "3 values for 2 names in line 14"),
        (THREE.encode("utf-16")[:-1], {}, "UTF-16"),
        (THREE.encode("utf-16").decode("utf-8", errors="replace"), {}, "looks like UTF-16"),
        (b"PK\x03\x04", {}, "spreadsheet"),
        (b"\x00\x01\x02", {}, "binary"),
        ("x,y\n" + "1.5,a\n" * 2_000_000, {}, "at most 8 MB, got 12.0 MB"),
    ],
    ids=str,
)
def test_tables_that_cannot_be_learned(source, arguments, words):
    with pytest.raises(DataError) as error:
        from_table(source, filename="mine.csv", **arguments)
    text = str(error.value)
    assert words in text
    assert "--" not in text
    assert "FILE" not in text
    assert "/tmp" not in text


def test_utf16_is_read():
    rows = from_table(THREE.encode("utf-16"))
    assert rows.classes == ("a", "b", "c")
    assert rows.notes[0] == "It is encoded in UTF-16."


def test_a_class_of_one_row_is_left_out_and_named():
    rows = from_table("x,y\n" + "1.5,a\n2,b\n" * 9 + "3,c\n", target="y")
    assert rows.classes == ("a", "b")
    assert len(rows.y) == 18
    assert any('the only row of class "c" left out' in note for note in rows.notes)


def test_years_as_names_are_a_header():
    text = "country,2019,2020,2021\n" + "".join(f"{'AB'[i % 2]},{i}.5,{i * 2}.25,{i * 3}.75\n" for i in range(40))
    rows = from_table(text)
    assert rows.table["columns"] == ["country", "2019", "2020", "2021"]
    assert len(rows.y) == 40


def test_the_page_reads_as_the_command_line_does(tmp_path):
    text = "sep=;\nname;preis;tag\n" + "".join(f"{'ab'[i % 2]};{i},5;{1 + i % 28:02}.03.2021\n" for i in range(60))
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert from_table(text).names == from_table(path).names
    assert any("decimal commas" in note for note in from_table(text.encode()).notes)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        from_table(tmp_path / "none.csv")


def test_letters_that_could_not_be_read_are_told():
    rows = from_table(THREE.replace("a\n", "\ufffd\n"))
    assert "Some letters could not be read" in rows.notes[0]


def test_points_of_a_picture_are_the_middles_of_its_squares():
    np.testing.assert_allclose(plane_points(((0, 2), (10, 14)), 2), [[0.5, 13], [1.5, 13], [0.5, 11], [1.5, 11]])


def test_points_without_a_choice_of_features_have_their_coordinates():
    assert from_points([[0, 0, 0], [1, 1, 1]], features=()).features_on == ("x1", "x2")
