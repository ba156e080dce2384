"""Classification or regression."""

import polars as pl
import pytest

from pellucid.tables.errors import UserError
from pellucid.tables.tasks import choose_task, learnable_rows


def column(values, times=1):
    return pl.Series("y", list(values) * times, dtype=pl.String if isinstance(values[0], str) else pl.Float64)


@pytest.mark.parametrize(
    ("values", "classifies", "reason"),
    [
        (column(["a", "b"], 6), True, "text"),
        (column([0.0, 1.0], 6), True, "2 different whole numbers"),
        (column(range(20), 5), True, "20 different whole numbers"),
        (column(range(21), 5), False, "21 different whole numbers"),
        (column(range(20), 4), False, "20 different whole numbers"),
        (column([0.5, 1.0], 6), False, "fractions"),
    ],
)
def test_the_rule(values, classifies, reason):
    task = choose_task(values)
    assert task.classifies is classifies
    assert reason in task.reason


def test_classes_are_sorted_by_value_and_written_as_in_the_file():
    task = choose_task(column([10.0, 9.0, -1.0], 5))
    assert task.classes == ("-1", "9", "10")
    assert task.y.tolist() == [2, 1, 0] * 5


def test_the_task_can_be_asked_for():
    numbers = column([0.0, 1.0], 6)
    assert choose_task(numbers, asked="regression").y.tolist() == [0.0, 1.0] * 6
    assert choose_task(column([0.5, 1.5], 6), asked="classification").classes == ("0.5", "1.5")


def test_rows_of_a_single_class_are_left_out_and_named():
    table = pl.DataFrame({"y": ["a", "b"] * 9 + ["c", None]})
    rows, task, said = learnable_rows(table, "y")
    assert rows["y"].to_list() == ["a", "b"] * 9
    assert task.classes == ("a", "b")
    assert said == ('the only row of class "c" left out: one row cannot be learned from and tested',)
    _, _, said = learnable_rows(pl.DataFrame({"y": ["a", "b"] * 9 + ["c", "d"]}), "y")
    assert said == ('2 classes of one row each left out: "c", "d"',)


def test_a_class_that_may_mean_missing_is_named():
    _, task, said = learnable_rows(pl.DataFrame({"y": ["NA", "DE", "NO"] * 9}), "y")
    assert task.classes == ("DE", "NA", "NO")
    assert said == ('"NA" is a class here (9 rows): where it means that there is no value, empty it',)


def test_whole_numbers_as_classes_lose_single_ones_too():
    _, task, said = learnable_rows(pl.DataFrame({"y": [1.0, 2.0] * 20 + [7.0]}), "y")
    assert task.classes == ("1", "2")
    assert '"7"' in said[0]


def test_an_error_ends_with_what_was_said_of_the_target():
    table = pl.DataFrame({"y": [f"{'$€'[place % 2]}{place}" for place in range(30)]})
    with pytest.raises(UserError, match="write all in one"):
        learnable_rows(table, "y", said_of_it=" (two currencies: write all in one)")


def test_classes_are_called_by_all_their_digits():
    assert (
        choose_task(column([0.1, 0.30000000000000004], 6), asked="classification").classes[1] == "0.30000000000000004"
    )
    assert choose_task(column([2.0**53 - 1, 2.0**53 - 2], 6)).classes == ("9007199254740990", "9007199254740991")


@pytest.mark.parametrize(
    ("values", "asked", "words"),
    [
        (column(["a", "b"], 4), "auto", "at least 10 rows"),
        (column(["a"], 12), "auto", 'only "a"'),
        (column([3.0], 12), "regression", 'only "3"'),
        (column([1.5, float("inf"), float("-inf")], 4), "auto", "with inf (8 such in 12 rows)"),
        (column([f"name {i}" for i in range(12)]), "auto", "12 different values in 12 rows"),
        (column([*map(str, range(30)), "n.d."]), "auto", 'nearly all are numbers: correct or empty "n.d."'),
        (column(["a"] * 9 + ["b"] * 9 + ["c"]), "auto", 'single row of "c"'),
        (column(["1", "2", "many"], 4), "regression", 'with "many"'),
        (pl.Series("y", [[1], [2]] * 6), "auto", "List"),
        (pl.Series("y", range(12)).cast(pl.Datetime), "auto", "dates"),
    ],
)
def test_targets_that_cannot_be_learned(values, asked, words):
    with pytest.raises(UserError) as error:
        choose_task(values, asked=asked)
    assert words in str(error.value)
    assert '"y"' in str(error.value)
