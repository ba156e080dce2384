"""Detect whether the first line of a table holds names or values.

The test for each column: does its first value look like those below it? A number above numbers does, and so does a
word that occurs again below. A word above numbers does not. Consecutive years, or 1, 2, 3, …, are common column names,
so they count as names if the row below does not continue them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from pellucid.tables.words import is_usual_missing

_NUMBER = re.compile(r"[-+−(]?\s*[$€£]?\s*[-+]?(\d[\d' ]*([.,]\d+)*[.,]?|[.,]\d+)([eE][-+]?\d+)?\s*[%$€£)]?")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2}([ T].*)?)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([ T].*)?")

_MOSTLY = 0.8


def looks_headless(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first record holds values rather than names.

    >>> looks_headless(["5.1", "3.5", "setosa"], [["4.9", "3.0", "setosa"], ["6.2", "2.9", "virginica"]])
    True
    >>> looks_headless(["country", "2019", "2020"], [["A", "1.5", "2.5"], ["B", "3.5", "4.5"]])
    False
    """
    columns = [[row[place].strip() for row in below if place < len(row)] for place in range(len(first))]
    cells = [cell.strip() for cell in first]
    kinds = [_kind(cell) for cell in cells]
    numbers = [kind != "word" for kind in kinds]
    if _counts_on(cells, numbers, columns):
        return False
    votes, recurring, words = 0, 0, 0
    for cell, kind, column in zip(cells, kinds, columns, strict=True):
        known = [value for value in column if value and not is_usual_missing(value)]
        if not cell or is_usual_missing(cell):
            continue
        alike = [_kind(value) for value in known]
        of_column = next(
            (one for one in ("number", "date") if alike.count(one) >= max(1, _MOSTLY * len(known))), "word"
        )
        if of_column != "word":
            votes += 1 if kind == of_column else -2
        elif kind != "word":
            continue
        else:
            words += 1
            if cell in known:
                recurring += 1
                votes += 1
            elif len(set(known)) <= len(known) / 2:
                votes -= 1
    filled = sum(bool(cell) for cell in cells)
    if not below:
        return all(numbers)
    return votes > 0 and (2 * sum(numbers) > filled or (recurring > 0 and recurring == words))


def _kind(cell: str) -> str:
    """The form of a cell: date, number or word."""
    if _DATE.fullmatch(cell) and not re.fullmatch(r"\d+\.\d+", cell):
        return "date"
    return "number" if _NUMBER.fullmatch(cell) else "word"


def _counts_on(cells: Sequence[str], numbers: Sequence[bool], columns: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers of the first line increase by equal steps, as years or 1, 2, 3, and the second's do not."""
    counted = [int(cell) for cell, is_number in zip(cells, numbers, strict=True) if is_number and cell.isdecimal()]
    if len(counted) < sum(numbers) or len(counted) < 2:
        return False
    years = all(1800 <= number <= 2200 for number in counted)
    fewest = 2 if years else 3
    if len(counted) < fewest or not _steps(counted) or not (years or counted[0] in (0, 1)):
        return False
    second = [column[0] for column, is_number in zip(columns, numbers, strict=True) if is_number and column]
    if not second or not all(value.isdecimal() for value in second):
        return True
    goes_on = [int(value) for value in second]
    return not (all(1800 <= number <= 2200 for number in goes_on) if years else _steps(goes_on))


def _steps(counted: Sequence[int]) -> bool:
    steps = {later - earlier for earlier, later in itertools.pairwise(counted)}
    return len(steps) == 1 and steps != {0}
