"""Which columns are used, as what."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from pellucid.tables.columns import choose_columns
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
