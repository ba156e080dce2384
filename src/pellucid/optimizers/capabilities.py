"""Which arguments go together with which rule, and the one wording of the refusal."""

from __future__ import annotations

from pellucid.maths.schedules import Constant, Schedule
from pellucid.optimizers.base import Optimizer
from pellucid.optimizers.limits import Limits


def refusal(rule: Optimizer | type[Optimizer], argument: str) -> str | None:
    """Why `argument` cannot be used with a rule, as the end of "…, which …"; None if it can.

    >>> from pellucid.optimizers import Adam, LBFGS
    >>> refusal(LBFGS, "dropout"), refusal(Adam, "dropout")
    ('needs a deterministic objective', None)
    """
    if argument == "batch_size" and rule.full_batch:
        return "needs the full batch"
    if argument == "max_updates" and rule.full_batch:
        return "makes one update per epoch"
    if argument in ("learning_rate", "schedule") and not rule.uses_rate:
        return "has no learning rate"
    if argument == "dropout" and not rule.allows_dropout:
        return "needs a deterministic objective"
    if argument in ("clip_norm", "max_norm") and not rule.allows_limits:
        return "searches freely"
    return None


def check_capabilities(
    rule: Optimizer,
    *,
    batch_size: int | None = None,
    schedule: Schedule | None = None,
    limits: Limits | None = None,
    max_updates: int | None = None,
    dropout: float = 0.0,
) -> None:
    """Refuse arguments that do not go together with the rule.

    Raises
    ------
    ValueError
        Naming the argument, the rule and its reason.
    """
    given = (
        ("max_updates", "None", max_updates, max_updates is not None),
        ("batch_size", "None", batch_size, batch_size is not None),
        ("schedule", "None", repr(schedule), not (schedule is None or isinstance(schedule, Constant))),
        ("clip_norm and max_norm", "None", limits, not (limits is None or limits == Limits())),
        ("dropout", "0", f"{dropout:g}", dropout > 0),
    )
    for argument, allowed, value, is_given in given:
        reason = refusal(rule, argument.split()[0]) if is_given else None
        if reason is not None:
            raise ValueError(f"{argument} must be {allowed} for optimizer {rule.name!r}, which {reason}, got {value}")
