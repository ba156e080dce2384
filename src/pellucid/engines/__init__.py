"""Floor 3: engines run epochs. `reference` uses the code of floor 2; `compiled` runs kernels; `choice` selects one."""

from pellucid.engines.choice import EngineName, engine_for, evaluator_for, info

__all__ = ["EngineName", "engine_for", "evaluator_for", "info"]
