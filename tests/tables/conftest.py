"""Small tables of one column of interest."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pellucid.tables.files import Reading, read


@pytest.fixture
def column(write: Callable[[str], Path]) -> Callable[..., Reading]:
    """Read a table with the column v of these values, each in quotes, and a column z of plain numbers."""

    def reading(values: Iterable[object], *, separator: str = ",") -> Reading:
        rows = "".join(f'"{value}"{separator}{place}.25\n' for place, value in enumerate(values))
        return read(write(f"v{separator}z\n{rows}"))

    return reading
