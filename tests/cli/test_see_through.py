"""`pellucid explain`, `check` and `diagnose`: from a file to what is printed or written."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import pellucid as package
from pellucid.gradcheck.verdicts import GradientCheck, GroupCheck
from pellucid.maths.activations import Tanh


def explained(pellucid, csv_file, *words):
    return pellucid("explain", csv_file, "--target", "species", "--ignore", "colour,age", *words)


def test_a_step_is_printed_number_by_number(pellucid, csv_file):
    result = explained(pellucid, csv_file, "--hidden", "2", "--rows", 3)
    assert result.exit_code == 0
    assert result.stderr == ""
    for words in (
        "network 2 → 2 → 2, untrained",
        "3 samples, 2 inputs, 2 outputs",
        "δ⁽²⁾ = 1/3 (A⁽²⁾ − Y)",
        "They agree.",
        "adam",
    ):
        assert words in result.stdout, words


def test_the_numbers_are_those_of_the_library(pellucid, csv_file):
    """Digits and training are asked for; the loss that is printed falls from one to the other."""
    shown = [explained(pellucid, csv_file, "--epochs", epochs, "--digits", 3).stdout for epochs in (0, 50)]
    losses = [float(text.split("    J = ")[2].split(",")[0]) for text in shown]
    assert losses[1] < 0.8 * losses[0]
    assert "after 50 epochs" in shown[1]


def test_regression_and_one_unit_and_one_weight(pellucid, csv_file):
    words = ("explain", csv_file, "--target", "age", "--hidden", "2", "--optimizer", "lbfgs")
    assert "Unit 2 of layer 1, sample 1" in pellucid(*words, "--node", "1,2").stdout
    assert "The weight from unit 2 of layer 1 to unit 1 of layer 2" in pellucid(*words, "--edge", "2,2,1").stdout


@pytest.mark.parametrize(
    ("suffix", "start"), [(".html", "<!DOCTYPE html>"), (".tex", "\\documentclass"), (".md", "# "), (".txt", "One")]
)
def test_a_report_is_written(pellucid, csv_file, tmp_path, suffix, start):
    out = tmp_path / f"step{suffix}"
    result = explained(pellucid, csv_file, "--out", out)
    assert result.exit_code == 0
    assert out.name in "".join(result.stdout.split())
    assert out.read_text(encoding="utf-8").startswith(start)


def test_check_passes_on_every_activation(pellucid, csv_file):
    for activation in ("tanh", "relu", "gelu"):
        result = pellucid(
            "check", csv_file, "--target", "species", "--hidden", "3", "--activation", activation, "--epochs", 2
        )
        assert result.exit_code == 0
        assert "gradient check: passed" in result.stdout


def test_check_says_what_is_wrong_and_exits_with_1(pellucid, csv_file, monkeypatch):
    monkeypatch.setattr(Tanh, "derivative", lambda self, Z, A: 1 - A)
    result = pellucid("check", csv_file, "--target", "species", "--hidden", "3")
    assert result.exit_code == 1
    assert "FAILED" in result.stdout
    assert "The derivative of tanh" in " ".join(result.stdout.split())


def test_check_of_a_trained_network_accuses_nobody(pellucid, csv_file):
    words = ("check", csv_file, "--target", "species", "--ignore", "colour,age", "--learning-rate", 0.1)
    result = pellucid(*words, "--epochs", 3000, "--l2", 0)
    assert result.exit_code in (0, 3), result.stdout
    assert "FAILED" not in result.stdout


def test_check_that_can_tell_nothing_exits_with_3(pellucid, csv_file, monkeypatch):
    words = ("check", csv_file, "--target", "age", "--hidden", "3", "--epochs", 0)
    untold = GradientCheck(
        (GroupCheck(0, "W", 0.0, True, 0, np.zeros(1), np.zeros(1), "undetermined", "too small", np.ones(1)),), 1e-7
    )
    monkeypatch.setattr(package, "check_gradients", lambda *_, **__: untold)
    result = pellucid(*words)
    assert result.exit_code == 3
    assert "nothing could be checked" in result.stdout


def test_diagnose_finds_a_rate_that_is_too_high(pellucid, csv_file, tmp_path):
    words = ("diagnose", csv_file, "--target", "species", "--optimizer", "gradient_descent")
    ill = pellucid(*words, "--learning-rate", 100, "--epochs", 30, "--ignore", "size,age")
    assert ill.exit_code == 0
    assert "Rate too high" in ill.stdout or "broke off" in ill.stdout
    healthy = pellucid(*words, "--learning-rate", 0.1, "--epochs", 40, "--hidden", 8)
    assert "Nothing wrong was found" in healthy.stdout
    out = tmp_path / "report.html"
    assert pellucid(*words, "--epochs", 12, "--out", out).exit_code == 0
    assert "pellucid" in out.read_text(encoding="utf-8")


def test_diagnose_tells_of_a_run_that_broke_off(pellucid, table, tmp_path):
    path = tmp_path / "birds.csv"
    table.select("size", "age").with_columns(age=pl.col("age")).write_csv(path)
    words = ("--optimizer", "gradient_descent", "--learning-rate", 50, "--activation", "relu", "--batch-size", 0)
    result = pellucid("diagnose", path, "--target", "age", *words)
    assert result.exit_code == 0
    assert "Training broke off: training diverged" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "step.pdf"), "--out must end in one of"),
        (("--out", "no/such/dir.html"), "--out must be a file in a directory that exists"),
        (("--node", "1"), "--node must be 2 whole numbers with commas, such as 1,1; got"),
        (("--node", "1,9"), "--node: unit must be a whole number from 1 to 3, got 9"),
        (("--edge", "1,7,1"), "--edge: i must be a whole number from 1 to 2, got 7"),
        (("--node", "1,1", "--edge", "1,1,1"), "cannot be combined"),
        (("--rows", "0"), "--rows must be a whole number of 1 or more"),
        (("--epochs", "-1"), "--epochs must be a whole number of 0 or more"),
    ],
)
def test_mistakes_are_told_in_one_line(pellucid, csv_file, words, message):
    result = explained(pellucid, csv_file, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_public_names_are_there():
    for name in ("explain", "diagnose", "check_gradients", "grade", "grade_derivative"):
        assert callable(getattr(package, name))
