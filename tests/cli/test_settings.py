"""The flags of the commands that train are the table's, and reach the training."""

from __future__ import annotations

from dataclasses import fields

import pytest
import typer

from pellucid import Network
from pellucid.cli.app import app
from pellucid.cli.settings import Settings
from pellucid.estimators.constraints import ARGUMENTS, Number, Registered, Words

FLAGGED = [argument for argument in ARGUMENTS if argument.flag]
COMMANDS = ("train", "explain", "check", "diagnose")


def parameters(command):
    return {option.opts[0]: option for option in typer.main.get_command(app).commands[command].params}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_of_the_table_is_there_with_its_help(command):
    told = parameters(command)
    for argument in FLAGGED:
        assert told[argument.flag].help.startswith(argument.help)
    assert {option.name for option in told.values()} >= {field.name for field in fields(Settings)}


def test_defaults_are_the_tables_where_the_command_line_has_no_reason_for_another():
    told = parameters("train")
    other = {argument.flag for argument in FLAGGED if told[argument.flag].default != argument.default}
    assert other == {"--hidden", "--activation", "--learning-rate", "--batch-size", "--seed"}


def outside(argument):
    """A word that the table does not allow."""
    for allowed in argument.allowed:
        if isinstance(allowed, Number):
            return "2.5" if allowed.whole else str(allowed.low - 1)
        if isinstance(allowed, (Words, Registered)):
            return "nonsense"
    return "-1"  # a seed


@pytest.mark.parametrize("argument", FLAGGED, ids=lambda argument: argument.flag)
def test_what_the_table_does_not_allow_is_refused(pellucid, csv_file, argument):
    word = outside(argument)
    result = pellucid("train", csv_file, "--target", "species", argument.flag, word)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"pellucid: {argument.flag}")
    assert word in result.stderr
    assert result.stderr.count("\n") == 1


def test_bounds_that_are_not_allowed_themselves(pellucid, csv_file):
    for flag, word, expected in (("--dropout", "1", "of at least 0 and below 1"), ("--clip-norm", "0", "above 0")):
        result = pellucid("train", csv_file, "--target", "species", flag, word)
        assert result.exit_code == 2
        assert expected in result.stderr


def test_settings_reach_the_training(pellucid, csv_file, monkeypatch):
    seen = {}
    fit = Network.fit

    def watching(network, X, y, **options):
        seen.update(options, specs=network.specs, loss=network.loss)
        return fit(network, X, y, **options)

    monkeypatch.setattr(Network, "fit", watching)
    words = (
        "--hidden 6,5 --activation elu --optimizer nadam --learning-rate 0.02 --schedule cosine --epochs 3 "
        "--batch-size 16 --seed 4 --dropout 0.25 --label-smoothing 0.1 --initializer orthogonal --clip-norm 2.5 "
        "--max-norm 3.5 --l2 0.01 --engine reference --threads 2"
    )
    result = pellucid("train", csv_file, "--target", "species", *words.split())
    assert result.exit_code == 0
    assert [(s.units, s.activation.name, s.dropout) for s in seen["specs"]] == [
        (6, "elu", 0.25), (5, "elu", 0.25), (2, "softmax", 0.0)
    ]  # fmt: skip
    assert (seen["optimizer"].name, seen["optimizer"].learning_rate, seen["schedule"].name) == ("nadam", 0.02, "cosine")
    assert (seen["epochs"], seen["batch_size"], seen["random_state"]) == (3, 16, 4)
    assert (seen["clip_norm"], seen["max_norm"], seen["penalty"].strength) == (2.5, 3.5, 0.01)
    assert (seen["engine"], seen["threads"], seen["loss"].label_smoothing) == ("reference", 2, 0.1)
    for words in ("schedule cosine", "dropout 0.25", "label smoothing 0.1", "gradients of at most 2.5"):
        assert words in " ".join(result.stdout.split())


def test_time_that_is_up(pellucid, csv_file):
    words = ("--epochs", 10**8, "--max-seconds", 0.05, "--test-size", 0.5)
    result = pellucid("train", csv_file, "--target", "age", *words)
    assert "ended by --max-seconds" in " ".join(result.stdout.split())


def test_what_does_not_go_together(pellucid, csv_file):
    lbfgs = ("train", csv_file, "--target", "species", "--optimizer", "lbfgs")
    for flag, word in (("--schedule", "step"), ("--dropout", 0.1), ("--clip-norm", 1), ("--max-norm", 1)):
        assert f"{flag} must be left out for --optimizer lbfgs" in pellucid(*lbfgs, flag, word).stderr
    smoothed = pellucid("train", csv_file, "--target", "age", "--label-smoothing", 0.1)
    assert (smoothed.exit_code, "no classes are learned" in smoothed.stderr) == (2, True)


def test_a_network_with_dropout_is_checked_and_explained(pellucid, csv_file):
    words = (csv_file, "--target", "species", "--hidden", 3, "--dropout", 0.5)
    assert "gradient check: passed" in pellucid("check", *words).stdout
    assert "Dropout of 0.5" in pellucid("explain", *words).stdout
