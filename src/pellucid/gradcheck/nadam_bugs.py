"""Common mistakes in NAdam."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.gradcheck.optimizer_bug import OptimizerBug, Step
from pellucid.maths.cause import Cause
from pellucid.maths.typing import Array
from pellucid.optimizers.adam import NAdam
from pellucid.optimizers.base import State


def nadam_bugs(rule: NAdam) -> Iterator[OptimizerBug]:
    """Common mistakes in NAdam."""

    def step_with(
        *, warm: bool = True, ahead: bool = True, product: bool = True, variant: str = "outside", swapped: bool = False
    ) -> Step:
        b1, b2 = (rule.beta_2, rule.beta_1) if swapped else (rule.beta_1, rule.beta_2)

        def mu(t: int) -> float:
            return float(b1 * (1 - 0.5 * 0.96 ** (t * rule.momentum_decay))) if warm else b1

        def move(theta: Array, g: Array, state: State, rate: float, t: int) -> Array:
            zero = np.zeros_like(theta)
            m = b1 * state.get("m", zero) + (1 - b1) * g
            v = b2 * state.get("v", zero) + (1 - b2) * g * g
            kept = float(state.get("p", np.ones(1))[0]) if product else 1.0
            now, following = mu(t), mu(t + 1)
            if not warm:
                kept = b1 ** (t - 1)
            state.update(m=m, v=v, p=np.array([kept * now]))
            both = kept * now
            mean = following * m / (1 - both * following) + (1 - now) * g / (1 - both)
            if not ahead:
                mean = m / (1 - b1**t)
            corrected = v if variant == "uncorrected" else v / (1 - b2**t)
            denominator = (
                np.sqrt(corrected + rule.epsilon) if variant == "inside" else np.sqrt(corrected) + rule.epsilon
            )
            return theta - rate * mean / denominator

        return move

    for step, name, words in (
        (step_with(ahead=False), "look-ahead missing", "The look-ahead is missing: this is Adam's step."),
        (step_with(warm=False), "momentum does not warm up", "μ is β₁ in every step; it is β₁ (1 − ½·0.96^(tψ))."),
        (step_with(product=False), "product not kept", "Π is the last μ alone; it is the product of all up to t."),
        (step_with(variant="inside"), "ε inside the root", "ε is inside the root, √(v̂ + ε): it belongs outside."),
        (step_with(variant="uncorrected"), "bias correction missing", "v is not divided by 1 − β₂ᵗ."),
        (step_with(swapped=True), "β₁ and β₂ swapped", "β₁ and β₂ are swapped."),
    ):
        yield OptimizerBug(step, Cause(name, words))
