"""The kernel formulas of what is registered, in the order of their numbers.

The formulas stand in the classes of activations, losses, penalties and update rules, beside the same functions in
NumPy. A compiled object holds those of every registered class of Pellucid; a kernel is given their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pellucid.engines.kernels.plan import BY_ROWS, NONE
from pellucid.engines.tracing import trace
from pellucid.maths.activations import ACTIVATIONS, Activation, Softmax
from pellucid.maths.losses import LOSSES, CrossEntropy, Loss
from pellucid.maths.options import KernelFormula, own_formula
from pellucid.maths.penalties import PENALTIES, Penalty
from pellucid.optimizers import OPTIMIZERS, FirstOrder


@dataclass(frozen=True)
class Formula:
    """A kernel formula: how many numbers it is given after its arrays, and how many vectors its rule keeps."""

    name: str
    function: KernelFormula
    numbers: int = 0
    vectors: int = 0


@dataclass(frozen=True)
class Formulas:
    """Classes with kernel formulas, by kind; their places are their numbers."""

    activations: tuple[type[Activation], ...]
    losses: tuple[tuple[type[Loss], str], ...]
    penalties: tuple[type[Penalty], ...]
    rules: tuple[type[FirstOrder], ...]

    @cached_property
    def values(self) -> list[Formula]:
        """f of each activation: `value(z, options…)`."""
        return [_formula(cls, "kernel_value") for cls in self.activations]

    @cached_property
    def chain_rules(self) -> list[Formula]:
        """∂J/∂z of each activation: `vjp(d, z, a, options…)` with d = ∂J/∂a."""
        return [_formula(cls, "kernel_vjp") for cls in self.activations]

    @cached_property
    def loss_values(self) -> list[Formula]:
        """(ℓ, ∂ℓ/∂a) or (ℓ, ∂ℓ/∂z) of each loss: `loss(y, a, z, options…)`."""
        return [_formula(cls, name) for cls, name in self.losses]

    @cached_property
    def penalty_values(self) -> list[Formula]:
        """(P, P′) of each penalty: `penalty(w, options…)`."""
        return [_formula(cls, "kernel_formula") for cls in self.penalties]

    @cached_property
    def steps(self) -> list[Formula]:
        """(θ, vectors…) of each update rule: `step(θ, g, vectors…, rate, numbers…)`."""
        return [
            Formula(cls.name, cls.kernel_step, 1 + len(cls.kernel_numbers), len(cls.kernel_vectors))
            for cls in self.rules
            if cls.kernel_step is not None
        ]

    def traces(self, bits: int) -> dict[str, list[Any]]:
        """What all formulas compute with numbers of so many bits, as plain data: see `Trace.as_json`."""
        return {
            "values": [trace(f.function, 1 + f.numbers, bits).as_json() for f in self.values],
            "chain_rules": [trace(f.function, 3 + f.numbers, bits).as_json() for f in self.chain_rules],
            "loss_values": [trace(f.function, 3 + f.numbers, bits).as_json() for f in self.loss_values],
            "penalty_values": [trace(f.function, 1 + f.numbers, bits).as_json() for f in self.penalty_values],
            "steps": [trace(f.function, 2 + f.vectors + f.numbers, bits).as_json() for f in self.steps],
        }

    def activation_number(self, activation: Activation) -> int | None:
        """The number of an activation's formulas, or None where it has none."""
        cls = type(activation)
        return BY_ROWS if cls is Softmax else _place(self.activations, cls)

    def loss_number(self, loss: Loss, output: Activation) -> tuple[int, bool] | None:
        """The number of a loss's formula for this output activation, and whether it gives ∂ℓ/∂z itself."""
        cls = type(loss)
        if cls is CrossEntropy:
            return BY_ROWS, True
        canonical = loss.is_canonical_with(output)
        for name, wanted in (("kernel_from_logits", canonical), ("kernel_formula", True)):
            number = _place(self.losses, (cls, name)) if wanted else None
            if number is not None:
                return number, name == "kernel_from_logits"
        return None

    def penalty_number(self, penalty: Penalty | None) -> int | None:
        """The number of a penalty's formula; NONE for no penalty, None where it has no formula."""
        return NONE if penalty is None else _place(self.penalties, type(penalty))

    def rule_number(self, rule: object) -> int | None:
        """The number of an update rule's formula, or None where it has none."""
        return _place(self.rules, type(rule))


def option_values(option: Any) -> list[float]:
    """The numbers that an object's kernel formulas are given; none of None."""
    return [] if option is None else [float(getattr(option, name)) for name in option.kernel_options]


def _place(classes: tuple[Any, ...], wanted: Any) -> int | None:
    return classes.index(wanted) if wanted in classes else None


def _formula(cls: Any, name: str) -> Formula:
    return Formula(cls.name, getattr(cls, name), len(cls.kernel_options))


def _ours(registry: Mapping[str, type[Any]], *names: str) -> Iterator[type[Any]]:
    """The classes of a registry that are Pellucid's and have all these formulas."""
    for cls in registry.values():
        if cls.__module__.startswith("pellucid.") and all(own_formula(cls, name) for name in names):
            yield cls


BUILT_IN = Formulas(
    activations=tuple(_ours(ACTIVATIONS, "kernel_value", "kernel_vjp")),
    losses=tuple(
        (cls, name)
        for cls in _ours(LOSSES)
        for name in ("kernel_formula", "kernel_from_logits")
        if own_formula(cls, name)
    ),
    penalties=tuple(_ours(PENALTIES, "kernel_formula")),
    rules=tuple(_ours(OPTIMIZERS, "kernel_step")),
)
"""What every compiled object holds."""
