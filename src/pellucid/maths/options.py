"""What activations, losses, penalties, initializers, schedules and optimizers have in common: they are options.

An option is a frozen object, made of numbers by name: `ELU(alpha=2.0)`. Two with equal numbers are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np

KernelFormula: TypeAlias = Callable[..., Any]
"""A function of `pellucid.maths.elementary`'s numbers: of NumPy arrays it computes, of symbols it writes code."""


class Option:
    """The base of all options. A class of one's own with options has `@dataclass(frozen=True)` above it.

    Attributes
    ----------
    name, title : str
        How it is called in code, and in a list that people choose from.
    symbols : mapping of str to str
        The LaTeX letters of its options (and of an optimizer's state) in its formulas; what is missing stands for
        itself.
    letters : mapping of str to str
        What stands in its formulas in LaTeX without being an option, with what it means.
    kernel_options : tuple of str
        The attributes whose numbers its kernel formulas are given after the arrays, in this order.
    """

    name: ClassVar[str] = "own"
    title: ClassVar[str] = ""
    symbols: ClassVar[Mapping[str, str]] = MappingProxyType({})
    letters: ClassVar[Mapping[str, str]] = MappingProxyType({})
    kernel_options: ClassVar[tuple[str, ...]] = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """A new object; TypeError for an option of a class that was not made a dataclass."""
        if (args or kwargs) and "__dataclass_fields__" not in vars(cls):
            inherited = [field.name for field in fields(cls) if field.init]  # type: ignore[arg-type]
            unknown = next((name for name in kwargs if name not in inherited), None)
            if _is_generated(cls) and (unknown is not None or len(args) > len(inherited)):
                what = f"argument {unknown}" if unknown is not None else f"{len(args)} arguments"
                raise TypeError(
                    f"{cls.__name__}() takes no {what}: options are the fields of a dataclass, so write "
                    f"@dataclass(frozen=True) above `class {cls.__name__}`, and {unknown or 'name'}: float = … in it"
                )
        return super().__new__(cls)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and same_options(self, other)

    def __hash__(self) -> int:
        return hash(type(self))


def own_formula(cls: type, name: str) -> KernelFormula | None:
    """A kernel formula that stands in the class itself, or None. One that is inherited does not count: the class may
    compute something else than the class above it.
    """
    return getattr(cls, name) if vars(cls).get(name) is not None else None


def _is_generated(cls: type) -> bool:
    """Whether the class's `__init__` was written by `dataclass`, for a class above."""
    owner = next(base for base in cls.__mro__ if "__init__" in vars(base))
    return "__dataclass_fields__" in vars(owner)


def same_options(first: object, second: object) -> bool:
    """Whether two objects hold equal values, arrays among them."""
    mine, theirs = getattr(first, "__dict__", {}), getattr(second, "__dict__", {})
    return mine.keys() == theirs.keys() and all(np.array_equal(mine[name], theirs[name]) for name in mine)
