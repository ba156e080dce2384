"""Small tables, and a way to run the command in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from pellucid.cli.app import app


@pytest.fixture
def table() -> pl.DataFrame:
    """160 rows: a species that follows from its size, a colour, an age in years with fractions."""
    rng = np.random.default_rng(0)
    size = rng.normal(size=160)
    return pl.DataFrame(
        {
            "size": size,
            "noise": rng.normal(size=160),
            "colour": rng.choice(["red", "green", "blue"], size=160),
            "age": 3 * size + rng.normal(scale=0.1, size=160),
            "species": np.where(size > 0, "owl", "wren"),
        }
    )


@pytest.fixture
def csv_file(table: pl.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "birds.csv"
    table.write_csv(path)
    return path


@pytest.fixture
def pellucid(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`pellucid(*words)` runs the command; anything but an exit is raised, so that a traceback fails the test."""

    monkeypatch.setenv("PELLUCID_DEBUG", "1")

    def run(*words: object) -> Any:
        return CliRunner().invoke(app, [str(word) for word in words], prog_name="pellucid", catch_exceptions=False)

    return run


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`started(words, folder)`: the command, a second after it has described the table: it is training then.

    A process that is still running at the end of the test is killed.
    """
    processes: list[subprocess.Popen[str]] = []

    def start(words: list[Any], folder: Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "pellucid", *words],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        processes.append(process)
        seen = ""
        while "held out for the test" not in seen:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            seen += line
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()
