"""Check the file, names and columns of a command before anything heavy is imported."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pellucid.cli.options import column_names
from pellucid.cli.settings import Settings
from pellucid.tables.errors import UserError, did_you_mean, listed, quoted
from pellucid.tables.sources import read_bytes

if TYPE_CHECKING:
    import polars as pl

    from pellucid.cli.plan import Plan
    from pellucid.models.encoded_table import EncodedTable
    from pellucid.tables.files import Reading


@dataclass(frozen=True)
class Opened:
    """A validated table with the given columns, and validated settings."""

    settings: Settings
    plan: Plan
    reading: Reading
    ignored: list[str]

    def encoded(self) -> EncodedTable:
        """The table as arrays, with what was decided in reading it."""
        from pellucid.models.encoded_table import encode_table
        from pellucid.tables.remarks import words_and_counts

        settings, remarks = self.settings, self.reading.remarks
        table = encode_table(
            self.reading.table,
            settings.target,
            task=settings.task,
            ignored=self.ignored,
            test_size=settings.test_size,
            seed=settings.seed,
            said_of_target=remarks.about(settings.target),
        )
        words = remarks.missing.pop(settings.target, {})
        return replace(
            table,
            remarks=tuple(remarks.lines(without=self.ignored)),
            words_without_target=words_and_counts(words) if words else "",
        )


def open_table(settings: Settings) -> Opened:
    """Run the cheapest checks first: whether the file exists needs no library at all."""
    data = read_bytes(settings.file)

    from pellucid.cli.plan import plan_for

    plan = plan_for(settings)

    from pellucid.tables.files import read

    reading = read(data, name=str(settings.file), header=settings.header)
    ignored = ignored_columns(settings.ignore, reading.table.columns)
    refuse_unknown(reading.table, settings.target, ignored)
    return Opened(settings, plan, reading, ignored)


def ignored_columns(given: Collection[str], known: Collection[str]) -> list[str]:
    """The columns of all `--ignore` options: each is a name, or names separated by commas.

    >>> ignored_columns(["total, net", "last, first"], ["total", "net", "last, first"])
    ['total', 'net', 'last, first']
    """
    names = [[text] if text in known else column_names(text) for text in given]
    return list(dict.fromkeys(itertools.chain.from_iterable(names)))


def refuse_unknown(table: pl.DataFrame, target: str, ignored: Collection[str]) -> None:
    """Refuse a column that does not exist, with a suggestion."""
    for option, name in [("--target", target), *(("--ignore", one) for one in ignored)]:
        if name not in table.columns:
            hint = did_you_mean(name, table.columns)
            headless = "" if hint else _is_value(table, name) or _looks_headless(table.columns)
            raise UserError(
                f"{option} must be a column of the file, got {quoted(name)}{hint or headless or '.'} "
                f"Columns: {listed(table.columns)}"
            )
    if target in ignored:
        raise UserError(f"--ignore must not name the target, got {quoted(target)}")


def _is_value(table: pl.DataFrame, name: str) -> str:
    """A hint if the name is a value in the first line of a table without column names."""
    if table.columns[0] != "column 1":
        return ""
    import polars as pl

    for column in table.select(pl.col(pl.String)).iter_columns():
        if (column == name).any():
            return (
                f"; the first line holds values, not names, and this is a value of {quoted(column.name)}: "
                f"--target {quoted(column.name)} (or --header, if it is a line of names)."
            )
    return "; the first line holds values, not names (--header, if it is a line of names)."


def _looks_headless(names: list[str]) -> str:
    numbers = [name for name in names if name.replace(".", "", 1).lstrip("-").isdigit()]
    if not numbers:
        return ""
    return "; the first line looks like data: is the line of column names missing? (--no-header)"
