"""Parsers of the values of options; errors give the value and what was expected.

Each function returns a `parser` for `typer.Option`, because typer's messages do not contain the given value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import typer

from pellucid.tables.errors import UserError, listed, quoted

MAX_DIGITS = 30
"""Maximum number of digits of a whole number; Python's own limit is some thousands."""


def whole_number(option: str, *, least: int, most: int | None = None) -> Callable[[str], int]:
    """Parser of whole numbers from `least` to `most`, if given.

    >>> whole_number("--epochs", least=1)("20")
    20
    """

    def parse(text: str) -> int:
        value = _whole(str(text))  # typer also passes defaults, which are numbers
        if value is None or value < least or (most is not None and value > most):
            span = f"of {least} or more" if most is None else f"from {least} to {most}"
            raise UserError(f"{option} must be a whole number {span}, got {quoted(text)}")
        return value

    return parse


def whole_numbers(option: str, text: str, count: int) -> list[int]:
    """Parse `count` whole numbers separated by commas.

    >>> whole_numbers("--node", "1,2", 2)
    [1, 2]
    """
    values = [_whole(piece) for piece in text.split(",")]
    known = [value for value in values if value is not None]
    if len(values) != count or len(known) != count:
        example = ",".join("1" * count)
        raise UserError(f"{option} must be {count} whole numbers with commas, such as {example}; got {quoted(text)}")
    return known


def _whole(text: str) -> int | None:
    word = text.strip()
    return int(word) if word.isdecimal() and len(word) <= MAX_DIGITS else None


def number(
    option: str,
    *,
    such_as: float | None = None,
    above: float = -math.inf,
    least: float = -math.inf,
    below: float = math.inf,
    most: float = math.inf,
) -> Callable[[str], float]:
    """Parser of finite numbers; `above` and `below` are exclusive bounds, `least` and `most` inclusive ones.

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
    """Parser of one of several words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise UserError(f"{option} must be one of {listed(choices)}, got {quoted(text)}")
        return text

    return parse


def unit_counts(text: str) -> tuple[int, ...]:
    """Parse the units of each hidden layer, for `--hidden`.

    >>> unit_counts("50, 20")
    (50, 20)
    """
    counts = [_whole(piece) for piece in text.split(",")]
    known = tuple(count for count in counts if count)
    if len(known) != len(counts):
        raise UserError(
            f"--hidden must be whole numbers of 1 or more separated by commas, such as 50,50; got {quoted(text)}"
        )
    return known


def column_names(text: str) -> list[str]:
    """Parse names separated by commas.

    >>> column_names("id, first name")
    ['id', 'first name']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


Rows = Annotated[
    int | None,
    typer.Option(metavar="N", parser=whole_number("--rows", least=1), help="How many of the rows to learn from."),
]
RowNumbers = Annotated[
    list[int] | None,
    typer.Option(
        metavar="N",
        parser=whole_number("--row", least=1),
        help="This row of data of the file, counted from 1; may be given repeatedly.",
    ),
]


def row_numbers(rows: int | None, row: list[int] | None) -> list[int]:
    """The numbers of `--row`, each once; `--rows` cannot be combined with it."""
    if rows is not None and row:
        raise UserError("--rows and --row say both which rows: give one of them")
    return list(dict.fromkeys(row or ()))
