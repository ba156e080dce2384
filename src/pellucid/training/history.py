"""The history of a run: one row of numbers per epoch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from importlib import import_module
from typing import Any, Literal, Self

from pellucid.training.state import TrainingState

COLUMNS = ("epoch", "loss", "objective", "metric", "validation_loss", "validation_metric", "rate", "seconds")

ROWS_IN_NOTEBOOK = 11
"""Number of epochs to display of a long run: the first, the last, and evenly spaced ones between."""

Ending = Literal["", "completed", "converged", "early stopping", "callback", "interrupted", "gave up"]
ENDINGS: dict[Ending, str] = {
    "completed": "all epochs that were planned",
    "converged": "the optimizer met its own criteria, as L-BFGS does",
    "early stopping": "the monitored number did not improve within the patience of a stopping rule",
    "callback": "a callback called run.stop()",
    "interrupted": "Ctrl-C",
    "gave up": "the optimizer could not continue; `stopped` says why",
}
"""The kinds of end of a run."""


def as_ending(reason: str) -> Ending:
    """The kind of end that a reason names; what it does not name are an optimizer's words.

    >>> as_ending("converged"), as_ending("ABNORMAL: ")
    ('converged', 'gave up')
    """
    return next((ending for ending in ENDINGS if ending == reason), "gave up")


class History:
    """The rows of a run, as columns that grow by one number per epoch; usable during the run.

    ==================== =====================================================================================
    `epoch`              0, 1, 2, …
    `loss`               the mean loss per sample, over the epoch's batches, each *before* its update
    `objective`          J, which is minimised: with reduction="mean" the loss plus the penalty
    `metric`             accuracy or R² (`metric_name`) of the same outputs
    `validation_loss`    the mean loss per sample on the validation data, *after* the epoch (None without)
    `validation_metric`  the metric there
    `rate`               the learning rate of the epoch's last update (None for L-BFGS)
    `seconds`            since the run began
    ==================== =====================================================================================

    Attributes
    ----------
    metric_name : str
        "accuracy" or "r2".
    stopped : str
        Why the run ended, in words; "" during the run.
    ending : str
        What kind of end that was, one of `ENDINGS`; "" during the run.
    best_epoch : int or None
        The epoch whose parameters early stopping restored.
    state : TrainingState or None
        Where the run ended, to continue from: `fit(…, resume=history.state)`. JSON leaves it out.

    Examples
    --------
    >>> history = History("accuracy")
    >>> history.append(loss=0.7, objective=0.7, metric=0.5, rate=0.1, seconds=0.01)
    >>> history["loss"], len(history), history.last["metric"]
    ([0.7], 1, 0.5)
    """

    def __init__(self, metric_name: str) -> None:
        self.metric_name = metric_name
        self.stopped = ""
        self.ending: Ending = ""
        self.best_epoch: int | None = None
        self._state: TrainingState | None = None
        self._columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}

    @property
    def state(self) -> TrainingState | None:
        """See the class."""
        if self._state is not None and not self._state.history:
            # Only now, as most histories are never asked for it, and the rows of long runs are many.
            self._state.history = self.as_json() | {"stopped": "", "ending": "", "best_epoch": None}
        return self._state

    @state.setter
    def state(self, state: TrainingState | None) -> None:
        self._state = state

    def append(
        self,
        *,
        loss: float,
        objective: float,
        metric: float,
        rate: float | None,
        seconds: float,
        validation_loss: float | None = None,
        validation_metric: float | None = None,
    ) -> None:
        """Append the row of an epoch."""
        columns = self._columns
        columns["loss"].append(loss)
        columns["objective"].append(objective)
        columns["metric"].append(metric)
        columns["validation_loss"].append(validation_loss)
        columns["validation_metric"].append(validation_metric)
        columns["rate"].append(rate)
        columns["seconds"].append(seconds)
        columns["epoch"].append(len(columns["epoch"]))  # last: a row counts when it is complete

    def extend(self, *, rates: list[float], seconds: list[float], **measured: list[float]) -> None:
        """Add the rows of several epochs without validation: `loss`, `objective` and `metric` of each in `measured`."""
        columns = self._columns
        for name, values in (measured | {"rate": rates, "seconds": seconds}).items():
            columns[name].extend(values)
        for name in ("validation_loss", "validation_metric"):
            columns[name].extend([None] * len(rates))
        columns["epoch"].extend(range(len(columns["epoch"]), len(columns["epoch"]) + len(rates)))

    def __getitem__(self, column: str) -> list[Any]:
        return self._columns[column]

    def __len__(self) -> int:
        return len(self._columns["epoch"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self.row(i) for i in range(len(self)))

    def row(self, epoch: int) -> dict[str, Any]:
        """The numbers of one epoch, by column; −1 is the last."""
        return {name: values[epoch] for name, values in self._columns.items()}

    @property
    def last(self) -> dict[str, Any]:
        """The newest row."""
        return self.row(len(self) - 1)

    @property
    def has_validation(self) -> bool:
        """Whether there was validation data."""
        return bool(len(self)) and self._columns["validation_loss"][0] is not None

    def plot(self, **options: Any) -> Any:
        """The losses against epochs, as matplotlib Axes: `pellucid.plots.loss_curve` with its options.

        >>> history = History("accuracy")
        >>> history.append(loss=0.7, objective=0.7, metric=0.5, rate=0.1, seconds=0.01)
        >>> history.plot(title="a run").get_title()
        'a run'
        """
        # Plots are floors above: imported when one is asked for.
        return import_module("pellucid.plots").loss_curve(self, **options)

    def to_json(self) -> str:
        """The whole history as JSON text."""
        return json.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """The same as a dictionary; its columns are copies."""
        return {
            "metric_name": self.metric_name,
            "stopped": self.stopped,
            "ending": self.ending,
            "best_epoch": self.best_epoch,
            "columns": {name: list(values) for name, values in self._columns.items()},
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A history from `to_json`'s text."""
        return cls.from_data(json.loads(text))

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A history from `as_json`'s dictionary."""
        history = cls(data["metric_name"])
        history.stopped, history.ending = data["stopped"], data["ending"]
        history.best_epoch = data["best_epoch"]
        history._columns = {name: list(data["columns"][name]) for name in COLUMNS}
        return history

    def _repr_html_(self) -> str:
        """The run in one line, with a collapsed table of some epochs (counted from 1) below it."""
        shown = [name for name in COLUMNS if name != "epoch" and any(value is not None for value in self[name])]
        places = sorted({round(i * (len(self) - 1) / (ROWS_IN_NOTEBOOK - 1)) for i in range(ROWS_IN_NOTEBOOK)})
        head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in ("epoch", *shown))
        rows = "".join(
            f"<tr><td>{i + 1}</td>{''.join(f'<td>{_cell(self[name][i])}</td>' for name in shown)}</tr>"
            for i in (places if len(self) else ())
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f"<details><summary>{escape(repr(self))}</summary>{table}</details>"

    def __repr__(self) -> str:
        if not len(self):
            return "History(empty)"
        last = self.last
        parts = [
            f"{len(self)} epoch{'s' if len(self) > 1 else ''}",
            f"loss {last['loss']:.6g}",
            f"{self.metric_name} {last['metric']:.4g}",
        ]
        if self.has_validation:
            parts.append(f"validation loss {last['validation_loss']:.6g}")
        if self.stopped:
            parts.append(self.stopped)
        return f"History({', '.join(parts)})"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
