"""`pellucid train` on tables that are right."""

import polars as pl
import pytest

from pellucid.cli.scores import Scores, clear_difference


def test_classification_from_file_to_verdict(pellucid, csv_file):
    result = pellucid("train", csv_file, "--target", "species", "--epochs", 60)
    assert result.exit_code == 0
    assert result.stderr == ""
    for words in (
        "160 rows, 5 columns",
        "classification, for it holds text",
        "2 classes: ",
        "3 of numbers, scaled (size, noise, age); 1 of text, one-hot encoded (colour): 6 inputs",
        "108 to learn from · 20 to stop early by · 32 held out",
        "6 → 50 → 50 → 2 units, tanh",
        "On the 32 held-out rows",
        "logistic regression",
        'always "',
        "balanced accuracy",
        "The network is right in",
    ):
        assert words in one_line(result.stdout), words


def test_regression_is_scored_in_the_targets_own_unit(pellucid, table, tmp_path):
    path = tmp_path / "birds.parquet"
    table.with_columns(age=1_000_000 + 1000 * pl.col("age")).write_parquet(path)
    result = pellucid("train", path, "--target", "age", "--ignore", "species", "--hidden", 20, "--epochs", 150)
    shown = one_line(result.stdout)
    assert "regression, for it holds numbers with fractions" in shown
    assert "species: as asked" in shown
    assert "linear regression" in shown
    r2, rmse = scores(result.stdout, "network")
    assert float(r2) > 0.9, "age is size and a little noise"
    assert 50 < float(rmse) < 1000, "of a spread of 3000"


def test_the_network_learns_what_a_linear_model_cannot(pellucid, table, tmp_path):
    path = tmp_path / "ring.csv"
    ring = (pl.col("size") ** 2 + pl.col("noise") ** 2 < 1.4).cast(pl.String).alias("inside")
    pl.concat([table] * 4).select("size", "noise", ring).write_csv(path)
    result = pellucid("train", path, "--target", "inside")
    assert "clearly better than logistic regression" in one_line(result.stdout)


def test_the_same_seed_gives_the_same_scores(pellucid, csv_file):
    words = ("train", csv_file, "--target", "age", "--epochs", 5)
    first, again, other = pellucid(*words), pellucid(*words), pellucid(*words, "--seed", 1)
    assert scores(first.stdout, "network") == scores(again.stdout, "network")
    assert scores(first.stdout, "network") != scores(other.stdout, "network")


def test_untidy_tables_are_told_about(pellucid, table, tmp_path):
    path = tmp_path / "untidy.csv"
    untidy = table.with_row_index("number", offset=1).with_columns(
        pl.when(pl.col("number") < 9).then(None).otherwise("species").alias("species"),
        pl.when(pl.col("number") % 4 == 0).then(None).otherwise("size").alias("size"),
        name="bird " + pl.col("number").cast(pl.String),
        country=pl.lit("[red]NZ"),
        empty=pl.lit(None, dtype=pl.String),
        seen=pl.date(2024, 1, 1) + pl.duration(days="number"),
    )
    untidy.write_csv(path, separator=";")
    shown = one_line(pellucid("train", path, "--target", "species", "--epochs", 3).stdout)
    for words in (
        "8 rows without a target dropped",
        "38 missing values filled",
        "1 of dates, as numbers (seen)",
        "number: a row number",
        "name: an identifier or free text (160 different texts in 160 rows)",
        "country: the same value everywhere",
        "empty: every value is missing",
    ):
        assert words in shown, words


@pytest.mark.parametrize(
    "words",
    [
        ("--optimizer", "lbfgs"),
        ("--optimizer", "momentum", "--learning-rate", "0.05"),
        ("--activation", "relu"),
        ("--hidden", "8, 4"),
        ("--batch-size", "0"),
        ("--batch-size", "1000000"),
        ("--l2", "0"),
        ("--test-size", "0.5"),
    ],
)
def test_options(pellucid, csv_file, words):
    result = pellucid("train", csv_file, "--target", "species", "--epochs", 100, *words)
    assert float(scores(result.stdout, "network")[0].rstrip("%")) > 85


def test_a_tiny_table_has_no_part_to_stop_by(pellucid, table, tmp_path):
    path = tmp_path / "tiny.csv"
    table[:12].write_csv(path)
    result = pellucid("train", path, "--target", "age", "--epochs", 40)
    assert "9 to learn from · 3 held out" in one_line(result.stdout)
    assert "40 epochs" in result.stdout


def test_a_loss_curve_is_written(pellucid, csv_file):
    path = csv_file.with_name("loss.png")
    result = pellucid("train", csv_file, "--target", "species", "--epochs", 5, "--plot", path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert str(path) in one_line(result.stdout, joint="")
    assert sorted(one.name for one in csv_file.parent.iterdir()) == ["birds.csv", "loss.png"]


def test_a_difference_is_clear_when_it_is_more_than_chance():
    def judged(*errors):
        return Scores("", pl.Series(errors, dtype=pl.Float64).to_numpy(), {})

    right, wrong = judged(*[0.0] * 30), judged(*[1.0] * 30)
    assert clear_difference(right, wrong) == 1
    assert clear_difference(wrong, right) == -1
    assert clear_difference(right, right) == 0
    assert clear_difference(judged(*[0] * 29, 1), right) == 0, "one row of thirty is no evidence"
    assert clear_difference(judged(0, 0, 0), judged(1, 1, 1)) == 0, "nor are three of three"


def test_nothing_to_learn_is_said(pellucid, table, tmp_path):
    path = tmp_path / "noise.csv"
    table.select("noise", "colour", "age").with_columns(pl.col("age").reverse()).write_csv(path)
    shown = one_line(pellucid("train", path, "--target", "age").stdout)
    assert "not clearly better than always the mean" in shown


def test_long_lists_of_columns_are_cut(pellucid, table, tmp_path):
    path = tmp_path / "wide.csv"
    table.with_columns(pl.lit(0).alias(f"zero {i}") for i in range(30)).write_csv(path)
    shown = one_line(pellucid("train", path, "--target", "species", "--epochs", 2).stdout)
    assert "zero 7 and 22 more: the same value everywhere" in shown


def one_line(text, joint=" "):
    """What was printed, without the ends of lines where the terminal's width put them."""
    return joint.join(line.strip() for line in text.splitlines())


def scores(text, model):
    """The numbers in the row of a model."""
    row = next(line for line in text.splitlines() if line.startswith(f"│ {model}"))
    return [cell.strip() for cell in row.strip("│").split("│")[1:]]
