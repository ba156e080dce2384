"""Small tables, and a way to run the command in this process."""

from __future__ import annotations

from collections.abc import Callable
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
