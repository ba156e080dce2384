"""The end of a command: its exit code, and the line that gives the reason.

====  =========================================================================================================
code  when
====  =========================================================================================================
0     done; also where Ctrl-C ended a training whose result was shown, and where the playground was ended by it
1     `pellucid check`: the gradient is wrong
2     it cannot be done as asked: a mistake in the command or in the file, a file or a full disk that cannot be
      written, too little memory
3     `pellucid check`: differences could tell nothing, neither that the gradient is right nor that it is wrong
70    a failure that nobody foresaw; the line names the file with its report
130   Ctrl-C before there was anything to show, or before all of it was (128 + SIGINT)
141   who read the output stopped reading, as in `| head -1` (128 + SIGPIPE); without a word
143   ended by SIGTERM (128 + SIGTERM); without a word
====  =========================================================================================================
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from pathlib import PurePath
from types import FrameType
from typing import Any, NoReturn

from pellucid.cli import faults, streams
from pellucid.tables.errors import UserError, quoted

DEBUG = "PELLUCID_DEBUG"


class ExitCode(IntEnum):
    """Exit codes of `pellucid`."""

    DONE = 0
    WRONG = 1
    REFUSED = 2
    UNDETERMINED = 3
    FAULT = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143


_OF_THE_MACHINE = {
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM", "EBUSY")
    if hasattr(errno, name)
}
"""Errors caused by the operating system, neither by the program nor by the user."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with a message."""


_interruption = {"seen": False}


def take_signals() -> None:
    """Install the handlers of Ctrl-C and SIGTERM."""

    def interrupted(number: int, frame: FrameType | None) -> NoReturn:
        # Some libraries turn a KeyboardInterrupt into another error, for example an interrupted import.
        _interruption["seen"] = True
        raise KeyboardInterrupt

    def terminated(number: int, frame: FrameType | None) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)  # a second one ends the process at once
        raise SystemExit(ExitCode.TERMINATED)

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # nohup ignores it
        signal.signal(signal.SIGINT, interrupted)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminated)


def settle(work: Callable[[], Any]) -> int:
    """Run the work, flush its output, and return the exit code; errors are reported in one line."""
    try:
        try:
            result = work()
            code = int(result) if isinstance(result, int) else ExitCode.DONE
        except SystemExit as ending:
            if isinstance(ending.__context__, BrokenPipeError):  # rich uses its own exit code
                raise ending.__context__ from None
            if isinstance(ending.code, str):
                streams.say(ending.code)
            code = ExitCode.WRONG if isinstance(ending.code, str) else int(ending.code or 0)
        streams.flush()
    except BaseException as error:  # not only Exception, because panics of polars are not derived from it
        code = _failed(error)
        with suppress(OSError):  # after a failure the output may be lost, too; the failure has been reported
            streams.flush()
            return code
        streams.give_up(sys.stdout)
    return code


def _failed(error: BaseException) -> int:
    """Report an error, and return its exit code."""
    if isinstance(error, KeyboardInterrupt) or _interruption["seen"]:
        streams.say(str(error) if isinstance(error, Interrupted) else "interrupted before there was anything to show")
        return ExitCode.INTERRUPTED
    if isinstance(error, UserError):
        streams.say(str(error))
        return ExitCode.REFUSED
    # Windows knows no EPIPE for a pipe whose other end is closed.
    if isinstance(error, BrokenPipeError) or (_is_of_output(error, errno.EINVAL) and os.name == "nt"):
        return ExitCode.PIPE_CLOSED
    if os.environ.get(DEBUG, "0") not in ("", "0"):
        raise error
    if isinstance(error, MemoryError):
        wanted = f" ({error})" if str(error) else ""
        streams.say(f"there is too little memory for this{wanted}: smaller layers (--hidden) or fewer columns may fit")
        return ExitCode.REFUSED
    if isinstance(error, OSError) and (_is_of_output(error) or error.errno in _OF_THE_MACHINE):
        where = "a file" if error.filename is None else error.filename
        if _is_of_output(error):
            streams.say(f"{where} cannot be written: {error.strerror}")
        else:
            where = where if error.filename is None else quoted(PurePath(os.fsdecode(where)))
            streams.say(f"{where} cannot be read or written: {error.strerror}")
        return ExitCode.REFUSED
    faults.report(error)
    return ExitCode.FAULT


def _is_of_output(error: BaseException, *numbers: int) -> bool:
    if not isinstance(error, OSError) or error.filename != streams.OUTPUT:
        return False
    return not numbers or error.errno in numbers


def leave(code: int) -> NoReturn:
    """End the process; Ctrl-C during Python's cleanup would only print a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == ExitCode.INTERRUPTED:
        # Where a KeyboardInterrupt has passed through exec(), as in an import, Python would end itself by a signal.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(int(code))
