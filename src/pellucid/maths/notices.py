"""A word to the person at the terminal, which never ends the work that it is about.

Standard error may be missing (a program without a console), closed, full, or of an encoding that has not all letters.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from typing import Any, TextIO


class PatientStream:
    """A text stream whose faults are passed over: what cannot be written is left out, or written in plainer letters.

    It stands between a progress bar and the terminal. Everything else is the stream's own.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written; the length of the text."""
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(Exception):  # whatever an object that plays the part of a stream may raise
                try:
                    stream.write(text)
                except UnicodeEncodeError:
                    encoding = self.encoding
                    stream.write(text.encode(encoding, "replace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Flush, where that can be done."""
        if self._stream is not None:
            with contextlib.suppress(Exception):
                self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person is likely to look."""
        return is_terminal(self._stream)

    @property
    def encoding(self) -> str:
        """The stream's encoding."""
        return str(getattr(self._stream, "encoding", None) or "ascii")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal; no, where it cannot say.

    >>> is_terminal(None)
    False
    """
    try:
        return bool(stream.isatty())
    except Exception:  # none at all, closed, or no real stream
        return False


def announce(text: str) -> None:
    """A line on standard error, where there is one."""
    stream = PatientStream(sys.stderr)
    stream.write(f"{text}\n")
    stream.flush()


def say(text: str) -> None:
    """A line on standard output, where there is one."""
    PatientStream(sys.stdout).write(f"{text}\n")


def warn(message: str, category: type[Warning] = UserWarning, stacklevel: int = 1) -> None:
    """`warnings.warn`, also where standard error cannot show it: then the warning counts, and is not shown.

    A filter that turns it into an error does so here, too.
    """
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except Warning:
        raise
    except UnicodeEncodeError:  # standard error has not all letters: in plainer ones
        announce(f"{category.__name__}: {message}")
    except Exception:  # from the stream that it was written to
        if _writable(sys.stderr):  # so it was something else, as a `warnings.showwarning` of the program's own
            raise


def _writable(stream: Any) -> bool:
    """Whether a stream takes text; tried by writing none, so that nothing is seen."""
    try:
        stream.write("")
        stream.flush()
    except Exception:
        return False
    return True
