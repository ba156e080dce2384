"""Standard streams as they come: missing, closed, full, of a code page. Afterwards, all can be written to."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pellucid.cli.signs import PLAIN, visible_lines

OUTPUT = "the standard output"

NARROWEST = 20
"""Columns. Below that, a table is one letter wide, and COLUMNS=0 would show nothing at all."""


class _Output(io.TextIOWrapper):
    """The standard output; an error of it says that it is this output that cannot be written."""

    def write(self, text: str) -> int:
        """Write, as any text stream."""
        with _named():
            return super().write(text)

    def flush(self) -> None:
        """Pass on what waits."""
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
    """Make standard input, output and error usable, whatever this process was started with."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # No stream (pythonw, a service, `>&-`): what would be written goes nowhere. In this order, so that each takes
        # the number of the descriptor that is free, and no file that is opened later becomes the standard output.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 it stays open
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=PLAIN)
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding, by_line = sys.stdout.encoding, sys.stdout.line_buffering
        through = sys.stdout.write_through  # python -u
        output = _Output(sys.stdout.detach(), encoding, PLAIN, line_buffering=by_line, write_through=through)
        sys.stdout = output
        sys.__stdout__ = output  # type: ignore[misc]  # the old one has no stream any more
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) < NARROWEST:
        if int(columns):
            os.environ["COLUMNS"] = str(NARROWEST)
        else:
            del os.environ["COLUMNS"]


def flush() -> None:
    """Have all of the output written; OSError where that cannot be."""
    sys.stdout.flush()


def give_up(stream: Any) -> None:
    """Send what a broken stream still holds nowhere, or Python would try again at the end, and complain."""
    with suppress(OSError, ValueError, AttributeError):  # a stream without a descriptor holds nothing back
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say(message: str) -> None:
    """One line on standard error, without control codes. Where that is closed or full, nobody can be told."""
    try:
        print(f"pellucid: {visible_lines(' '.join(message.split()))}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        give_up(sys.stderr)
