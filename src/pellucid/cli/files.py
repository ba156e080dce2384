"""Write files completely or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pellucid.tables.errors import UserError, listed, quoted

REPORTS = (".html", ".tex", ".md", ".txt")
"""Files that `explain` and `diagnose` can write."""


def check_file_to_write(option: str, path: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a path that cannot be written, before the work instead of after it."""
    if path.suffix.lower() not in suffixes:
        raise UserError(f"{option} must end in one of {listed(suffixes)}, got {quoted(path)}")
    if path.is_dir():
        raise UserError(f"{option} must be a file, got the directory {quoted(path)}")
    if not path.parent.is_dir():
        raise UserError(
            f"{option} must be a file in a directory that exists, got {quoted(path)}: there is no {quoted(path.parent)}"
        )


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Provide a temporary path next to `path`; rename it to `path` at the end, or delete it after an error.

    A rename within one directory is atomic.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        part.chmod(0o666 & ~_umask())  # mkstemp makes files that only their owner may read
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)  # the mask can only be read by setting it
    os.umask(mask)
    return mask
