"""Split a table into training, validation and test rows, as arrays.

Nothing is fitted on rows of the test part: the encoder is fitted on the other rows only.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.model_selection import train_test_split

from pellucid.tables.columns import Columns, choose_columns
from pellucid.tables.encoder import TableEncoder
from pellucid.tables.errors import UserError
from pellucid.tables.suspicions import warnings_about
from pellucid.tables.targets import Target, fit_target
from pellucid.tables.tasks import Task, learnable_rows

MIN_ROWS_TO_VALIDATE = 100
"""Training rows below which a validation part would cost more than it is worth."""

VALIDATION_SHARE = 0.15

Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """Row indices; the baselines are fitted on `training` and `validation` together."""

    training: Indices
    validation: Indices
    test: Indices

    @property
    def train_valid(self) -> Indices:
        """All rows that are not held out."""
        return np.concatenate([self.training, self.validation])


@dataclass(frozen=True)
class EncodedTable:
    """A table as the inputs X and the targets y of a network, and how it was encoded.

    `encoder` made X and y, and encodes later tables in the same way. `row_numbers`, counted from 1, are the rows of X
    among the `n_rows` rows of the file.
    `remarks` are the decisions made while reading the file, `notes` are about rows and columns, one line each.
    """

    task: Task
    columns: Columns
    parts: Parts
    X: Floats
    y: npt.NDArray[Any]
    encoder: TableEncoder
    rows_without_target: int
    missing_values: int
    row_numbers: Indices = field(default_factory=lambda: np.zeros(0, np.int64))
    n_rows: int = 0
    n_columns: int = 0
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    words_without_target: str = ""

    @property
    def target(self) -> Target:
        """The encoding of the target; every encoded table has one."""
        assert self.encoder.target is not None
        return self.encoder.target

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of X's columns."""
        return self.encoder.input_names


def encode_table(
    table: pl.DataFrame,
    target: str,
    *,
    task: str,
    ignored: Collection[str],
    test_size: float,
    seed: int,
    said_of_target: str = "",
) -> EncodedTable:
    """Choose rows, task and columns, split, and encode the columns as numbers; `ignored` columns are left out.

    Raises
    ------
    UserError
        If the target cannot be learned, or `test_size` leaves too few rows in a part.
    """
    numbered = table.with_row_index(_unused_name(table.columns), offset=1)
    rows, chosen_task, notes = learnable_rows(numbered, target, asked=task, said_of_it=said_of_target)
    row_numbers, rows = rows.to_series(0).to_numpy().astype(np.int64), rows.drop(rows.columns[0])
    columns = choose_columns(table.drop(target), ignored=ignored)
    parts = split(chosen_task, test_size=test_size, seed=seed)
    goal = fit_target(chosen_task, parts.train_valid, numeric=rows[target].dtype == pl.Float64)
    encoder = TableEncoder.fit(rows[parts.train_valid], columns, target=goal)
    shared = [f"{name}: {few:,} of {every:,} values share one input" for name, (few, every) in encoder.shared.items()]
    return EncodedTable(
        task=chosen_task,
        columns=columns,
        parts=parts,
        X=encoder.transform(rows),
        y=encoder.transform_target(rows),
        encoder=encoder,
        rows_without_target=table[target].null_count(),
        missing_values=encoder.missing_values(rows),
        row_numbers=row_numbers,
        n_rows=table.height,
        n_columns=table.width,
        notes=(*notes, *shared, *warnings_about(table, rows, columns, chosen_task, parts.train_valid, parts.test)),
    )


def _unused_name(names: list[str]) -> str:
    return "row" + "'" * (1 + max(len(name) for name in names))


def split(task: Task, *, test_size: float, seed: int) -> Parts:
    """Hold out the test part, then a validation part if there are enough rows; stratified by class."""
    n_rows, n_classes = len(task.y), len(task.classes)
    n_test = math.ceil(test_size * n_rows)
    fewest = max(2, n_classes)
    if n_test < fewest or n_rows - n_test < fewest:
        each = f"one row of each of {n_classes} classes" if n_classes else "two rows"
        raise UserError(
            f"--test-size must leave at least {each} on either side, got {test_size:g} of {n_rows} rows "
            f"({n_rows - n_test} to learn from, {n_test} to test)"
        )
    everything = np.arange(n_rows, dtype=np.int64)
    known, test = _cut(everything, task, n_test, seed)
    if len(known) < MIN_ROWS_TO_VALIDATE:
        return Parts(known, known[:0], test)
    training, validation = _cut(known, task, math.ceil(VALIDATION_SHARE * len(known)), seed)
    return Parts(training, validation, test)


def _cut(rows: Indices, task: Task, size: int, seed: int) -> tuple[Indices, Indices]:
    y = task.y[rows]
    # A class with a single row left cannot be on both sides: then split without strata.
    stratify = y if task.classifies and np.unique(y, return_counts=True)[1].min() > 1 and size >= len(set(y)) else None
    first, second = train_test_split(rows, test_size=size, stratify=stratify, random_state=seed)
    return first, second
