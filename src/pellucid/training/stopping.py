"""Early stopping, and detection of plateaus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pellucid.maths.checks import check_integer, check_real
from pellucid.maths.registry import unknown_name
from pellucid.maths.typing import Array

MONITORS = {
    "loss": -1,
    "objective": -1,
    "metric": +1,
    "validation_loss": -1,
    "validation_metric": +1,
}
"""The numbers that can be watched, and whether less (−1) or more (+1) of them is better."""


@dataclass(frozen=True)
class EarlyStopping:
    """Stop the run if a monitored number has not improved by more than `min_delta` for `patience` epochs.

    Parameters
    ----------
    monitor : str
        A column of the history: "validation_loss", "validation_metric", "loss", "objective" or "metric".
    patience : int
        Number of epochs without improvement after which the run stops.
    min_delta : float
        Smallest change that counts as an improvement.
    restore_best : bool
        Whether the network ends with the parameters of its best epoch (also when it ends for another reason).
    """

    monitor: str = "validation_loss"
    patience: int = 10
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        if self.monitor not in MONITORS:
            raise ValueError(unknown_name("monitor", self.monitor, MONITORS))
        check_integer("EarlyStopping patience", self.patience, least=1)
        check_real("EarlyStopping min_delta", self.min_delta, least=0)

    @property
    def needs_validation(self) -> bool:
        """Whether it monitors validation data."""
        return self.monitor.startswith("validation")


class PlateauDetector:
    """Counts the values since a number was at its best. Smaller is better if `sign` is −1."""

    def __init__(self, sign: int, patience: int, min_delta: float) -> None:
        self._sign, self._patience, self._min_delta = sign, patience, min_delta
        self._best = -math.inf
        self.waited = 0

    def improved(self, value: float) -> bool:
        """Take the next value; return whether it is better than all before by more than `min_delta`."""
        if self._sign * value > self._best + self._min_delta:
            self._best = self._sign * value
            self.waited = 0
            return True
        self.waited += 1
        return False

    @property
    def out_of_patience(self) -> bool:
        """Whether the best is `patience` or more values ago."""
        return self.waited >= self._patience

    def state(self) -> dict[str, Any]:
        """The best value (times `sign`; None before the first) and the values since then, as JSON."""
        return {"best": None if math.isinf(self._best) else self._best, "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from such a state."""
        self._best = -math.inf if state["best"] is None else state["best"]
        self.waited = state["waited"]


class EarlyStoppingState:
    """An `EarlyStopping` during a run, with the parameters of the best epoch."""

    def __init__(self, rule: EarlyStopping) -> None:
        self.rule = rule
        self._plateau = PlateauDetector(MONITORS[rule.monitor], rule.patience, rule.min_delta)
        self.best_theta: Array | None = None
        self.best_epoch: int | None = None

    def should_stop(self, epoch: int, value: float, theta: Array) -> bool:
        """Take the value of an epoch and the θ that it was measured at."""
        if self._plateau.improved(value):
            self.best_epoch = epoch
            if self.rule.restore_best:
                self.best_theta = theta.copy()
        return self.out_of_patience

    @property
    def out_of_patience(self) -> bool:
        """Whether the run has to stop."""
        return self._plateau.out_of_patience

    @property
    def reason(self) -> str:
        """The reason, for `history.stopped`."""
        return f"early stopping: no better {self.rule.monitor} for {self.rule.patience} epochs"

    def state(self) -> dict[str, Any]:
        """All but the best parameters, as JSON."""
        return {"monitor": self.rule.monitor, "best_epoch": self.best_epoch, **self._plateau.state()}

    def restore(self, state: dict[str, Any], best_theta: Array | None) -> None:
        """Continue from such a state; one that watched another number is not used."""
        if state.get("monitor") == self.rule.monitor:
            self._plateau.restore(state)
            self.best_epoch = state["best_epoch"]
            self.best_theta = None if best_theta is None else best_theta.copy()


def as_early_stopping(early_stopping: EarlyStopping | bool | None, validation: object) -> EarlyStopping | None:
    """The rule that is meant, if it can watch what it is for."""
    if not early_stopping:
        return None
    rule = EarlyStopping() if early_stopping is True else early_stopping
    if not isinstance(rule, EarlyStopping):
        hint = f": write EarlyStopping(patience={early_stopping})" if isinstance(early_stopping, int) else ""
        raise TypeError(f"early_stopping must be True, None or an EarlyStopping object, got {early_stopping!r}{hint}")
    if rule.needs_validation and validation is None:
        raise ValueError(
            f"early_stopping watches {rule.monitor!r}, and there is no validation data: "
            "give validation=(X_val, y_val) or validation=0.1"
        )
    return rule
