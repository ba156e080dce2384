"""The settings with their names resolved, and what does not go together refused: before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pellucid.cli.settings import Settings
from pellucid.defaults import COMMAND
from pellucid.maths.activations import ACTIVATIONS, Activation
from pellucid.maths.initializers import INITIALIZERS
from pellucid.maths.losses import LOSSES, Loss
from pellucid.maths.penalties import L2, Penalty
from pellucid.maths.registry import Registry
from pellucid.maths.schedules import SCHEDULES, Constant, Schedule
from pellucid.optimizers import OPTIMIZERS, FirstOrder, Optimizer, refusal
from pellucid.tables.errors import UserError

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """The settings with their names resolved; no `batch_size` is all rows at once, no `loss` what suits the task."""

    settings: Settings
    activation: Activation
    optimizer: Optimizer
    schedule: Schedule
    batch_size: int | None
    loss: Loss | None

    @property
    def penalty(self) -> Penalty | None:
        """On large weights, or none."""
        return L2(self.settings.l2) if self.settings.l2 else None

    def fit_options(self, *callbacks: Any) -> dict[str, Any]:
        """For `Network.fit`."""
        from pellucid.training.callbacks import MaxSeconds

        settings = self.settings
        limit = [] if settings.max_seconds is None else [MaxSeconds(settings.max_seconds)]
        return {
            "optimizer": self.optimizer,
            "epochs": settings.epochs,
            "batch_size": self.batch_size,
            "schedule": self.schedule,
            "penalty": self.penalty,
            "random_state": settings.seed,
            "clip_norm": settings.clip_norm,
            "max_norm": settings.max_norm,
            "engine": settings.engine,
            "threads": settings.threads,
            "callbacks": [*callbacks, *limit],
        }


def plan_for(settings: Settings) -> Plan:
    """The plan, or the user's error: an unknown name, or what does not go together."""
    rule = resolve_optimizer(settings.optimizer, settings.learning_rate)
    schedule = _resolve("--schedule", SCHEDULES, settings.schedule)
    if settings.initializer != "auto":
        _resolve("--initializer", INITIALIZERS, settings.initializer)
    given = {
        "schedule": None if isinstance(schedule, Constant) else settings.schedule,
        "dropout": settings.dropout or None,
        "clip_norm": settings.clip_norm,
        "max_norm": settings.max_norm,
    }
    for argument, value in given.items():
        reason = None if value is None else refusal(rule, argument)
        if reason is not None:
            flag = f"--{argument.replace('_', '-')}"
            raise UserError(f"{flag} must be left out for --optimizer {rule.name}, which {reason}, got {value}")
    batch_size = batch_size_for(rule, settings.batch_size)
    loss = None if settings.loss == "auto" else _resolve("--loss", LOSSES, settings.loss)
    return Plan(settings, resolve_activation(settings.activation), rule, schedule, batch_size, loss)


def resolve_activation(name: str) -> Activation:
    """The hidden layers' activation; softmax is refused, for it makes a layer's units compete for a sum of one."""
    activation = _resolve("--activation", ACTIVATIONS, name)
    if not activation.elementwise:
        raise UserError(
            f"--activation must be one for hidden layers, got {name}, which is for outputs; try relu or tanh"
        )
    return activation


def resolve_optimizer(name: str, learning_rate: float | None) -> Optimizer:
    """The optimizer, with the given learning rate, if any."""
    optimizer = _resolve("--optimizer", OPTIMIZERS, name)
    if learning_rate is None:
        return optimizer
    reason = refusal(optimizer, "learning_rate")
    if reason is not None or not isinstance(optimizer, FirstOrder):
        raise UserError(
            f"--learning-rate must be left out for --optimizer {name}, which {reason}, got {learning_rate:g}"
        )
    return replace(optimizer, learning_rate=learning_rate)


def batch_size_for(optimizer: Optimizer, asked: int | None) -> int | None:
    """The batch size: as requested (0: all rows), else the default, or all rows for a full-batch rule."""
    reason = refusal(optimizer, "batch_size")
    if reason is None:
        return int(COMMAND.batch_size) if asked is None else asked or None
    if asked:
        raise UserError(
            f"--batch-size must be 0 or left out for --optimizer {optimizer.name}, which {reason}, got {asked}"
        )
    return None


def _resolve(option: str, registry: Registry[T], name: str) -> T:
    try:
        return registry.resolve(name)
    except ValueError as unknown:
        raise UserError(f"{option}: {unknown}") from unknown
