"""What was decided in reading a table, so that it can be said: nothing is lost without a word.

A remark belongs to the file, or to a column. Columns about which the same is to be said share one line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pellucid.tables.errors import quoted

MOST_NAMES = 6
"""Columns that are named in one line; the others are counted."""

MOST_WORDS = 3


@dataclass(frozen=True)
class Remark:
    """What was decided; `column` is empty where it is about the whole file."""

    what: str
    column: str = ""


@dataclass
class Remarks:
    """All that was decided, in the order of the columns; `missing` holds the words taken as missing, with counts."""

    made: list[Remark] = field(default_factory=list)
    missing: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, what: str, column: str = "") -> None:
        """One decision more."""
        self.made.append(Remark(what, column))

    def columns(self) -> set[str]:
        """The columns about which something was decided."""
        return {remark.column for remark in self.made}

    def about(self, column: str) -> str:
        """What was said of one column, in brackets for the end of an error; empty where nothing was."""
        said = "; ".join(remark.what for remark in self.made if remark.column == column)
        return f" ({said})" if said else ""

    def take_as_missing(self, column: str, words: dict[str, int]) -> None:
        """The words of a column that became missing values, with the count of each."""
        self.missing[column] = words

    def lines(self, *, without: Collection[str] = (), sentences: bool = False) -> list[str]:
        """A line for each decision, those of many columns together; nothing about the columns `without`.

        As `sentences`, what is about the file begins with a capital, and each ends with a point.

        >>> remarks = Remarks()
        >>> remarks.add("numbers with decimal commas", "x")
        >>> remarks.add("numbers with decimal commas", "z")
        >>> remarks.take_as_missing("isig", {"nil": 1061})
        >>> remarks.lines()
        ['x, z: numbers with decimal commas', 'isig: 1,061 times "nil", taken as missing']
        """
        grouped: dict[str, list[str]] = {}
        for remark in self.made:
            if remark.column not in without:
                grouped.setdefault(remark.what, []).append(remark.column)
        said = [f"{names(columns)}: {what}" if columns[0] else what for what, columns in grouped.items()]
        if sentences:
            of_file = [not columns[0] for columns in grouped.values()]
            said = [line[:1].upper() + line[1:] if own else line for line, own in zip(said, of_file, strict=True)]
        said += _missing({name: words for name, words in self.missing.items() if name not in without})
        return [f"{line.removesuffix('.')}." for line in said] if sentences else said


def names(columns: Iterable[str]) -> str:
    """Columns with commas, the first few of many.

    >>> names("abcdefgh")
    'a, b, c, d, e, f and 2 more'
    """
    columns = list(columns)
    more = f" and {len(columns) - MOST_NAMES} more" if len(columns) > MOST_NAMES else ""
    return ", ".join(columns[:MOST_NAMES]) + more


def words_and_counts(words: dict[str, int]) -> str:
    """Words with how often they occur, the commonest of many.

    >>> words_and_counts({"nil": 3, "NA": 1061})
    '1,061 times "NA", 3 times "nil"'
    """
    ordered = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count:,} times {quoted(word)}" if count > 1 else f"once {quoted(word)}" for word, count in ordered]
    rest = sum(count for _, count in ordered[MOST_WORDS:])
    more = f" and {rest:,} values of {len(ordered) - MOST_WORDS:,} other kinds" if rest else ""
    return ", ".join(shown[:MOST_WORDS]) + more


def _missing(of_columns: dict[str, dict[str, int]]) -> list[str]:
    """A line a column; columns that share one word share a line."""
    lines = []
    shared: dict[str, dict[str, int]] = {}
    for column, words in of_columns.items():
        if len(words) == 1:
            [(word, count)] = words.items()
            shared.setdefault(word, {})[column] = count
        else:
            lines.append(f"{column}: {words_and_counts(words)}, taken as missing")
    for word, counts in shared.items():
        if len(counts) == 1:
            [(column, count)] = counts.items()
            lines.append(f"{column}: {words_and_counts({word: count})}, taken as missing")
        else:
            counted = [f"{column} ({count:,})" for column, count in counts.items()]
            lines.append(f"{quoted(word)} taken as missing in {len(counts)} columns: {names(counted)}")
    return lines
