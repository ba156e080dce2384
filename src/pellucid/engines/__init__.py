"""Floor 3: how an epoch is run. `reference` is floor 2 as it stands; `compiled` runs kernels; `choice` picks one."""

from pellucid.engines.choice import EngineName, engine_for, evaluator_for, info

__all__ = ["EngineName", "engine_for", "evaluator_for", "info"]
