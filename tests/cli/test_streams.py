"""Whatever the streams are, every command ends in a result or in one line, with an exit code of the table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

COMMANDS = (
    "train birds.csv --target species --epochs 2",
    "explain birds.csv --target species",
    "check birds.csv --target species",
    "diagnose birds.csv --target species --epochs 2",
    "lesson neuron --no-plots --passes 20",
    "lesson",
    "info",
    "info --json",
    "--help",
    "train --help",
    "--version",
    "--show-completion",
)
MISTAKES = (
    "train none.csv --target species",
    "train birds.csv --target animal",
    "train birds.csv --target species --epochs 0",
    "lesson nonsense",
    "nonsense",
)
STREAMS = {
    # name: (shell redirection, environment, exit code of a command that would be right)
    "a pipe": ("", {}, 0),
    "LC_ALL=C": ("", {"LC_ALL": "C"}, 0),
    "ASCII": ("", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, 0),
    "cp1252": ("", {"PYTHONIOENCODING": "cp1252"}, 0),
    "cp437": ("", {"PYTHONIOENCODING": "cp437"}, 0),
    "UTF-16": ("", {"PYTHONIOENCODING": "utf-16"}, 0),
    "no standard output": (">&-", {}, 0),
    "no standard error": ("2>&-", {}, 0),
    "no standard input": ("<&-", {}, 0),
    "no stream at all": ("<&- >&- 2>&-", {}, 0),
    "a full output device": (">/dev/full", {}, 2),
    "a full error device": ("2>/dev/full", {}, 0),
    "both full": (">/dev/full 2>&1", {}, 2),
    "a closed pipe": ("| true", {}, 141),
    "no width": ("", {"COLUMNS": "0"}, 0),
    "a width of one": ("", {"COLUMNS": "1"}, 0),
    "a dumb terminal": ("", {"TERM": "dumb", "NO_COLOR": "1"}, 0),
    "no home": ("", {"HOME": "", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""}, 0),
}
QUICK = [
    ("cp1252", COMMANDS[0]), ("ASCII", COMMANDS[1]), ("cp437", COMMANDS[4]), ("LC_ALL=C", COMMANDS[2]),
    ("no standard output", COMMANDS[3]), ("no standard error", MISTAKES[0]), ("no stream at all", COMMANDS[0]),
    ("a full output device", COMMANDS[0]), ("a full output device", "--help"), ("both full", "--version"),
    ("a closed pipe", COMMANDS[0]), ("a closed pipe", "--help"), ("a full error device", MISTAKES[2]),
    ("no width", "info"), ("UTF-16", "lesson"),
]  # fmt: skip
pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="redirections of a Unix shell")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    size = rng.normal(size=60)
    birds = pl.DataFrame({"size": size, "species": np.where(size > 0, "Zoë", "wren")})
    birds.write_csv(tmp_path / "birds.csv")
    return tmp_path


def ended(folder: Path, words: str, redirection: str = "", **environment: str) -> tuple[int, bytes, bytes]:
    """The exit code of `pellucid` alone, whatever follows it in a pipe, and both streams."""
    command = f"{{ {sys.executable} -m pellucid {words}; echo $? >code; }} {redirection}"
    if "|" not in redirection:
        command = f"{sys.executable} -m pellucid {words} {redirection}; echo $? >code"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **environment},
        capture_output=True,
        timeout=300,
    )
    return int((folder / "code").read_text()), done.stdout, done.stderr


def test_every_command_under_every_stream(folder, proof_size):
    every = [(stream, words) for stream in STREAMS for words in (*COMMANDS, *MISTAKES)]
    wrong = []
    for stream, words in every if proof_size(0, 1) else QUICK:
        redirection, environment, expected = STREAMS[stream]
        expected = 2 if words in MISTAKES else expected
        code, output, errors = ended(folder, words, redirection, **environment)
        encoding = environment.get("PYTHONIOENCODING", "utf-8")
        lines = errors.decode(encoding, errors="replace").strip().splitlines()
        if code != expected or b"Traceback" in output + errors or len(lines) > 1:
            wrong.append((stream, words, code, expected, lines[-3:]))
        if expected == 0 and not redirection.startswith((">", "<&- >")) and not output:
            wrong.append((stream, words, "no output", "", ""))
        if (
            expected == 2
            and "2>" not in redirection
            and not (lines and lines[0].lstrip("\ufeff").startswith("pellucid: "))
        ):
            wrong.append((stream, words, "no line that says why", "", lines))
    assert not wrong, "\n".join(map(str, wrong))
    assert not list(folder.glob("pellucid-fault-*")), "each of these failures was foreseen"


def test_a_code_page_gets_plain_signs_and_the_names_of_the_file(folder):
    code, output, _ = ended(folder, COMMANDS[0], PYTHONIOENCODING="cp1252")
    text = output.decode("cp1252")
    assert code == 0
    assert "1 -> 50 -> 50 -> 2 units" in text
    assert "Zoë" in text
    assert "?" not in text
    code, output, _ = ended(folder, COMMANDS[1], PYTHONIOENCODING="ascii")
    assert "delta^(2) = 1/4 (A^(2) - Y)" in " ".join(output.decode("ascii").split())
    assert "Zo\\xeb" in output.decode("ascii"), "two names stay two"


def test_a_full_disk_is_named(folder):
    """A picture of more bytes than may be written; what was there before stays."""
    (folder / "loss.png").write_text("before")
    limit = "trap '' XFSZ; ulimit -f 1; "
    words = "train birds.csv --target species --epochs 1 --plot loss.png -q"
    done = subprocess.run(
        ["bash", "-c", f"{limit}{sys.executable} -m pellucid {words} | cat"], cwd=folder, capture_output=True, text=True
    )
    assert done.stderr == 'pellucid: --plot must be a file that can be written, got "loss.png": File too large\n'
    assert (folder / "loss.png").read_text() == "before"
    assert sorted(one.name for one in folder.iterdir()) == ["birds.csv", "loss.png"]
