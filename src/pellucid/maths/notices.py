"""Messages on standard error and output that never raise.

Standard error may be missing (a program without a console), closed, full, or unable to encode a character.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from typing import Any, TextIO


class PatientStream:
    """A wrapper of a text stream that ignores errors: text that cannot be encoded is replaced, else dropped.

    It is used between a progress bar and the terminal. All other attributes are those of the stream.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as much as possible; return the length of the text."""
        stream = self._stream
        if stream is not None:
            with contextlib.suppress(Exception):  # an object used as a stream may raise anything
                try:
                    stream.write(text)
                except UnicodeEncodeError:
                    encoding = self.encoding
                    stream.write(text.encode(encoding, "replace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        """Flush, if possible."""
        if self._stream is not None:
            with contextlib.suppress(Exception):
                self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return is_terminal(self._stream)

    @property
    def encoding(self) -> str:
        """The stream's encoding."""
        return str(getattr(self._stream, "encoding", None) or "ascii")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal; False if it does not know.

    >>> is_terminal(None)
    False
    """
    try:
        return bool(stream.isatty())
    except Exception:  # None, closed, or not a real stream
        return False


def announce(text: str) -> None:
    """Write a line to standard error, if there is one."""
    stream = PatientStream(sys.stderr)
    stream.write(f"{text}\n")
    stream.flush()


def say(text: str) -> None:
    """Write a line to standard output, if there is one."""
    PatientStream(sys.stdout).write(f"{text}\n")


def warn(message: str, category: type[Warning] = UserWarning, stacklevel: int = 1) -> None:
    """`warnings.warn`, which does not fail if standard error is unusable; the warning is then recorded but not shown.

    A filter that turns the warning into an error works as usual.
    """
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except Warning:
        raise
    except UnicodeEncodeError:  # standard error cannot encode a character: replace it
        announce(f"{category.__name__}: {message}")
    except Exception:  # raised by the stream
        if _writable(sys.stderr):  # no: by something else, such as a custom `warnings.showwarning`
            raise


def _writable(stream: Any) -> bool:
    """Whether a stream can be written to; tested by writing an empty string."""
    try:
        stream.write("")
        stream.flush()
    except Exception:
        return False
    return True
