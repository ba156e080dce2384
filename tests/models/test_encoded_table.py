"""The three parts of a table."""

import numpy as np
import polars as pl
import pytest

from pellucid.models.encoded_table import EncodedTable, encode_table, split
from pellucid.tables.errors import UserError
from pellucid.tables.tasks import choose_task


def encoded(table: pl.DataFrame, target: str = "species", **options) -> EncodedTable:
    return encode_table(table, target, **{"task": "auto", "ignored": [], "test_size": 0.25, "seed": 0, **options})


def test_every_row_is_in_one_part_and_classes_keep_their_proportions(table):
    parts = encoded(table).parts
    everything = np.concatenate([parts.training, parts.validation, parts.test])
    assert sorted(everything) == list(range(160))
    assert len(parts.test) == 40
    y = encoded(table).task.y
    assert abs(y[parts.test].mean() - y.mean()) < 0.02
    assert abs(y[parts.validation].mean() - y.mean()) < 0.06


def test_small_tables_have_no_validation_part(table):
    assert len(encoded(table[:80]).parts.validation) == 0


def test_the_seed_decides_the_split(table):
    assert encoded(table, seed=1).parts.test.tolist() == encoded(table, seed=1).parts.test.tolist()
    assert encoded(table, seed=1).parts.test.tolist() != encoded(table, seed=2).parts.test.tolist()


def test_held_out_rows_do_not_shape_the_inputs(table):
    """Whatever the held-out rows hold, the other rows become the same numbers."""
    before = encoded(table)
    spoiled = table.with_row_index().with_columns(
        pl.when(pl.col("index").is_in(before.parts.test.tolist())).then(1e6).otherwise("size").alias("size"),
        pl.when(pl.col("index").is_in(before.parts.test.tolist()))
        .then(pl.lit("new"))
        .otherwise("colour")
        .alias("colour"),
    )
    after = encoded(spoiled.drop("index"))
    known = before.parts.train_valid
    np.testing.assert_array_equal(after.X[known], before.X[known])
    assert not np.array_equal(after.X, before.X)


def test_rows_without_a_target_are_dropped_and_counted(table):
    gaps = table.with_row_index().with_columns(
        pl.when(pl.col("index") < 7).then(None).otherwise("species").alias("species")
    )
    result = encoded(gaps.drop("index"))
    assert result.rows_without_target == 7
    assert len(result.X) == len(result.task.y) == 153


def test_the_target_is_not_among_the_inputs(table):
    assert "species" not in encoded(table).columns.categories


def test_a_class_of_two_rows_is_learned_from_and_tested():
    task = choose_task(pl.Series("y", ["a"] * 70 + ["b"] * 70 + ["c"] * 2))
    parts = split(task, test_size=0.2, seed=0)
    assert 2 in task.y[parts.test]
    assert 2 in task.y[parts.train_valid]


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("species", {"test_size": 0.001}, "got 0.001 of 160 rows (159 to learn from, 1 to test)"),
        ("species", {"test_size": 0.995}, "(0 to learn from, 160 to test)"),
    ],
)
def test_what_cannot_be_is_told(table, target, options, words):
    with pytest.raises(UserError) as error:
        encoded(table, target, **options)
    assert words in str(error.value)


def test_a_target_that_is_all_missing(table):
    with pytest.raises(UserError, match=r"--target .* missing in every row"):
        encoded(table.with_columns(species=pl.lit(None, dtype=pl.String)))


def test_a_row_number_is_known_for_one_although_rows_are_dropped(table):
    gaps = table.with_row_index("id").with_columns(
        pl.col("id").cast(pl.Float64), pl.when(pl.col("id") == 5).then(None).otherwise("species").alias("species")
    )
    assert encoded(gaps).columns.left_out == {"id": "a row number"}
