"""Columns that the command line names and the file has not."""

import polars as pl
import pytest

from pellucid.cli.opening import refuse_unknown
from pellucid.tables.errors import UserError


@pytest.mark.parametrize(
    ("target", "ignored", "words"),
    [
        ("specie", [], '--target must be a column of the file, got "specie"; did you mean "species"?'),
        ("price", [], 'got "price". Columns: "size", "noise"'),
        ("species", ["colours"], '--ignore must be a column of the file, got "colours"; did you mean'),
        ("species", ["species"], "--ignore must not name the target"),
    ],
)
def test_a_column_that_is_not_there_is_refused(table, target, ignored, words):
    with pytest.raises(UserError) as error:
        refuse_unknown(table, target, ignored)
    assert words in str(error.value)


def test_a_header_that_looks_like_data():
    with pytest.raises(UserError, match="is the line of column names missing"):
        refuse_unknown(pl.DataFrame({"5.1": [1.0], "setosa": ["b"]}), "species", [])
