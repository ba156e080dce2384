"""Mistakes: exit code 2, one clear line on stderr, no traceback, no file left."""

import polars as pl
import pytest


def fails(result, *words):
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("pellucid: ")
    assert "Traceback" not in result.output
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--hidden", "0"], ["--hidden", '"0"', "50,50"]),
        (["--hidden", "-3"], ["--hidden", '"-3"']),
        (["--hidden", "a"], ["--hidden", '"a"']),
        (["--hidden", "50,,50"], ["--hidden", '"50,,50"']),
        (["--activation", "tahn"], ["--activation", "'tahn'", "did you mean 'tanh'", "'relu'"]),
        (["--activation", "softmax"], ["--activation", "softmax", "tanh"]),
        (["--optimizer", "adma"], ["--optimizer", "'adma'", "'adam'", "'momentum'"]),
        (["--learning-rate", "-0.1"], ["--learning-rate", '"-0.1"', "above 0"]),
        (["--learning-rate", "fast"], ["--learning-rate", '"fast"']),
        (["--learning-rate", "nan"], ["--learning-rate", '"nan"']),
        (["--learning-rate", "0.1", "--optimizer", "lbfgs"], ["--learning-rate", "0.1", "lbfgs"]),
        (["--l2", "-1"], ["--l2", '"-1"', "at least 0"]),
        (["--epochs", "-1"], ["--epochs", '"-1"', "1 or more"]),
        (["--epochs", "0"], ["--epochs", '"0"']),
        (["--epochs", "2.5"], ["--epochs", '"2.5"']),
        (["--batch-size", "-5"], ["--batch-size", '"-5"']),
        (["--batch-size", "5", "--optimizer", "lbfgs"], ["--batch-size", "5", "lbfgs"]),
        (["--seed", "-1"], ["--seed", '"-1"']),
        (["--test-size", "-0.2"], ["--test-size", '"-0.2"', "above 0 and below 1"]),
        (["--test-size", "1"], ["--test-size", '"1"']),
        (["--test-size", "0.001"], ["--test-size", "0.001 of 160 rows"]),
        (["--task", "clustering"], ["--task", '"clustering"', '"regression"']),
        (["--task", "regression"], ["--target", '"species"', '"owl"']),
        (["--ignore", "colours"], ["--ignore", '"colours"', 'did you mean "colour"']),
        (["--plot", "loss.xyz"], ["--plot", '"loss.xyz"', '".png"']),
        (["--plot", "no/such/place/loss.png"], ["--plot", "no/such/place"]),
        (["--optimizer", "gradient_descent", "--learning-rate", "1e300"], ["--learning-rate", "diverged"]),
        (["--epoch"], ["--epoch"]),
        (["more.csv"], ["more.csv"]),
    ],
    ids=" ".join,
)
def test_options(pellucid, csv_file, monkeypatch, words, named):
    monkeypatch.chdir(csv_file.parent)
    fails(pellucid("train", csv_file, "--target", "species", *words), *named)
    assert [one.name for one in csv_file.parent.iterdir()] == [csv_file.name]


def test_a_target_that_is_not_there(pellucid, csv_file):
    fails(pellucid("train", csv_file, "--target", "Species"), "--target", '"Species"', 'did you mean "species"')


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", ["FILE", "empty"]),
        (b"x,y\n", ["FILE", "rows of data"]),
        ("x,y\n1,é\n".encode("latin-1"), ["FILE", "UTF-8", "line 2", "iconv"]),
        (b"x,y,y\n1,2,3\n", ["FILE", '"y" more than once']),
        (b"x,y\n" + b"1,2\n" * 5, ["FILE", "at least 10 rows", "got 5"]),
        (b"x,y\n" + b"1,a\n2,a\n" * 9, ["--target", '"y"', 'only "a"']),
        (b"x,y\n" + b"1,a\n2,a\n" * 9 + b"3,c\n", ["--target", '"y"', 'single row of "c"']),
        (b"x,y\n" + b"1,\n2,NA\n" * 9, ["--target", '"y"', "missing in every row"]),
        (b"x,y\n" + b",a\n,b\n" * 9, ['"x": every value is missing']),
        (b"x,y\n" + b"5,a\n5,b\n" * 9, ['"x": the same value everywhere']),
        (b"x,y\n" + b"inf,a\n5,b\n" * 9, ['"x"', "inf", "9 such in 18 rows"]),
        (b"y\n" + b"a\nb\n" * 9, ["FILE", "beside the target", "got none"]),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else "",
)
def test_files(pellucid, write, tmp_path, content, named):
    path = write(content)
    fails(pellucid("train", path, "--target", "y", "--plot", tmp_path / "loss.png"), *named)
    assert list(tmp_path.iterdir()) == [path]


def test_no_file_a_directory_and_no_parquet(pellucid, tmp_path):
    fails(pellucid("train", tmp_path / "none.csv", "--target", "y"), "FILE", "none.csv", "does not exist")
    fails(pellucid("train", tmp_path, "--target", "y"), "FILE", "directory")
    (tmp_path / "no.parquet").write_text("x,y\n1,2\n")
    fails(pellucid("train", tmp_path / "no.parquet", "--target", "y"), "FILE", "no.parquet", "Parquet")


def test_the_words_of_the_command_line(pellucid, csv_file):
    fails(pellucid("train", csv_file), "--target")
    fails(pellucid("train", "--target", "y"), "FILE")
    fails(pellucid("tran", csv_file), "tran", "train")
    fails(pellucid("--wrong"), "--wrong")


def test_values_of_the_file_do_not_break_the_line(pellucid, table, tmp_path):
    path = tmp_path / "lines.csv"
    table.with_columns(species=pl.lit("two\nlines")).write_csv(path)
    fails(pellucid("train", path, "--target", "species"), '"two lines"')
