"""Blocks of a report, independent of the output format: headings, sentences, formulas, numbers, tables.

Mathematics inside sentences is LaTeX between dollar signs, as in the registries. Each writer (`terminal`, `html`,
`latex`, `markdown`) translates these blocks into its own format; none of them knows networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from pellucid.explanation.numbers import DIGITS, format_number
from pellucid.maths.typing import Array

OPEN, CLOSE = r"\left(", r"\right)"
"""Brackets around several matrices, as signs between the terms of `Numbers`."""

DOLLAR = "\ue000"
"""Placeholder for a literal dollar sign: one of Unicode's private characters."""

MAX_COMPLETE = 6
"""Longest axis that is displayed completely."""

KEPT = 3
"""Number of rows or columns to display of a longer axis."""


@dataclass(frozen=True)
class Axis:
    """Selection of the displayed rows or columns among `size`."""

    size: int
    kept: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all are shown."""
        return len(self.kept) == self.size

    @classmethod
    def most_important(cls, importance: Array) -> Axis:
        """All positions of a short axis, the most important of a long one, in their original order.

        >>> Axis.most_important(np.array([5, 1, 0, 0, 9, 0, 2, 0])).kept
        (0, 4, 6)
        """
        size = len(importance)
        if size <= MAX_COMPLETE:
            return cls(size, tuple(range(size)))
        order = np.argsort(-np.nan_to_num(importance), kind="stable")
        return cls(size, tuple(sorted(int(i) for i in order[:KEPT])))

    def labels(self) -> list[str]:
        """Labels of the displayed positions, counted from 1, and "" for the omitted rest.

        >>> Axis(8, (0, 4)).labels()
        ['1', '5', '']
        """
        return ["" if i is None else str(i + 1) for i in self.gaps()]

    def gaps(self) -> list[int | None]:
        """The displayed positions, counted from 0, followed by None if any are omitted."""
        return list(self.kept) if self.is_whole else [*self.kept, None]


@dataclass(frozen=True)
class Grid:
    """A matrix with its name; a vector is a matrix of one row. `shape` is the shape of the array.

    `name` is LaTeX. Omitted rows and columns are displayed as dots; the others are then labelled with their numbers.
    """

    name: str
    values: Array
    rows: Axis
    columns: Axis
    shape: tuple[int, ...]
    digits: int = DIGITS

    @classmethod
    def of(cls, name: str, values: Array, rows: Axis | None, columns: Axis, digits: int = DIGITS) -> Grid:
        """A matrix, or a vector if `rows` is None."""
        matrix = values.reshape(1, -1) if rows is None else values
        return cls(name, matrix, rows or Axis(1, (0,)), columns, tuple(values.shape), digits)

    @property
    def transposed(self) -> Grid:
        """The transpose."""
        name = self.name if len(self.name) == 1 else f"({self.name})"
        return Grid(rf"{name}^{{\top}}", self.values.T, self.columns, self.rows, self.shape[::-1], self.digits)

    def cells(self) -> list[list[str]]:
        """The text of every displayed cell; "" for omitted ones."""
        columns = self.columns.gaps()
        return [
            ["" if i is None or j is None else format_number(self.values[i, j], self.digits) for j in columns]
            for i in self.rows.gaps()
        ]

    @property
    def shape_text(self) -> str:
        """The shape as NumPy writes it: (n, h)."""
        return f"({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"


@dataclass(frozen=True)
class Heading:
    """A heading of `level` 1, 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Formula:
    """A displayed formula, in LaTeX."""

    latex: str


@dataclass(frozen=True)
class Numbers:
    """A formula with numbers inserted: matrices, with signs in LaTeX between them."""

    terms: tuple[Grid | str, ...]

    def chunks(self) -> list[list[Grid | str]]:
        """The terms in chunks that must stay on one line: each matrix with the signs before it."""
        pieces: list[list[Grid | str]] = [[]]
        for term in self.terms:
            if term == CLOSE and len(pieces) > 1:
                pieces[-2].append(term)
                continue
            pieces[-1].append(term)
            if isinstance(term, Grid):
                pieces.append([])
        return pieces if pieces[-1] else pieces[:-1]


@dataclass(frozen=True)
class Table:
    """Rows of short sentences below a header; columns listed in `right` are aligned right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = field(default=())


Block: TypeAlias = Heading | Prose | Formula | Numbers | Table


def split_math(text: str) -> list[tuple[bool, str]]:
    """Split a sentence into pieces, each with a flag: is it mathematics?

    >>> split_math("the rate $\\\\eta$ is 1")
    [(False, 'the rate '), (True, '\\\\eta'), (False, ' is 1')]
    """
    pieces = enumerate(text.split("$"))
    return [(i % 2 == 1, piece.replace(DOLLAR, "$")) for i, piece in pieces if piece]


def literal(text: str) -> str:
    """Escape a user's text for a sentence: its dollar signs are literal.

    >>> split_math(literal("price in $"))
    [(False, 'price in $')]
    """
    return text.replace("$", DOLLAR)


def numbers(*terms: Grid | str) -> Numbers:
    """Build `Numbers` from its terms."""
    return Numbers(tuple(terms))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Table:
    """Build a `Table` from any sequences."""
    return Table(tuple(header), tuple(tuple(row) for row in rows), tuple(right))
