"""The command as a process of its own."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version

import polars as pl
import pytest

pytestmark = pytest.mark.slow


def run(*words, **options):
    command = [sys.executable, "-m", "pellucid", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_version():
    result = run("--version")
    assert (result.returncode, result.stdout) == (0, f"pellucid {version('pellucid')}\n")


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["train", "-h"]], ids=" ".join)
def test_help_shows_an_example(words):
    result = run(*words)
    assert result.returncode == 0
    assert "Example: pellucid train table.csv --target" in result.stdout


def test_without_a_command_help_is_shown():
    result = run()
    assert result.returncode == 2
    assert "Usage: " in result.stdout
    assert result.stderr == ""


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from pellucid.cli.app import app\n"
        "try: app(['train', '--help'])\n"
        "except SystemExit: print('loaded:', {'numpy', 'polars', 'sklearn', 'matplotlib'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.endswith("loaded: set()\n")


def test_a_mistake(tmp_path):
    result = run("train", tmp_path / "none.csv", "--target", "y")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_ctrl_c_keeps_what_was_learned(csv_file, started):
    words = ["train", csv_file, "--target", "age", "--epochs", "10000000", "--test-size", "0.5", "--plot", "loss.png"]
    process = started(words, csv_file.parent)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "ended by Ctrl-C" in rest
    assert "linear regression" in rest
    assert errors == ""
    assert (csv_file.parent / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_the_example_table_is_written(tmp_path):
    path = tmp_path / "new" / "cancer.csv"
    script = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "breast_cancer_table.py")
    result = subprocess.run([sys.executable, script, path], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == f"{path}: 569 rows, 30 columns of numbers and the target, diagnosis\n"
    assert pl.read_csv(path)["diagnosis"].value_counts().sort("count").rows() == [("malignant", 212), ("benign", 357)]


def test_ctrl_c_before_the_first_epoch_ends(csv_file, started):
    """A batch of one row and a network of thousands of units: its first epoch outlasts this test."""
    words = ["train", csv_file, "--target", "age", "--hidden", "2000,2000", "--batch-size", "1", "--plot", "loss.png"]
    process = started(words, csv_file.parent)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "pellucid: interrupted before there was anything to show\n"
    assert [one.name for one in csv_file.parent.iterdir()] == [csv_file.name]


def test_a_wrong_file_column_or_flag_is_answered_without_scikit_learn(csv_file):
    code = (
        "import sys; from pellucid.cli.app import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: print({'numpy', 'polars', 'sklearn', 'matplotlib'} & set(sys.modules))"
    )
    for words, loaded in (
        (["train", "none.csv", "--target", "y"], "set()"),
        (["explain", "none.csv", "--target", "y"], "set()"),
        (["check", str(csv_file), "--target", "y", "--activation", "tahn"], "{'numpy'}"),
        (["diagnose", str(csv_file), "--target", "y"], "'polars'"),
    ):
        result = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60)
        assert loaded in result.stdout
        assert "sklearn" not in result.stdout
