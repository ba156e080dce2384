"""Names for things: the one list that tests, command line, documentation and playground read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


def unknown_name(kind: str, name: object, known: Iterable[str]) -> str:
    """Say that `name` is no known `kind`, and which names are near it.

    >>> unknown_name("activation", "tanhh", ["tanh", "relu"])
    "unknown activation 'tanhh': did you mean 'tanh'? Known: 'relu', 'tanh'"
    """
    known = sorted(known)
    near = difflib.get_close_matches(str(name).lower(), known, n=2, cutoff=0.65)
    hint = f" did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"unknown {kind} {name!r}:{hint} Known: {', '.join(map(repr, known))}"


class Registry(Mapping[str, type[T]], Generic[T]):
    """A dictionary from a name to a class of frozen option objects, filled by decoration.

    `resolve` turns what a user may write (a name, a class or an object) into an object, once, at the edge.

    >>> from pellucid.maths.activations import ACTIVATIONS, ELU
    >>> ACTIVATIONS.resolve("elu") == ELU() == ACTIVATIONS.resolve(ELU)
    True
    """

    def __init__(self, kind: str, base: type[T]) -> None:
        self.kind = kind
        self.base = base
        self._classes: dict[str, type[T]] = {}

    def register(self, cls: type[T]) -> type[T]:
        """Add `cls` under its own `name`; used as a decorator."""
        self._classes[cls.name] = cls  # type: ignore[attr-defined]
        return cls

    def names(self) -> list[str]:
        """Every known name, sorted."""
        return sorted(self._classes)

    def resolve(self, value: str | T | type[T]) -> T:
        """The object that `value` means: itself, or one with default options made from a name or a class."""
        if isinstance(value, self.base):
            return value
        if isinstance(value, type) and issubclass(value, self.base):
            return value()
        if isinstance(value, str):
            key = value.strip().lower().replace("-", "_").replace(" ", "_")
            if key not in self._classes:
                raise ValueError(unknown_name(self.kind, value, self._classes))
            return self._classes[key]()
        raise TypeError(
            f"{self.kind} must be a name ({', '.join(map(repr, self.names()))}) "
            f"or a {self.base.__name__} object, got {value!r}"
        )

    def __getitem__(self, name: str) -> type[T]:
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)
