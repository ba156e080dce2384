"""What every test runs under, and which tests need programs that are not Python's."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

BUILD = Path(__file__).parents[1] / "build"
"""`make test` puts here what it compiles, and the programs that it fetches without root."""

os.environ["PATH"] += os.pathsep + str(BUILD / "system" / "bin")

# Examples are drawn the same way in every run, so that a red CI can be repeated; time limits belong to benchmarks.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")


PROGRAMS = {
    "browser": ("chromium", ("chromium", "google-chrome")),
    "latex": ("pdflatex", ("pdflatex",)),
}
"""Marker → the fixture that gives the program's path, and the names under which it is looked for."""


def program(marker: str) -> str | None:
    """The path of a program, if this machine has it."""
    return next(filter(None, map(shutil.which, PROGRAMS[marker][1])), None)


def absent() -> set[str]:
    """The markers of the programs that are not here; in CI all must be."""
    return set() if os.environ.get("CI") else {marker for marker in PROGRAMS if not program(marker)}


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by these markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with the programs that its fixtures ask for, and leave it out where one is absent."""
    missing = absent()
    kept, left_out = [], []
    for item in items:
        needs = {marker for marker, (fixture, _) in PROGRAMS.items() if fixture in getattr(item, "fixturenames", ())}
        for marker in needs:
            item.add_marker(marker)
        (left_out if needs & missing else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested."""
    for marker in sorted(absent()):
        terminalreporter.write_line(
            f"There is no {PROGRAMS[marker][0]}: tests marked {marker!r} were left out. `make system-packages` helps."
        )


def _path_of(marker: str) -> str:
    path = program(marker)
    assert path, f"{PROGRAMS[marker][1][0]} is not there: `make system-packages` helps"
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser."""
    return _path_of("browser")


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """The path of LaTeX."""
    return _path_of("latex")


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
