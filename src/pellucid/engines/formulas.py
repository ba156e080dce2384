"""The kernel formulas that a compiled object contains, in the order of their numbers.

The formulas are defined in the classes of activations, losses, penalties and update rules, next to the same functions
in NumPy. Every object contains those of Pellucid's registered classes. Custom classes with formulas are appended, in an
object that is compiled for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from pellucid.engines.kernels.plan import AFFINE, BY_ROWS, NONE, TRANSFORMS
from pellucid.engines.tracing import Trace, trace
from pellucid.engines.unavailable import switched
from pellucid.maths.activations import ACTIVATIONS, Activation, Softmax
from pellucid.maths.activations.own import OwnActivation
from pellucid.maths.losses import LOSSES, CrossEntropy, Loss
from pellucid.maths.options import own_formula
from pellucid.maths.penalties import PENALTIES, Penalty
from pellucid.network.layers import Dense, Spec
from pellucid.network.objective import Objective
from pellucid.network.stack import LayerStack
from pellucid.optimizers import OPTIMIZERS, FirstOrder, Optimizer

Classes: TypeAlias = "tuple[type[Any], ...]"


@dataclass(frozen=True)
class Formula:
    """A kernel formula of `arrays` arrays, `vectors` arrays of the optimizer's state, and `numbers` numbers."""

    name: str
    function: Callable[..., Any]
    arrays: int
    vectors: int = 0
    numbers: int = 0

    def as_json(self, bits: int) -> list[Any]:
        """Its instructions for numbers of 32 or 64 bits, as plain data."""
        traced = trace(self.function, self.arrays + self.vectors + self.numbers, bits)
        return [traced.as_json(), self.arrays, self.vectors, self.numbers]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Formula:
        """The formula described by `as_json`."""
        traced, *counts = data
        return cls("formula", Trace.from_json(traced), *counts)


Tables: TypeAlias = dict[str, list[Formula]]
"""The formulas by kind: `activations` f(z), `chain_rules` (∂J/∂z), `losses`, `penalties`, `steps`."""


@dataclass(frozen=True)
class Formulas:
    """Classes with kernel formulas, by kind; their positions are their numbers."""

    activations: Classes = ()
    losses: tuple[tuple[type[Any], str], ...] = ()
    penalties: Classes = ()
    rules: Classes = ()

    @cached_property
    def tables(self) -> Tables:
        """The formulas of these classes."""
        return {
            "activations": [_formula(cls, "kernel_value", 1) for cls in self.activations],
            "chain_rules": [_formula(cls, "kernel_vjp", 3) for cls in self.activations],
            "losses": [_formula(cls, name, 3) for cls, name in self.losses],
            "penalties": [_formula(cls, "kernel_formula", 1) for cls in self.penalties],
            "steps": [
                Formula(cls.__name__, cls.kernel_step, 2, len(cls.kernel_vectors), 1 + len(cls.kernel_numbers))
                for cls in self.rules
            ],
        }

    def as_json(self, bits: int) -> dict[str, list[Any]]:
        """The instructions of all formulas for numbers of 32 or 64 bits, as plain data."""
        return {kind: [formula.as_json(bits) for formula in table] for kind, table in self.tables.items()}

    @property
    def names(self) -> str:
        """The names of the classes."""
        return ", ".join(sorted({formula.name for table in self.tables.values() for formula in table}))

    @property
    def own(self) -> Formulas:
        """The formulas of custom classes, after Pellucid's."""
        return Formulas(
            self.activations[len(BUILT_IN.activations) :], self.losses[len(BUILT_IN.losses) :],
            self.penalties[len(BUILT_IN.penalties) :], self.rules[len(BUILT_IN.rules) :],
        )  # fmt: skip

    @cached_property
    def _numbers(self) -> dict[Any, int]:
        """The number of each class, and of each formula of a loss."""
        return {
            one: i for kind in (self.activations, self.losses, self.penalties, self.rules) for i, one in enumerate(kind)
        }

    def activation_number(self, activation: Activation) -> int | None:
        """The number of an activation's formulas, or None if it has none."""
        cls = type(described(activation))
        return BY_ROWS if cls is Softmax else self._numbers.get(cls)

    def loss_number(self, loss: Loss, output: Activation) -> tuple[int, bool] | None:
        """The number of a loss's formula for this output activation, and whether it gives ∂ℓ/∂z itself."""
        cls = type(loss)
        if cls is CrossEntropy:
            return BY_ROWS, True
        if loss.is_canonical_with(output):
            number = self._numbers.get((cls, "kernel_from_logits"))
            if number is not None:
                return number, True
        number = self._numbers.get((cls, "kernel_formula"))
        return None if number is None else (number, False)

    def penalty_number(self, penalty: Penalty | None) -> int | None:
        """The number of a penalty's formula; NONE for no penalty, None if it has no formula."""
        return NONE if penalty is None else self._numbers.get(type(penalty))

    def rule_number(self, rule: Optimizer | None) -> int | None:
        """The number of an update rule's formula; NONE if there is no such rule, None if it has no formula."""
        return self._numbers.get(type(rule)) if isinstance(rule, FirstOrder) else NONE

    def extended(
        self, activations: Sequence[Activation], loss: Loss, penalty: Penalty | None, rule: Optimizer | None
    ) -> Formulas:
        """These formulas, followed by those of further classes that have formulas; itself if there are none."""
        found = self
        for activation in activations:
            cls = type(described(activation))
            if found.activation_number(activation) is None and _has(cls, "kernel_value", "kernel_vjp"):
                found = replace(found, activations=(*found.activations, cls))
        if type(loss) is not CrossEntropy:
            for name in LOSS_FORMULAS:
                if (type(loss), name) not in found._numbers and _has(type(loss), name):
                    found = replace(found, losses=(*found.losses, (type(loss), name)))
        if found.penalty_number(penalty) is None and _has(type(penalty), "kernel_formula"):
            found = replace(found, penalties=(*found.penalties, type(penalty)))
        if found.rule_number(rule) is None and _has(type(rule), "kernel_step"):
            found = replace(found, rules=(*found.rules, type(rule)))
        return found


