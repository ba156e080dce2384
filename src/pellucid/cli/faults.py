"""Unexpected failures: write a report to a file, and one line that says where it is."""

from __future__ import annotations

import locale
import logging
import platform
import sys
import tempfile
import threading
import time
import traceback
import warnings
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pellucid.cli.streams import say

LIBRARIES = ("pellucid", "numpy", "scipy", "scikit-learn", "polars", "matplotlib", "llvmlite", "rich", "typer")


def report(error: BaseException, doing: str = "") -> None:
    """Write the report and say where it is; if no file can be written, print a summary."""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    line = f"Pellucid made a mistake{doing}, which is worth a report: {what[:300]}"
    try:
        where = write(error)
    except OSError as no_place:
        frames = traceback.extract_tb(error.__traceback__)
        place = f" ({frames[-1].name}, line {frames[-1].lineno} of {frames[-1].filename})" if frames else ""
        say(f"{line}{place}; no report could be written: {no_place.strerror or no_place}")
    else:
        say(f"{line}; the details are in {where} (with --debug they are shown here)")


def write(error: BaseException) -> str:
    """Write everything that helps to find the fault to a new temporary file; return its path."""
    lines = [
        "A failure of pellucid that nobody foresaw. This helps to find its cause; look it over before you send it.",
        f"time      {time.strftime('%Y-%m-%d %H:%M:%S %z')}",
        f"command   {sys.argv!r}",
        f"python    {sys.version} at {sys.executable}",
        f"system    {platform.platform()}, {platform.machine()}",
        f"encodings output {getattr(sys.stdout, 'encoding', None)}, error {getattr(sys.stderr, 'encoding', None)}, "
        f"files {sys.getfilesystemencoding()}, locale {locale.getpreferredencoding(False)}",
        *(f"{name:16} {_version(name)}" for name in LIBRARIES),
        "",
        *(part.rstrip("\n") for part in traceback.format_exception(error)),
    ]
    with tempfile.NamedTemporaryFile(
        "w", prefix="pellucid-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.write("\n".join(lines) + "\n")
    return file.name


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


class _OneLine(logging.Handler):
    """Handler for the logs of libraries: one line, and a report if there is a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            say(f"note: {record.getMessage()}")
        else:
            report(error, f" ({record.getMessage()})")


def in_one_line_everywhere() -> None:
    """Make threads, warnings and logs of this process report in one line, too."""

    def warn(message: Warning | str, *_: Any, **__: Any) -> None:
        say(f"note: {message}")

    def thread_failed(failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            report(failed.exc_value, f" in the thread {failed.thread.name if failed.thread else '?'}")

    warnings.showwarning = warn
    threading.excepthook = thread_failed
    logging.getLogger().addHandler(_OneLine(logging.WARNING))
