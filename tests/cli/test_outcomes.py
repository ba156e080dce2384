"""Failures, signals and hostile names: one line each, and what there was is kept."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from pellucid.cli import faults, memory, outcomes
from pellucid.cli.outcomes import ExitCode, settle
from pellucid.cli.signs import plain, visible
from pellucid.tables.errors import UserError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def not_debugging(monkeypatch, tmp_path):
    monkeypatch.delenv("PELLUCID_DEBUG", raising=False)
    monkeypatch.setattr(faults.tempfile, "tempdir", str(tmp_path))


def failing(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("--x must be 1, got 2"), 2, "--x must be 1, got 2"),
        (MemoryError("Unable to allocate 8 TiB"), 2, "too little memory for this (Unable to allocate 8 TiB)"),
        (OSError(errno.ENOSPC, "No space left on device", "a.png"), 2, '"a.png" cannot be read or written: No space'),
        (PermissionError(errno.EACCES, "Permission denied", "secret"), 2, '"secret" cannot be read or written'),
        (KeyboardInterrupt(), 130, "interrupted before there was anything to show"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
        (SystemExit(7), 7, ""),
        (KeyError("x"), 70, "KeyError: 'x'"),
        (UserError("two\nlines \x1b[31m"), 2, "two lines \\x1b[31m"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_failure_has_its_code_and_its_line(capsys, error, code, said):
    assert settle(failing(error)) == code
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == (1 if said else 0)
    assert "Traceback" not in line


def test_a_report_of_an_unknown_failure_is_written_and_its_place_is_said(capsys, tmp_path):
    assert settle(failing(ZeroDivisionError("by \ud800"))) == ExitCode.FAULT
    (report,) = tmp_path.glob("pellucid-fault-*.txt")
    line = capsys.readouterr().err
    assert str(report) in line
    assert "by \\ud800" in line
    text = report.read_text(encoding="utf-8")
    for words in ("Traceback (most recent call last)", "ZeroDivisionError", "numpy", sys.version.split()[0], "command"):
        assert words in text, words


def test_where_no_report_can_be_written_the_essence_is_said(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(faults.tempfile, "tempdir", str(tmp_path / "missing"))
    assert settle(failing(ZeroDivisionError("division"))) == ExitCode.FAULT
    line = capsys.readouterr().err
    assert "ZeroDivisionError: division (work, line" in line
    assert "no report could be written: No such file" in line
    assert line.count("\n") == 1


def test_debugging_shows_the_traceback(monkeypatch):
    monkeypatch.setenv(outcomes.DEBUG, "1")
    with pytest.raises(KeyError):
        settle(failing(KeyError("x")))


def test_ctrl_c_twice_while_the_network_learns_keeps_what_was_learned(csv_file, started):
    words = ["train", csv_file, "--target", "age", "--epochs", "10000000", "--test-size", "0.5"]
    process = started(words, csv_file.parent)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "ended by Ctrl-C" in output
    assert "The network explains" in output
    assert errors == ""


def test_ctrl_c_just_before_the_training_is_not_lost(pellucid, csv_file, monkeypatch):
    from pellucid.cli import experiment

    def interrupted(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return network_for(*arguments)

    network_for = experiment.network_for
    monkeypatch.setattr(experiment, "network_for", interrupted)
    result = pellucid("train", csv_file, "--target", "age", "--epochs", 2)
    assert result.exit_code == 130
    assert "interrupted before there was anything to show" in result.stderr


def test_ctrl_c_in_the_baselines_fit_leaves_only_that_out(pellucid, csv_file, monkeypatch):
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr(LogisticRegression, "fit", lambda *_, **__: os.kill(os.getpid(), signal.SIGINT))
    result = pellucid("train", csv_file, "--target", "species", "--ignore", "noise", "--epochs", 40)
    assert result.exit_code == 0
    assert "always" in result.stdout
    assert "│ logistic" not in result.stdout
    assert "Ctrl-C ended the fit of logistic regression" in " ".join(result.stdout.split())


def test_ctrl_c_while_the_picture_is_drawn_says_what_is_missing(pellucid, csv_file, monkeypatch):
    from matplotlib.figure import Figure

    monkeypatch.setattr(Figure, "savefig", lambda *_, **__: os.kill(os.getpid(), signal.SIGINT))
    result = pellucid("train", csv_file, "--target", "age", "--epochs", 2, "--plot", csv_file.with_name("p.png"))
    assert result.exit_code == 130
    assert "The network explains" in result.stdout
    assert "interrupted before" in result.stderr
    assert [one.name for one in csv_file.parent.iterdir()] == [csv_file.name]


def test_ctrl_c_ends_a_lesson_and_not_one_of_its_trainings(tmp_path):
    words = [sys.executable, "-u", "-m", "pellucid", "lesson", "moons", "--no-plots", "--passes", "100000000"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    for line in process.stdout:
        if "logistic" in line.lower() or "pass" in line.lower():
            break
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "pellucid: the lesson was interrupted; what is printed above stands\n"


def test_sigterm_ends_without_a_word(csv_file, started):
    process = started(
        ["train", csv_file, "--target", "age", "--epochs", "10000000", "--test-size", "0.5"], csv_file.parent
    )
    process.terminate()
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (ExitCode.TERMINATED, "")
    assert "Traceback" not in output


HOSTILE = ["\x1b[31mred\x1b]0;title\x07", "[bold]a[/bold]", ":key:", "a\rb", "\u202egnp.exe", "a\x9bb", "$x^2$", "{0}"]


@pytest.mark.parametrize("command", ["train", "explain", "check", "diagnose"])
def test_no_control_code_of_the_data_reaches_the_terminal(pellucid, tmp_path, command):
    """In names of columns and classes, and of the file; what is no control code is printed as it is."""
    n_rows = 40
    path = tmp_path / "t\x1b[31m.csv"
    columns = {f"{name} {place}": np.arange(n_rows) % (place + 3) * 1.5 for place, name in enumerate(HOSTILE)}
    classes = [f"{HOSTILE[0]}", ":lock: [i]"] * (n_rows // 2)
    pl.DataFrame(columns | {"class \x1b[1m": classes}).write_csv(path)
    result = pellucid(command, path, "--target", "class \x1b[1m", "--epochs", 1, "--hidden", 2)
    assert result.exit_code == 0, result.stderr
    wrong = pellucid(command, path, "--target", "class \x1b[2m")
    assert wrong.exit_code == 2
    for text in (result.output, wrong.output):
        assert not {sign for sign in text if not sign.isprintable()} - {"\n"}, repr(text)
    if command == "train":
        assert ":lock: [i]" in result.stdout
        assert "\\x1b[31mred\\x1b]0;title\\x07" in result.stdout


def test_escapes_and_plain_signs():
    assert visible("a\tb\n\u202ec\x85") == "a\\tb\\n\\u202ec\\x85"
    assert visible("Zoë 日本 :key: 👩‍🔬") == "Zoë 日本 :key: 👩‍🔬"
    assert plain("≤ ½ ± 10⁻¹² W⁽¹⁾ᵀ x₁₀ └─┐ \udcff") == "<= 1/2 +/- 10^-12 W^(1)T x_10 +-+ \\xff"


def test_every_sign_of_the_programs_own_has_a_plain_form(request):
    """What stands in Pellucid's own texts becomes words on a code page, never an escape."""
    source = request.config.rootpath / "src" / "pellucid"
    folders = ("cli", "lessons", "explanation", "network", "training", "engines", "maths", "model.py")
    files = [
        path
        for folder in folders
        for path in ([source / folder] if folder.endswith(".py") else (source / folder).rglob("*.py"))
    ]
    signs = {sign for path in files if path.name != "signs.py" for sign in path.read_text(encoding="utf-8")}
    names = set("üłčȳé")  # of people, and of a data set's letters: data keep their letters as escapes
    escaped = {sign for sign in signs - names if plain(sign).startswith("\\") and sign != "\\"}
    assert not escaped


def test_networks_that_cannot_fit_are_refused_before_they_are_built(pellucid, csv_file, monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 2 * 10**9)
    refused = pellucid("train", csv_file, "--target", "age", "--hidden", "8000,8000")
    assert refused.exit_code == 2
    assert "got 8000,8000: this network has 64 million parameters, and its training takes 3.6 GB" in refused.stderr
    monkeypatch.undo()
    assert pellucid("train", csv_file, "--target", "age", "--hidden", "1000000000").exit_code == 2
    free = memory.free_bytes()
    assert free is None or 10**6 < free < 10**15
