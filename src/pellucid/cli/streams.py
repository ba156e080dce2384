"""Make the standard streams usable if they are missing, closed, full or of a limited encoding."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pellucid.cli.signs import PLAIN, visible_lines

OUTPUT = "the standard output"

MIN_COLUMNS = 20
"""Minimum width of the output: in less, tables are one letter wide, and COLUMNS=0 would show nothing."""


class _Output(io.TextIOWrapper):
    """The standard output; its errors say that the standard output cannot be written."""

    def write(self, text: str) -> int:
        """Write text, as in any text stream."""
        with _named():
            return super().write(text)

    def flush(self) -> None:
        """Flush buffered text."""
        with _named():
            super().flush()


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.filename = OUTPUT
        raise


def prepare() -> None:
    """Make standard input, output and error usable, however this process was started."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # A missing stream (pythonw, a service, `>&-`) becomes the null device. In this order, so that each takes the
        # free descriptor number, and no file that is opened later becomes the standard output.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 it stays open
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=PLAIN)
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding, by_line = sys.stdout.encoding, sys.stdout.line_buffering
        through = sys.stdout.write_through  # python -u
        output = _Output(sys.stdout.detach(), encoding, PLAIN, line_buffering=by_line, write_through=through)
        sys.stdout = output
        sys.__stdout__ = output  # type: ignore[misc]  # the old one is detached
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) < MIN_COLUMNS:
        if int(columns):
            os.environ["COLUMNS"] = str(MIN_COLUMNS)
        else:
            del os.environ["COLUMNS"]


def flush() -> None:
    """Flush the output; OSError if that fails."""
    sys.stdout.flush()


def give_up(stream: Any) -> None:
    """Discard the buffer of a broken stream, or Python would try to flush it at exit, and complain."""
    with suppress(OSError, ValueError, AttributeError):  # a stream without a descriptor has no buffer
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say(message: str) -> None:
    """Write one line to standard error, without control codes; do nothing if it is closed or full."""
    try:
        print(f"pellucid: {visible_lines(' '.join(message.split()))}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        give_up(sys.stderr)
