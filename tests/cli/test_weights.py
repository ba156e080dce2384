"""Rare classes: what they weigh, which figure judges, and rows of the file by their numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pellucid.cli.scores import Evaluator
from pellucid.cli.weights import weights_of_rows
from pellucid.models.encoded_table import Parts
from pellucid.tables.errors import UserError
from pellucid.tables.tasks import Task


@pytest.fixture
def rare():
    """100 rows of which 5 are of class "yes"; the last 20 are held out, one of them "yes"."""
    y = np.zeros(100, dtype=np.int64)
    y[[1, 2, 3, 4, 99]] = 1
    everything = np.arange(100)
    return Task("fraud", "", ("no", "yes"), y), Parts(everything[:80], everything[:0], everything[80:])


def test_balanced_classes_weigh_the_same_and_one_a_row_on_average(rare):
    task, parts = rare
    weights = weights_of_rows(task, parts, ["balanced"])
    y, learned = task.y[parts.train_valid], weights[parts.train_valid]
    np.testing.assert_allclose([learned[y == 0].sum(), learned[y == 1].sum()], 40.0)
    np.testing.assert_allclose(weights_of_rows(task, parts, ["yes=3"])[[0, 1]], np.array([1, 3]) * 80 / 88)
    assert weights_of_rows(task, parts, []) is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["yes"], 'must be balanced, or a class and a number of at least 0, such as "yes=10"; got "yes"'),
        (["yes=-1"], 'got "yes=-1"'),
        (["yes=nan"], 'got "yes=nan"'),
        (["Yes=2"], 'must name a class, got "Yes"; did you mean "yes"?'),
        (["balanced", "yes=2"], "balanced alone"),
        (["yes=0", "no=0"], "a class with a weight above 0"),
    ],
)
def test_weights_that_cannot_be_are_told(rare, asked, words):
    with pytest.raises(UserError) as error:
        weights_of_rows(*rare, asked)
    assert words in str(error.value)


def test_values_have_no_class_weight(rare):
    _, parts = rare
    with pytest.raises(UserError, match="no classes are learned"):
        weights_of_rows(Task("price", "", (), np.zeros(100)), parts, ["balanced"])


def test_a_class_of_nearly_all_rows_is_judged_by_balanced_accuracy(rare):
    task, parts = rare
    evaluator = Evaluator.of(task, parts, weighted=False)
    assert (evaluator.figure, evaluator.reason) == ("balanced accuracy", '95% of the rows are "no"')
    always = evaluator.evaluate_classes("always no", np.zeros(20), np.tile([0.95, 0.05], (20, 1)))
    assert always.figures["accuracy"] == 0.95
    assert always.figures["balanced accuracy"] == 0.5
    assert always.errors.mean() == pytest.approx(0.5)
    assert always.figures["log loss"] == pytest.approx(-(19 * np.log(0.95) + np.log(0.05)) / 20)


def test_a_rare_class_from_file_to_verdict(pellucid, tmp_path):
    """1 of 30: accuracy would say that always "no" is as good."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=1500)
    path = tmp_path / "fraud.csv"
    pl.DataFrame({"size": size, "fraud": np.where(size > 1.85, "yes", "no")}).write_csv(path)
    words = ("train", path, "--target", "fraud", "--epochs", 40, "-q", "--hidden", 8, "--learning-rate", 0.01)
    shown = " ".join(pellucid(*words, "--class-weight", "balanced").stdout.split())
    assert 'Judged by balanced accuracy, for 97% of the rows are "no"' in shown
    assert "not clearly better" not in shown
    assert "held out for the test" not in shown, "--quiet"


def test_rows_of_the_file_by_number(pellucid, csv_file, table):
    words = (csv_file, "--target", "species", "--hidden", 2)
    shown = pellucid("explain", *words, "--row", 3, "--row", 160, "--ignore", "noise").stdout
    assert "Samples: 1 row 3, 2 row 160." in shown
    inputs = ("size", "age", "colour = blue", "colour = green", "colour = red")
    for place, name in enumerate(inputs, start=1):
        assert f"{place} {name}" in " ".join(shown.split())
    names = [table["species"][row - 1] for row in (3, 160)]
    target = [[int(name == one) for one in ("owl", "wren")] for name in names]
    assert all(f" {row[0]}  {row[1]} " in shown for row in target)
    for wrong, said in ((161, "from 1 to 160, got 161"), (0, "1 or more")):
        result = pellucid("check", *words, "--row", wrong)
        assert (result.exit_code, said in result.stderr) == (2, True)
    assert "give one of them" in pellucid("check", *words, "--row", 1, "--rows", 2).stderr
    assert pellucid("check", *words, "--row", 7, "--class-weight", "balanced").exit_code == 0


def test_the_rows_number_counts_those_that_are_left_out(pellucid, table, tmp_path):
    path = tmp_path / "gaps.csv"
    table.with_columns(species=pl.when(pl.int_range(160) < 5).then(None).otherwise("species")).write_csv(path)
    words = (path, "--target", "species", "--hidden", 2)
    assert "row 6" in pellucid("explain", *words, "--row", 6).stdout
    assert "--row must be a row with a value" in pellucid("explain", *words, "--row", 5).stderr


def test_losses_and_options_given_twice(pellucid, csv_file):
    words = ("train", csv_file, "--target", "age", "--epochs", 3)
    assert "loss absolute_error" in " ".join(pellucid(*words, "--loss", "absolute_error").stdout.split())
    assert "--loss must be squared_error" in pellucid(*words, "--loss", "poisson").stderr
    assert "did you mean 'huber'" in pellucid(*words, "--loss", "hubar").stderr
    assert "--epochs must be given once, got it 2 times" in pellucid(*words, "--epochs", 4).stderr
    assert pellucid(*words, "--ignore", "size", "--ignore", "noise").exit_code == 0
    assert "a whole number" in pellucid(*words, "--seed", "9" * 5000).stderr


def test_a_file_whose_name_begins_as_an_option(pellucid, csv_file, monkeypatch):
    monkeypatch.chdir(csv_file.parent)
    csv_file.rename("-l.csv")
    assert 'the file of that name is "./-l.csv"' in pellucid("train", "-l.csv", "--target", "age").stderr
    assert pellucid("train", "./-l.csv", "--target", "age", "--epochs", 2).exit_code == 0
