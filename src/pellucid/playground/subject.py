"""What a session is about: its rows, its settings and the run that they make; how a change of one moves the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.datasets import FEATURES
from pellucid.model import Network
from pellucid.playground.data import from_arrays, from_points, toy
from pellucid.playground.opened import opened
from pellucid.playground.presets import PRESETS, Preset
from pellucid.playground.rows import DataError, Rows
from pellucid.playground.run import Run
from pellucid.playground.schema import OWN, SCHEMA
from pellucid.playground.settings import SettingError, Settings
from pellucid.training.data import check_data

Source = Callable[[Settings], Rows]
"""Makes own rows, split and with features as the settings say."""


@dataclass
class Table:
    """A file that arrives in pieces, or is there; which columns of it are used."""

    name: str
    content: str | bytes | Path
    target: str | None = None
    shown: tuple[str, ...] = ()

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        # What reads tables takes half a second to load, and most pages never need it.
        from pellucid.playground.own_table import from_table

        return from_table(
            self.content, filename=self.name, target=self.target, shown=self.shown, seed=settings["seed"],
            test_share=settings["test_share"], features=settings["features"],
        )  # fmt: skip


class Subject:
    """Rows, settings, run.

    Attributes
    ----------
    settings : Settings
    rows : Rows
    run : Run
    preset : Preset or None
        The one that was loaded, until something is changed.
    given : bool
        Whether a model or data was opened from Python, or data from the command line.
    """

    def __init__(self, settings: Settings, model: Any = None, data: Any = None) -> None:
        self.preset: Preset | None = None
        self.given = model is not None or data is not None
        self._points: list[list[float]] = []
        self._pieces: list[str] = []
        self._own: Source | None = None
        self._table: Table | None = None
        self._seconds = self._since = 0.0
        theta = None
        if model is not None:
            settings, theta = opened(model, settings)
        if isinstance(data, Table):
            self._table, self._own = data, data.rows
        elif data is not None:
            X, y = data
            self._own = lambda chosen: from_arrays(
                X, y, model=model, test_share=chosen["test_share"], seed=chosen["seed"], features=chosen["features"]
            )
        if self._own is not None:
            settings = Settings(dict(settings) | {"data": OWN, "features": ()})
        elif theta is not None:
            raise DataError("data must be (X, y), rows that the model can be shown with, got None")
        self._renew(settings, theta=theta)

    # ---------------------------------------------------------------- new rows, a new run

    def _renew(self, settings: Settings, *, theta: Any = None, rows: Rows | None = None) -> None:
        """Take up other settings from their start; whatever cannot be made leaves all as it is."""
        rows = self._rows_for(settings) if rows is None else rows
        settings = Settings(dict(settings) | {"features": rows.features_on})
        run = new_run(settings, rows, theta)
        self.settings, self.rows, self.run = settings, rows, run
        self._seconds, self._since = 0.0, time.perf_counter() if self._since else 0.0

    def _rows_for(self, settings: Settings) -> Rows:
        if settings["data"] == OWN:
            if self._own is None:
                raise SettingError("data", "there is no own data yet: drop a CSV file on the page, or draw points")
            return self._own(settings)
        return toy(
            settings["data"], samples=settings["samples"], noise=settings["noise"], classes=settings["classes"],
            test_share=settings["test_share"], seed=settings["seed"], features=settings["features"],
        )  # fmt: skip

    def set(self, changes: Mapping[str, Any]) -> bool:
        """Change settings; whether the page needs to be built anew."""
        settings = self.settings.changed(changes)
        changed = {name for name in settings if settings[name] != self.settings[name]}
        if "data" in changed and "features" not in changes:
            settings = Settings(dict(settings) | {"features": () if settings["data"] == OWN else ("x1", "x2")})
        if changed - {"speed"}:
            self.preset = None
        if any(not SCHEMA[name].live for name in changed):
            # What does not touch the rows leaves them: a table is not read again for another layer.
            same = changed.isdisjoint(field.name for field in SCHEMA.values() if field.group == "data")
            self._renew(settings, rows=self.rows if same else None)
            return True
        self.settings = settings
        if changed - {"speed"}:
            self.run.change(settings)
        return not changed.isdisjoint(("activations", "dropout"))

    def reset(self) -> None:
        """The same settings from the start; a network that was opened has its own weights again."""
        self._renew(self.settings, theta=self.run.given, rows=self.rows)

    def moved(self) -> Settings:
        """After the run has gone back: the settings are those of then, but for the speed."""
        self.settings = Settings(dict(self.run.settings) | {"speed": self.settings["speed"]})
        return self.settings

    def load_preset(self, name: str) -> None:
        """A preset's settings, and the defaults for all that it does not name."""
        if name not in PRESETS:
            raise SettingError("lesson", f"there is no lesson {name!r}; there are {', '.join(PRESETS)}")
        preset = PRESETS[name]
        self._renew(Settings().changed(preset.settings))
        self.preset = preset

    # ---------------------------------------------------------------- own rows

    def draw(self, points: Sequence[Sequence[float]], *, replace: bool) -> None:
        """Add points drawn by hand, to none or to those drawn before. Weights stay where the shape allows it."""
        fresh = replace or self.rows.name != "points"
        drawn = ([] if fresh else list(self._points)) + [list(point) for point in points]
        task = self.rows.task

        def source(settings: Settings) -> Rows:
            return from_points(
                drawn, task=task, test_share=settings["test_share"], seed=settings["seed"],
                features=settings["features"],
            )  # fmt: skip

        features = tuple(name for name in self.settings["features"] if name in FEATURES)
        settings = Settings(dict(self.settings) | {"data": OWN, "features": features})
        rows = source(settings)
        network = settings.network(len(rows.on), len(rows.classes))
        theta = self.run.network.theta.copy() if network.specs == self.run.network.specs else None
        self._renew(settings, rows=rows, theta=theta)
        self._points, self._own, self._table, self.preset = drawn, source, None, None

    def take_table(self, name: str, part: int, parts: int, text: str) -> bool:
        """Take a piece of a CSV file; whether that was the last, and its rows are now learned from."""
        if part == 0:
            self._pieces = []
        if part != len(self._pieces) or not 0 <= part < parts:
            raise DataError(f"part {part} of {parts} of {name!r} came after {len(self._pieces)}: drop the file again")
        self._pieces.append(text)
        if part + 1 < parts:
            return False
        content, self._pieces = "".join(self._pieces), []
        self._use_table(Table(name, content))
        return True

    def use_columns(self, target: str | None, shown: Sequence[str] | None) -> None:
        """Learn another column of the table, or show others."""
        if self._table is None:
            raise DataError("there is no table whose columns could be chosen: drop a CSV file on the page first")
        before = self._table
        target = before.target if target is None else str(target)
        self._use_table(Table(before.name, before.content, target, tuple(map(str, shown or before.shown))))

    def _use_table(self, table: Table) -> None:
        before = self._own
        self._own = table.rows
        try:
            self._renew(Settings(dict(self.settings) | {"data": OWN, "features": ()}))
        except ValueError:
            self._own = before
            raise
        self._table, self.preset = table, None

    # ---------------------------------------------------------------- the time that training took

    def start_clock(self) -> None:
        """Training goes on."""
        self._since = time.perf_counter()

    def stop_clock(self) -> None:
        """Training rests."""
        self._seconds, self._since = self.seconds, 0.0

    def timed(self, work: Callable[[], None]) -> None:
        """Count what a single step takes."""
        began = time.perf_counter()
        work()
        self._seconds += time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Of training, by the clock on the wall."""
        return self._seconds + (time.perf_counter() - self._since if self._since else 0.0)


def new_run(settings: Settings, rows: Rows, theta: Any = None) -> Run:
    """A run at its start: weights drawn from the seed, or those that are given."""
    if rows.needed:
        # Nothing can be learned yet, but there is something to look at.
        theta = None
    network: Network = settings.network(len(rows.on), len(rows.classes))
    random = np.random.default_rng(settings["seed"])
    if theta is None:
        network.initialize(settings["initializer"], random_state=random)
    else:
        network.theta = theta
    train, test = (check_data(network, *part) for part in ((rows.X_train, rows.y_train), (rows.X_test, rows.y_test)))
    return Run(settings, network, train, test, random, len(rows.classes), given=theta)
