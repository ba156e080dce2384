"""The table of names in docs/deviations.md names options that exist, and scikit-learn's by their names."""

import inspect
import re
from pathlib import Path

import pytest
from sklearn.neural_network import MLPClassifier

import pellucid
from pellucid import activations, initializers, losses, optimizers, penalties, schedules

TABLE = Path(__file__).parents[2] / "docs" / "deviations.md"
HOMES = (pellucid, activations, initializers, losses, optimizers, penalties, schedules)


def rows():
    names = TABLE.read_text(encoding="utf-8").partition("\n## Names of options")[2]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in names.splitlines() if line[:3] == "| `"]


def options_of(name):
    """The options of all classes of this name: two registries may have one each."""
    classes = [getattr(home, name) for home in HOMES if hasattr(home, name)]
    return {option for cls in classes for option in inspect.signature(cls).parameters}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].replace("`", ""))
def test_a_row_names_options_that_exist(row):
    assert len(row) == 5
    options = re.findall(r"`(\w+)\((\w+)\)`", row[0])
    assert options
    for kind, option in options:
        assert option in options_of(kind)
    theirs = re.findall(r"`(\w+)`", row[1].partition("SciPy")[0])
    assert set(theirs) <= set(inspect.signature(MLPClassifier).parameters) | {"l1_ratio"}


def test_the_table_is_not_empty():
    assert len(rows()) > 30
    assert all("—" in cell or "`" in cell for row in rows() for cell in row[1:4])
