"""Encode the chosen columns of a table as the inputs X of a network, in the same way for every later file.

An encoder is fitted once, on the training rows. It holds names, kinds, medians, means, deviations and categories, but
no rows; `as_json` returns all of its state.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from pellucid.tables.columns import Columns, categories_allowed, rare_below
from pellucid.tables.conversion import as_labels, as_numbers, as_times
from pellucid.tables.errors import UserError, did_you_mean, listed, quoted
from pellucid.tables.targets import Floats, Target, target_as_json, target_from_json

MISSING_CATEGORY = "(missing)"


@dataclass(frozen=True)
class NumberInput:
    """One input, (value − mean)/scale, of the column `column`; a missing value becomes the median.

    `missing` holds mean and scale of a second input, which is 1 before it is scaled if the value is missing, else 0. It
    is None if no training row misses the value.
    A time has several of these.
    """

    name: str
    column: str
    median: float
    mean: float
    scale: float
    missing: tuple[float, float] | None = None


@dataclass(frozen=True)
class TimeColumn:
    """A column of dates; `clock`: with times of day. `zone` is the time zone of its clock, if it names one."""

    name: str
    clock: bool
    zone: str | None = None

    def parts(self, when: pl.Series) -> Iterator[tuple[str, pl.Series]]:
        """Days since 1970, and the place in the year and the week (with `clock`: the day) as a point on a circle.

        On a circle December is next to January.
        """
        clock = when.dt
        seconds = clock.hour().cast(pl.Float64) * 3600 + clock.minute().cast(pl.Float64) * 60
        day = (seconds + clock.second() + clock.microsecond() / 1e6) / 86_400
        yield f"{self.name} (days)", clock.date().cast(pl.Int32).cast(pl.Float64) + day
        turns = {"year": (clock.ordinal_day() - 1) / 365.25, "week": (clock.weekday() - 1) / 7}
        if self.clock:
            turns["day"] = day
        for period, turn in turns.items():
            yield f"{self.name} (sin of {period})", (turn * 2 * math.pi).sin()
            yield f"{self.name} (cos of {period})", (turn * 2 * math.pi).cos()


@dataclass(frozen=True)
class CategoryColumn:
    """A column of text: a 0/1 input for each category in `kept`, and one for all others if `rare` holds any.

    Without `rare`, a category that was not seen in training is 0 everywhere. A missing value is a category.
    """

    name: str
    kept: tuple[str, ...]
    rare: tuple[str, ...] = ()

    @property
    def n_inputs(self) -> int:
        """The number of inputs."""
        return len(self.kept) + bool(self.rare)


@dataclass(frozen=True)
class Input:
    """An input of the network: its name, the column that it is made of, and value = input · scale + mean."""

    name: str
    column: str
    mean: float = 0.0
    scale: float = 1.0
    category: bool = False


@dataclass(frozen=True)
class TableEncoder:
    """Encodes the columns of a table as X (n, p), as fitted on training rows; and its target, if it has one.

    The order of inputs is: numbers (several per time), indicators of missing numbers, categories. Numbers have mean 0
    and standard deviation 1 in the training rows.

    A later table may have its columns in another order, more columns, no target, categories that were not seen, dates
    without times of day. Values are converted if a column was read as another kind (`conversion`). Columns that are
    missing or cannot be converted raise a `UserError` that names them.

    >>> from pellucid.tables.columns import choose_columns
    >>> table = pl.DataFrame({"size": [1.0, 3.0, None], "shape": ["round", "flat", "round"]})
    >>> encoder = TableEncoder.fit(table, choose_columns(table))
    >>> encoder.input_names
    ('size', 'size is missing', 'shape = flat', 'shape = round')
    >>> encoder.transform(pl.DataFrame({"shape": ["flat", "oval"], "size": [2.0, 2.0]}))[:, [0, 2, 3]]
    array([[0., 1., 0.],
           [0., 0., 0.]])
    """

    numbers: tuple[NumberInput, ...]
    times: tuple[TimeColumn, ...]
    categories: tuple[CategoryColumn, ...]
    target: Target | None = None

    @classmethod
    def fit(
        cls, rows: pl.DataFrame, columns: Columns, *, target: Target | None = None, max_categories: int | None = None
    ) -> TableEncoder:
        """Fit medians, means, deviations and categories on the training `rows`.

        Of a text column at most `max_categories` inputs are made (None: by the number of rows, `categories_allowed`);
        rare categories share one.
        """
        times = tuple(
            TimeColumn(name, name in columns.with_clock, getattr(rows[name].dtype, "time_zone", None))
            for name in columns.times
        )
        numbers = _fit_numbers(list(_series_of_numbers(rows, columns.numbers, times)))
        return cls(numbers, times, _fit_categories(rows, columns.categories, max_categories), target)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have, without the target."""
        timed = {time.name for time in self.times}
        plain = [one.name for one in self.numbers if one.column not in timed]
        return (*plain, *(time.name for time in self.times), *(one.name for one in self.categories))

    @property
    def inputs(self) -> tuple[Input, ...]:
        """A description of each column of X."""
        made = [Input(one.name, one.column, one.mean, one.scale) for one in self.numbers]
        made += [Input(f"{one.name} is missing", one.column, *one.missing) for one in self.numbers if one.missing]
        for column in self.categories:
            names = [f"{column.name} = {category}" for category in column.kept]
            names += [f"{column.name} = (rare)"] if column.rare else []
            made += [Input(name, column.name, category=True) for name in names]
        return tuple(made)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of X's columns."""
        return tuple(one.name for one in self.inputs)

    @property
    def shared(self) -> dict[str, tuple[int, int]]:
        """For each text column with more than one rare category: how many share an input, and how many there are."""
        counts = {one.name: (len(one.rare), len(one.kept) + len(one.rare)) for one in self.categories}
        return {name: (rare, known) for name, (rare, known) in counts.items() if rare > 1}

    def transform(self, table: pl.DataFrame) -> Floats:
        """The inputs X (n, p) of the rows of a table that has all `columns`.

        Raises
        ------
        UserError
            If a column is missing or its values cannot be read, with the column's name.
        """
        self._refuse_missing(self.columns, table)
        X = np.zeros((table.height, len(self.inputs)))
        values = self._numbers_of(table)
        place = len(self.numbers)
        for number, (one, column) in enumerate(zip(self.numbers, values, strict=True)):
            X[:, number] = (column.fill_null(one.median).to_numpy() - one.mean) / one.scale
            if one.missing is not None:
                mean, scale = one.missing
                X[:, place] = (column.is_null().to_numpy().astype(np.float64) - mean) / scale
                place += 1
        for category in self.categories:
            codes = _codes(category, table[category.name])
            seen = codes >= 0
            X[np.flatnonzero(seen), place + codes[seen]] = 1.0
            place += category.n_inputs
        return X

    def missing_values(self, table: pl.DataFrame) -> int:
        """How many values of the inputs are missing in a table: each part of a time counts."""
        texts = sum(table[one.name].null_count() for one in self.categories)
        return texts + sum(column.null_count() for column in self._numbers_of(table))

    def transform_target(self, table: pl.DataFrame) -> npt.NDArray[Any]:
        """The target of a table's rows as numbers (n,): of classes, or standardised.

        Raises
        ------
        UserError
            If the encoder has no target, or the table has not this column, or rows without a value in it.
        """
        if self.target is None:
            raise UserError("this encoder was fitted without a target")
        self._refuse_missing([self.target.name], table)
        column = table[self.target.name]
        if column.null_count():
            raise UserError(
                f"FILE must have a value of {quoted(column.name)} in each row, got {column.null_count():,} rows "
                f"of {len(column):,} without"
            )
        return self.target.encode(column)

    def with_target(self, target: Target | None) -> TableEncoder:
        """The same inputs, another target."""
        return replace(self, target=target)

    def as_json(self) -> dict[str, Any]:
        """The complete state as values for `json.dumps`; `from_json` restores an equal encoder."""
        return {
            "numbers": [asdict(one) | {"missing": one.missing and list(one.missing)} for one in self.numbers],
            "times": [asdict(one) for one in self.times],
            "categories": [
                {"name": one.name, "kept": list(one.kept), "rare": list(one.rare)} for one in self.categories
            ],
            "target": None if self.target is None else target_as_json(self.target),
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> TableEncoder:
        """The encoder that `as_json` described."""
        return cls(
            tuple(
                NumberInput(**one | {"missing": one["missing"] and tuple(one["missing"])}) for one in state["numbers"]
            ),
            tuple(TimeColumn(**one) for one in state["times"]),
            tuple(CategoryColumn(one["name"], tuple(one["kept"]), tuple(one["rare"])) for one in state["categories"]),
            None if state["target"] is None else target_from_json(state["target"]),
        )

    def _numbers_of(self, table: pl.DataFrame) -> list[pl.Series]:
        """The values of each of `numbers`, missing ones null."""
        timed = {time.name for time in self.times}
        plain = [one.column for one in self.numbers if one.column not in timed]
        return [values for _, _, values in _series_of_numbers(table, plain, self.times)]

    def _refuse_missing(self, names: Sequence[str], table: pl.DataFrame) -> None:
        missing = [name for name in names if name not in table.columns]
        if missing:
            hint = did_you_mean(missing[0], table.columns) if len(missing) == 1 else ""
            raise UserError(
                f"FILE must have the columns that the model was trained on, got none called {listed(missing)}"
                f"{hint or '.'} Columns: {listed(table.columns)}"
            )


def _series_of_numbers(
    table: pl.DataFrame, numbers: Sequence[str], times: Sequence[TimeColumn]
) -> Iterator[tuple[str, str, pl.Series]]:
    """Name, column and values of each input that is a number, times after numbers."""
    for name in numbers:
        yield name, name, as_numbers(table[name])
    for time in times:
        for name, part in time.parts(as_times(table[time.name], time.zone)):
            yield name, time.name, part


def _fit_numbers(found: Sequence[tuple[str, str, pl.Series]]) -> tuple[NumberInput, ...]:
    if not found:
        return ()
    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    filled = imputer.fit_transform(pl.DataFrame({str(place): values for place, (_, _, values) in enumerate(found)}))
    scaler = StandardScaler().fit(filled)
    medians = np.nan_to_num(imputer.statistics_)  # a column without any value becomes 0
    units = [(float(mean), float(scale)) for mean, scale in zip(scaler.mean_, scaler.scale_, strict=True)]
    missing = dict(zip(imputer.indicator_.features_.tolist(), units[len(found) :], strict=True))
    return tuple(
        NumberInput(name, column, float(medians[place]), *units[place], missing.get(place))
        for place, (name, column, _) in enumerate(found)
    )


def _fit_categories(rows: pl.DataFrame, names: Sequence[str], max_categories: int | None) -> tuple[CategoryColumn, ...]:
    if not names:
        return ()
    encoder = OneHotEncoder(
        max_categories=max_categories or categories_allowed(rows.height, len(names)),
        min_frequency=rare_below(rows.height),
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
    ).fit(rows.select(pl.col(names).cast(pl.String).fill_null(MISSING_CATEGORY)).to_numpy().astype(object))
    fitted = []
    for name, known, infrequent in zip(names, encoder.categories_, encoder.infrequent_categories_, strict=True):
        rare = () if infrequent is None else tuple(infrequent)
        fitted.append(CategoryColumn(name, tuple(one for one in known if one not in set(rare)), rare))
    return tuple(fitted)


def _codes(category: CategoryColumn, column: pl.Series) -> npt.NDArray[np.int64]:
    """The place of each value's category (n,); those that are not kept come last if they have an input, else are -1."""
    labels = as_labels(column, (*category.kept, *category.rare)).fill_null(MISSING_CATEGORY)
    other = len(category.kept) if category.rare else -1
    codes = labels.replace_strict(category.kept, range(len(category.kept)), default=other, return_dtype=pl.Int64)
    return codes.to_numpy()
