"""What an explanation is made of, whatever it is written in: headings, sentences, formulas, numbers, tables.

Mathematics inside of sentences stands between dollar signs and is LaTeX, as in the registries. Each writer
(`terminal`, `html`, `latex`, `markdown`) turns these few blocks into its own language; none of them knows a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from pellucid.explanation.numbers import DIGITS, shown
from pellucid.maths.typing import Array

OPEN, CLOSE = r"\left(", r"\right)"
"""Brackets around several matrices, as signs between the terms of `Numbers`."""

DOLLAR = "\ue000"
"""What stands for a dollar sign that is one; of Unicode's private characters."""

FEW = 6
"""An axis of up to this many is shown whole."""

KEPT = 3
"""Of a longer axis, this many are shown."""


@dataclass(frozen=True)
class Axis:
    """Which of `size` rows or columns are shown."""

    size: int
    kept: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all are shown."""
        return len(self.kept) == self.size

    @classmethod
    def where_it_matters(cls, importance: Array) -> Axis:
        """All of a short axis; of a long one the most important, in their order.

        >>> Axis.where_it_matters(np.array([5, 1, 0, 0, 9, 0, 2, 0])).kept
        (0, 4, 6)
        """
        size = len(importance)
        if size <= FEW:
            return cls(size, tuple(range(size)))
        order = np.argsort(-np.nan_to_num(importance), kind="stable")
        return cls(size, tuple(sorted(int(i) for i in order[:KEPT])))

    def labels(self) -> list[str]:
        """The numbers that stand beside what is kept, counted from 1, and "" for the rest.

        >>> Axis(8, (0, 4)).labels()
        ['1', '5', '']
        """
        return ["" if i is None else str(i + 1) for i in self.gaps()]

    def gaps(self) -> list[int | None]:
        """The positions that are kept, counted from 0, and None in the end for all that are left out."""
        return list(self.kept) if self.is_whole else [*self.kept, None]


@dataclass(frozen=True)
class Grid:
    """A matrix with its name; a vector is a matrix of one row. `shape` is what the array's own shape is.

    `name` is LaTeX. Rows and columns that are left out show as dots, those that are kept with their numbers.
    """

    name: str
    values: Array
    rows: Axis
    columns: Axis
    shape: tuple[int, ...]
    digits: int = DIGITS

    @classmethod
    def of(cls, name: str, values: Array, rows: Axis | None, columns: Axis, digits: int = DIGITS) -> Grid:
        """A matrix; a vector where `rows` is None."""
        matrix = values.reshape(1, -1) if rows is None else values
        return cls(name, matrix, rows or Axis(1, (0,)), columns, tuple(values.shape), digits)

    @property
    def turned(self) -> Grid:
        """The transpose."""
        name = self.name if len(self.name) == 1 else f"({self.name})"
        return Grid(rf"{name}^{{\top}}", self.values.T, self.columns, self.rows, self.shape[::-1], self.digits)

    def cells(self) -> list[list[str]]:
        """The text of every cell that is shown; "" where something is left out."""
        columns = self.columns.gaps()
        return [
            ["" if i is None or j is None else shown(self.values[i, j], self.digits) for j in columns]
            for i in self.rows.gaps()
        ]

    @property
    def shape_text(self) -> str:
        """(n, h), as NumPy says it."""
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
    """A formula on a line of its own, in LaTeX."""

    latex: str


@dataclass(frozen=True)
class Numbers:
    """A formula with its numbers put in: matrices, and between them signs in LaTeX."""

    terms: tuple[Grid | str, ...]

    def chunks(self) -> list[list[Grid | str]]:
        """The terms in pieces that a line must not break: each matrix with the signs before it."""
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
    """Rows of short sentences below a header; columns named in `right` are numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = field(default=())


Block: TypeAlias = Heading | Prose | Formula | Numbers | Table


def split_math(text: str) -> list[tuple[bool, str]]:
    """A sentence in pieces, and whether each is mathematics.

    >>> split_math("the rate $\\\\eta$ is 1")
    [(False, 'the rate '), (True, '\\\\eta'), (False, ' is 1')]
    """
    pieces = enumerate(text.split("$"))
    return [(i % 2 == 1, piece.replace(DOLLAR, "$")) for i, piece in pieces if piece]


def literal(text: str) -> str:
    """Text of a user to put into a sentence: its dollar signs begin no mathematics.

    >>> split_math(literal("price in $"))
    [(False, 'price in $')]
    """
    return text.replace("$", DOLLAR)


def numbers(*terms: Grid | str) -> Numbers:
    """A formula with its numbers."""
    return Numbers(tuple(terms))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Table:
    """A table."""
    return Table(tuple(header), tuple(tuple(row) for row in rows), tuple(right))