LOSS_FORMULAS = ("kernel_formula", "kernel_from_logits")


def formulas_for(network: LayerStack, objective: Objective, rule: Optimizer | None = None) -> Formulas:
    """The formulas that a compiled run needs: Pellucid's, and those of custom classes."""
    activations = [spec.activation for spec in network.specs if isinstance(spec, Dense)]
    found = BUILT_IN.extended(activations, network.loss, objective.penalty, rule)
    # Kernels that run in this process, for tests, have Pellucid's formulas only.
    return BUILT_IN if found is not BUILT_IN and switched() else found


def transform_number(spec: Spec) -> int | None:
    """The number of the kernel that computes Z of a layer; None for an operation whose own class names none."""
    return AFFINE if isinstance(spec, Dense) else TRANSFORMS.get(vars(type(spec)).get("kernel_name", ""))


def described(activation: Activation) -> Any:
    """The object that defines an activation: the user's object inside an `OwnActivation`, or the activation itself."""
    return activation.function if isinstance(activation, OwnActivation) else activation


def option_values(option: Any) -> list[float]:
    """The numbers that an object passes to its kernel formulas; empty for None."""
    return [float(getattr(option, name)) for name in getattr(option, "kernel_options", ())]


def _has(cls: type, *names: str) -> bool:
    return all(own_formula(cls, name) is not None for name in names)


def _formula(cls: Any, name: str, arrays: int) -> Formula:
    numbers = len(getattr(cls, "kernel_options", ()))
    return Formula(cls.__name__, getattr(cls, name), arrays, numbers=numbers)


def _ours(registry: Mapping[str, type[Any]], *names: str) -> Iterator[type[Any]]:
    """The classes of a registry that are defined by Pellucid and have all these formulas."""
    for cls in registry.values():
        if cls.__module__.startswith("pellucid.") and _has(cls, *names):
            yield cls


BUILT_IN = Formulas(
    activations=tuple(_ours(ACTIVATIONS, "kernel_value", "kernel_vjp")),
    losses=tuple((cls, name) for cls in _ours(LOSSES) for name in LOSS_FORMULAS if _has(cls, name)),
    penalties=tuple(_ours(PENALTIES, "kernel_formula")),
    rules=tuple(_ours(OPTIMIZERS, "kernel_step")),
)
"""The formulas in every compiled object."""
