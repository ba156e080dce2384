"""A file and the settings of `train`, as a network with its training rows: what `explain`, `check` and `diagnose` see.

Columns are prepared, rows split and the network built as `train` does it; only what comes after differs.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from sklearn.preprocessing import StandardScaler

from pellucid import EarlyStopping, History, Network, TrainingInterruptedWarning
from pellucid.cli.experiment import PATIENCE, Plan, build_network, plan_for, sizes
from pellucid.cli.files import written_whole
from pellucid.cli.parts import read_and_prepare
from pellucid.cli.settings import Settings
from pellucid.explanation.explanation import Story
from pellucid.maths.penalties import Penalty
from pellucid.optimizers import Optimizer
from pellucid.tables.errors import UserError, listed, quoted
from pellucid.training.callbacks import Run
from pellucid.training.divergence import DivergenceError

REPORTS = (".html", ".tex", ".md", ".txt")


@dataclass(frozen=True)
class Rehearsal:
    """A network, the rows it learns from, and what happened so far; `problem` says why training broke off."""

    network: Network
    X: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    optimizer: Optimizer
    penalty: Penalty | None
    history: History | None
    problem: DivergenceError | None

    def describe(self) -> str:
        """One line: which network, after how much training."""
        epochs = 0 if self.history is None else len(self.history)
        after = f"after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else "untrained"
        return f"network {sizes(self.network)}, {after}, on {len(self.X):,} rows to learn from"


def rehearse(settings: Settings, *, stop_early: bool = False) -> Rehearsal:
    """Read, prepare, split, build, and train for as many epochs as asked for, which may be none.

    `stop_early`: where `pellucid train` would stop.
    """
    plan = plan_for(settings)
    _, prepared = read_and_prepare(settings)
    X, parts, y = prepared.X, prepared.parts, np.asarray(prepared.task.y)
    if not prepared.task.classifies:
        y = StandardScaler().fit(y[parts.known, None]).transform(y[:, None])
    network = build_network(X.shape[1], len(prepared.task.classes), plan)
    history, problem = None, None
    if settings.epochs:
        validates = len(parts.validation) > 0
        validation = (X[parts.validation], y[parts.validation]) if validates else None
        history, problem = _train(network, X[parts.training], y[parts.training], plan, validation, stop_early)
    return Rehearsal(network, X[parts.training], y[parts.training], plan.optimizer, plan.penalty, history, problem)


def _train(
    network: Network, X: Any, y: Any, plan: Plan, validation: Any, stop_early: bool
) -> tuple[History | None, DivergenceError | None]:
    """The history, which is kept also where training breaks off."""
    seen: list[History] = []

    def remember(run: Run) -> None:
        seen[:] = [run.history]

    stopping = EarlyStopping(patience=PATIENCE) if stop_early and validation is not None else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingInterruptedWarning)  # what was learned is looked at
        try:
            network.fit(X, y, validation=validation, early_stopping=stopping, **plan.fit_options(remember))
        except DivergenceError as error:
            return (seen[0] if seen else None), error
    return (seen[0] if seen else None), None


def check_report_path(path: Path | None) -> None:
    """Refuse a report that could not be written before the work, not after it."""
    if path is None:
        return
    if path.suffix.lower() not in REPORTS:
        raise UserError(f"--out must end in one of {listed(REPORTS)}, got {quoted(path)}")
    if path.is_dir():
        raise UserError(f"--out must be a file, got the directory {quoted(path)}")
    if not path.parent.is_dir():
        raise UserError(
            f"--out must be a file in a directory that exists, got {quoted(path)}: there is no {quoted(path.parent)}"
        )


def tell(console: Console, story: Story, out: Path | None) -> None:
    """Print a story, or write it to a file, whole or not at all."""
    if out is None:
        console.print(story, soft_wrap=True)
        return
    try:
        with written_whole(out) as part:
            story.save(part)
    except OSError as error:
        raise UserError(f"--out must be a file that can be written, got {quoted(out)}: {error.strerror}") from error
    console.print(f"{story.title}: written to {out}.", markup=False)
