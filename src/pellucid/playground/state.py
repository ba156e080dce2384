"""The state of a playground: its rows, its settings and their run; a change of one updates the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pellucid.maths.registry import unknown_name
from pellucid.model import Network
from pellucid.playground.presets import PRESETS, Preset
from pellucid.playground.rows.drawn import with_drawn
from pellucid.playground.rows.opened import opened
from pellucid.playground.rows.rows import DataError, Rows
from pellucid.playground.rows.sources import COORDINATES, Arrays, Points, Source, Table, ToySet, toy_rows
from pellucid.playground.runs.run import Run
from pellucid.playground.schema import OWN, SCHEMA
from pellucid.playground.settings import SettingError, Settings
from pellucid.training.data import check_data


class PlaygroundState:
    """Rows, settings and run of one session.

    Attributes
    ----------
    settings : Settings
    rows : Rows
    run : Run
    preset : Preset or None
        The loaded preset, until a setting changes.
    given : bool
        Whether a model or data was opened from Python, or data from the command line.
    """

    def __init__(self, settings: Settings, model: Any = None, data: Any = None) -> None:
        self.preset: Preset | None = None
        self.given = model is not None or data is not None
        self._pieces: list[str] = []
        self._source: Source | None = None  # of own rows
        self._drawn: tuple[list[float], ...] = ()  # points drawn into them by hand
        self._start: Any = None  # the weights of an opened model, with which `reset` starts
        self._seconds = self._since = 0.0
        theta = None
        if model is not None:
            settings, theta = opened(model, settings)
        if isinstance(data, Table):
            self._source = data
        elif data is not None:
            X, y = data
            self._source = Arrays(X, y, model)
        if self._source is not None:
            settings = settings.with_values(data=OWN, features=())
        elif theta is not None:
            raise DataError("data must be (X, y), rows that the model can be shown with, got None")
        self._renew(settings, theta=theta)

    # ---------------------------------------------------------------- new rows, a new run

    def _renew(self, settings: Settings, *, theta: Any = None, rows: Rows | None = None) -> None:
        """Start a new run with these settings; on an error everything stays as it is."""
        rows = self._rows_for(settings) if rows is None else rows
        settings = settings.with_values(features=rows.features_on)
        run = new_run(settings, rows, theta)
        self.settings, self.rows, self.run, self._start = settings, rows, run, theta
        self._seconds, self._since = 0.0, time.perf_counter() if self._since else 0.0

    def _rows_for(self, settings: Settings) -> Rows:
        if settings["data"] == OWN:
            if self._source is None:
                raise SettingError("data", "there is no own data yet: drop a CSV file on the page, or draw points")
            rows = self._source.rows(settings)
            return with_drawn(rows, self._drawn) if self._drawn else rows
        return toy_rows(settings)

    def set(self, changes: Mapping[str, Any]) -> bool:
        """Change settings; returns whether the page must be built anew."""
        settings = self.settings.changed(changes)
        changed = {name for name in settings if settings[name] != self.settings[name]}
        if "data" in changed and "features" not in changes:
            settings = settings.with_values(features=() if settings["data"] == OWN else COORDINATES)
        if changed - {"speed"}:
            self.preset = None
        if any(not SCHEMA[name].live for name in changed):
            # Rows stay unless a data setting changes: a table is not read again for another layer.
            touched = changed & {field.name for field in SCHEMA.values() if field.group == "data"}
            rows = self.rows if not touched else None
            if touched == {"features"}:
                rows = self._with_features(settings["features"])
            self._renew(settings, rows=rows)
            return True
        remade = self.settings.remakes_network(settings)
        self.settings = settings
        if changed - {"speed"}:
            self.run.change(settings)
        return remade

    def _with_features(self, names: Sequence[str]) -> Rows:
        try:
            return self.rows.with_features(names)
        except DataError as error:
            raise SettingError("features", str(error)) from error

    def reset(self) -> None:
        """Start again with the same settings; an opened network gets its own weights back."""
        self._renew(self.settings, theta=self._start, rows=self.rows)

    def take_back_settings(self) -> Settings:
        """After the run went back: restore the settings of that time, except the speed."""
        self.settings = self.run.settings.with_values(speed=self.settings["speed"])
        return self.settings

    def load_preset(self, name: str) -> None:
        """Load a preset's settings, and the defaults of all others."""
        if name not in PRESETS:
            raise SettingError("lesson", unknown_name("lesson", name, PRESETS))
        preset = PRESETS[name]
        self._renew(Settings().changed(preset.settings))
        self.preset = preset

    # ---------------------------------------------------------------- own rows

    def draw(self, points: Sequence[Sequence[float]], *, replace: bool) -> None:
        """Add points drawn by hand to the picture, or to an empty one with `replace`; weights are kept if they fit."""
        settings = self.settings.with_values(data=OWN)
        drawn = tuple(list(point) for point in points)
        source = self._source if self.settings["data"] == OWN else ToySet(self.settings)
        if replace:
            source = Points(drawn, self.rows.task)
        elif isinstance(source, Points):
            source = Points((*source.points, *drawn), source.task)
        assert source is not None
        kept: tuple[list[float], ...] = ()
        if isinstance(source, Points):
            rows = source.rows(settings)
        else:
            rows = with_drawn(self.rows, drawn)
            kept = (*(self._drawn if self.settings["data"] == OWN else ()), *drawn)
        self._renew_with_weights(settings, rows)
        self._source, self._drawn, self.preset = source, kept, None

    def take_table(self, name: str, part: int, parts: int, text: str) -> bool:
        """Add a piece of a CSV file; returns True after the last one, when its rows have become the data."""
        if part == 0:
            self._pieces = []
        if part != len(self._pieces) or not 0 <= part < parts:
            raise DataError(f"part {part} of {parts} of {name!r} came after {len(self._pieces)}: drop the file again")
        self._pieces.append(text)
        if part + 1 < parts:
            return False
        content, self._pieces = "".join(self._pieces), []
        table = Table(name, content)
        settings = self.settings.with_values(data=OWN, features=())
        self._renew(settings, rows=table.rows(settings))
        self._source, self._drawn, self.preset = table, (), None
        return True

    def use_columns(self, target: str | None, shown: Sequence[str] | None) -> str:
        """Choose the table's target, which starts a new run, or its two axes, which leaves training as it is.

        Returns a note for the person if points drawn by hand were dropped.
        """
        before = self.rows.table
        if before is None or self._source is None:
            raise DataError("There is no table whose columns could be chosen: drop a CSV file on the page first.")
        target = before["target"] if target is None else target
        shown = before["shown"] if shown is None else shown
        settings = self.settings
        if target != before["target"]:
            settings = settings.with_values(features=())
            shown = [name for name in shown if name != target]  # it may have been an axis
        source = self._source.using(str(target), shown)
        rows = source.rows(settings)
        drawn = len(self._drawn)
        if not drawn and np.array_equal(rows.X, self.rows.X) and np.array_equal(rows.y, self.rows.y):
            self.rows = rows
        elif target == before["target"]:
            self._renew_with_weights(settings, rows)
        else:
            self._renew(settings, rows=rows)
        self._source, self._drawn, self.preset = source, (), None
        return f"The points drawn by hand ({drawn}) are gone: they belonged to the columns of before." if drawn else ""

    def _renew_with_weights(self, settings: Settings, rows: Rows) -> None:
        """A run on other rows with the present weights if they fit; `reset` still restores the old first weights."""
        start, now = self._start, self.run.network
        same = settings.network(len(rows.on), len(rows.classes)).specs == now.specs
        self._renew(settings, rows=rows, theta=now.theta.copy() if same else None)
        self._start = start if same else None

    # ---------------------------------------------------------------- training time

    def start_clock(self) -> None:
        """Training begins."""
        self._since = time.perf_counter()

    def stop_clock(self) -> None:
        """Training pauses."""
        self._seconds, self._since = self.seconds, 0.0

    def timed(self, work: Callable[[], None]) -> None:
        """Do a single step and count its time."""
        began = time.perf_counter()
        work()
        self._seconds += time.perf_counter() - began

    @property
    def seconds(self) -> float:
        """Training time, wall clock."""
        return self._seconds + (time.perf_counter() - self._since if self._since else 0.0)


def new_run(settings: Settings, rows: Rows, theta: Any = None) -> Run:
    """A run at its start, with the given weights or weights drawn from the seed."""
    if rows.needed:
        # The rows cannot be trained on yet, but can be shown: with fresh weights.
        theta = None
    network: Network = settings.network(len(rows.on), len(rows.classes))
    random = np.random.default_rng(settings["seed"])
    if theta is None:
        network.initialize(settings["initializer"], random_state=random)
    else:
        network.theta = theta
    train, test = (check_data(network, *part) for part in ((rows.X_train, rows.y_train), (rows.X_test, rows.y_test)))
    return Run(settings, network, train, test, random, len(rows.classes), given=theta)
