"""Words of the command line become values; a wrong one is told with what it was and what was expected.

Each function here makes a `parser` for `typer.Option`: typer's own messages do not say the value that was given.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from pellucid.tables.errors import UserError, listed, quoted


def whole_number(option: str, *, least: int, most: int | None = None) -> Callable[[str], int]:
    """Whole numbers from `least` on, to `most` where there is an end.

    >>> whole_number("--epochs", least=1)("20")
    20
    """

    def parse(text: str) -> int:
        word = str(text).strip()  # typer hands defaults through here too, and they are numbers
        if not word.isdecimal() or int(word) < least or (most is not None and int(word) > most):
            span = f"of {least} or more" if most is None else f"from {least} to {most}"
            raise UserError(f"{option} must be a whole number {span}, got {quoted(word)}")
        return int(word)

    return parse


def number(
    option: str,
    *,
    such_as: float | None = None,
    above: float = -math.inf,
    least: float = -math.inf,
    below: float = math.inf,
    most: float = math.inf,
) -> Callable[[str], float]:
    """Finite numbers; `above` and `below` are not allowed themselves, `least` and `most` are.

    >>> number("--test-size", above=0, below=1, such_as=0.2)("0.5")
    0.5
    """
    bounds = [("above", above), ("of at least", least), ("below", below), ("of at most", most)]
    span = " and ".join(f"{word} {bound:g}" for word, bound in bounds if math.isfinite(bound))
    example = "" if such_as is None else f", such as {such_as:g}"

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and above < value < below and least <= value <= most):
            raise UserError(f"{option} must be a number {span}{example}; got {quoted(text)}")
        return value

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
