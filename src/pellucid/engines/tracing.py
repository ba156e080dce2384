"""Record a kernel formula as a list of instructions, which can be run on arrays or compiled.

A formula of `pellucid.maths.elementary` is traced by calling it once with symbolic numbers that record operations. The
trace does not depend on files, helpers or names of constants: it identifies the computation. It is also plain data, so
that another process can compile a formula whose class it cannot import.

>>> import numpy as np
>>> square = trace(lambda z, factor: factor * z * z, 2, 64)
>>> square.instructions
[('mul', 1, 0), ('mul', 2, 0)]
>>> square(np.array([1.0, 2.0]), 10.0)
array([10., 40.])
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pellucid.maths import elementary
from pellucid.maths.elementary import Symbolic

Operand: TypeAlias = "int | str"
"""The number of an input or an instruction (inputs come first), or a constant as `float.hex` writes it."""
Instruction: TypeAlias = "tuple[Any, ...]"
"""An operation's name and its operands."""

OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "neg": operator.neg,
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "and": operator.and_,
    "or": operator.or_, "equals": elementary.equals, "select": elementary.select, "indicator": elementary.indicator,
    "absolute": elementary.absolute, "sqrt": elementary.sqrt, "copysign": elementary.copysign, "fma": elementary.fma,
    "shifted_to_exponent": elementary.shifted_to_exponent, "split": elementary.split,
    "first": operator.itemgetter(0), "second": operator.itemgetter(1),
}  # fmt: skip


@dataclass(frozen=True)
class Trace:
    """A traced formula: `instructions`, and for each result an operand or None. It can be called like the formula."""

    instructions: list[Instruction]
    results: list[Operand | None]
    single: bool

    def __call__(self, *inputs: Any) -> Any:
        """Evaluate the formula on arrays or on symbols."""
        values: list[Any] = list(inputs)

        def value(operand: Any) -> Any:
            return float.fromhex(operand) if isinstance(operand, str) else values[operand]

        for name, *operands in self.instructions:
            values.append(OPERATIONS[name](*map(value, operands)))
        results = tuple(None if result is None else value(result) for result in self.results)
        return results[0] if self.single else results

    def as_json(self) -> list[Any]:
        """Plain lists, for `from_json`."""
        return [[list(instruction) for instruction in self.instructions], self.results, self.single]

    @classmethod
    def from_json(cls, lists: Sequence[Any]) -> Trace:
        """The trace described by `as_json`."""
        instructions, results, single = lists
        return cls([tuple(instruction) for instruction in instructions], list(results), single)


def trace(formula: Callable[..., Any], inputs: int, bits: int) -> Trace:
    """Trace a formula with this number of inputs, for numbers of 32 or 64 bits."""
    notes = Notes(inputs, bits)
    answer = formula(*(Noted(notes, i) for i in range(inputs)))
    single = not isinstance(answer, tuple)
    results = [None if result is None else notes.operand(result) for result in ((answer,) if single else answer)]
    return Trace(notes.instructions, results, single)


class Notes:
    """The recorded instructions of a formula."""

    def __init__(self, inputs: int, bits: int) -> None:
        self.inputs, self.bits = inputs, bits
        self.instructions: list[Instruction] = []

    def operand(self, value: Any) -> Operand:
        """A value as an operand of an instruction."""
        return value.number if isinstance(value, Noted) else float(value).hex()

    def add(self, name: str, *operands: Any) -> Noted:
        """Append an instruction; return its result."""
        self.instructions.append((name, *map(self.operand, operands)))
        return Noted(self, self.inputs + len(self.instructions) - 1)


class Noted(Symbolic):
    """A symbolic number or comparison that records operations."""

    __slots__ = ("notes", "number")

    def __init__(self, notes: Notes, number: int) -> None:
        self.notes, self.number = notes, number

    @property
    def bits(self) -> int:
        """32 or 64."""
        return self.notes.bits

    def split(self) -> tuple[Noted, Noted]:
        """Mantissa and exponent."""
        both = self.notes.add("split", self)
        return self.notes.add("first", both), self.notes.add("second", both)


def _method(name: str, *, reflected: bool = False) -> Callable[..., Noted]:
    def method(self: Noted, *others: Any) -> Noted:
        return self.notes.add(name, *others, self) if reflected else self.notes.add(name, self, *others)

    return method


for _name in ("add", "sub", "mul", "neg", "lt", "le", "gt", "ge", "and", "or"):
    setattr(Noted, f"__{_name}__", _method(_name))
for _name in ("equals", "select", "indicator", "absolute", "sqrt", "copysign", "fma", "shifted_to_exponent"):
    setattr(Noted, _name, _method(_name))
for _special, _operation in (("radd", "add"), ("rmul", "mul"), ("truediv", "div")):
    setattr(Noted, f"__{_special}__", _method(_operation))
for _special, _operation in (("rsub", "sub"), ("rtruediv", "div")):
    setattr(Noted, f"__{_special}__", _method(_operation, reflected=True))
