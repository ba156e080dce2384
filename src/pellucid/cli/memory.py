"""Estimate the free memory, to refuse a network that does not fit before it is built."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pellucid.tables.errors import UserError

COPIES = 7
"""Arrays of the size of θ in a training: θ, its gradient, two of Adam, the last finite θ, the best θ, a copy."""

_NUMBER_BYTES = 8


def check_network_fits(sizes: list[int]) -> None:
    """Refuse layers whose parameters do not fit into the free memory."""
    n_parameters = sum((before + 1) * after for before, after in itertools.pairwise(sizes))
    wanted = n_parameters * _NUMBER_BYTES * COPIES
    free = free_bytes()
    if wanted > (sys.maxsize if free is None else free):
        limit = "" if free is None else f", and {in_words(free)} are free"
        raise UserError(
            f"--hidden must be layers that fit into memory, got {','.join(map(str, sizes[1:-1]))}: this network has "
            f"{_many(n_parameters)} parameters, and its training takes {in_words(wanted)}{limit}"
        )


def free_bytes() -> int | None:
    """The free memory under all limits of this process; None if it is unknown."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        if "MemAvailable" in known:
            yield 1024 * (known["MemAvailable"] + known.get("SwapFree", 0))
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):  # ValueError: "max", no limit
        yield int((group / "memory.max").read_text()) - int((group / "memory.current").read_text())
    with suppress(ImportError, OSError, ValueError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            yield limit - pages * resource.getpagesize()


def in_words(size: int) -> str:
    """A number of bytes in MB or GB.

    >>> in_words(2_040_000_000), in_words(300_000)
    ('2.0 GB', '0.3 MB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def _many(count: int) -> str:
    """A large count in words.

    >>> _many(64_024_001), _many(3_000_000_000), _many(1200)
    ('64 million', '3.0 billion', '1,200')
    """
    if count >= 1e9:
        return f"{count / 1e9:,.1f} billion"
    return f"{count / 1e6:.0f} million" if count >= 1e6 else f"{count:,}"
