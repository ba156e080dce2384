"""Remarks: all decisions made while reading a table, so that they can be reported.

A remark concerns the file or a column. Columns with the same remark share one line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from pellucid.tables.errors import quoted

MAX_NAMES = 6
"""Columns to name in one line; the others are counted."""

MAX_WORDS = 3


@dataclass(frozen=True)
class Remark:
    """A decision; `column` is empty if it concerns the whole file."""

    what: str
    column: str = ""


@dataclass
class Remarks:
    """All decisions, in the order of the columns; `missing` holds the words taken as missing, with their counts."""

    made: list[Remark] = field(default_factory=list)
    missing: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, what: str, column: str = "") -> None:
        """Add a decision."""
        self.made.append(Remark(what, column))

    def columns(self) -> set[str]:
        """The columns that have remarks."""
        return {remark.column for remark in self.made}

    def about(self, column: str) -> str:
        """The remarks on a column, in brackets for the end of an error message; empty if there are none."""
        said = "; ".join(remark.what for remark in self.made if remark.column == column)
        return f" ({said})" if said else ""

    def take_as_missing(self, column: str, words: dict[str, int]) -> None:
        """Record the words of a column that became missing values, with their counts."""
        self.missing[column] = words

    def lines(self, *, without: Collection[str] = (), sentences: bool = False) -> list[str]:
        """One line per decision, combining columns; columns in `without` are omitted.

        With `sentences`, remarks on the file begin with a capital, and each ends with a full stop.

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
    """Column names separated by commas, at most `MAX_NAMES` of them.

    >>> names("abcdefgh")
    'a, b, c, d, e, f and 2 more'
    """
    columns = list(columns)
    more = f" and {len(columns) - MAX_NAMES} more" if len(columns) > MAX_NAMES else ""
    return ", ".join(columns[:MAX_NAMES]) + more


def words_and_counts(words: dict[str, int]) -> str:
    """The most frequent words with their counts.

    >>> words_and_counts({"nil": 3, "NA": 1061})
    '1,061 times "NA", 3 times "nil"'
    """
    ordered = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{count:,} times {quoted(word)}" if count > 1 else f"once {quoted(word)}" for word, count in ordered]
    rest = sum(count for _, count in ordered[MAX_WORDS:])
    more = f" and {rest:,} values of {len(ordered) - MAX_WORDS:,} other kinds" if rest else ""
    return ", ".join(shown[:MAX_WORDS]) + more


def _missing(of_columns: dict[str, dict[str, int]]) -> list[str]:
    """One line per column; columns that share one word share a line."""
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
