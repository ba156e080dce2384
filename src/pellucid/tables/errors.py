"""Errors of the user: reported in one line, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import PurePath


class UserError(Exception):
    """An error that the user can correct; the message names the argument, its value and what was expected."""


_PLAIN = (
    ("FILE must", "The file must"),
    ("--target must", "The target must"),
    (" for --task regression", " for regression"),
    (" (--task regression, perhaps?)", ""),
    (", or --ignore the column", ""),
    (" (without a line of names: --no-header)", ""),
    (" (if the line above it is none of names: --no-header)", ""),
    ("(if not: --ignore", "(if not, leave it out:"),
    ("(if so: --ignore", "(if so, leave it out:"),
)


def in_plain_words(error: UserError) -> str:
    """The message without options of the command line, for other interfaces.

    >>> in_plain_words(UserError("--target must be a column of numbers"))
    'The target must be a column of numbers'
    """
    text = str(error)
    for option, words in _PLAIN:
        text = text.replace(option, words)
    return text


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint at the known name closest to `name`, to append to a sentence; empty if none is close.

    Case is ignored, because it is the most frequent mistake.

    >>> did_you_mean("diagnosys", ["id", "Diagnosis"])
    '; did you mean "Diagnosis"?'
    >>> did_you_mean("weight", ["id", "Diagnosis"])
    ''
    """
    spelled = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    return f"; did you mean {quoted(spelled[near[0]])}?" if near else ""


def listed(names: Iterable[str], *, most: int = 12) -> str:
    """Names for a message, at most `most` of them.

    >>> listed(["a", "b", "c"], most=2)
    '"a", "b" and 1 more'
    """
    names = list(names)
    shown = ", ".join(quoted(one) for one in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def quoted(value: object, *, longest: int = 60) -> str:
    """A value in double quotes on one line. Long text from a file is cut; paths are not.

    >>> quoted("two\\nlines")
    '"two lines"'
    """
    text = " ".join(str(value).split())
    return f'"{text}"' if len(text) <= longest or isinstance(value, PurePath) else f'"{text[: longest - 1]}…"'
