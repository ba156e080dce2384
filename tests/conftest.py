"""What every test runs under."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Examples are drawn the same way in every run, so that a red CI can be repeated; time limits belong to benchmarks.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def floating_point_errors_raise() -> Iterator[None]:
    """Overflow, division by zero and invalid operations are errors unless the code says that it expects them."""
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20_261_122)


@pytest.fixture
def proof_size() -> Callable[[int, int], int]:
    """`proof_size(short, whole)`: the size of a long proof, its short form unless `make proofs` asks for the whole."""
    asked = os.environ.get("PELLUCID_PROOFS", "short")
    assert asked in ("short", "whole"), f"PELLUCID_PROOFS must be short or whole, got {asked!r}"
    return lambda short, whole: whole if asked == "whole" else short


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write text or bytes to a file named table.csv."""

    def to_file(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file
