"""Words of the command line become values; a wrong one is told with what it was and what was expected.

Each function here makes a `parser` for `typer.Option`: typer's own messages do not say the value that was given.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from pellucid.cli.errors import UserError, listed, quoted


def whole_number(option: str, *, least: int) -> Callable[[str], int]:
    """Whole numbers from `least` on.

    >>> whole_number("--epochs", least=1)("20")
    20
    """

    def parse(text: str) -> int:
        word = str(text).strip()  # typer hands defaults through here too, and they are numbers
        if not word.isdecimal() or int(word) < least:
            raise UserError(f"{option} must be a whole number of {least} or more, got {quoted(word)}")
        return int(word)

    return parse


def number_between(option: str, low: float, high: float, *, such_as: str) -> Callable[[str], float]:
    """Finite numbers between `low` and `high`, neither of which is allowed itself.

    >>> number_between("--test-size", 0, 1, such_as="0.2")("0.5")
    0.5
    """
    span = f"above {low:g}" if high == math.inf else f"between {low:g} and {high:g}"

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low < number < high:
            raise UserError(f"{option} must be a number {span}, such as {such_as}; got {quoted(text)}")
        return number

    return parse


def one_of(option: str, *choices: str) -> Callable[[str], str]:
    """One of a few words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise UserError(f"{option} must be one of {listed(choices)}, got {quoted(text)}")
        return text

    return parse


def unit_counts(text: str) -> tuple[int, ...]:
    """The units of each hidden layer, for `--hidden`.

    >>> unit_counts("50, 20")
    (50, 20)
    """
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(piece.isdecimal() and int(piece) > 0 for piece in pieces):
        raise UserError(
            f"--hidden must be whole numbers of 1 or more separated by commas, such as 50,50; got {quoted(text)}"
        )
    return tuple(int(piece) for piece in pieces)


def column_names(text: str) -> list[str]:
    """The names in a list with commas.

    >>> column_names("id, first name")
    ['id', 'first name']
    """
    return [name.strip() for name in text.split(",") if name.strip()]
