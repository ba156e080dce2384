"""Origins of own rows: a file, arrays, points drawn by hand, a toy set with points drawn into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from pellucid.datasets import FEATURES
from pellucid.playground.rows.data import TARGET, from_arrays, toy
from pellucid.playground.rows.drawn import from_points
from pellucid.playground.rows.rows import DataError, Rows
from pellucid.playground.settings import Settings

COORDINATES = ("x1", "x2")


class Source(Protocol):
    """Makes rows, with the split and the features of the settings."""

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        ...

    def using(self, target: str, shown: Sequence[str]) -> Source:
        """A copy with another target, or other columns as the picture's axes."""
        ...


@dataclass(frozen=True)
class Table:
    """A table by its content or path, with the chosen target and axes."""

    name: str
    content: str | bytes | Path
    target: str | None = None
    shown: tuple[str, ...] = ()

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        # polars takes half a second to import, and most pages never need it.
        from pellucid.playground.rows.own_table import from_table

        return from_table(
            self.content, filename=self.name, target=self.target, shown=self.shown, seed=settings["seed"],
            test_share=settings["test_share"], features=settings["features"],
        )  # fmt: skip

    def using(self, target: str, shown: Sequence[str]) -> Table:
        """A copy with other columns."""
        return replace(self, target=target, shown=tuple(shown))


@dataclass(frozen=True, eq=False)
class Arrays:
    """X and y from Python, and the model opened with them."""

    X: Any
    y: Any
    model: Any = None
    shown: tuple[str, ...] = ()

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        return from_arrays(
            self.X, self.y, model=self.model, test_share=settings["test_share"], seed=settings["seed"],
            features=settings["features"], shown=self.shown,
        )  # fmt: skip

    def using(self, target: str, shown: Sequence[str]) -> Arrays:
        """A copy with other axes; the target is always y."""
        if target != TARGET:
            raise DataError(f"What is learned of arrays is {TARGET}, got {target!r}: only the axes can be chosen.")
        return replace(self, shown=tuple(shown))


class _OfThePlane:
    def using(self, target: str, shown: Sequence[str]) -> Source:
        """Refused: there are no columns."""
        raise DataError("There is no table whose columns could be chosen: drop a CSV file on the page first.")


@dataclass(frozen=True)
class ToySet(_OfThePlane):
    """A toy set with the `settings` of when points were drawn into it; later changes of them do not count."""

    settings: Settings

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        return toy_rows(
            settings.with_values(**{name: self.settings[name] for name in ("data", "samples", "noise", "classes")})
        )


@dataclass(frozen=True)
class Points(_OfThePlane):
    """Points drawn by hand into an empty picture."""

    points: tuple[Sequence[float], ...]
    task: Literal["classification", "regression"]

    def rows(self, settings: Settings) -> Rows:
        """Its rows."""
        return from_points(
            self.points, task=self.task, test_share=settings["test_share"],
            features=tuple(name for name in settings["features"] if name in FEATURES),
        )  # fmt: skip


def toy_rows(settings: Settings) -> Rows:
    """Rows of the toy set of the settings."""
    return toy(
        settings["data"], samples=settings["samples"], noise=settings["noise"], classes=settings["classes"],
        test_share=settings["test_share"], seed=settings["seed"], features=settings["features"] or COORDINATES,
    )  # fmt: skip
