"""Rows of a table: a file, or the text of one that was dropped on the page.

Numbers are standardised (mean 0, deviation 1), text is one-hot encoded, both fitted on the training rows alone. The
axes of the picture are in the units of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from pellucid.datasets import split_rows
from pellucid.playground.limits import MAX_CLASSES, MAX_INPUTS, MAX_ROWS, MAX_TEXT
from pellucid.playground.rows.rows import (
    DataError,
    Floats,
    Range,
    Rows,
    check_test_share,
    distinct,
    switched_on,
    widened,
)
from pellucid.tables.columns import MIN_CATEGORIES, Columns, choose_columns
from pellucid.tables.encoder import Input, TableEncoder
from pellucid.tables.errors import UserError, did_you_mean, in_plain_words, listed, quoted
from pellucid.tables.files import Reading, read
from pellucid.tables.suspicions import warnings_about
from pellucid.tables.tasks import Task, learnable_rows


def from_table(
    source: Path | str | bytes,
    *,
    filename: str = "table.csv",
    target: str | None = None,
    shown: Sequence[str] = (),
    test_share: float = 25.0,
    seed: int = 0,
    features: Sequence[str] = (),
) -> Rows:
    """Rows of a CSV (any usual separator, plain or gzipped) or Parquet file: its path, its text or its bytes.

    Without a `target` it is the last column that can be learned; `shown` names the columns of the picture's axes,
    else they are the first two of numbers. Unknown `features` are ignored; none means all.

    >>> text = "size,colour,kind\\n" + "1.5,red,owl\\n2.5,blue,wren\\n3,red,owl\\n0.5,blue,wren\\n" * 5
    >>> rows = from_table(text)
    >>> rows.table["target"], rows.classes, rows.names
    ('kind', ('owl', 'wren'), ('size', 'colour = blue', 'colour = red'))

    Raises
    ------
    DataError
        If nothing can be learned, in a sentence for the person who dropped the file.
    """
    check_test_share(test_share)
    try:
        reading = _read(source, filename)
        return _rows(reading, _safe(filename), target, shown, test_share, seed, features)
    except UserError as error:
        raise DataError(in_plain_words(error)) from error


# Reading ----------------------------------------------------------------------------------------------------------


def _read(source: Path | str | bytes, filename: str) -> Reading:
    """The table and the decisions made in reading it, as on the command line."""
    if isinstance(source, Path):
        return read(source)
    content = source.encode("utf-8", errors="replace") if isinstance(source, str) else source
    if len(content) > MAX_TEXT:
        raise DataError(
            f"The file must be at most {MAX_TEXT // 1_000_000} MB, got {len(content) / 1e6:.1f} MB: "
            "drop columns or rows that are not needed."
        )
    undecoded = isinstance(source, str) and "\ufffd" in source
    if undecoded and b"\0" in content[:4096]:
        raise DataError("The file must be encoded in UTF-8, and looks like UTF-16: save it as CSV (UTF-8).")
    reading = read(content, name=_safe(filename))
    if undecoded:
        reading.remarks.add("some letters could not be read: the file is not encoded in UTF-8")
    return reading


def _safe(filename: str) -> str:
    """A file name from the page, without folders or special characters."""
    name = re.sub(r"[^\w.\- ]", "_", Path(filename).name)[-80:].strip(". ")
    return name or "table.csv"


# Target ----------------------------------------------------------------------------------------------------------


def _rows(
    reading: Reading,
    name: str,
    target: str | None,
    shown: Sequence[str],
    test_share: float,
    seed: int,
    features: Sequence[str],
) -> Rows:
    table, notes = reading.table, reading.remarks.lines(sentences=True)
    for wanted in [*([target] if target is not None else []), *shown]:
        if wanted not in table.columns:
            hint = did_you_mean(wanted, table.columns)
            raise DataError(f"The table has no column {quoted(wanted)}{hint}. Columns: {listed(table.columns)}")
    if table.width < 2:
        raise DataError(f"The table must have a target and a column to learn it from, got {quoted(table.columns[0])}.")
    if table.height > MAX_ROWS:
        notes.append(f"{MAX_ROWS:,} of {table.height:,} rows, drawn at random.")
        table = table.sample(MAX_ROWS, seed=seed)
    target = _likely_target(table) if target is None else target
    rows, task, said = _task(table, target, reading.remarks.about(target))
    if without := table[target].null_count():
        notes.append(f"{without:,} rows without {quoted(target)} are left out.")
    notes += [_sentence(one) for one in said]
    columns = choose_columns(table.drop(target))
    notes += [f"{quoted(column)} is left out: {reason}." for column, reason in columns.left_out.items()]
    kind: Literal["classification", "regression"] = "classification" if task.classifies else "regression"
    train, test = split_rows(task.y, test_share=check_test_share(test_share) / 100, random_state=seed)
    notes += [
        in_plain_words(UserError(_sentence(one))) for one in warnings_about(table, rows, columns, task, train, test)
    ]
    numbers, inputs = _numbers(rows, columns, train, notes)
    y, unit = _standardised(task.y, train, notes) if kind == "regression" else (task.y, (0.0, 1.0))
    first, second = _axes(shown, target, inputs)
    points = np.column_stack([_in_own_unit(numbers, inputs, place) for place in (first, second)])
    names = distinct([one.name for one in inputs])
    return Rows(
        name=name,
        task=kind,
        inputs=numbers,
        names=names,
        labels=names,
        on=switched_on([one for one in features if one in names] or names, names),
        y=y,
        classes=task.classes,
        train=train,
        test=test,
        points=points,
        ranges=(_range(points[:, 0]), _range(points[:, 1])),
        axes=(inputs[first].name, inputs[second].name if second is not None else ""),
        plane=_plane(numbers[train], inputs, first, second),
        value_range=(float(y.min()), float(y.max())),
        table={
            "columns": table.columns,
            "target": target,
            "shown": [inputs[first].column, inputs[second if second is not None else first].column],
            "rows": rows.height,
        },
        notes=tuple(notes),
        unit=unit,
    )


def _likely_target(table: pl.DataFrame) -> str:
    """The last column that can be learned and is no row number; if none can, the last, whose error says why."""
    possible = []
    for column in reversed(table.columns):
        try:
            _task(table, column)
            choose_columns(table.drop(column))
            possible.append(column)
            choose_columns(table.select(column))  # a column without information as an input is no likely target
        except (UserError, DataError):
            continue
        return column
    return possible[0] if possible else table.columns[-1]


def _task(table: pl.DataFrame, target: str, said_of_it: str = "") -> tuple[pl.DataFrame, Task, tuple[str, ...]]:
    """The rows with a target, the task, and remarks on the rows left out."""
    rows, task, said = learnable_rows(table, target, said_of_it=said_of_it)
    if len(task.classes) > MAX_CLASSES:
        if rows[target].dtype == pl.Float64:  # more whole numbers than colours: they are values
            return learnable_rows(table, target, asked="regression")
        raise DataError(
            f"The target must have at most {MAX_CLASSES} classes here, got {quoted(target)} with {len(task.classes)}: "
            "choose another column, or join the rare ones."
        )
    return rows, task, said


def _sentence(remark: str) -> str:
    return remark if remark.endswith((".", "?", "?)")) else f"{remark}."


def _standardised(y: npt.NDArray[Any], train: Any, notes: list[str]) -> tuple[Floats, tuple[float, float]]:
    mean, scale = float(y[train].mean()), float(y[train].std())
    scale = scale if scale > 0 else 1.0
    notes.append(f"The target is brought to mean 0 and deviation 1: (value − {mean:.6g}) / {scale:.6g}.")
    return (y - mean) / scale, (mean, scale)


# Numbers ----------------------------------------------------------------------------------------------------------


def _numbers(rows: pl.DataFrame, columns: Columns, train: Any, notes: list[str]) -> tuple[Floats, list[Input]]:
    """The inputs (n, P) and a description of each."""
    encoder = TableEncoder.fit(rows[train], columns, max_categories=MIN_CATEGORIES)
    for column, (few, every) in encoder.shared.items():
        notes.append(f"{quoted(column)}: {few:,} of {every:,} values share one input.")
    inputs, matrix = list(encoder.inputs), encoder.transform(rows)
    if missing := encoder.missing_values(rows):
        notes.append(f"{missing:,} missing values: the median for a number, a category of its own for text.")
    if len(inputs) > MAX_INPUTS:
        notes.append(f"The first {MAX_INPUTS} of {len(inputs)} inputs are used.")
        inputs, matrix = inputs[:MAX_INPUTS], matrix[:, :MAX_INPUTS]
    return np.ascontiguousarray(matrix), inputs


# The picture ------------------------------------------------------------------------------------------------------


def _axes(shown: Sequence[str], target: str, inputs: list[Input]) -> tuple[int, int | None]:
    """The inputs on the picture's axes: those of `shown`, then numbers before categories."""
    places: list[int] = []
    for name in dict.fromkeys(shown):
        if name == target:
            raise DataError(f"The picture's axes must be other columns than the target, got {quoted(name)}.")
        of_column = [place for place, one in enumerate(inputs) if one.column == name]
        if not of_column:
            raise DataError(f"The picture's axes must be columns that are used, got {quoted(name)}, which is left out.")
        places.append(of_column[0])
    for wants_category in (False, True):
        for place, one in enumerate(inputs):
            if one.category is wants_category and one.column not in {inputs[taken].column for taken in places}:
                places.append(place)
    return places[0], places[1] if len(places) > 1 else None


def _in_own_unit(numbers: Floats, inputs: list[Input], place: int | None) -> Floats:
    if place is None:
        return np.zeros(len(numbers))
    return numbers[:, place] * inputs[place].scale + inputs[place].mean


def _range(values: Floats) -> Range:
    return widened(float(values.min()), float(values.max()))


def _plane(train: Floats, inputs: list[Input], first: int, second: int | None) -> Callable[[Floats], Floats]:
    """The inputs at points of the picture: numbers that are not shown at their mean, text at its commonest category."""
    middle = np.zeros(len(inputs))
    for column in dict.fromkeys(one.column for one in inputs if one.category):
        of_column = [place for place, one in enumerate(inputs) if one.category and one.column == column]
        middle[of_column[int(train[:, of_column].sum(axis=0).argmax())]] = 1.0

    def plane(at: Floats) -> Floats:
        filled = np.tile(middle, (len(at), 1))
        for axis, place in enumerate((first, second)):
            if place is not None:
                filled[:, place] = (at[:, axis] - inputs[place].mean) / inputs[place].scale
        return filled

    return plane
