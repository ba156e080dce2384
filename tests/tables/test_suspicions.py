"""Row numbers, columns that give the answer away, dated rows."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pellucid.tables.columns import choose_columns
from pellucid.tables.suspicions import warnings_about
from pellucid.tables.tasks import choose_task

N = 200


@pytest.fixture
def table(rng):
    a = rng.normal(size=N)
    return pl.DataFrame({"a": a, "b": rng.normal(size=N), "y": np.exp(a + 0.2 * rng.normal(size=N))})


def said(table, target="y", **options):
    columns = choose_columns(table.drop(target))
    task = choose_task(table[target], **options)
    order = np.random.default_rng(0).permutation(len(table))
    return warnings_about(table, table, columns, task, order[50:], order[:50])


def test_nothing_is_said_of_an_honest_table(table):
    assert said(table) == []
    assert said(table.with_columns(y=pl.when(pl.col("y") > 1).then(pl.lit("high")).otherwise(pl.lit("low")))) == []


@pytest.mark.parametrize(
    "leak", [pl.col("y") * 1.19, -pl.col("y") / 7 + 3, pl.col("y").log(), pl.col("y") ** 3, pl.col("y") * 1e-9 + 1e-12]
)
def test_a_column_that_alone_gives_a_value_is_named(table, leak):
    [line] = said(table.with_columns(total=leak))
    assert line == "total alone gives y: is it known beforehand? (if not: --ignore total)"


def test_a_column_with_gaps_gives_the_answer_away_too(table):
    gaps = table.with_row_index().with_columns(total=pl.when(pl.col("index") % 5 > 0).then("y")).drop("index")
    assert "total alone gives y" in said(gaps)[0]


@pytest.mark.parametrize(
    ("leak", "name"),
    [
        (pl.col("y").floor().cast(pl.String), "text"),
        (pl.col("y").floor() * 10 + 1, "number"),
        (pl.when(pl.col("y") > 1).then(9.0).otherwise(2.0) + pl.col("b") / 100, "limit"),
    ],
)
def test_a_column_that_alone_gives_a_class_is_named(table, leak, name):
    classes = table.with_columns(pl.col("y").clip(0, 3)).with_columns(leak.alias(name))
    classes = classes.with_columns(
        y=(pl.col("y") > 1).cast(pl.String) if name == "limit" else "class " + pl.col("y").floor().cast(pl.String)
    )
    assert f"{name} alone gives y" in said(classes)[0]


def test_a_target_that_counts_the_rows(table):
    counted = table.with_columns(y=pl.int_range(1, N + 1).cast(pl.Float64))
    assert said(counted)[0].startswith("y counts the rows (a row number)")


def test_identifiers_are_named(table, rng):
    ids = table.with_columns(PID=pl.Series(rng.permutation(N) * 7 + 1000.0))
    assert said(ids) == ["PID has another whole number in each row: an identifier? (if so: --ignore PID)"]
    assert said(ids.rename({"PID": "weight"})) == []


def test_a_mark_for_missing_is_named(table):
    marked = table.with_row_index().with_columns(b=pl.when(pl.col("index") % 20 == 0).then(-999.0).otherwise("b"))
    assert said(marked.drop("index")) == [
        "b: 10 times -999, far from all other values: a mark for missing? (if so, empty them)"
    ]


def test_rows_in_order_of_time(table):
    days = pl.Series([date(2024, 1, 1) + timedelta(days=place) for place in range(N)]).cast(pl.Datetime("us"))
    assert said(table.with_columns(day=days))[0].startswith("the rows are in order of day: those held out lie between")
    assert said(table.with_columns(day=days.shuffle(seed=0))) == []
