"""How results are printed, as tables for the README, and kept, with the machine and the versions."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scikit-learn", "torch", "jax", "optax", "onnxruntime")


def digits(number: float) -> str:
    """Two significant digits from 2 on, three below: a ratio near 1 is looked at closely."""
    if number >= 10:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 2 else f"{number:.2f}"


def spread(values: Sequence[float]) -> str:
    """Median and range of ratios, from [median, least, most]."""
    median, least, most = values
    return f"{digits(median)} ({digits(least)}–{digits(most)})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [list(header), ["---"] * len(header), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions() -> dict[str, str]:
    """Of the packages that are compared."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def save(name: str, content: dict[str, Any]) -> Path:
    """Write figures, date, machine and versions to `results/`."""
    from pellucid.engines import info

    now = datetime.now(UTC)
    machine = {"processor": processor(), "cores": os.cpu_count(), "python": sys.version, "level": info()["level"]}
    whole = {"date": now.isoformat(), "machine": machine, "versions": versions(), "load": os.getloadavg()} | content
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{now:%Y%m%d-%H%M}.json"
    path.write_text(json.dumps(whole, indent=1) + "\n")
    return path
