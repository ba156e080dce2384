"""Prepare a file and the settings of `train` as a network with training rows, for `explain`, `check` and `diagnose`.

Columns are encoded, rows split and the network built as by `train`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pellucid.cli.experiment import Trained, sizes, train
from pellucid.cli.files import written_whole
from pellucid.cli.opening import Opened
from pellucid.cli.signs import visible
from pellucid.cli.terminal import Terminal
from pellucid.explanation.report import Report
from pellucid.models.encoded_table import EncodedTable, Floats
from pellucid.tables.errors import UserError, quoted


@dataclass(frozen=True)
class PreparedModel:
    """A prepared file with its settings, and the network after its training (of possibly 0 epochs)."""

    opened: Opened
    table: EncodedTable
    trained: Trained

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The classes as in the file; empty for regression."""
        return self.table.task.classes or (self.table.task.target,)

    def describe(self) -> str:
        """One line: the network, and the length of its training."""
        history = self.trained.history
        epochs = 0 if history is None else len(history)
        after = f"after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else "untrained"
        n_training = len(self.table.parts.training)
        return f"network {sizes(self.trained.network)}, {after}, on {n_training:,} rows to learn from"

    def chosen(self, rows: int | None, numbers: Collection[int]) -> Chosen:
        """The first `rows` training rows, or the rows of the file with these numbers."""
        table, y, weight = self.table, self.trained.y, self.trained.weight
        places = table.parts.training[:rows] if not numbers else self._places(numbers)
        return Chosen(
            table.X[places],
            y[places],
            None if weight is None else weight[places],
            tuple(f"row {number}" for number in table.row_numbers[places]),
        )

    def _places(self, numbers: Collection[int]) -> npt.NDArray[np.int64]:
        table = self.table
        place_of = {int(number): place for place, number in enumerate(table.row_numbers)}
        for number in numbers:
            if number > table.n_rows:
                raise UserError(f"--row must be a row of data from 1 to {table.n_rows:,}, got {number}")
            if number not in place_of:
                target = quoted(table.task.target)
                raise UserError(f"--row must be a row with a value of {target} to learn, got {number}")
        return np.array([place_of[number] for number in numbers], dtype=np.int64)


class Chosen(NamedTuple):
    """Selected rows: inputs, targets, weights, and names."""

    X: Floats
    y: Floats
    weight: Floats | None
    names: tuple[str, ...]


def prepare_model(opened: Opened, *, stop_early: bool = False) -> PreparedModel:
    """Prepare, split, build, and train for the given number of epochs, which may be 0.

    With `stop_early`, training ends as in `pellucid train`.
    """
    table = opened.encoded()
    return PreparedModel(opened, table, train(table, opened.plan, stop_early=stop_early))


def tell(console: Terminal, report: Report, out: Path | None) -> None:
    """Print a report, or write it to a file, completely or not at all."""
    if out is None:
        console.print(report, soft_wrap=True)
        return
    try:
        with written_whole(out) as part:
            report.save(part)
    except OSError as error:
        raise UserError(f"--out must be a file that can be written, got {quoted(out)}: {error.strerror}") from error
    console.print(f"{visible(report.title)}: written to {visible(out)}.")
